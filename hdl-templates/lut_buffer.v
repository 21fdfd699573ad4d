// Look-up tables: two tables of 256 bytes, one copy a lane so that every lane looks up its own value. A table is indexed
// by the int8 value + 128, that is with bit 7 inverted. Data come in the cycle after the index.
`default_nettype none
module lut_buffer #(
  parameter LANES = 4
) (
  input  wire               clk_i,
  input  wire               load_we_i,
  input  wire [8:0]         load_row_i,
  input  wire [7:0]         load_data_i,
  input  wire               re_i,
  input  wire               table_i,
  input  wire [8*LANES-1:0] values_i,
  output wire [8*LANES-1:0] data_o
);
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      ram_1r1w #(
        .WIDTH (8),
        .DEPTH (512)
      ) u_ram (
        .clk_i        (clk_i),
        .write_i      (load_we_i),
        .write_row_i  (load_row_i),
        .write_data_i (load_data_i),
        .read_i       (re_i),
        .read_row_i   ({table_i, !values_i[8*l+7], values_i[8*l +: 7]}),
        .read_data_o  (data_o[8*l +: 8])
      );
    end
  endgenerate
endmodule
`default_nettype wire
