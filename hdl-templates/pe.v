// One processing element of the weight-stationary array: keeps a weight, multiplies each activation that
// passes from west to east by it and adds the product to the partial sum that passes from north to south.
// write_i travels east with the wave and replaces the weight; an activation that arrives in the same cycle still
// meets the old one. Sums wrap at SUM_BITS.
//
// MULTIPLIER_STAGES registers stand between the operands and the adder: none, the product, or two half products (with the
// low and the high half of the weight) and their sum. Each costs one cycle in all, not one a row
// (docs/microarchitecture.md).
`default_nettype none
module pe #(
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter MULTIPLIER_STAGES = 1,
  parameter SUM_BITS = 20  // at least 12
) (
  input  wire                       clk_i,
  input  wire                       write_i,       // take weight_i
  input  wire signed [ACT_BITS-1:0] activation_i,  // from the west
  input  wire        [WGT_BITS-1:0] weight_i,      // column bus
  input  wire        [SUM_BITS-1:0] sum_i,         // from the north
  output wire                       write_o,
  output wire        [ACT_BITS-1:0] activation_o,  // to the east
  output wire        [SUM_BITS-1:0] sum_o          // to the south
);
  localparam PRODUCT_BITS = ACT_BITS + WGT_BITS;

  reg                       write_q;
  reg signed [WGT_BITS-1:0] weight_q;
  reg        [ACT_BITS-1:0] activation_q;
  reg        [SUM_BITS-1:0] sum_q;
  wire signed [PRODUCT_BITS-1:0] product;
  wire        [SUM_BITS-1:0]     addend;

  generate
    if (MULTIPLIER_STAGES == 0) begin : g_direct
      assign product = activation_i * weight_q;
    end else if (MULTIPLIER_STAGES == 1) begin : g_product
      reg signed [PRODUCT_BITS-1:0] product_q;
      always @(posedge clk_i) product_q <= activation_i * weight_q;
      assign product = product_q;
    end else begin : g_halves
      localparam HALF_BITS = WGT_BITS / 2;
      wire signed [HALF_BITS:0]            low_weight;
      wire signed [HALF_BITS-1:0]          high_weight;
      reg  signed [ACT_BITS+HALF_BITS-1:0] low_q;
      reg  signed [ACT_BITS+HALF_BITS-1:0] high_q;
      reg  signed [PRODUCT_BITS-1:0]       product_q;
      wire signed [PRODUCT_BITS-1:0]       low;
      wire signed [PRODUCT_BITS-1:0]       high;
      assign low_weight  = {1'b0, weight_q[HALF_BITS-1:0]};
      assign high_weight = weight_q[WGT_BITS-1:HALF_BITS];
      assign low         = {{HALF_BITS{low_q[ACT_BITS+HALF_BITS-1]}}, low_q};
      assign high        = {high_q, {HALF_BITS{1'b0}}};
      assign product     = product_q;
      always @(posedge clk_i) begin
        low_q     <= activation_i * low_weight;
        high_q    <= activation_i * high_weight;
        product_q <= high + low;
      end
    end

    if (SUM_BITS > PRODUCT_BITS) begin : g_extend
      assign addend = {{(SUM_BITS-PRODUCT_BITS){product[PRODUCT_BITS-1]}}, product};
    end else begin : g_exact
      assign addend = product[SUM_BITS-1:0];
    end
  endgenerate

  always @(posedge clk_i) begin
    write_q      <= write_i;
    activation_q <= activation_i;
    sum_q        <= sum_i + addend;
    if (write_i) weight_q <= weight_i;
  end

  assign write_o      = write_q;
  assign activation_o = activation_q;
  assign sum_o        = sum_q;
endmodule
`default_nettype wire
