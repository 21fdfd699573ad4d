// Walks the buffer side of a transfer: rows within runs within planes, one row a step.
//
// With start_i in cycle a the first row stands at the outputs from a + 1 on. Beside the buffer row it tracks the
// byte offset of the row within its bus beat, and whether the row is the last one in its beat.
//
// Rows are ROW_BITS wide and wrap there; bits 19:16 of an address, the bank, stay if ROW_BITS is at most 16.
// BUS_BYTES 4 to 64, a power of two; ROW_BITS 1 to 20.
`default_nettype none
module row_walker #(
  parameter BUS_BYTES = 16,
  parameter ROW_BITS = 20
) (
  input  wire        clk_i,
  input  wire        rst_i,
  // the transfer, in the cycle of start_i
  input  wire        start_i,
  input  wire [19:0] address_i,
  input  wire [15:0] rows_i,
  input  wire [11:0] runs_i,
  input  wire [15:0] run_stride_i,
  input  wire [11:0] planes_i,
  input  wire [15:0] plane_stride_i,
  // the DRAM side modulo the beat
  input  wire [$clog2(BUS_BYTES)-1:0] dram_i,
  input  wire [$clog2(BUS_BYTES)-1:0] pitch_i,
  input  wire [$clog2(BUS_BYTES)-1:0] run_dram_stride_i,
  input  wire [$clog2(BUS_BYTES)-1:0] plane_dram_stride_i,
  // walk
  input  wire        step_i,
  output wire        active_o,      // a row stands at the outputs
  output wire [19:0] address_o,
  output wire [$clog2(BUS_BYTES)-1:0] offset_o,
  output wire        ends_beat_o,
  output wire        last_o         // it is the transfer's last row
);
  localparam BEAT_BITS = $clog2(BUS_BYTES);

  reg                 active_q;
  // A run has at most 2^ROW_BITS rows, in 16 bits.
  localparam ROWS_BITS   = (ROW_BITS < 16) ? ROW_BITS + 1 : 16;
  localparam STRIDE_BITS = (ROW_BITS < 16) ? ROW_BITS : 16;
  localparam [ROW_BITS-1:0] ONE = 1;

  reg [ROW_BITS-1:0]  address_q;
  reg [ROW_BITS-1:0]  run_q;
  reg [ROW_BITS-1:0]  plane_q;
  reg [ROWS_BITS-1:0] rows_left_q;
  reg [11:0]          runs_left_q;
  reg [11:0]          planes_left_q;
  reg [BEAT_BITS-1:0] offset_q;
  reg [BEAT_BITS-1:0] run_offset_q;
  reg [BEAT_BITS-1:0] plane_offset_q;
  // the transfer
  reg [ROWS_BITS-1:0] rows_q;
  reg [11:0]          runs_q;
  reg [STRIDE_BITS-1:0] run_stride_q;
  reg [STRIDE_BITS-1:0] plane_stride_q;
  reg [BEAT_BITS-1:0] pitch_q;
  reg [BEAT_BITS-1:0] run_dram_stride_q;
  reg [BEAT_BITS-1:0] plane_dram_stride_q;

  wire last_row;
  wire last_run;
  wire last_plane;
  wire [ROW_BITS-1:0] next_run;
  wire [ROW_BITS-1:0] next_plane;
  wire [BEAT_BITS-1:0] next_offset;
  wire [BEAT_BITS-1:0] next_run_offset;
  wire [BEAT_BITS-1:0] next_plane_offset;

  assign last_row   = (rows_left_q == {{(ROWS_BITS - 1){1'b0}}, 1'b1});
  assign last_run   = (runs_left_q == 12'd1);
  assign last_plane = (planes_left_q == 12'd1);

  assign next_offset       = offset_q + pitch_q;
  assign next_run_offset   = run_offset_q + run_dram_stride_q;
  assign next_plane_offset = plane_offset_q + plane_dram_stride_q;

  generate
    if (ROW_BITS > STRIDE_BITS) begin : g_wider
      assign next_run   = run_q + {{(ROW_BITS - STRIDE_BITS){1'b0}}, run_stride_q};
      assign next_plane = plane_q + {{(ROW_BITS - STRIDE_BITS){1'b0}}, plane_stride_q};
    end else begin : g_as_wide
      assign next_run   = run_q + run_stride_q;
      assign next_plane = plane_q + plane_stride_q;
    end
    if (ROW_BITS <= 16) begin : g_bank
      reg [3:0] bank_q;
      always @(posedge clk_i) begin
        if (start_i) bank_q <= address_i[19:16];
      end
      if (ROW_BITS < 16) begin : g_low_rows
        assign address_o = {bank_q, {(16 - ROW_BITS){1'b0}}, address_q};
      end else begin : g_rows
        assign address_o = {bank_q, address_q};
      end
    end else if (ROW_BITS < 20) begin : g_long
      reg [19:ROW_BITS] high_q;
      always @(posedge clk_i) begin
        if (start_i) high_q <= address_i[19:ROW_BITS];
      end
      assign address_o = {high_q, address_q};
    end else begin : g_whole
      assign address_o = address_q;
    end
  endgenerate

  assign active_o    = active_q;
  assign offset_o    = offset_q;
  // Rows as wide as the beat or wider have pitch 0 modulo the beat: each one ends a beat.
  assign ends_beat_o = last_row || (next_offset == {BEAT_BITS{1'b0}});
  assign last_o      = last_row && last_run && last_plane;

  always @(posedge clk_i) begin
    if (rst_i) active_q <= 1'b0;
    else if (start_i) active_q <= 1'b1;
    else if (step_i && last_o) active_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      rows_q              <= rows_i[ROWS_BITS-1:0];
      runs_q              <= runs_i;
      run_stride_q        <= run_stride_i[STRIDE_BITS-1:0];
      plane_stride_q      <= plane_stride_i[STRIDE_BITS-1:0];
      pitch_q             <= pitch_i;
      run_dram_stride_q   <= run_dram_stride_i;
      plane_dram_stride_q <= plane_dram_stride_i;
    end
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      rows_left_q   <= rows_i[ROWS_BITS-1:0];
      runs_left_q   <= runs_i;
      planes_left_q <= planes_i;
    end else if (step_i) begin
      rows_left_q <= last_row ? rows_q : rows_left_q - {{(ROWS_BITS - 1){1'b0}}, 1'b1};
      if (last_row) runs_left_q <= last_run ? runs_q : runs_left_q - 12'd1;
      if (last_row && last_run) planes_left_q <= planes_left_q - 12'd1;
    end
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      {address_q, run_q, plane_q}              <= {3{address_i[ROW_BITS-1:0]}};
      {offset_q, run_offset_q, plane_offset_q} <= {3{dram_i}};
    end else if (step_i) begin
      if (!last_row) begin
        address_q <= address_q + ONE;
        offset_q  <= next_offset;
      end else if (!last_run) begin
        {address_q, run_q}       <= {2{next_run}};
        {offset_q, run_offset_q} <= {2{next_run_offset}};
      end else begin
        {address_q, run_q, plane_q}              <= {3{next_plane}};
        {offset_q, run_offset_q, plane_offset_q} <= {3{next_plane_offset}};
      end
    end
  end

  wire unused_high_bits;
  assign unused_high_bits = &{1'b0, address_i, rows_i, run_stride_i, plane_stride_i};
endmodule
`default_nettype wire
