// One processing element of the weight-stationary array: keeps a weight, multiplies each activation that
// passes from west to east by it and adds the product to the partial sum that passes from north to south.
// write_i travels east with the wave and replaces the weight; an activation that arrives in the same cycle still
// meets the old one.
//
// MULTIPLIER_STAGES registers stand between the operands and the adder: none, the product, or two half products (with the
// low and the high half of the weight) and their sum. Each costs one cycle in all, not one a row
// (docs/microarchitecture.md).
`default_nettype none
module pe #(
  parameter MULTIPLIER_STAGES = 1,
  parameter SUM_BITS = 20  // 16 + ceil(log2 ROWS)
) (
  input  wire                clk_i,
  input  wire                write_i,       // take weight_i
  input  wire signed [7:0]   activation_i,  // from the west
  input  wire        [7:0]   weight_i,      // column bus
  input  wire [SUM_BITS-1:0] sum_i,         // from the north
  output wire                write_o,
  output wire        [7:0]   activation_o,  // to the east
  output wire [SUM_BITS-1:0] sum_o          // to the south
);
  reg                write_q;
  reg signed  [7:0]  weight_q;
  reg         [7:0]  activation_q;
  reg [SUM_BITS-1:0] sum_q;
  wire signed [15:0] product;

  generate
    if (MULTIPLIER_STAGES == 0) begin : g_direct
      assign product = activation_i * weight_q;
    end else if (MULTIPLIER_STAGES == 1) begin : g_product
      reg signed [15:0] product_q;
      always @(posedge clk_i) product_q <= activation_i * weight_q;
      assign product = product_q;
    end else begin : g_halves
      wire signed [4:0]  low_weight;
      wire signed [3:0]  high_weight;
      reg signed  [11:0] low_q;  // 8 bits times 4 unsigned ones: 12
      reg signed  [11:0] high_q;
      reg signed  [15:0] product_q;
      wire signed [15:0] low;
      wire signed [15:0] high;
      assign low_weight  = {1'b0, weight_q[3:0]};
      assign high_weight = weight_q[7:4];
      assign low         = {{4{low_q[11]}}, low_q};
      assign high        = {high_q, 4'd0};
      assign product     = product_q;
      always @(posedge clk_i) begin
        low_q     <= activation_i * low_weight;
        high_q    <= activation_i * high_weight;
        product_q <= high + low;
      end
    end
  endgenerate

  always @(posedge clk_i) begin
    write_q      <= write_i;
    activation_q <= activation_i;
    sum_q        <= sum_i + {{(SUM_BITS-15){product[15]}}, product[14:0]};
    if (write_i) weight_q <= weight_i;
  end

  assign write_o      = write_q;
  assign activation_o = activation_q;
  assign sum_o        = sum_q;
endmodule
`default_nettype wire
