// Activations: BANKS banks of DEPTH rows of ROWS words, each bank with one write port (load a whole row, or vector one
// slot of LANES words) and one read port (matmul, vector or store). Programs never collide on a port, so
// nothing arbitrates. Reads show the whole row in the next cycle.
`default_nettype none
module act_buffer #(
  parameter ROWS = 4,
  parameter LANES = 4,
  parameter ACT_BITS = 8,
  parameter BANKS = 4,
  parameter DEPTH = 16
) (
  input  wire               clk_i,
  input  wire               load_we_i,
  input  wire [3:0]         load_bank_i,
  input  wire [15:0]        load_row_i,
  input  wire [ACT_BITS*ROWS-1:0]  load_data_i,
  input  wire               vec_we_i,
  input  wire [3:0]         vec_bank_i,
  input  wire [15:0]        vec_row_i,
  input  wire [7:0]         vec_slot_i,
  input  wire [ACT_BITS*LANES-1:0] vec_data_i,
  input  wire               mat_re_i,
  input  wire [3:0]         mat_bank_i,
  input  wire [15:0]        mat_row_i,
  output wire [ACT_BITS*ROWS-1:0]  mat_data_o,
  input  wire               vec_re_i,
  input  wire [3:0]         vec_rbank_i,
  input  wire [15:0]        vec_rrow_i,
  output wire [ACT_BITS*ROWS-1:0]  vec_rdata_o,
  input  wire               store_re_i,
  input  wire [3:0]         store_bank_i,
  input  wire [15:0]        store_row_i,
  output wire [ACT_BITS*ROWS-1:0]  store_data_o
);
  localparam SLOTS = ROWS / LANES;
  localparam INDEX_BITS = $clog2(DEPTH);

  wire unused_high_rows;
  assign unused_high_rows =
    &{1'b0, load_row_i, vec_row_i, vec_slot_i, mat_row_i, vec_rrow_i, store_row_i};

  wire [SLOTS-1:0] vec_slot;
  genvar b;
  genvar s;
  generate
    if (SLOTS == 1) begin : g_one_slot
      assign vec_slot = 1'b1;
    end else begin : g_slots
      for (s = 0; s < SLOTS; s = s + 1) begin : g_slot
        localparam [31:0] SLOT = s;
        assign vec_slot[s] = (vec_slot_i == SLOT[7:0]);
      end
    end
  endgenerate

  // Which bank each reader asked for: its data come one cycle later.
  reg [3:0] mat_bank_q;
  reg [3:0] vec_bank_q;
  reg [3:0] store_bank_q;
  always @(posedge clk_i) begin
    if (mat_re_i) mat_bank_q <= mat_bank_i;
    if (vec_re_i) vec_bank_q <= vec_rbank_i;
    if (store_re_i) store_bank_q <= store_bank_i;
  end

  generate
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      localparam [31:0] BANK = b;
      wire                  load_writes;
      wire                  vec_writes;
      wire                  mat_reads;
      wire                  vec_reads;
      wire                  store_reads;
      wire [INDEX_BITS-1:0] read_row;
      wire [ACT_BITS*ROWS-1:0]     data;
      wire [ACT_BITS*ROWS-1:0]     mat_data;
      wire [ACT_BITS*ROWS-1:0]     vec_data;
      wire [ACT_BITS*ROWS-1:0]     store_data;
      assign load_writes = load_we_i && (load_bank_i == BANK[3:0]);
      assign vec_writes  = vec_we_i && (vec_bank_i == BANK[3:0]);
      assign mat_reads   = mat_re_i && (mat_bank_i == BANK[3:0]);
      assign vec_reads   = vec_re_i && (vec_rbank_i == BANK[3:0]);
      assign store_reads = store_re_i && (store_bank_i == BANK[3:0]);
      assign read_row    = mat_reads ? mat_row_i[INDEX_BITS-1:0]
                         : vec_reads ? vec_rrow_i[INDEX_BITS-1:0]
                         : store_row_i[INDEX_BITS-1:0];
      ram_1r1w #(
        .WIDTH  (ACT_BITS*LANES),
        .GROUPS (SLOTS),
        .DEPTH  (DEPTH)
      ) u_ram (
        .clk_i        (clk_i),
        .write_i      ({SLOTS{load_writes}} | ({SLOTS{vec_writes}} & vec_slot)),
        .write_row_i  (load_writes ? load_row_i[INDEX_BITS-1:0] : vec_row_i[INDEX_BITS-1:0]),
        .write_data_i (load_writes ? load_data_i : {SLOTS{vec_data_i}}),
        .read_i       (mat_reads || vec_reads || store_reads),
        .read_row_i   (read_row),
        .read_data_o  (data)
      );
      // The readers' data: this bank's if it was asked, else what the banks below give.
      if (b == 0) begin : g_lowest
        assign mat_data   = data;
        assign vec_data   = data;
        assign store_data = data;
      end else begin : g_choose
        assign mat_data   = (mat_bank_q == BANK[3:0]) ? data : g_bank[b-1].mat_data;
        assign vec_data   = (vec_bank_q == BANK[3:0]) ? data : g_bank[b-1].vec_data;
        assign store_data = (store_bank_q == BANK[3:0]) ? data : g_bank[b-1].store_data;
      end
    end
  endgenerate

  assign mat_data_o   = g_bank[BANKS-1].mat_data;
  assign vec_rdata_o  = g_bank[BANKS-1].vec_data;
  assign store_data_o = g_bank[BANKS-1].store_data;

`ifdef SIMULATION
  // A program that collides on a port is a compiler bug: say so rather than compute on.
  always @(posedge clk_i) begin
    if (load_we_i && vec_we_i && load_bank_i == vec_bank_i)
      $display("ERROR %m: load and vector write bank %0d at once", load_bank_i);
    if (mat_re_i && vec_re_i && mat_bank_i == vec_rbank_i)
      $display("ERROR %m: matmul and vector read bank %0d at once", mat_bank_i);
    if (store_re_i && ((mat_re_i && mat_bank_i == store_bank_i) || (vec_re_i && vec_rbank_i == store_bank_i)))
      $display("ERROR %m: store and another unit read bank %0d at once", store_bank_i);
  end
`endif
endmodule
`default_nettype wire
