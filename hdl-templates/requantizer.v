// Requantisation of one lane: (value + bias) * multiplier, half added and shifted right, saturated to 32 bits; then zero
// point and clamp. A pipeline without enables, stages as numbered in vector_unit:
//
//     5 value_i and parameters in   6 bias added   7 partial products   8 product   9 shifted   10 scaled_o   11 clamped_o
//
// floor((p + 2^(s-1)) / 2^s) is computed as ((p >> (s-1)) + 1) >> 1, which needs no wide half.
// MULTIPLIER_BITS 8 to 32; the multiplier is never negative, so it comes with MULTIPLIER_BITS-1 bits. Shift 1 to 63.
`default_nettype none
module requantizer #(
  parameter ACT_BITS = 8,
  parameter MULTIPLIER_BITS = 32
) (
  input  wire                       clk_i,
  input  wire [31:0]                value_i,
  input  wire [31:0]                bias_i,
  input  wire [MULTIPLIER_BITS-2:0] multiplier_i,
  input  wire [5:0]                 shift_i,
  input  wire signed [7:0]          zero_point_i,  // held while an instruction runs
  input  wire signed [ACT_BITS-1:0] min_i,
  input  wire signed [ACT_BITS-1:0] max_i,
  output wire [31:0]                scaled_o,
  output wire [ACT_BITS-1:0]        clamped_o
);
  localparam PRODUCT_BITS = 32 + MULTIPLIER_BITS - 1;
  // Wide multipliers are two products of at most 16 unsigned bits, which fit hardware multipliers.
  localparam SPLIT = (MULTIPLIER_BITS - 1 > 17) ? 1 : 0;
  localparam LOW_BITS = (SPLIT != 0) ? 16 : MULTIPLIER_BITS - 1;
  localparam LOW_PRODUCT_BITS = 32 + LOW_BITS;

  // Stage 6
  reg signed [31:0]           biased_q;
  reg [MULTIPLIER_BITS-2:0]   multiplier_q;
  reg [5:0]                   shift_q6;
  // Stage 7: one bit of the operands is the sign, 0
  reg signed [LOW_PRODUCT_BITS-1:0] low_q;
  reg [5:0]                         shift_q7;
  // Stage 8
  reg signed [PRODUCT_BITS-1:0] product_q;
  reg [5:0]                     shift_q8;  // less one
  // Stage 9
  reg signed [PRODUCT_BITS-1:0] shifted_q;
  // Stage 10
  reg signed [31:0] scaled_q;
  // Stage 11
  reg signed [ACT_BITS-1:0] clamped_q;

  wire signed [LOW_BITS:0] low_multiplier;
  assign low_multiplier = {1'b0, multiplier_q[LOW_BITS-1:0]};

  always @(posedge clk_i) begin
    biased_q     <= value_i + bias_i;
    multiplier_q <= multiplier_i;
    shift_q6     <= shift_i;
    low_q        <= biased_q * low_multiplier;
    shift_q7     <= shift_q6;
    shift_q8     <= shift_q7 - 6'd1;
    shifted_q    <= product_q >>> shift_q8;
  end

  generate
    if (SPLIT != 0) begin : g_split
      localparam HIGH_BITS = MULTIPLIER_BITS - 1 - LOW_BITS;
      wire signed [HIGH_BITS:0]    high_multiplier;
      reg signed [31+HIGH_BITS:0]  high_q;
      wire signed [31+HIGH_BITS:0] low_carry;
      assign high_multiplier = {1'b0, multiplier_q[MULTIPLIER_BITS-2:LOW_BITS]};
      // What the low product adds above its 16 bits.
      assign low_carry = {{HIGH_BITS{low_q[LOW_PRODUCT_BITS-1]}}, low_q[LOW_PRODUCT_BITS-1:LOW_BITS]};
      always @(posedge clk_i) begin
        high_q    <= biased_q * high_multiplier;
        product_q <= {high_q + low_carry, low_q[LOW_BITS-1:0]};
      end
    end else begin : g_single
      always @(posedge clk_i) product_q <= low_q;
    end
  endgenerate

  // Round and saturate. One bit more than the shifted product, so that adding one cannot overflow.
  wire signed [PRODUCT_BITS:0] raised;
  wire signed [PRODUCT_BITS:0] one;
  wire                         too_big;
  wire                         too_small;
  assign one       = {{PRODUCT_BITS{1'b0}}, 1'b1};
  assign raised    = {shifted_q[PRODUCT_BITS-1], shifted_q} + one;
  // raised >>> 1 fits in 32 bits when bits PRODUCT_BITS to 32 of raised agree.
  assign too_big   = !raised[PRODUCT_BITS] && (|raised[PRODUCT_BITS-1:32]);
  assign too_small = raised[PRODUCT_BITS] && !(&raised[PRODUCT_BITS-1:32]);

  wire unused_half;
  assign unused_half = raised[0];

  always @(posedge clk_i) begin
    scaled_q <= too_big ? 32'sh7fffffff : too_small ? 32'sh80000000 : raised[32:1];
  end

  // Zero point and clamp: in 33 bits the sum cannot overflow.
  wire signed [32:0] shifted_zero;
  wire signed [32:0] least;
  wire signed [32:0] most;
  assign shifted_zero = {scaled_q[31], scaled_q} + {{25{zero_point_i[7]}}, zero_point_i};
  assign least        = {{(33-ACT_BITS){min_i[ACT_BITS-1]}}, min_i};
  assign most         = {{(33-ACT_BITS){max_i[ACT_BITS-1]}}, max_i};

  always @(posedge clk_i) begin
    clamped_q <= (shifted_zero < least) ? min_i : (shifted_zero > most) ? max_i : shifted_zero[ACT_BITS-1:0];
  end

  assign scaled_o  = scaled_q;
  assign clamped_o = clamped_q;
endmodule
`default_nettype wire
