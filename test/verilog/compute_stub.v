// Stands in for compute_core in tests of the memory side: the buffers are real memories of the named sizes, matmul and vector
// take three cycles and compute nothing. wgt, par and lut rows can be read back through act banks 13 to 15 of the store port.
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
  parameter ACC_ROWS = 32,
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
  input  wire [8*ROWS-1:0]    act_load_data_i,
  input  wire                 wgt_load_we_i,
  input  wire [19:0]          wgt_load_row_i,
  input  wire [8*COLUMNS-1:0] wgt_load_data_i,
  input  wire                 par_load_we_i,
  input  wire [15:0]          par_load_row_i,
  input  wire [72*LANES-1:0]  par_load_data_i,
  input  wire                 lut_load_we_i,
  input  wire [8:0]           lut_load_row_i,
  input  wire [7:0]           lut_load_data_i,
  input  wire                 act_store_re_i,
  input  wire [3:0]           act_store_bank_i,
  input  wire [15:0]          act_store_row_i,
  output wire [8*ROWS-1:0]    act_store_data_o
);
  reg [8*ROWS-1:0]    act [0:16*ACT_ROWS-1];
  reg [8*COLUMNS-1:0] wgt [0:WGT_ROWS-1];
  reg [72*LANES-1:0]  par [0:PAR_ROWS-1];
  reg [7:0]           lut [0:511];
  reg [8*ROWS-1:0]    data_q;
  reg [2:0]           matmul_q;
  reg [2:0]           vector_q;
  wire [19:0] store_row = act_store_bank_i * ACT_ROWS + {4'd0, act_store_row_i};
  // Bank 14 shows par rows in ROWS-byte pieces: the piece's number is in row bits 15:10.
  wire [72*LANES+8*ROWS-1:0] par_row = {{8*ROWS{1'b0}}, par[act_store_row_i[9:0]]};
  assign matmul_done_o = matmul_q[2];
  assign vector_done_o = vector_q[2];
  // The value vanishes after one cycle: the reader must not count on its being held.
  assign act_store_data_o = data_q;
  always @(posedge clk_i) begin
    matmul_q <= rst_i ? 3'd0 : {matmul_q[1:0], matmul_start_i};
    vector_q <= rst_i ? 3'd0 : {vector_q[1:0], vector_start_i};
    if (act_load_we_i) act[act_load_bank_i * ACT_ROWS + {4'd0, act_load_row_i}] <= act_load_data_i;
    if (wgt_load_we_i) wgt[wgt_load_row_i] <= wgt_load_data_i;
    if (par_load_we_i) par[par_load_row_i] <= par_load_data_i;
    if (lut_load_we_i) lut[lut_load_row_i] <= lut_load_data_i;
    if (!act_store_re_i) data_q <= {ROWS{8'hee}};
    else if (act_store_bank_i == 4'd13) data_q <= wgt[act_store_row_i];
    else if (act_store_bank_i == 4'd14) data_q <= par_row[8*ROWS*act_store_row_i[15:10] +: 8*ROWS];
    else if (act_store_bank_i == 4'd15) data_q <= {ROWS{lut[act_store_row_i[8:0]]}};
    else data_q <= act[store_row];
  end
  // Neither unit looks at its instruction here.
  wire unused_inputs;
  assign unused_inputs = &{1'b0, matmul_instruction_i, vector_instruction_i};
endmodule
`default_nettype wire
