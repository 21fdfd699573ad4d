// scaling_product.v for an ASIC, where a multiplier is as slow as it has partial products: three of 11 bits each, summed
// in the second stage. The same ports, the same product, the same cycle.
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
  localparam PART_BITS = 11;
  localparam SUM_BITS = 32 + 3 * PART_BITS;

  wire [3*PART_BITS-1:0]     multiplier;
  wire signed [PART_BITS:0]  low;
  wire signed [PART_BITS:0]  middle;
  wire signed [PART_BITS:0]  high;
  reg signed [31+PART_BITS:0] low_q;
  reg signed [31+PART_BITS:0] middle_q;
  reg signed [31+PART_BITS:0] high_q;
  wire [SUM_BITS-1:0]        sum;
  reg [PRODUCT_BITS-1:0]     product_q;
  wire                       unused_sum;
  assign multiplier = {{(3*PART_BITS+1-MULTIPLIER_BITS){1'b0}}, multiplier_i};
  assign low        = {1'b0, multiplier[PART_BITS-1:0]};
  assign middle     = {1'b0, multiplier[2*PART_BITS-1:PART_BITS]};
  assign high       = {1'b0, multiplier[3*PART_BITS-1:2*PART_BITS]};
  assign sum        = {{(2*PART_BITS){low_q[31+PART_BITS]}}, low_q}
                    + {{PART_BITS{middle_q[31+PART_BITS]}}, middle_q, {PART_BITS{1'b0}}}
                    + {high_q, {(2*PART_BITS){1'b0}}};
  assign unused_sum = &{1'b0, sum[SUM_BITS-1:PRODUCT_BITS]};

  always @(posedge clk_i) begin
    low_q     <= value_i * low;
    middle_q  <= value_i * middle;
    high_q    <= value_i * high;
    product_q <= sum[PRODUCT_BITS-1:0];
  end

  assign product_o = product_q;
endmodule
`default_nettype wire
