// Look-up tables: two tables of 256 bytes, one copy a lane so that every lane looks up its own value. A table is indexed
// by the value + 128 (a narrower one is sign-extended first), that is with bit 7 inverted; results are the low ACT_BITS
// (4 or 8) of an entry. Data come in the cycle after the index.
`default_nettype none
module lut_buffer #(
  parameter LANES = 4,
  parameter ACT_BITS = 8
) (
  input  wire               clk_i,
  input  wire               load_we_i,
  input  wire [8:0]         load_row_i,
  input  wire [7:0]         load_data_i,
  input  wire               re_i,
  input  wire               table_i,
  input  wire [ACT_BITS*LANES-1:0] values_i,
  output wire [ACT_BITS*LANES-1:0] data_o
);
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      wire [7:0] value;
      if (ACT_BITS < 8) begin : g_sign
        assign value = {{(8-ACT_BITS){values_i[ACT_BITS*l+ACT_BITS-1]}}, values_i[ACT_BITS*l +: ACT_BITS]};
        wire unused_high;
        assign unused_high = &{1'b0, load_data_i};
      end else begin : g_whole
        assign value = values_i[ACT_BITS*l +: ACT_BITS];
      end
      ram_1r1w #(
        .WIDTH (ACT_BITS),
        .DEPTH (512)
      ) u_ram (
        .clk_i        (clk_i),
        .write_i      (load_we_i),
        .write_row_i  (load_row_i),
        .write_data_i (load_data_i[ACT_BITS-1:0]),
        .read_i       (re_i),
        .read_row_i   ({table_i, !value[7], value[6:0]}),
        .read_data_o  (data_o[ACT_BITS*l +: ACT_BITS])
      );
    end
  endgenerate
endmodule
`default_nettype wire
