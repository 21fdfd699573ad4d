// Weights: one bank of DEPTH rows of COLUMNS words, written by load. matmul and vector (depthwise) share the read
// port; programs never use both at once. Reads show their data in the next cycle.
`default_nettype none
module wgt_buffer #(
  parameter COLUMNS = 4,
  parameter WGT_BITS = 8,
  parameter DEPTH = 16
) (
  input  wire                 clk_i,
  input  wire                 load_we_i,
  input  wire [19:0]          load_row_i,
  input  wire [WGT_BITS*COLUMNS-1:0] load_data_i,
  input  wire                 mat_re_i,
  input  wire [19:0]          mat_row_i,
  output wire [WGT_BITS*COLUMNS-1:0] mat_data_o,
  input  wire                 vec_re_i,
  input  wire [19:0]          vec_row_i,
  output wire [WGT_BITS*COLUMNS-1:0] vec_data_o
);
  localparam INDEX_BITS = $clog2(DEPTH);

  wire unused_high_rows;
  assign unused_high_rows = &{1'b0, load_row_i, mat_row_i, vec_row_i};

  wire [WGT_BITS*COLUMNS-1:0] data;
  ram_1r1w #(
    .WIDTH (WGT_BITS*COLUMNS),
    .DEPTH (DEPTH)
  ) u_ram (
    .clk_i        (clk_i),
    .write_i      (load_we_i),
    .write_row_i  (load_row_i[INDEX_BITS-1:0]),
    .write_data_i (load_data_i),
    .read_i       (mat_re_i || vec_re_i),
    .read_row_i   (mat_re_i ? mat_row_i[INDEX_BITS-1:0] : vec_row_i[INDEX_BITS-1:0]),
    .read_data_o  (data)
  );
  assign mat_data_o = data;
  assign vec_data_o = data;
endmodule
`default_nettype wire
