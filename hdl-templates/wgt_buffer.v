// Weights: DEPTH rows of COLUMNS words in one bank or two halves, written by load. Each bank has one read port for matmul and
// vector (depthwise); programs never use both at once. Reads show their data in the next cycle.
`default_nettype none
module wgt_buffer #(
  parameter COLUMNS = 4,
  parameter WGT_BITS = 8,
  parameter BANKS = 1,
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
  localparam BANK_DEPTH = DEPTH / BANKS;
  localparam INDEX_BITS = $clog2(BANK_DEPTH);

  wire unused_high_rows;
  assign unused_high_rows = &{1'b0, load_row_i, mat_row_i, vec_row_i};

  genvar b;
  generate
    if (BANKS == 1) begin : g_whole
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
    end else begin : g_halves
      // Each reader sees the bank that it read last; the other reader may be at the other bank.
      reg mat_high_q;
      reg vec_high_q;
      always @(posedge clk_i) begin
        if (mat_re_i) mat_high_q <= mat_row_i[INDEX_BITS];
        if (vec_re_i) vec_high_q <= vec_row_i[INDEX_BITS];
      end
      for (b = 0; b < 2; b = b + 1) begin : g_bank
        wire                        load_writes;
        wire                        mat_reads;
        wire                        vec_reads;
        wire [WGT_BITS*COLUMNS-1:0] data;
        if (b == 0) begin : g_low
          assign load_writes = load_we_i && !load_row_i[INDEX_BITS];
          assign mat_reads   = mat_re_i && !mat_row_i[INDEX_BITS];
          assign vec_reads   = vec_re_i && !vec_row_i[INDEX_BITS];
        end else begin : g_high
          assign load_writes = load_we_i && load_row_i[INDEX_BITS];
          assign mat_reads   = mat_re_i && mat_row_i[INDEX_BITS];
          assign vec_reads   = vec_re_i && vec_row_i[INDEX_BITS];
        end
        ram_1r1w #(
          .WIDTH (WGT_BITS*COLUMNS),
          .DEPTH (BANK_DEPTH)
        ) u_ram (
          .clk_i        (clk_i),
          .write_i      (load_writes),
          .write_row_i  (load_row_i[INDEX_BITS-1:0]),
          .write_data_i (load_data_i),
          .read_i       (mat_reads || vec_reads),
          .read_row_i   (mat_reads ? mat_row_i[INDEX_BITS-1:0] : vec_row_i[INDEX_BITS-1:0]),
          .read_data_o  (data)
        );
      end
      assign mat_data_o = mat_high_q ? g_bank[1].data : g_bank[0].data;
      assign vec_data_o = vec_high_q ? g_bank[1].data : g_bank[0].data;
    end
  endgenerate
endmodule
`default_nettype wire
