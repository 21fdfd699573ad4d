// Requantisation of one lane: (value + bias) * multiplier, half added and shifted right, saturated to 32 bits; then zero
// point and clamp. A pipeline without enables, stages as numbered in vector_unit:
//
//     5 value_i and parameters in   6 bias added   7 partial products   8 product   9 shifted   10 scaled_o   11 clamped_o
//
// floor((p + 2^(s-1)) / 2^s) is computed as ((p >> (s-1)) + 1) >> 1, which needs no wide half. The result saturates to
// SCALED_BITS, so the shifter keeps one bit more and remembers whether it dropped any that was not the sign.
// MULTIPLIER_BITS 8 to 32; the multiplier is never negative, so it comes with MULTIPLIER_BITS-1 bits. Shift 1 to 63.
// SCALED_BITS is 32 where scaled_o is used. Where only clamped_o is, 2 bits more than an activation and a zero point
// have give the same clamped_o: a value beyond them is clamped whatever the zero point.
`default_nettype none
module requantizer #(
  parameter ACT_BITS = 8,
  parameter MULTIPLIER_BITS = 32,
  parameter SCALED_BITS = 32
) (
  input  wire                       clk_i,
  input  wire [31:0]                value_i,
  input  wire [31:0]                bias_i,
  input  wire [MULTIPLIER_BITS-2:0] multiplier_i,
  input  wire [5:0]                 shift_i,
  input  wire signed [7:0]          zero_point_i,  // held while an instruction runs
  input  wire signed [ACT_BITS-1:0] min_i,
  input  wire signed [ACT_BITS-1:0] max_i,
  output wire [SCALED_BITS-1:0]     scaled_o,
  output wire [ACT_BITS-1:0]        clamped_o
);
  localparam PRODUCT_BITS = 32 + MULTIPLIER_BITS - 1;

  // Stage 6
  reg signed [31:0]           biased_q;
  reg [MULTIPLIER_BITS-2:0]   multiplier_q;
  reg [5:0]                   shift_q6;
  // Stage 7
  reg [5:0] shift_q7;
  // Stage 8
  wire [PRODUCT_BITS-1:0] product;
  reg [5:0]               shift_q8;  // less one
  // Stage 9
  reg [SCALED_BITS:0] shifted_q;
  reg                 negative_q;
  reg                 beyond_q;  // does not fit in shifted_q
  // Stage 10
  reg [SCALED_BITS-1:0] scaled_q;
  // Stage 11
  reg signed [ACT_BITS-1:0] clamped_q;

  always @(posedge clk_i) begin
    biased_q     <= value_i + bias_i;
    multiplier_q <= multiplier_i;
    shift_q6     <= shift_i;
    shift_q7     <= shift_q6;
    shift_q8     <= shift_q7 - 6'd1;
  end

  scaling_product #(
    .MULTIPLIER_BITS (MULTIPLIER_BITS)
  ) u_product (
    .clk_i        (clk_i),
    .value_i      (biased_q),
    .multiplier_i (multiplier_q),
    .product_o    (product)
  );

  // Shift, greatest step first: what a step leaves is as wide as the later steps can still shift into the result. A step
  // not taken drops its upper bits for good; these and the result's sign bit must equal the product's sign.
  wire                    negative;
  wire [SCALED_BITS+63:0] extended;
  wire [SCALED_BITS+31:0] by_32;
  wire [SCALED_BITS+15:0] by_16;
  wire [SCALED_BITS+7:0]  by_8;
  wire [SCALED_BITS+3:0]  by_4;
  wire [SCALED_BITS+1:0]  by_2;
  wire [SCALED_BITS:0]    by_1;
  wire [5:0]              drops;
  assign negative = product[PRODUCT_BITS-1];
  assign extended = {{(SCALED_BITS+64-PRODUCT_BITS){negative}}, product};
  assign by_32    = shift_q8[5] ? extended[SCALED_BITS+63:32] : extended[SCALED_BITS+31:0];
  assign by_16    = shift_q8[4] ? by_32[SCALED_BITS+31:16] : by_32[SCALED_BITS+15:0];
  assign by_8     = shift_q8[3] ? by_16[SCALED_BITS+15:8] : by_16[SCALED_BITS+7:0];
  assign by_4     = shift_q8[2] ? by_8[SCALED_BITS+7:4] : by_8[SCALED_BITS+3:0];
  assign by_2     = shift_q8[1] ? by_4[SCALED_BITS+3:2] : by_4[SCALED_BITS+1:0];
  assign by_1     = shift_q8[0] ? by_2[SCALED_BITS+1:1] : by_2[SCALED_BITS:0];
  assign drops    = {
    extended[SCALED_BITS+63:SCALED_BITS+31] != {33{negative}},
    by_32[SCALED_BITS+31:SCALED_BITS+15] != {17{negative}},
    by_16[SCALED_BITS+15:SCALED_BITS+7] != {9{negative}},
    by_8[SCALED_BITS+7:SCALED_BITS+3] != {5{negative}},
    by_4[SCALED_BITS+3:SCALED_BITS+1] != {3{negative}},
    by_2[SCALED_BITS+1:SCALED_BITS] != {2{negative}}
  };

  always @(posedge clk_i) begin
    shifted_q  <= by_1;
    negative_q <= negative;
    beyond_q   <= |(drops & ~shift_q8);
  end

  // Round and saturate. Adding the half overflows only from the greatest shifted value.
  wire [SCALED_BITS-1:0] rounded;
  wire                   saturates;
  assign rounded   = shifted_q[SCALED_BITS:1] + {{(SCALED_BITS-1){1'b0}}, shifted_q[0]};
  assign saturates = beyond_q || (!negative_q && (&shifted_q[SCALED_BITS-1:0]));

  always @(posedge clk_i) begin
    scaled_q <= saturates ? {negative_q, {(SCALED_BITS-1){!negative_q}}} : rounded;
  end

  // Zero point and clamp. A value that does not fit in NEAR_BITS is clamped whatever the zero point; for the others
  // one bit more holds the sum.
  localparam NEAR_BITS = ((ACT_BITS > 8) ? ACT_BITS : 8) + 2;
  wire                      low;
  wire                      high;
  wire signed [NEAR_BITS:0] shifted_zero;
  wire signed [NEAR_BITS:0] least;
  wire signed [NEAR_BITS:0] most;
  assign low          = scaled_q[SCALED_BITS-1] && !(&scaled_q[SCALED_BITS-1:NEAR_BITS-1]);
  assign high         = !scaled_q[SCALED_BITS-1] && (|scaled_q[SCALED_BITS-1:NEAR_BITS-1]);
  assign shifted_zero = {scaled_q[NEAR_BITS-1], scaled_q[NEAR_BITS-1:0]} + {{(NEAR_BITS-7){zero_point_i[7]}}, zero_point_i};
  assign least        = {{(NEAR_BITS+1-ACT_BITS){min_i[ACT_BITS-1]}}, min_i};
  assign most         = {{(NEAR_BITS+1-ACT_BITS){max_i[ACT_BITS-1]}}, max_i};

  always @(posedge clk_i) begin
    if (low || (!high && (shifted_zero < least))) clamped_q <= min_i;
    else if (high || (shifted_zero > most)) clamped_q <= max_i;
    else clamped_q <= shifted_zero[ACT_BITS-1:0];
  end

  assign scaled_o  = scaled_q;
  assign clamped_o = clamped_q;
endmodule
`default_nettype wire
