// Turns a transfer (planes x runs x rows, see docs/microarchitecture.md) into AXI bursts, one address at a time.
//
// With start_i in cycle a: a + 1 adds BASE and multiplies rows by the row pitch, a + 2 finds the first run's
// beats, a + 3 issues: the address is valid from a + 4. The next issue comes in the cycle after the address was
// accepted at the earliest, and only when permit_i is high. Bursts end at multiples of BURST_BEATS beats, so
// they never cross a 4 KiB boundary.
//
// Rows and pitches have as many bits as the machine's buffers need, addresses ADDRESS_BITS (the ones above are 0; all
// arithmetic is modulo 2^ADDRESS_BITS). Runs have fewer than 2^(ROWS_BITS + PITCH_BITS) bytes.
//
// BUS_BYTES 4 to 64 and BURST_BEATS 1 to 256, powers of two, BUS_BYTES * BURST_BEATS <= 4096.
`default_nettype none
module burst_generator #(
  parameter BUS_BYTES = 16,
  parameter BURST_BEATS = 16,
  parameter ADDRESS_BITS = 32,
  parameter ROWS_BITS = 16,              // of a count of contiguous rows
  parameter PITCH_BITS = 12,
  // The only pitches that come, four of 12 bits; 0: any. A product with a constant is a sum or two, a general one is the slowest path of a large core.
  parameter [47:0] PITCHES = 48'd0
) (
  input  wire        clk_i,
  input  wire        rst_i,
  // the transfer, in the cycle of start_i
  input  wire        start_i,
  input  wire [31:0] dram_i,           // byte address relative to BASE
  input  wire [15:0] rows_i,
  input  wire [11:0] pitch_i,          // bytes from row to row in DRAM
  input  wire [11:0] runs_i,
  input  wire [27:0] run_stride_i,
  input  wire [11:0] planes_i,
  input  wire [31:0] plane_stride_i,
  input  wire [31:0] base_i,
  // issue
  input  wire        permit_i,
  output wire        issue_o,          // an address becomes valid in the next cycle
  output wire [8:0]  issue_beats_o,
  output wire        active_o,         // more bursts to issue, or one still waiting to be accepted
  // AXI address channel
  output wire        valid_o,
  output wire [31:0] address_o,
  output wire [7:0]  length_o,
  input  wire        ready_i
);
  localparam BEAT_BITS = $clog2(BUS_BYTES);
  localparam INDEX_BITS = ADDRESS_BITS - BEAT_BITS;   // a beat's index in the address space
  localparam PRODUCT_BITS = ROWS_BITS + PITCH_BITS;   // bytes of a run
  localparam RUN_BITS   = (PRODUCT_BITS > BEAT_BITS + 1) ? PRODUCT_BITS : BEAT_BITS + 2;
  // Beats of a run; never fewer bits than a burst's count.
  localparam COUNT_BITS = (RUN_BITS - BEAT_BITS + 2 > 10) ? RUN_BITS - BEAT_BITS + 2 : 10;
  // Strides are as wide as addresses, or as their fields.
  localparam STRIDE_BITS = (ADDRESS_BITS < 28) ? ADDRESS_BITS : 28;
  localparam [31:0] BURST = BURST_BEATS;
  localparam [8:0]  BURST_MASK = BURST[8:0] - 9'd1;
  localparam [RUN_BITS:0] ROUND = BUS_BYTES - 1;

  localparam [1:0] IDLE  = 2'd0;
  localparam [1:0] SETUP = 2'd1;
  localparam [1:0] FIRST = 2'd2;
  localparam [1:0] ISSUE = 2'd3;

  reg [1:0]            state_q;
  reg [ADDRESS_BITS-1:0] run_q;            // address of the run at hand
  reg [ADDRESS_BITS-1:0] plane_q;          // address of the plane at hand
  reg [PRODUCT_BITS-1:0] run_bytes_q;
  reg [ROWS_BITS-1:0]  rows_q;
  reg [PITCH_BITS-1:0] pitch_q;
  reg [11:0]           runs_q;
  reg [STRIDE_BITS-1:0] run_stride_q;
  reg [ADDRESS_BITS-1:0] plane_stride_q;
  reg [11:0]           runs_left_q;
  reg [11:0]           planes_left_q;
  reg [INDEX_BITS-1:0] beat_q;            // next beat of the run
  reg [COUNT_BITS-1:0] beats_left_q;
  reg                  valid_q;
  reg [INDEX_BITS-1:0] address_q;
  reg [7:0]            length_q;

  wire [8:0]  room;
  wire [8:0]  beats;
  wire        last_of_run;
  wire        last_run;
  wire        last_plane;
  wire [RUN_BITS:0] span;
  wire [8:0]  unused_carry;
  wire [7:0]  length;
  wire        unused_high;

  // Beats until the next multiple of BURST_BEATS, or until the run ends.
  assign room        = BURST[8:0] - ({1'b0, beat_q[7:0]} & BURST_MASK);
  assign last_of_run = (beats_left_q <= {{(COUNT_BITS - 9){1'b0}}, room});
  assign beats       = last_of_run ? beats_left_q[8:0] : room;
  assign {unused_carry[8], length} = beats - 9'd1;
  assign unused_carry[7:0] = 8'd0;
  assign last_run    = (runs_left_q == 12'd1);
  assign last_plane  = (planes_left_q == 12'd1);
  // The run's bytes from the start of its first beat, rounded up to whole beats.
  assign span = {{(RUN_BITS + 1 - PRODUCT_BITS){1'b0}}, run_bytes_q} + {{(RUN_BITS + 1 - BEAT_BITS){1'b0}}, run_q[BEAT_BITS-1:0]} + ROUND;

  assign issue_o       = (state_q == ISSUE) && !valid_q && permit_i;
  assign issue_beats_o = beats;
  assign active_o      = (state_q != IDLE) || valid_q;
  assign valid_o       = valid_q;
  assign {unused_high, address_o} = {{(33 - ADDRESS_BITS){1'b0}}, address_q, {BEAT_BITS{1'b0}}};
  assign length_o      = length_q;

  always @(posedge clk_i) begin
    if (rst_i) state_q <= IDLE;
    else if (start_i) state_q <= SETUP;
    else case (state_q)
      SETUP: state_q <= FIRST;
      FIRST: state_q <= ISSUE;
      ISSUE: if (issue_o && last_of_run) state_q <= (last_run && last_plane) ? IDLE : FIRST;
      default: state_q <= IDLE;
    endcase
  end

  always @(posedge clk_i) begin
    if (rst_i) valid_q <= 1'b0;
    else if (issue_o) valid_q <= 1'b1;
    else if (ready_i) valid_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      rows_q         <= rows_i[ROWS_BITS-1:0];
      pitch_q        <= pitch_i[PITCH_BITS-1:0];
      runs_q         <= runs_i;
      run_stride_q   <= run_stride_i[STRIDE_BITS-1:0];
      plane_stride_q <= plane_stride_i[ADDRESS_BITS-1:0];
    end
  end

  always @(posedge clk_i) begin
    if (issue_o) begin
      address_q <= beat_q;
      length_q  <= length;
    end
  end

  // Loop state: runs within planes. One adder: BASE is added to the first run, then a stride to the run or the plane.
  wire                    next_run;
  wire                    next_plane;
  wire [ADDRESS_BITS-1:0] from;
  wire [ADDRESS_BITS-1:0] step;
  wire [ADDRESS_BITS-1:0] sum;
  wire [ADDRESS_BITS-1:0] run_stride;

  generate
    if (ADDRESS_BITS > STRIDE_BITS) begin : g_wider
      assign run_stride = {{(ADDRESS_BITS - STRIDE_BITS){1'b0}}, run_stride_q};
    end else begin : g_as_wide
      assign run_stride = run_stride_q;
    end
  endgenerate

  assign next_run   = issue_o && last_of_run && !last_run;
  assign next_plane = issue_o && last_of_run && last_run;
  assign from       = last_run && (state_q == ISSUE) ? plane_q : run_q;
  assign step       = (state_q == SETUP) ? base_i[ADDRESS_BITS-1:0] : last_run ? plane_stride_q : run_stride;
  assign sum        = from + step;

  always @(posedge clk_i) begin
    if (start_i) begin
      runs_left_q   <= runs_i;
      planes_left_q <= planes_i;
    end else if (next_run) begin
      runs_left_q <= runs_left_q - 12'd1;
    end else if (next_plane) begin
      runs_left_q   <= runs_q;
      planes_left_q <= planes_left_q - 12'd1;
    end
  end

  // Bytes of a run.
  wire [PRODUCT_BITS-1:0] rows;
  wire [PRODUCT_BITS-1:0] product;
  assign rows = {{PITCH_BITS{1'b0}}, rows_q};

  generate
    if (PITCHES == 48'd0) begin : g_any_pitch
      assign product = rows * {{ROWS_BITS{1'b0}}, pitch_q};
    end else begin : g_pitches
      localparam [PITCH_BITS-1:0] PITCH_0 = PITCHES[0 +: PITCH_BITS];
      localparam [PITCH_BITS-1:0] PITCH_1 = PITCHES[12 +: PITCH_BITS];
      localparam [PITCH_BITS-1:0] PITCH_2 = PITCHES[24 +: PITCH_BITS];
      localparam [PITCH_BITS-1:0] PITCH_3 = PITCHES[36 +: PITCH_BITS];
      assign product = ({PRODUCT_BITS{pitch_q == PITCH_0}} & (rows * {{ROWS_BITS{1'b0}}, PITCH_0}))
                     | ({PRODUCT_BITS{pitch_q == PITCH_1}} & (rows * {{ROWS_BITS{1'b0}}, PITCH_1}))
                     | ({PRODUCT_BITS{pitch_q == PITCH_2}} & (rows * {{ROWS_BITS{1'b0}}, PITCH_2}))
                     | ({PRODUCT_BITS{pitch_q == PITCH_3}} & (rows * {{ROWS_BITS{1'b0}}, PITCH_3}));
    end
  endgenerate

  always @(posedge clk_i) begin
    if (start_i) run_q <= dram_i[ADDRESS_BITS-1:0];
    else if (state_q == SETUP || next_run || next_plane) run_q <= sum;
    // The first plane begins where the first run does.
    if (state_q == SETUP || next_plane) plane_q <= sum;
    if (state_q == SETUP) run_bytes_q <= product;
  end

  // Beats of the run at hand.
  always @(posedge clk_i) begin
    if (state_q == FIRST) begin
      beat_q       <= run_q[ADDRESS_BITS-1:BEAT_BITS];
      beats_left_q <= {{(COUNT_BITS - RUN_BITS - 1 + BEAT_BITS){1'b0}}, span[RUN_BITS:BEAT_BITS]};
    end else if (issue_o) begin
      beat_q       <= beat_q + {{(INDEX_BITS - 9){1'b0}}, beats};
      beats_left_q <= beats_left_q - {{(COUNT_BITS - 9){1'b0}}, beats};
    end
  end

  wire unused_bits;
  assign unused_bits = &{1'b0, span[BEAT_BITS-1:0], unused_carry, unused_high, dram_i, rows_i, pitch_i, run_stride_i, plane_stride_i, base_i};
endmodule
`default_nettype wire
