// Accumulators: two banks of ROWS_PER_BANK rows of COLUMNS words. matmul reads and writes one bank while vector
// reads the other; programs keep them apart, so nothing arbitrates. Reads show their data in the next cycle.
`default_nettype none
module acc_buffer #(
  parameter COLUMNS = 4,
  parameter ACC_BITS = 32,
  parameter ROWS_PER_BANK = 16
) (
  input  wire                        clk_i,
  input  wire                        mat_bank_i,
  input  wire                        mat_re_i,
  input  wire [14:0]                 mat_read_row_i,
  output wire [ACC_BITS*COLUMNS-1:0] mat_read_data_o,
  input  wire                        mat_we_i,
  input  wire [14:0]                 mat_write_row_i,
  input  wire [ACC_BITS*COLUMNS-1:0] mat_write_data_i,
  input  wire                        vec_re_i,
  input  wire                        vec_bank_i,
  input  wire [14:0]                 vec_row_i,
  output wire [ACC_BITS*COLUMNS-1:0] vec_data_o
);
  localparam INDEX_BITS = $clog2(ROWS_PER_BANK);

  wire unused_high_rows;
  assign unused_high_rows = &{1'b0, mat_read_row_i, mat_write_row_i, vec_row_i};

  reg vec_bank_q;
  always @(posedge clk_i) begin
    if (vec_re_i) vec_bank_q <= vec_bank_i;
  end

  genvar b;
  generate
    for (b = 0; b < 2; b = b + 1) begin : g_bank
      wire                        mine;
      wire                        mat_reads;
      wire                        vec_reads;
      wire [ACC_BITS*COLUMNS-1:0] data;
      if (b == 0) begin : g_low
        assign mine      = !mat_bank_i;
        assign vec_reads = vec_re_i && !vec_bank_i;
      end else begin : g_high
        assign mine      = mat_bank_i;
        assign vec_reads = vec_re_i && vec_bank_i;
      end
      assign mat_reads = mat_re_i && mine;
      ram_1r1w #(
        .WIDTH (ACC_BITS*COLUMNS),
        .DEPTH (ROWS_PER_BANK)
      ) u_ram (
        .clk_i        (clk_i),
        .write_i      (mat_we_i && mine),
        .write_row_i  (mat_write_row_i[INDEX_BITS-1:0]),
        .write_data_i (mat_write_data_i),
        .read_i       (mat_reads || vec_reads),
        .read_row_i   (mat_reads ? mat_read_row_i[INDEX_BITS-1:0] : vec_row_i[INDEX_BITS-1:0]),
        .read_data_o  (data)
      );
    end
  endgenerate

  // matmul keeps its bank until it is done, vector may be at another instruction when its data arrive.
  assign mat_read_data_o = mat_bank_i ? g_bank[1].data : g_bank[0].data;
  assign vec_data_o      = vec_bank_q ? g_bank[1].data : g_bank[0].data;
endmodule
`default_nettype wire
