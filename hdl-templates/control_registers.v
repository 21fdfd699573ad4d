// The AXI4-Lite slave: control, status, addresses and counters (docs/microarchitecture.md, section 5).
//
// A write of 1 to CONTROL bit 0 while not busy makes start_o high for one cycle (cycle 0 of the run), as soon as
// fetch has drained what an earlier run left under way. `finished` closes the run: with `end` dispatched and all
// units idle it is done; after an error, when the running units have come to rest, it is in error. Counters hold the
// present or the last run. Writes to PROGRAM and BASE are ignored while busy.
`default_nettype none
module control_registers #(
  parameter ADDRESS_BITS = 32,   // of PROGRAM and BASE; the ones above read 0
  parameter UNIT_COUNTERS = 1,   // BUSY and WAIT; without them they read 0
  parameter MACHINE_HASH = 0
) (
  input  wire        clk_i,
  input  wire        rst_i,
  // AXI4-Lite
  input  wire [11:0] s_axil_awaddr_i,
  input  wire [2:0]  s_axil_awprot_i,
  input  wire        s_axil_awvalid_i,
  output wire        s_axil_awready_o,
  input  wire [31:0] s_axil_wdata_i,
  input  wire [3:0]  s_axil_wstrb_i,
  input  wire        s_axil_wvalid_i,
  output wire        s_axil_wready_o,
  output wire [1:0]  s_axil_bresp_o,
  output wire        s_axil_bvalid_o,
  input  wire        s_axil_bready_i,
  input  wire [11:0] s_axil_araddr_i,
  input  wire [2:0]  s_axil_arprot_i,
  input  wire        s_axil_arvalid_i,
  output wire        s_axil_arready_o,
  output wire [31:0] s_axil_rdata_o,
  output wire [1:0]  s_axil_rresp_o,
  output wire        s_axil_rvalid_o,
  input  wire        s_axil_rready_i,
  // machine
  output wire        start_o,
  output wire        halt_o,           // an error was seen: accept and dispatch nothing more
  output wire        done_o,           // the run's last cycle
  output wire [31:0] program_o,
  output wire [31:0] base_o,
  output wire        irq_o,
  input  wire        ended_i,          // `end` was dispatched
  input  wire        drained_i,        // fetch has nothing under way
  input  wire [3:0]  idle_i,
  input  wire [3:0]  running_i,
  input  wire [3:0]  waiting_i,
  input  wire        illegal_i,
  input  wire        fetch_error_i,
  input  wire        load_error_i,
  input  wire        store_error_i,
  input  wire [3:0]  overflow_i        // units that signal a semaphore past 255
);
  localparam [31:0] HASH = MACHINE_HASH;
  localparam [31:0] ID = 32'h5359_5354;  // "SYST"

  // Word addresses.
  localparam [9:0] CONTROL     = 10'h000;
  localparam [9:0] STATUS      = 10'h001;
  localparam [9:0] ERROR       = 10'h002;
  localparam [9:0] PROGRAM     = 10'h003;
  localparam [9:0] BASE        = 10'h004;
  localparam [9:0] CYCLES_LOW  = 10'h005;
  localparam [9:0] CYCLES_HIGH = 10'h006;
  localparam [9:0] BUSY_0      = 10'h008;
  localparam [9:0] WAIT_0      = 10'h00c;
  localparam [9:0] IDENTITY    = 10'h010;
  localparam [9:0] HASH_WORD   = 10'h011;

  // ---- write channel: address and data are taken on their own, the write happens when both are there
  reg        aw_held_q;
  reg        w_held_q;
  reg [9:0]  aw_word_q;
  reg [31:0] wdata_q;
  reg [3:0]  wstrb_q;
  reg        bvalid_q;
  wire       write;
  wire       write_full;

  assign s_axil_awready_o = !aw_held_q;
  assign s_axil_wready_o  = !w_held_q;
  assign s_axil_bvalid_o  = bvalid_q;
  assign s_axil_bresp_o   = 2'd0;
  assign write            = aw_held_q && w_held_q && !bvalid_q;
  // Address registers are written as whole words only.
  assign write_full       = write && (wstrb_q == 4'hf);

  always @(posedge clk_i) begin
    if (rst_i) begin
      aw_held_q <= 1'b0;
      w_held_q  <= 1'b0;
      bvalid_q  <= 1'b0;
    end else begin
      if (write) aw_held_q <= 1'b0;
      else if (s_axil_awvalid_i) aw_held_q <= 1'b1;
      if (write) w_held_q <= 1'b0;
      else if (s_axil_wvalid_i) w_held_q <= 1'b1;
      if (write) bvalid_q <= 1'b1;
      else if (s_axil_bready_i) bvalid_q <= 1'b0;
    end
  end

  always @(posedge clk_i) begin
    if (s_axil_awvalid_i && !aw_held_q) aw_word_q <= s_axil_awaddr_i[11:2];
    if (s_axil_wvalid_i && !w_held_q) begin
      wdata_q <= s_axil_wdata_i;
      wstrb_q <= s_axil_wstrb_i;
    end
  end

  // ---- state of the run
  reg        wanted_q;        // start asked for
  reg        start_q;
  reg        busy_q;
  reg        done_q;
  reg        error_q;         // an error was seen in this run
  reg        stopped_q;       // it has been closed with error
  reg [3:0]  cause_q;
  reg [2:0]  unit_q;
  reg [ADDRESS_BITS-13:0] program_q;
  reg [ADDRESS_BITS-13:0] base_q;
  wire       start_write;
  wire       quiet;
  wire       finished;
  wire       failing;
  wire [1:0] unused_high;

  assign start_write = write && (aw_word_q == CONTROL) && wdata_q[0] && wstrb_q[0] && !busy_q && !wanted_q && !start_q;
  assign quiet       = (idle_i == 4'hf);
  assign finished    = busy_q && quiet && (ended_i || error_q);
  assign failing     = busy_q && !error_q && (illegal_i || fetch_error_i || load_error_i || store_error_i
                                               || (overflow_i != 4'd0));
  // Also from the write that asks for a run to the cycle that starts it: queues may still hold what an error left.
  assign halt_o      = error_q || wanted_q || start_q;
  assign done_o      = finished && !error_q;
  assign {unused_high[0], program_o} = {{(33 - ADDRESS_BITS){1'b0}}, program_q, 12'd0};
  assign {unused_high[1], base_o}    = {{(33 - ADDRESS_BITS){1'b0}}, base_q, 12'd0};
  assign irq_o       = done_q || stopped_q;

  // start_q once more for all that it clears outside, so that halt_o need not wait for so great a load.
  delay_line #(.WIDTH(1), .DEPTH(1), .RESETTABLE(1)) u_start (
    .clk_i  (clk_i),
    .rst_i  (rst_i),
    .data_i (wanted_q && drained_i),
    .data_o (start_o)
  );

  always @(posedge clk_i) begin
    if (rst_i) begin
      wanted_q  <= 1'b0;
      start_q   <= 1'b0;
      busy_q    <= 1'b0;
      done_q    <= 1'b0;
      error_q   <= 1'b0;
      stopped_q <= 1'b0;
    end else begin
      if (start_write) wanted_q <= 1'b1;
      else if (drained_i) wanted_q <= 1'b0;
      start_q <= wanted_q && drained_i;
      if (start_q) busy_q <= 1'b1;
      else if (finished) busy_q <= 1'b0;
      if (start_write) begin
        done_q    <= 1'b0;
        error_q   <= 1'b0;
        stopped_q <= 1'b0;
      end else begin
        if (done_o) done_q <= 1'b1;
        if (failing) error_q <= 1'b1;
        if (finished && error_q) stopped_q <= 1'b1;
      end
    end
  end

  // The first error counts; of several in one cycle the first in this list.
  always @(posedge clk_i) begin
    if (rst_i || start_write) begin
      cause_q <= 4'd0;
      unit_q  <= 3'd0;
    end else if (failing) begin
      if (load_error_i) begin
        cause_q <= 4'd2;
        unit_q  <= 3'd0;
      end else if (store_error_i) begin
        cause_q <= 4'd3;
        unit_q  <= 3'd3;
      end else if (overflow_i != 4'd0) begin
        cause_q <= 4'd5;
        unit_q  <= overflow_i[0] ? 3'd0 : overflow_i[1] ? 3'd1 : overflow_i[2] ? 3'd2 : 3'd3;
      end else begin
        cause_q <= fetch_error_i ? 4'd4 : 4'd1;
        unit_q  <= 3'd4;
      end
    end
  end

  always @(posedge clk_i) begin
    if (rst_i) begin
      program_q <= {(ADDRESS_BITS - 12){1'b0}};
      base_q    <= {(ADDRESS_BITS - 12){1'b0}};
    end else if (write_full && !busy_q && !wanted_q && !start_q) begin
      if (aw_word_q == PROGRAM) program_q <= wdata_q[ADDRESS_BITS-1:12];
      if (aw_word_q == BASE) base_q <= wdata_q[ADDRESS_BITS-1:12];
    end
  end

  // ---- counters: cycles_q is the number of the present cycle, and of `done` at last
  reg  [63:0]  cycles_q;
  wire [127:0] busy_counts;
  wire [127:0] wait_counts;
  always @(posedge clk_i) begin
    if (rst_i) cycles_q <= 64'd0;
    else if (start_q) cycles_q <= 64'd1;
    else if (busy_q && !finished) cycles_q <= cycles_q + 64'd1;
  end

  genvar u;
  generate
    if (UNIT_COUNTERS != 0) begin : g_counted
      for (u = 0; u < 4; u = u + 1) begin : g_unit
        reg [31:0] busy_count_q;
        reg [31:0] wait_count_q;
        always @(posedge clk_i) begin
          if (rst_i || start_q) begin
            busy_count_q <= 32'd0;
            wait_count_q <= 32'd0;
          end else begin
            if (running_i[u]) busy_count_q <= busy_count_q + 32'd1;
            if (waiting_i[u]) wait_count_q <= wait_count_q + 32'd1;
          end
        end
        assign busy_counts[32*u +: 32] = busy_count_q;
        assign wait_counts[32*u +: 32] = wait_count_q;
      end
    end else begin : g_not_counted
      wire unused_units;
      assign unused_units = &{1'b0, running_i, waiting_i};
      assign busy_counts = 128'd0;
      assign wait_counts = 128'd0;
    end
  endgenerate

  // ---- read channel
  reg        rvalid_q;
  reg [31:0] rdata_q;
  reg [31:0] rdata_d;
  wire [9:0] ar_word;

  assign ar_word          = s_axil_araddr_i[11:2];
  assign s_axil_arready_o = !rvalid_q;
  assign s_axil_rvalid_o  = rvalid_q;
  assign s_axil_rdata_o   = rdata_q;
  assign s_axil_rresp_o   = 2'd0;

  always @* begin
    rdata_d = 32'd0;
    case (ar_word)
      STATUS:      rdata_d = {29'd0, stopped_q, done_q, busy_q || wanted_q || start_q};
      ERROR:       rdata_d = {21'd0, unit_q, 4'd0, cause_q};
      PROGRAM:     rdata_d = program_o;
      BASE:        rdata_d = base_o;
      CYCLES_LOW:  rdata_d = cycles_q[31:0];
      CYCLES_HIGH: rdata_d = cycles_q[63:32];
      IDENTITY:    rdata_d = ID;
      HASH_WORD:   rdata_d = HASH;
      default: begin
        if (ar_word[9:2] == BUSY_0[9:2]) rdata_d = busy_counts[32*ar_word[1:0] +: 32];
        if (ar_word[9:2] == WAIT_0[9:2]) rdata_d = wait_counts[32*ar_word[1:0] +: 32];
      end
    endcase
  end

  always @(posedge clk_i) begin
    if (rst_i) rvalid_q <= 1'b0;
    else if (s_axil_arvalid_i && !rvalid_q) rvalid_q <= 1'b1;
    else if (s_axil_rready_i) rvalid_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (s_axil_arvalid_i && !rvalid_q) rdata_q <= rdata_d;
  end

  // Protection bits, byte addresses within a word and the low bits of aligned addresses change nothing.
  wire unused_bits;
  assign unused_bits = &{1'b0, s_axil_awprot_i, s_axil_arprot_i, s_axil_awaddr_i[1:0], s_axil_araddr_i[1:0],
                         wdata_q[31:1], unused_high};
endmodule
`default_nettype wire
