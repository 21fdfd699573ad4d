// One processing element of the output-stationary array: keeps the sum of one pixel and one output channel. Activations pass
// from west to east, weights from north to south; their product is added where they meet. turn_i travels east: it hands the
// finished sum over to drain_q and starts the next one with the product of that cycle. Drained sums pass from south to north.
//
// MULTIPLIER_STAGES registers stand between the operands and the adder, as in `pe`; turn_i is as late as the products.
`default_nettype none
module pe_os #(
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter MULTIPLIER_STAGES = 1,
  parameter SUM_BITS = 32  // at least 12
) (
  input  wire                       clk_i,
  input  wire                       turn_i,
  input  wire signed [ACT_BITS-1:0] activation_i,  // from the west
  input  wire signed [WGT_BITS-1:0] weight_i,      // from the north
  input  wire        [SUM_BITS-1:0] drain_i,       // from the south
  output wire                       turn_o,
  output wire        [ACT_BITS-1:0] activation_o,  // to the east
  output wire        [WGT_BITS-1:0] weight_o,      // to the south
  output wire        [SUM_BITS-1:0] drain_o        // to the north
);
  localparam PRODUCT_BITS = ACT_BITS + WGT_BITS;

  reg                       turn_q;
  reg        [WGT_BITS-1:0] weight_q;
  reg        [ACT_BITS-1:0] activation_q;
  reg        [SUM_BITS-1:0] sum_q;
  reg        [SUM_BITS-1:0] drain_q;
  wire signed [PRODUCT_BITS-1:0] product;
  wire        [SUM_BITS-1:0]     addend;

  generate
    if (MULTIPLIER_STAGES == 0) begin : g_direct
      assign product = activation_i * weight_i;
    end else if (MULTIPLIER_STAGES == 1) begin : g_product
      reg signed [PRODUCT_BITS-1:0] product_q;
      always @(posedge clk_i) product_q <= activation_i * weight_i;
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
      assign low_weight  = {1'b0, weight_i[HALF_BITS-1:0]};
      assign high_weight = weight_i[WGT_BITS-1:HALF_BITS];
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

  wire [SUM_BITS-1:0] kept;
  assign kept = sum_q & {SUM_BITS{!turn_i}};

  always @(posedge clk_i) begin
    turn_q       <= turn_i;
    activation_q <= activation_i;
    weight_q     <= weight_i;
    sum_q        <= kept + addend;
    drain_q      <= turn_i ? sum_q : drain_i;
  end

  assign turn_o       = turn_q;
  assign activation_o = activation_q;
  assign weight_o     = weight_q;
  assign drain_o      = drain_q;
endmodule
`default_nettype wire
