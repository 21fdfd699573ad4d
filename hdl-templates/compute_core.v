// Everything between load and store: the matmul and vector units and the five buffers. A unit sees start and its
// instruction in the accept cycle and shows done in its last running cycle; what it wrote can be read from the next.
`default_nettype none
module compute_core #(
  parameter ROWS = 4,
  parameter COLUMNS = 4,
  parameter MULTIPLIER_STAGES = 1,
  parameter LANES = 4,
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter ACT_BANKS = 4,
  parameter ACT_ROWS = 64,
  parameter WGT_ROWS = 64,
  parameter WGT_BANKS = 1,
  parameter ACC_ROWS = 64,
  parameter PAR_ROWS = 16,
  parameter ACC_BITS = 32,
  parameter MULTIPLIER_BITS = 32,
  parameter HAS_POOL = 1,
  parameter HAS_DEPTHWISE = 1,
  parameter HAS_ADD = 1,
  parameter HAS_LOOKUP = 1,
  parameter HAS_ROW_PARAMETERS = 0
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 matmul_start_i,
  input  wire [255:0]         matmul_instruction_i,
  output wire                 matmul_done_o,
  input  wire                 vector_start_i,
  input  wire [255:0]         vector_instruction_i,
  output wire                 vector_done_o,
  input  wire                 act_load_we_i,
  input  wire [3:0]           act_load_bank_i,
  input  wire [15:0]          act_load_row_i,
  input  wire [ACT_BITS*ROWS-1:0]    act_load_data_i,
  input  wire                 wgt_load_we_i,
  input  wire [19:0]          wgt_load_row_i,
  input  wire [WGT_BITS*COLUMNS-1:0] wgt_load_data_i,
  input  wire                 par_load_we_i,
  input  wire [15:0]          par_load_row_i,
  input  wire [72*LANES-1:0]  par_load_data_i,
  input  wire                 lut_load_we_i,
  input  wire [8:0]           lut_load_row_i,
  input  wire [7:0]           lut_load_data_i,
  input  wire                 act_store_re_i,
  input  wire [3:0]           act_store_bank_i,
  input  wire [15:0]          act_store_row_i,
  output wire [ACT_BITS*ROWS-1:0]    act_store_data_o
);
  localparam ENTRY_BITS = 32 + MULTIPLIER_BITS - 1 + 6;

  wire                        mat_wgt_re;
  wire [19:0]                 mat_wgt_row;
  wire [WGT_BITS*COLUMNS-1:0]        mat_wgt_data;
  wire                        mat_act_re;
  wire [3:0]                  mat_act_bank;
  wire [15:0]                 mat_act_row;
  wire [ACT_BITS*ROWS-1:0]           mat_act_data;
  wire                        mat_acc_bank;
  wire                        mat_acc_re;
  wire [14:0]                 mat_acc_read_row;
  wire [ACC_BITS*COLUMNS-1:0] mat_acc_read_data;
  wire                        mat_acc_we;
  wire [14:0]                 mat_acc_write_row;
  wire [ACC_BITS*COLUMNS-1:0] mat_acc_write_data;

  wire                        vec_acc_re;
  wire                        vec_acc_bank;
  wire [14:0]                 vec_acc_row;
  wire [ACC_BITS*COLUMNS-1:0] vec_acc_data;
  wire                        vec_wgt_re;
  wire [19:0]                 vec_wgt_row;
  wire [WGT_BITS*COLUMNS-1:0]        vec_wgt_data;
  wire                        vec_act_re;
  wire [3:0]                  vec_act_bank;
  wire [15:0]                 vec_act_row;
  wire [ACT_BITS*ROWS-1:0]           vec_act_data;
  wire                        vec_par_re;
  wire [15:0]                 vec_par_row;
  wire [ENTRY_BITS*LANES-1:0] vec_par_data;
  wire                        vec_lut_re;
  wire                        vec_lut_table;
  wire [ACT_BITS*LANES-1:0]          vec_lut_values;
  wire [ACT_BITS*LANES-1:0]          vec_lut_data;
  wire                        vec_act_we;
  wire [3:0]                  vec_act_wbank;
  wire [15:0]                 vec_act_wrow;
  wire [7:0]                  vec_act_wslot;
  wire [ACT_BITS*LANES-1:0]          vec_act_wdata;

  matmul_unit #(
    .ROWS              (ROWS),
    .COLUMNS           (COLUMNS),
    .ACT_BITS          (ACT_BITS),
    .WGT_BITS          (WGT_BITS),
    .ACC_BITS          (ACC_BITS),
    .MULTIPLIER_STAGES (MULTIPLIER_STAGES)
  ) u_matmul (
    .clk_i            (clk_i),
    .rst_i            (rst_i),
    .start_i          (matmul_start_i),
    .instruction_i    (matmul_instruction_i),
    .done_o           (matmul_done_o),
    .wgt_re_o         (mat_wgt_re),
    .wgt_row_o        (mat_wgt_row),
    .wgt_data_i       (mat_wgt_data),
    .act_re_o         (mat_act_re),
    .act_bank_o       (mat_act_bank),
    .act_row_o        (mat_act_row),
    .act_data_i       (mat_act_data),
    .acc_bank_o       (mat_acc_bank),
    .acc_re_o         (mat_acc_re),
    .acc_read_row_o   (mat_acc_read_row),
    .acc_read_data_i  (mat_acc_read_data),
    .acc_we_o         (mat_acc_we),
    .acc_write_row_o  (mat_acc_write_row),
    .acc_write_data_o (mat_acc_write_data)
  );

  vector_unit #(
    .ROWS            (ROWS),
    .COLUMNS         (COLUMNS),
    .LANES           (LANES),
    .ACT_BITS        (ACT_BITS),
    .WGT_BITS        (WGT_BITS),
    .ACC_BITS        (ACC_BITS),
    .MULTIPLIER_BITS (MULTIPLIER_BITS),
    .HAS_POOL        (HAS_POOL),
    .HAS_DEPTHWISE   (HAS_DEPTHWISE),
    .HAS_ADD         (HAS_ADD),
    .HAS_LOOKUP      (HAS_LOOKUP),
    .HAS_ROW_PARAMETERS (HAS_ROW_PARAMETERS)
  ) u_vector (
    .clk_i         (clk_i),
    .rst_i         (rst_i),
    .start_i       (vector_start_i),
    .instruction_i (vector_instruction_i),
    .done_o        (vector_done_o),
    .acc_re_o      (vec_acc_re),
    .acc_bank_o    (vec_acc_bank),
    .acc_row_o     (vec_acc_row),
    .acc_data_i    (vec_acc_data),
    .wgt_re_o      (vec_wgt_re),
    .wgt_row_o     (vec_wgt_row),
    .wgt_data_i    (vec_wgt_data),
    .act_re_o      (vec_act_re),
    .act_bank_o    (vec_act_bank),
    .act_row_o     (vec_act_row),
    .act_data_i    (vec_act_data),
    .par_re_o      (vec_par_re),
    .par_row_o     (vec_par_row),
    .par_data_i    (vec_par_data),
    .lut_re_o      (vec_lut_re),
    .lut_table_o   (vec_lut_table),
    .lut_values_o  (vec_lut_values),
    .lut_data_i    (vec_lut_data),
    .act_we_o      (vec_act_we),
    .act_wbank_o   (vec_act_wbank),
    .act_wrow_o    (vec_act_wrow),
    .act_wslot_o   (vec_act_wslot),
    .act_wdata_o   (vec_act_wdata)
  );

  act_buffer #(
    .ROWS     (ROWS),
    .LANES    (LANES),
    .ACT_BITS (ACT_BITS),
    .BANKS    (ACT_BANKS),
    .DEPTH    (ACT_ROWS)
  ) u_act (
    .clk_i        (clk_i),
    .load_we_i    (act_load_we_i),
    .load_bank_i  (act_load_bank_i),
    .load_row_i   (act_load_row_i),
    .load_data_i  (act_load_data_i),
    .vec_we_i     (vec_act_we),
    .vec_bank_i   (vec_act_wbank),
    .vec_row_i    (vec_act_wrow),
    .vec_slot_i   (vec_act_wslot),
    .vec_data_i   (vec_act_wdata),
    .mat_re_i     (mat_act_re),
    .mat_bank_i   (mat_act_bank),
    .mat_row_i    (mat_act_row),
    .mat_data_o   (mat_act_data),
    .vec_re_i     (vec_act_re),
    .vec_rbank_i  (vec_act_bank),
    .vec_rrow_i   (vec_act_row),
    .vec_rdata_o  (vec_act_data),
    .store_re_i   (act_store_re_i),
    .store_bank_i (act_store_bank_i),
    .store_row_i  (act_store_row_i),
    .store_data_o (act_store_data_o)
  );

  wgt_buffer #(
    .COLUMNS  (COLUMNS),
    .WGT_BITS (WGT_BITS),
    .BANKS    (WGT_BANKS),
    .DEPTH    (WGT_ROWS)
  ) u_wgt (
    .clk_i       (clk_i),
    .load_we_i   (wgt_load_we_i),
    .load_row_i  (wgt_load_row_i),
    .load_data_i (wgt_load_data_i),
    .mat_re_i    (mat_wgt_re),
    .mat_row_i   (mat_wgt_row),
    .mat_data_o  (mat_wgt_data),
    .vec_re_i    (vec_wgt_re),
    .vec_row_i   (vec_wgt_row),
    .vec_data_o  (vec_wgt_data)
  );

  acc_buffer #(
    .COLUMNS       (COLUMNS),
    .ACC_BITS      (ACC_BITS),
    .ROWS_PER_BANK (ACC_ROWS)
  ) u_acc (
    .clk_i            (clk_i),
    .mat_bank_i       (mat_acc_bank),
    .mat_re_i         (mat_acc_re),
    .mat_read_row_i   (mat_acc_read_row),
    .mat_read_data_o  (mat_acc_read_data),
    .mat_we_i         (mat_acc_we),
    .mat_write_row_i  (mat_acc_write_row),
    .mat_write_data_i (mat_acc_write_data),
    .vec_re_i         (vec_acc_re),
    .vec_bank_i       (vec_acc_bank),
    .vec_row_i        (vec_acc_row),
    .vec_data_o       (vec_acc_data)
  );

  par_buffer #(
    .LANES           (LANES),
    .DEPTH           (PAR_ROWS),
    .MULTIPLIER_BITS (MULTIPLIER_BITS)
  ) u_par (
    .clk_i       (clk_i),
    .load_we_i   (par_load_we_i),
    .load_row_i  (par_load_row_i),
    .load_data_i (par_load_data_i),
    .vec_re_i    (vec_par_re),
    .vec_row_i   (vec_par_row),
    .vec_data_o  (vec_par_data)
  );

  generate
    if (HAS_LOOKUP != 0) begin : g_lut
      lut_buffer #(
        .LANES    (LANES),
        .ACT_BITS (ACT_BITS)
      ) u_lut (
        .clk_i       (clk_i),
        .load_we_i   (lut_load_we_i),
        .load_row_i  (lut_load_row_i),
        .load_data_i (lut_load_data_i),
        .re_i        (vec_lut_re),
        .table_i     (vec_lut_table),
        .values_i    (vec_lut_values),
        .data_o      (vec_lut_data)
      );
    end else begin : g_no_lut
      wire unused_lut;
      assign unused_lut =
        &{1'b0, lut_load_we_i, lut_load_row_i, lut_load_data_i, vec_lut_re, vec_lut_table, vec_lut_values};
      assign vec_lut_data = {(ACT_BITS*LANES){1'b0}};
    end
  endgenerate
endmodule
`default_nettype wire
