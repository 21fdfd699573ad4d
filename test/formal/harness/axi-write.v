// store_unit, the write channels: data and last stay unchanged until taken; a burst has exactly the beats of its address, the
// last one marked; the unit is done only when every burst is answered.
//
// Instructions, base, act rows, ready signals and the times of responses are free. A transfer has one row, run and
// plane at least; a new one starts when the last is over; the slave answers a burst once, after its last beat.
module axi_write_proof #(
  parameter ROWS = 4,
  parameter BUS_BYTES = 4,
  parameter BURST_BEATS = 4
) (
  input wire              clk_i,
  input wire              rst_i,
  input wire              start_i,
  input wire [255:0]      instruction_i,
  input wire [31:0]       base_i,
  input wire              awready_i,
  input wire              wready_i,
  input wire [1:0]        bresp_i,
  input wire              bvalid_i,
  input wire [8*ROWS-1:0] act_data_i
);
  wire                   done;
  wire [31:0]            awaddr;
  wire [7:0]             awlen;
  wire                   awvalid;
  wire [8*BUS_BYTES-1:0] wdata;
  wire [BUS_BYTES-1:0]   wstrb;
  wire                   wlast;
  wire                   wvalid;
  wire                   bready;
  wire                   bus_error;
  store_unit #(.ROWS(ROWS), .BUS_BYTES(BUS_BYTES), .BURST_BEATS(BURST_BEATS)) u_dut (
    .clk_i            (clk_i),
    .rst_i            (rst_i),
    .start_i          (start_i),
    .instruction_i    (instruction_i),
    .done_o           (done),
    .base_i           (base_i),
    .awaddr_o         (awaddr),
    .awlen_o          (awlen),
    .awvalid_o        (awvalid),
    .awready_i        (awready_i),
    .wdata_o          (wdata),
    .wstrb_o          (wstrb),
    .wlast_o          (wlast),
    .wvalid_o         (wvalid),
    .wready_i         (wready_i),
    .bresp_i          (bresp_i),
    .bvalid_i         (bvalid_i),
    .bready_o         (bready),
    .bus_error_o      (bus_error),
    .act_store_re_o   (),
    .act_store_bank_o (),
    .act_store_row_o  (),
    .act_store_data_i (act_data_i)
  );

  // Inside, connected by the proof script.
  wire        tap_running;
  wire        tap_issue;         // an address becomes valid in the next cycle
  wire [8:0]  tap_beats_left;
  wire [31:0] tap_pending;
  wire [15:0] tap_rows;          // fields of the instruction
  wire [11:0] tap_runs;
  wire [11:0] tap_planes;
  wire [1:0]  tap_state;         // of the address generator
  wire [15:0] tap_state_rows;
  // as store_unit sizes them: a row's pitch, and what a run can have in bytes and in beats
  localparam PITCH = (ROWS >= BUS_BYTES) ? (ROWS + BUS_BYTES - 1) / BUS_BYTES * BUS_BYTES : 1 << $clog2(ROWS);
  localparam PITCH_BITS = $clog2(PITCH + 1);
  wire [PITCH_BITS-1:0]    tap_state_pitch;
  wire [16+PITCH_BITS-1:0] tap_run_bytes;
  wire [16+PITCH_BITS-$clog2(BUS_BYTES)+1:0] tap_run_beats;

  reg  started_q = 1'b0;
  reg  aw_waiting_q;
  reg  w_waiting_q;
  reg  [39:0] aw_q;
  reg  [9*BUS_BYTES:0] w_q;
  reg  issued_q;
  always @(posedge clk_i) begin
    started_q    <= 1'b1;
    aw_waiting_q <= awvalid && !awready_i && !rst_i;
    w_waiting_q  <= wvalid && !wready_i && !rst_i;
    aw_q         <= {awaddr, awlen};
    w_q          <= {wdata, wstrb, wlast};
    issued_q     <= tap_issue && !rst_i;
  end

  // What a slave counts: beats still due for the bursts announced so far, bursts complete and not answered.
  wire       beat  = wvalid && wready_i;
  reg [8:0]  due_q;
  reg [31:0] complete_q;
  wire [8:0] due = issued_q ? {1'b0, awlen} + 9'd1 : due_q;
  always @(posedge clk_i) begin
    due_q      <= rst_i ? 9'd0 : due - {8'd0, beat};
    complete_q <= rst_i ? 32'd0 : complete_q + {31'd0, beat && due == 9'd1} - {31'd0, bvalid_i};
  end

  always @* begin
    assume (started_q || rst_i);
    assume (!start_i || !tap_running);
    assume (!start_i || (tap_rows != 0 && tap_runs != 0 && tap_planes != 0));
    // an answer needs a burst that is complete and not answered, and whose address was taken
    assume (!bvalid_i || complete_q > {31'd0, awvalid && due_q == 9'd0 && !issued_q});
    // fewer than 2^31 bursts under way: memory ends before
    assume (complete_q < 32'h7fff_ffff);
    if (started_q) begin
      // the handshakes
      assert (!aw_waiting_q || (awvalid && {awaddr, awlen} == aw_q));
      assert (!w_waiting_q || (wvalid && {wdata, wstrb, wlast} == w_q));
      assert (bready);
      // beats: none without a burst, as many as its address says, the last one marked
      assert (!wvalid || due != 9'd0);
      assert (!wvalid || wlast == (due == 9'd1));
      assert (!issued_q || due_q == 9'd0);
      // done: nothing offered, nothing due, nothing unanswered
      assert (!done || (!awvalid && !wvalid && due == 9'd0 && complete_q == 32'd0));
      // errors are seen
      assert (bus_error == (bvalid_i && bresp_i != 2'b00));
      // what makes the above inductive
      assert (tap_beats_left == due);
      assert (tap_pending == complete_q + {31'd0, due != 9'd0});
      assert (!issued_q || awvalid);
      // (as axi-address proves)
      assert (tap_state != 2'd1 || (tap_state_rows != 0 && tap_state_pitch != 0));
      assert (tap_state != 2'd2 || tap_run_bytes != 0);
      assert (tap_state != 2'd3 || (tap_run_bytes != 0 && tap_run_beats != 0));
      assert (tap_running || (due == 9'd0 && complete_q == 32'd0 && !awvalid && tap_state == 2'd0));
    end
  end
endmodule
