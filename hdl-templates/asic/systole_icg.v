// Behavioural model of an integrated clock gating cell (latch and AND): replace this file by one that instantiates the
// library's cell, with its test enable tied low or brought out. The only latch of the machine, and never to be synthesised.
`default_nettype none
module systole_icg (
  input  wire clk_i,
  input  wire enable_i,
  output wire clk_o
);
  reg enable_q;
  always @* begin
    if (!clk_i) enable_q = enable_i;
  end
  assign clk_o = clk_i & enable_q;
endmodule
`default_nettype wire
