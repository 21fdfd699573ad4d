// One group of WIDTH bits out of GROUPS, as an and-or tree: no shifter, whatever GROUPS is.
// GROUPS >= 1; an index past the last group gives zeros.
`default_nettype none
module group_select #(
  parameter WIDTH = 8,
  parameter GROUPS = 4,
  parameter INDEX_BITS = (GROUPS < 2) ? 1 : $clog2(GROUPS)
) (
  input  wire [WIDTH*GROUPS-1:0] groups_i,
  input  wire [INDEX_BITS-1:0]   index_i,
  output wire [WIDTH-1:0]        group_o
);
  generate
    if (GROUPS == 1) begin : g_one
      wire unused_index;
      assign unused_index = &{1'b0, index_i};
      assign group_o = groups_i;
    end else begin : g_many
      reg [WIDTH-1:0] group;
      integer g;
      always @* begin
        group = {WIDTH{1'b0}};
        for (g = 0; g < GROUPS; g = g + 1)
          group = group | ({WIDTH{index_i == g[INDEX_BITS-1:0]}} & groups_i[WIDTH*g +: WIDTH]);
      end
      assign group_o = group;
    end
  endgenerate
endmodule
`default_nettype wire
