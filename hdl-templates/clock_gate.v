// Clock of a part that can rest: plain, it always runs. For an ASIC asic/clock_gate.v takes its place, which stops the clock
// in the cycles in which enable_i is low. Users must give the same results with both.
`default_nettype none
module clock_gate (
  input  wire clk_i,
  input  wire enable_i,  // registers behind the gate take their values at the end of this cycle
  output wire clk_o
);
  wire unused_enable;
  assign unused_enable = &{1'b0, enable_i};
  assign clk_o = clk_i;
endmodule
`default_nettype wire
