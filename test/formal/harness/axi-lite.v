// control_registers: answers stay unchanged until taken; one write response for each address and datum, one read response for each
// address, none lost, none invented; a run starts only when none is under way; done and error exclude each other.
//
// Host and machine are free in every cycle, except that a machine at rest reports no error.
module axi_lite_proof (
  input wire        clk_i,
  input wire        rst_i,
  input wire [11:0] awaddr_i,
  input wire        awvalid_i,
  input wire [31:0] wdata_i,
  input wire [3:0]  wstrb_i,
  input wire        wvalid_i,
  input wire        bready_i,
  input wire [11:0] araddr_i,
  input wire        arvalid_i,
  input wire        rready_i,
  input wire        ended_i,
  input wire        drained_i,
  input wire [3:0]  idle_i,
  input wire [3:0]  running_i,
  input wire [3:0]  waiting_i,
  input wire        illegal_i,
  input wire        fetch_error_i,
  input wire        load_error_i,
  input wire        store_error_i,
  input wire [3:0]  overflow_i
);
  wire        awready;
  wire        wready;
  wire [1:0]  bresp;
  wire        bvalid;
  wire        arready;
  wire [31:0] rdata;
  wire [1:0]  rresp;
  wire        rvalid;
  wire        start;
  wire        halt;
  wire        done;
  wire [31:0] program_address;
  wire [31:0] base;
  wire        irq;
  control_registers #(.MACHINE_HASH(32'h1234_5678)) u_dut (
    .clk_i            (clk_i),
    .rst_i            (rst_i),
    .s_axil_awaddr_i  (awaddr_i),
    .s_axil_awprot_i  (3'd0),
    .s_axil_awvalid_i (awvalid_i),
    .s_axil_awready_o (awready),
    .s_axil_wdata_i   (wdata_i),
    .s_axil_wstrb_i   (wstrb_i),
    .s_axil_wvalid_i  (wvalid_i),
    .s_axil_wready_o  (wready),
    .s_axil_bresp_o   (bresp),
    .s_axil_bvalid_o  (bvalid),
    .s_axil_bready_i  (bready_i),
    .s_axil_araddr_i  (araddr_i),
    .s_axil_arprot_i  (3'd0),
    .s_axil_arvalid_i (arvalid_i),
    .s_axil_arready_o (arready),
    .s_axil_rdata_o   (rdata),
    .s_axil_rresp_o   (rresp),
    .s_axil_rvalid_o  (rvalid),
    .s_axil_rready_i  (rready_i),
    .start_o          (start),
    .halt_o           (halt),
    .done_o           (done),
    .program_o        (program_address),
    .base_o           (base),
    .irq_o            (irq),
    .ended_i          (ended_i),
    .drained_i        (drained_i),
    .idle_i           (idle_i),
    .running_i        (running_i),
    .waiting_i        (waiting_i),
    .illegal_i        (illegal_i),
    .fetch_error_i    (fetch_error_i),
    .load_error_i     (load_error_i),
    .store_error_i    (store_error_i),
    .overflow_i       (overflow_i)
  );

  // Inside, connected by the proof script.
  wire tap_aw_held;
  wire tap_w_held;
  wire tap_wanted;
  wire tap_start;
  wire tap_busy;
  wire tap_done;
  wire tap_error;
  wire tap_stopped;

  reg        started_q = 1'b0;
  reg        b_waiting_q;
  reg        r_waiting_q;
  reg [33:0] r_q;
  reg        reset_q;
  reg        busy_q;
  reg [31:0] program_q;
  reg [31:0] base_q;
  // Requests taken and not answered.
  reg [3:0]  aw_q;
  reg [3:0]  w_q;
  reg [3:0]  ar_q;
  wire       b = bvalid && bready_i;
  wire       r = rvalid && rready_i;
  always @(posedge clk_i) begin
    started_q   <= 1'b1;
    reset_q     <= rst_i;
    b_waiting_q <= bvalid && !bready_i && !rst_i;
    r_waiting_q <= rvalid && !rready_i && !rst_i;
    r_q         <= {rdata, rresp};
    busy_q      <= tap_busy || tap_wanted || tap_start;
    program_q   <= program_address;
    base_q      <= base;
    aw_q        <= rst_i ? 4'd0 : aw_q + {3'd0, awvalid_i && awready} - {3'd0, b};
    w_q         <= rst_i ? 4'd0 : w_q + {3'd0, wvalid_i && wready} - {3'd0, b};
    ar_q        <= rst_i ? 4'd0 : ar_q + {3'd0, arvalid_i && arready} - {3'd0, r};
  end

  always @* begin
    assume (started_q || rst_i);
    // with `end` dispatched and every unit idle nothing is left that could fail
    assume (!(ended_i && idle_i == 4'hf) ||
            !(illegal_i || fetch_error_i || load_error_i || store_error_i || overflow_i != 4'd0));
    if (started_q) begin
      // answers stay
      assert (!b_waiting_q || bvalid);
      assert (!r_waiting_q || (rvalid && {rdata, rresp} == r_q));
      assert (bresp == 2'b00 && rresp == 2'b00);
      // an answer only to a whole request, and no request waits for ever: at most one more than is being answered
      assert (!bvalid || (aw_q != 4'd0 && w_q != 4'd0));
      assert (!rvalid || ar_q == 4'd1);
      assert (rvalid || ar_q == 4'd0);
      assert (aw_q <= 4'd2 && w_q <= 4'd2);
      assert (awready || wready || bvalid || (aw_q == 4'd1 && w_q == 4'd1));
      // runs
      assert (!(start && tap_busy));
      assert (!(tap_done && tap_stopped));
      assert (!(tap_busy && (tap_done || tap_stopped)));
      assert (irq == (tap_done || tap_stopped));
      assert (!(done && halt));
      // addresses stand still while a run is wanted or under way
      assert (reset_q || !busy_q || (program_address == program_q && base == base_q));
      // what makes the above inductive
      assert (aw_q == {3'd0, tap_aw_held} + {3'd0, bvalid});
      assert (w_q == {3'd0, tap_w_held} + {3'd0, bvalid});
      assert ({1'b0, tap_wanted} + {1'b0, tap_start} + {1'b0, tap_busy} <= 2'd1);
      assert (!(tap_wanted || tap_start) || !(tap_done || tap_error || tap_stopped));
      assert (!tap_stopped || tap_error);
      assert (!(tap_done && tap_error));
    end
  end
endmodule
