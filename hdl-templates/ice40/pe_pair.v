// Two processing elements side by side in a row, their multipliers in one SB_MAC16 of an iCE40 UltraPlus (two 8x8 products,
// registered inside). Same behaviour as two `pe` with MULTIPLIER_STAGES = 1; suffix 0 is the western one.
//
// ACT_BITS and WGT_BITS at most 8. USE_EAST = 0: there is no eastern one (an odd last column).
`default_nettype none
module pe_pair #(
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter SUM_BITS = 20,
  parameter USE_EAST = 1
) (
  input  wire                clk_i,
  input  wire                write_i,        // from the west
  input  wire [ACT_BITS-1:0] activation_i,
  input  wire [WGT_BITS-1:0] weight0_i,      // column buses
  input  wire [WGT_BITS-1:0] weight1_i,
  input  wire [SUM_BITS-1:0] sum0_i,         // from the north
  input  wire [SUM_BITS-1:0] sum1_i,
  output wire                write_o,        // to the east
  output wire [ACT_BITS-1:0] activation_o,
  output wire [SUM_BITS-1:0] sum0_o,         // to the south
  output wire [SUM_BITS-1:0] sum1_o
);
  localparam PRODUCT_BITS = ACT_BITS + WGT_BITS;

  reg                write0_q;
  reg                write1_q;
  reg [WGT_BITS-1:0] weight0_q;
  reg [WGT_BITS-1:0] weight1_q;
  reg [ACT_BITS-1:0] activation0_q;
  reg [ACT_BITS-1:0] activation1_q;
  reg [SUM_BITS-1:0] sum0_q;
  reg [SUM_BITS-1:0] sum1_q;

  // Operands and products in two's complement, 8 and 16 bits.
  wire signed [ACT_BITS-1:0] west = activation_i;
  wire signed [ACT_BITS-1:0] east = activation0_q & {ACT_BITS{USE_EAST != 0}};
  wire signed [WGT_BITS-1:0] weight0 = weight0_q;
  wire signed [WGT_BITS-1:0] weight1 = weight1_q & {WGT_BITS{USE_EAST != 0}};
  wire signed [7:0]  a0 = west;
  wire signed [7:0]  a1 = east;
  wire signed [7:0]  b0 = weight0;
  wire signed [7:0]  b1 = weight1;
  wire [31:0] products;

  SB_MAC16 #(
    .NEG_TRIGGER              (1'b0),
    .C_REG                    (1'b0),
    .A_REG                    (1'b0),
    .B_REG                    (1'b0),
    .D_REG                    (1'b0),
    .TOP_8x8_MULT_REG         (1'b1),
    .BOT_8x8_MULT_REG         (1'b1),
    .PIPELINE_16x16_MULT_REG1 (1'b0),
    .PIPELINE_16x16_MULT_REG2 (1'b0),
    .TOPOUTPUT_SELECT         (2'b10),
    .TOPADDSUB_LOWERINPUT     (2'b00),
    .TOPADDSUB_UPPERINPUT     (1'b0),
    .TOPADDSUB_CARRYSELECT    (2'b00),
    .BOTOUTPUT_SELECT         (2'b10),
    .BOTADDSUB_LOWERINPUT     (2'b00),
    .BOTADDSUB_UPPERINPUT     (1'b0),
    .BOTADDSUB_CARRYSELECT    (2'b00),
    .MODE_8x8                 (1'b1),
    .A_SIGNED                 (1'b1),
    .B_SIGNED                 (1'b1)
  ) u_mac (
    .CLK        (clk_i),
    .CE         (1'b1),
    .A          ({a1, a0}),
    .B          ({b1, b0}),
    .C          (16'd0),
    .D          (16'd0),
    .AHOLD      (1'b0),
    .BHOLD      (1'b0),
    .CHOLD      (1'b0),
    .DHOLD      (1'b0),
    .IRSTTOP    (1'b0),
    .IRSTBOT    (1'b0),
    .ORSTTOP    (1'b0),
    .ORSTBOT    (1'b0),
    .OLOADTOP   (1'b0),
    .OLOADBOT   (1'b0),
    .ADDSUBTOP  (1'b0),
    .ADDSUBBOT  (1'b0),
    .OHOLDTOP   (1'b0),
    .OHOLDBOT   (1'b0),
    .CI         (1'b0),
    .ACCUMCI    (1'b0),
    .SIGNEXTIN  (1'b0),
    .O          (products),
    .CO         (),
    .ACCUMCO    (),
    .SIGNEXTOUT ()
  );

  // The sum may be narrower or wider than the product.
  wire signed [PRODUCT_BITS-1:0] product0 = products[PRODUCT_BITS-1:0];
  wire signed [PRODUCT_BITS-1:0] product1 = products[16+PRODUCT_BITS-1:16];
  wire signed [SUM_BITS+15:0]    addend0  = product0;
  wire signed [SUM_BITS+15:0]    addend1  = product1;

  always @(posedge clk_i) begin
    write0_q      <= write_i;
    write1_q      <= write0_q;
    activation0_q <= activation_i;
    activation1_q <= activation0_q;
    sum0_q        <= sum0_i + addend0[SUM_BITS-1:0];
    sum1_q        <= sum1_i + addend1[SUM_BITS-1:0];
    if (write_i) weight0_q <= weight0_i;
    if (write0_q) weight1_q <= weight1_i;
  end

  assign write_o      = (USE_EAST != 0) ? write1_q : write0_q;
  assign activation_o = (USE_EAST != 0) ? activation1_q : activation0_q;
  assign sum0_o       = sum0_q;
  assign sum1_o       = sum1_q;
endmodule
`default_nettype wire
