// Clock of a part that can rest, for an ASIC: the ports of clock_gate.v around the library's clock gating cell.
`default_nettype none
module clock_gate (
  input  wire clk_i,
  input  wire enable_i,
  output wire clk_o
);
  systole_icg u_icg (
    .clk_i    (clk_i),
    .enable_i (enable_i),
    .clk_o    (clk_o)
  );
endmodule
`default_nettype wire
