// One row of the transposer in front of an output-stationary array: takes an act row (LENGTH channels of one pixel) whole and
// shows its channels one a cycle from the next cycle on, then zeros. Row r of the array loads r cycles after row 0, which is the order
// in which act rows come, so that its channels are skewed as the wave wants them.
`default_nettype none
module transposer_row #(
  parameter LENGTH = 4,
  parameter ACT_BITS = 8
) (
  input  wire                       clk_i,
  input  wire                       load_i,
  input  wire [ACT_BITS*LENGTH-1:0] channels_i,
  output wire [ACT_BITS-1:0]        channel_o
);
  reg  [ACT_BITS*LENGTH-1:0] row_q;
  wire [ACT_BITS*LENGTH-1:0] rest;
  generate
    if (LENGTH == 1) begin : g_single
      assign rest = {ACT_BITS{1'b0}};
    end else begin : g_shift
      assign rest = {{ACT_BITS{1'b0}}, row_q[ACT_BITS*LENGTH-1:ACT_BITS]};
    end
  endgenerate
  always @(posedge clk_i) row_q <= load_i ? channels_i : rest;
  assign channel_o = row_q[ACT_BITS-1:0];
endmodule
`default_nettype wire
