// Rules of Yosys' techmap, not modules of a core: the products that mul2dsp.v cuts to size become multipliers of Gowin's DSP blocks,
// without their registers. A block has two MULT18X18 or four MULT9X9.
`default_nettype none
module \$__GOWIN_MUL18X18 #(
  parameter A_SIGNED = 0,
  parameter B_SIGNED = 0,
  parameter A_WIDTH = 18,
  parameter B_WIDTH = 18,
  parameter Y_WIDTH = 36
) (
  input  wire [17:0] A,
  input  wire [17:0] B,
  output wire [35:0] Y
);
  MULT18X18 _TECHMAP_REPLACE_ (
    .A     (A),
    .B     (B),
    .SIA   (18'd0),
    .SIB   (18'd0),
    .ASIGN (A_SIGNED != 0),
    .BSIGN (B_SIGNED != 0),
    .ASEL  (1'b0),
    .BSEL  (1'b0),
    .CE    (1'b0),
    .CLK   (1'b0),
    .RESET (1'b0),
    .DOUT  (Y),
    .SOA   (),
    .SOB   ()
  );
endmodule
module \$__GOWIN_MUL9X9 #(
  parameter A_SIGNED = 0,
  parameter B_SIGNED = 0,
  parameter A_WIDTH = 9,
  parameter B_WIDTH = 9,
  parameter Y_WIDTH = 18
) (
  input  wire [8:0] A,
  input  wire [8:0] B,
  output wire [17:0] Y
);
  MULT9X9 _TECHMAP_REPLACE_ (
    .A     (A),
    .B     (B),
    .SIA   (9'd0),
    .SIB   (9'd0),
    .ASIGN (A_SIGNED != 0),
    .BSIGN (B_SIGNED != 0),
    .ASEL  (1'b0),
    .BSEL  (1'b0),
    .CE    (1'b0),
    .CLK   (1'b0),
    .RESET (1'b0),
    .DOUT  (Y),
    .SOA   (),
    .SOB   ()
  );
endmodule
`default_nettype wire
