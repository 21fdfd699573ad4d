// One processing element of the weight-stationary array: keeps a weight, multiplies each activation that
// passes from west to east by it and adds the product to the partial sum that passes from north to south.
// write_i travels east with the wave and replaces the weight; an activation that arrives in the same cycle still
// meets the old one. The product register costs one cycle in all, not one a row (docs/microarchitecture.md).
`default_nettype none
module pe #(
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
  reg signed  [15:0] product_q;
  reg [SUM_BITS-1:0] sum_q;

  always @(posedge clk_i) begin
    write_q      <= write_i;
    activation_q <= activation_i;
    product_q    <= activation_i * weight_q;
    sum_q        <= sum_i + {{(SUM_BITS-15){product_q[15]}}, product_q[14:0]};
    if (write_i) weight_q <= weight_i;
  end

  assign write_o      = write_q;
  assign activation_o = activation_q;
  assign sum_o        = sum_q;
endmodule
`default_nettype wire
