// Product of the requantiser: a signed value by a multiplier that is never negative, in two stages. product_o belongs to
// the operands of two cycles before. Wide multipliers are two products of at most 16 unsigned bits, which fit hardware
// multipliers. MULTIPLIER_BITS 8 to 32; the multiplier comes without its sign bit.
`default_nettype none
module scaling_product #(
  parameter MULTIPLIER_BITS = 32,
  parameter PRODUCT_BITS = 31 + MULTIPLIER_BITS
) (
  input  wire                       clk_i,
  input  wire signed [31:0]         value_i,
  input  wire [MULTIPLIER_BITS-2:0] multiplier_i,
  output wire [PRODUCT_BITS-1:0]    product_o
);
  localparam SPLIT = (MULTIPLIER_BITS - 1 > 17) ? 1 : 0;
  localparam LOW_BITS = (SPLIT != 0) ? 16 : MULTIPLIER_BITS - 1;
  localparam LOW_PRODUCT_BITS = 32 + LOW_BITS;

  // One bit of the operands is the sign, 0.
  wire signed [LOW_BITS:0]          low_multiplier;
  reg signed [LOW_PRODUCT_BITS-1:0] low_q;
  reg signed [PRODUCT_BITS-1:0]     product_q;
  assign low_multiplier = {1'b0, multiplier_i[LOW_BITS-1:0]};
  always @(posedge clk_i) low_q <= value_i * low_multiplier;

  generate
    if (SPLIT != 0) begin : g_split
      localparam HIGH_BITS = MULTIPLIER_BITS - 1 - LOW_BITS;
      wire signed [HIGH_BITS:0]    high_multiplier;
      reg signed [31+HIGH_BITS:0]  high_q;
      wire signed [31+HIGH_BITS:0] low_carry;
      assign high_multiplier = {1'b0, multiplier_i[MULTIPLIER_BITS-2:LOW_BITS]};
      // What the low product adds above its 16 bits.
      assign low_carry = {{HIGH_BITS{low_q[LOW_PRODUCT_BITS-1]}}, low_q[LOW_PRODUCT_BITS-1:LOW_BITS]};
      always @(posedge clk_i) begin
        high_q    <= value_i * high_multiplier;
        product_q <= {high_q + low_carry, low_q[LOW_BITS-1:0]};
      end
    end else begin : g_single
      always @(posedge clk_i) product_q <= low_q;
    end
  endgenerate

  assign product_o = product_q;
endmodule
`default_nettype wire
