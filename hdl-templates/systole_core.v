// A Systole machine: fetch, four units (load, matmul, vector, store) with their queues and semaphores, the
// buffers, and the control registers. docs/microarchitecture.md describes it; instruction fields come from the
// generated fields_*.v. Defaults of the parameters are this machine's.
//
// All AXI outputs are registers or functions of registers: no combinational path leads from an AXI input to
// any output. rst_i is synchronous and resets control registers only.
`default_nettype none
module systole_core #(
  parameter ROWS = 4,              // array rows R: input channels
  parameter COLUMNS = 4,           // array columns C: output channels
  parameter MULTIPLIER_STAGES = 1, // registers between a PE's operands and its adder
  parameter LANES = 4,             // vector lanes V, dividing R and C
  parameter ACT_BITS = 8,          // of an activation: 4, 8 or 16
  parameter WGT_BITS = 8,          // of a weight
  parameter ACT_BANKS = 4,
  parameter ACT_ROWS = 64,         // rows of one act bank
  parameter WGT_ROWS = 64,
  parameter WGT_BANKS = 1,
  parameter ACC_ROWS = 32,         // rows of one acc bank
  parameter PAR_ROWS = 16,
  parameter ACC_BITS = 32,
  parameter MULTIPLIER_BITS = 32,
  parameter BUS_BYTES = 16,
  parameter BURST_BEATS = 16,
  parameter ADDRESS_BITS = 32,     // bits of a byte address on the AXI masters; the ones above are 0
  parameter LOAD_ROW_BITS = 20,    // bits that number the rows of the deepest buffer
  parameter QUEUE_DEPTH = 4,
  parameter UNIT_COUNTERS = 1,     // counters of running and waiting cycles beside the run's
  parameter HAS_POOL = 1,
  parameter HAS_DEPTHWISE = 1,
  parameter HAS_ADD = 1,
  parameter HAS_LOOKUP = 1,
  parameter HAS_ROW_PARAMETERS = 0, // requant can take a parameter row for each acc row
  parameter LOAD_WORD_BITS = 256,  // bits of an instruction word that a unit's instructions use
  parameter MATMUL_WORD_BITS = 256,
  parameter VECTOR_WORD_BITS = 256,
  parameter STORE_WORD_BITS = 256,
  // bits of the word that can matter on this machine: queues hold no others
  parameter [255:0] LOAD_MASK = {256{1'b1}},
  parameter [255:0] MATMUL_MASK = {256{1'b1}},
  parameter [255:0] VECTOR_MASK = {256{1'b1}},
  parameter [255:0] STORE_MASK = {256{1'b1}},
  parameter MACHINE_HASH = 0
) (
  input  wire                   clk_i,
  input  wire                   rst_i,
  output wire                   irq_o,                // a run is done or stopped by an error
  // control and status: AXI4-Lite slave
  input  wire [11:0]            s_axil_awaddr_i,
  input  wire [2:0]             s_axil_awprot_i,
  input  wire                   s_axil_awvalid_i,
  output wire                   s_axil_awready_o,
  input  wire [31:0]            s_axil_wdata_i,
  input  wire [3:0]             s_axil_wstrb_i,
  input  wire                   s_axil_wvalid_i,
  output wire                   s_axil_wready_o,
  output wire [1:0]             s_axil_bresp_o,
  output wire                   s_axil_bvalid_o,
  input  wire                   s_axil_bready_i,
  input  wire [11:0]            s_axil_araddr_i,
  input  wire [2:0]             s_axil_arprot_i,
  input  wire                   s_axil_arvalid_i,
  output wire                   s_axil_arready_o,
  output wire [31:0]            s_axil_rdata_o,
  output wire [1:0]             s_axil_rresp_o,
  output wire                   s_axil_rvalid_o,
  input  wire                   s_axil_rready_i,
  // data: AXI4 master of the load (read) and store (write) units
  output wire [31:0]            m_axi_awaddr_o,
  output wire [7:0]             m_axi_awlen_o,
  output wire [2:0]             m_axi_awsize_o,
  output wire [1:0]             m_axi_awburst_o,
  output wire [3:0]             m_axi_awcache_o,
  output wire [2:0]             m_axi_awprot_o,
  output wire                   m_axi_awvalid_o,
  input  wire                   m_axi_awready_i,
  output wire [8*BUS_BYTES-1:0] m_axi_wdata_o,
  output wire [BUS_BYTES-1:0]   m_axi_wstrb_o,
  output wire                   m_axi_wlast_o,
  output wire                   m_axi_wvalid_o,
  input  wire                   m_axi_wready_i,
  input  wire [1:0]             m_axi_bresp_i,
  input  wire                   m_axi_bvalid_i,
  output wire                   m_axi_bready_o,
  output wire [31:0]            m_axi_araddr_o,
  output wire [7:0]             m_axi_arlen_o,
  output wire [2:0]             m_axi_arsize_o,
  output wire [1:0]             m_axi_arburst_o,
  output wire [3:0]             m_axi_arcache_o,
  output wire [2:0]             m_axi_arprot_o,
  output wire                   m_axi_arvalid_o,
  input  wire                   m_axi_arready_i,
  input  wire [8*BUS_BYTES-1:0] m_axi_rdata_i,
  input  wire [1:0]             m_axi_rresp_i,
  input  wire                   m_axi_rlast_i,
  input  wire                   m_axi_rvalid_i,
  output wire                   m_axi_rready_o,
  // instructions: AXI4 read master of the fetch unit
  output wire [31:0]            m_axi_i_araddr_o,
  output wire [7:0]             m_axi_i_arlen_o,
  output wire [2:0]             m_axi_i_arsize_o,
  output wire [1:0]             m_axi_i_arburst_o,
  output wire [3:0]             m_axi_i_arcache_o,
  output wire [2:0]             m_axi_i_arprot_o,
  output wire                   m_axi_i_arvalid_o,
  input  wire                   m_axi_i_arready_i,
  input  wire [8*BUS_BYTES-1:0] m_axi_i_rdata_i,
  input  wire [1:0]             m_axi_i_rresp_i,
  input  wire                   m_axi_i_rlast_i,
  input  wire                   m_axi_i_rvalid_i,
  output wire                   m_axi_i_rready_o,
  // events for traces and counters; bit u is unit u (load 0, matmul 1, vector 2, store 3)
  output wire                   event_start_o,        // cycle 0 of a run
  output wire                   event_done_o,         // its last cycle
  output wire                   event_dispatch_o,     // an instruction enters its queue (or `end` is seen)
  output wire [3:0]             event_accept_o,       // a unit takes its next instruction
  output wire [3:0]             event_end_o           // last cycle of an instruction
);
  localparam [31:0] BEAT_SIZE = $clog2(BUS_BYTES);

  wire         start;
  wire         halt;
  wire [31:0]  program_address;
  wire [31:0]  base;
  wire         ended;
  wire         drained;
  wire         illegal;
  wire         fetch_error;
  wire         load_error;
  wire         store_error;
  wire [3:0]   overflow;
  wire [3:0]   room;
  wire [3:0]   push;
  wire [255:0] word;
  wire [3:0]   running;
  wire [3:0]   waiting;
  wire [3:0]   idle;
  wire [15:0]  available;
  wire [15:0]  take;
  wire [15:0]  give;
  wire         load_start;
  wire         load_done;
  wire [255:0] load_instruction;
  wire         matmul_start;
  wire         matmul_done;
  wire [255:0] matmul_instruction;
  wire         vector_start;
  wire         vector_done;
  wire [255:0] vector_instruction;
  wire         store_start;
  wire         store_done;
  wire [255:0] store_instruction;

  assign event_start_o = start;

  control_registers #(
    .ADDRESS_BITS (ADDRESS_BITS),
    .UNIT_COUNTERS (UNIT_COUNTERS),
    .MACHINE_HASH (MACHINE_HASH)
  ) u_control (
    .clk_i            (clk_i),
    .rst_i            (rst_i),
    .s_axil_awaddr_i  (s_axil_awaddr_i),
    .s_axil_awprot_i  (s_axil_awprot_i),
    .s_axil_awvalid_i (s_axil_awvalid_i),
    .s_axil_awready_o (s_axil_awready_o),
    .s_axil_wdata_i   (s_axil_wdata_i),
    .s_axil_wstrb_i   (s_axil_wstrb_i),
    .s_axil_wvalid_i  (s_axil_wvalid_i),
    .s_axil_wready_o  (s_axil_wready_o),
    .s_axil_bresp_o   (s_axil_bresp_o),
    .s_axil_bvalid_o  (s_axil_bvalid_o),
    .s_axil_bready_i  (s_axil_bready_i),
    .s_axil_araddr_i  (s_axil_araddr_i),
    .s_axil_arprot_i  (s_axil_arprot_i),
    .s_axil_arvalid_i (s_axil_arvalid_i),
    .s_axil_arready_o (s_axil_arready_o),
    .s_axil_rdata_o   (s_axil_rdata_o),
    .s_axil_rresp_o   (s_axil_rresp_o),
    .s_axil_rvalid_o  (s_axil_rvalid_o),
    .s_axil_rready_i  (s_axil_rready_i),
    .start_o          (start),
    .halt_o           (halt),
    .done_o           (event_done_o),
    .program_o        (program_address),
    .base_o           (base),
    .irq_o            (irq_o),
    .ended_i          (ended),
    .drained_i        (drained),
    .idle_i           (idle),
    .running_i        (running),
    .waiting_i        (waiting),
    .illegal_i        (illegal),
    .fetch_error_i    (fetch_error),
    .load_error_i     (load_error),
    .store_error_i    (store_error),
    .overflow_i       (overflow)
  );

  fetch_unit #(
    .BUS_BYTES     (BUS_BYTES),
    .ADDRESS_BITS  (ADDRESS_BITS),
    .HAS_POOL      (HAS_POOL),
    .HAS_DEPTHWISE (HAS_DEPTHWISE),
    .HAS_ADD       (HAS_ADD)
  ) u_fetch (
    .clk_i       (clk_i),
    .rst_i       (rst_i),
    .start_i     (start),
    .halt_i      (halt),
    .program_i   (program_address),
    .araddr_o    (m_axi_i_araddr_o),
    .arlen_o     (m_axi_i_arlen_o),
    .arvalid_o   (m_axi_i_arvalid_o),
    .arready_i   (m_axi_i_arready_i),
    .rdata_i     (m_axi_i_rdata_i),
    .rresp_i     (m_axi_i_rresp_i),
    .rvalid_i    (m_axi_i_rvalid_i),
    .rready_o    (m_axi_i_rready_o),
    .room_i      (room),
    .push_o      (push),
    .word_o      (word),
    .dispatch_o  (event_dispatch_o),
    .ended_o     (ended),
    .illegal_o   (illegal),
    .bus_error_o (fetch_error),
    .drained_o   (drained)
  );

  semaphore_file u_semaphores (
    .clk_i       (clk_i),
    .rst_i       (rst_i),
    .clear_i     (start),
    .take_i      (take),
    .give_i      (give),
    .available_o (available),
    .overflow_o  (overflow)
  );

  unit_shell #(
    .WORD_BITS   (LOAD_WORD_BITS),
    .MASK        (LOAD_MASK),
    .QUEUE_DEPTH (QUEUE_DEPTH)
  ) u_load_shell (
    .clk_i         (clk_i),
    .rst_i         (rst_i),
    .clear_i       (start),
    .halt_i        (halt),
    .push_i        (push[0]),
    .word_i        (word),
    .room_o        (room[0]),
    .available_i   (available[3:0]),
    .take_o        (take[3:0]),
    .give_o        (give[3:0]),
    .start_o       (load_start),
    .instruction_o (load_instruction),
    .done_i        (load_done),
    .accept_o      (event_accept_o[0]),
    .end_o         (event_end_o[0]),
    .running_o     (running[0]),
    .waiting_o     (waiting[0]),
    .idle_o        (idle[0])
  );

  unit_shell #(
    .WORD_BITS   (MATMUL_WORD_BITS),
    .MASK        (MATMUL_MASK),
    .QUEUE_DEPTH (QUEUE_DEPTH)
  ) u_matmul_shell (
    .clk_i         (clk_i),
    .rst_i         (rst_i),
    .clear_i       (start),
    .halt_i        (halt),
    .push_i        (push[1]),
    .word_i        (word),
    .room_o        (room[1]),
    .available_i   (available[7:4]),
    .take_o        (take[7:4]),
    .give_o        (give[7:4]),
    .start_o       (matmul_start),
    .instruction_o (matmul_instruction),
    .done_i        (matmul_done),
    .accept_o      (event_accept_o[1]),
    .end_o         (event_end_o[1]),
    .running_o     (running[1]),
    .waiting_o     (waiting[1]),
    .idle_o        (idle[1])
  );

  unit_shell #(
    .WORD_BITS   (VECTOR_WORD_BITS),
    .MASK        (VECTOR_MASK),
    .QUEUE_DEPTH (QUEUE_DEPTH)
  ) u_vector_shell (
    .clk_i         (clk_i),
    .rst_i         (rst_i),
    .clear_i       (start),
    .halt_i        (halt),
    .push_i        (push[2]),
    .word_i        (word),
    .room_o        (room[2]),
    .available_i   (available[11:8]),
    .take_o        (take[11:8]),
    .give_o        (give[11:8]),
    .start_o       (vector_start),
    .instruction_o (vector_instruction),
    .done_i        (vector_done),
    .accept_o      (event_accept_o[2]),
    .end_o         (event_end_o[2]),
    .running_o     (running[2]),
    .waiting_o     (waiting[2]),
    .idle_o        (idle[2])
  );

  unit_shell #(
    .WORD_BITS   (STORE_WORD_BITS),
    .MASK        (STORE_MASK),
    .QUEUE_DEPTH (QUEUE_DEPTH)
  ) u_store_shell (
    .clk_i         (clk_i),
    .rst_i         (rst_i),
    .clear_i       (start),
    .halt_i        (halt),
    .push_i        (push[3]),
    .word_i        (word),
    .room_o        (room[3]),
    .available_i   (available[15:12]),
    .take_o        (take[15:12]),
    .give_o        (give[15:12]),
    .start_o       (store_start),
    .instruction_o (store_instruction),
    .done_i        (store_done),
    .accept_o      (event_accept_o[3]),
    .end_o         (event_end_o[3]),
    .running_o     (running[3]),
    .waiting_o     (waiting[3]),
    .idle_o        (idle[3])
  );

  // ---- between load, store and the buffers
  wire                 act_load_we;
  wire [3:0]           act_load_bank;
  wire [15:0]          act_load_row;
  wire [ACT_BITS*ROWS-1:0]    act_load_data;
  wire                 wgt_load_we;
  wire [19:0]          wgt_load_row;
  wire [WGT_BITS*COLUMNS-1:0] wgt_load_data;
  wire                 par_load_we;
  wire [15:0]          par_load_row;
  wire [72*LANES-1:0]  par_load_data;
  wire                 lut_load_we;
  wire [8:0]           lut_load_row;
  wire [7:0]           lut_load_data;
  wire                 act_store_re;
  wire [3:0]           act_store_bank;
  wire [15:0]          act_store_row;
  wire [ACT_BITS*ROWS-1:0]    act_store_data;

  load_unit #(
    .ROWS        (ROWS),
    .COLUMNS     (COLUMNS),
    .LANES       (LANES),
    .ACT_BITS    (ACT_BITS),
    .WGT_BITS    (WGT_BITS),
    .BUS_BYTES   (BUS_BYTES),
    .BURST_BEATS (BURST_BEATS),
    .ADDRESS_BITS (ADDRESS_BITS),
    .ROW_BITS    (LOAD_ROW_BITS)
  ) u_load (
    .clk_i           (clk_i),
    .rst_i           (rst_i),
    .start_i         (load_start),
    .instruction_i   (load_instruction),
    .done_o          (load_done),
    .base_i          (base),
    .araddr_o        (m_axi_araddr_o),
    .arlen_o         (m_axi_arlen_o),
    .arvalid_o       (m_axi_arvalid_o),
    .arready_i       (m_axi_arready_i),
    .rdata_i         (m_axi_rdata_i),
    .rresp_i         (m_axi_rresp_i),
    .rvalid_i        (m_axi_rvalid_i),
    .rready_o        (m_axi_rready_o),
    .bus_error_o     (load_error),
    .act_load_we_o   (act_load_we),
    .act_load_bank_o (act_load_bank),
    .act_load_row_o  (act_load_row),
    .act_load_data_o (act_load_data),
    .wgt_load_we_o   (wgt_load_we),
    .wgt_load_row_o  (wgt_load_row),
    .wgt_load_data_o (wgt_load_data),
    .par_load_we_o   (par_load_we),
    .par_load_row_o  (par_load_row),
    .par_load_data_o (par_load_data),
    .lut_load_we_o   (lut_load_we),
    .lut_load_row_o  (lut_load_row),
    .lut_load_data_o (lut_load_data)
  );

  store_unit #(
    .ROWS        (ROWS),
    .ACT_BITS    (ACT_BITS),
    .BUS_BYTES   (BUS_BYTES),
    .BURST_BEATS (BURST_BEATS),
    .ADDRESS_BITS (ADDRESS_BITS),
    .ROW_BITS    ($clog2(ACT_ROWS))
  ) u_store (
    .clk_i            (clk_i),
    .rst_i            (rst_i),
    .start_i          (store_start),
    .instruction_i    (store_instruction),
    .done_o           (store_done),
    .base_i           (base),
    .awaddr_o         (m_axi_awaddr_o),
    .awlen_o          (m_axi_awlen_o),
    .awvalid_o        (m_axi_awvalid_o),
    .awready_i        (m_axi_awready_i),
    .wdata_o          (m_axi_wdata_o),
    .wstrb_o          (m_axi_wstrb_o),
    .wlast_o          (m_axi_wlast_o),
    .wvalid_o         (m_axi_wvalid_o),
    .wready_i         (m_axi_wready_i),
    .bresp_i          (m_axi_bresp_i),
    .bvalid_i         (m_axi_bvalid_i),
    .bready_o         (m_axi_bready_o),
    .bus_error_o      (store_error),
    .act_store_re_o   (act_store_re),
    .act_store_bank_o (act_store_bank),
    .act_store_row_o  (act_store_row),
    .act_store_data_i (act_store_data)
  );

  // Matrix and vector units with all buffers.
  compute_core #(
    .ROWS              (ROWS),
    .COLUMNS           (COLUMNS),
    .MULTIPLIER_STAGES (MULTIPLIER_STAGES),
    .LANES             (LANES),
    .ACT_BITS          (ACT_BITS),
    .WGT_BITS          (WGT_BITS),
    .ACT_BANKS         (ACT_BANKS),
    .ACT_ROWS          (ACT_ROWS),
    .WGT_ROWS          (WGT_ROWS),
    .WGT_BANKS         (WGT_BANKS),
    .ACC_ROWS          (ACC_ROWS),
    .PAR_ROWS          (PAR_ROWS),
    .ACC_BITS          (ACC_BITS),
    .MULTIPLIER_BITS   (MULTIPLIER_BITS),
    .HAS_POOL          (HAS_POOL),
    .HAS_DEPTHWISE     (HAS_DEPTHWISE),
    .HAS_ADD           (HAS_ADD),
    .HAS_LOOKUP        (HAS_LOOKUP),
    .HAS_ROW_PARAMETERS (HAS_ROW_PARAMETERS)
  ) u_compute (
    .clk_i                (clk_i),
    .rst_i                (rst_i),
    .matmul_start_i       (matmul_start),
    .matmul_instruction_i (matmul_instruction),
    .matmul_done_o        (matmul_done),
    .vector_start_i       (vector_start),
    .vector_instruction_i (vector_instruction),
    .vector_done_o        (vector_done),
    .act_load_we_i        (act_load_we),
    .act_load_bank_i      (act_load_bank),
    .act_load_row_i       (act_load_row),
    .act_load_data_i      (act_load_data),
    .wgt_load_we_i        (wgt_load_we),
    .wgt_load_row_i       (wgt_load_row),
    .wgt_load_data_i      (wgt_load_data),
    .par_load_we_i        (par_load_we),
    .par_load_row_i       (par_load_row),
    .par_load_data_i      (par_load_data),
    .lut_load_we_i        (lut_load_we),
    .lut_load_row_i       (lut_load_row),
    .lut_load_data_i      (lut_load_data),
    .act_store_re_i       (act_store_re),
    .act_store_bank_i     (act_store_bank),
    .act_store_row_i      (act_store_row),
    .act_store_data_o     (act_store_data)
  );

  // ---- AXI constants: full-width beats, INCR, normal non-cacheable bufferable, unprivileged data
  assign m_axi_awsize_o    = BEAT_SIZE[2:0];
  assign m_axi_awburst_o   = 2'b01;
  assign m_axi_awcache_o   = 4'b0011;
  assign m_axi_awprot_o    = 3'b000;
  assign m_axi_arsize_o    = BEAT_SIZE[2:0];
  assign m_axi_arburst_o   = 2'b01;
  assign m_axi_arcache_o   = 4'b0011;
  assign m_axi_arprot_o    = 3'b000;
  assign m_axi_i_arsize_o  = BEAT_SIZE[2:0];
  assign m_axi_i_arburst_o = 2'b01;
  assign m_axi_i_arcache_o = 4'b0011;
  assign m_axi_i_arprot_o  = 3'b100;

  // The units count beats themselves.
  wire unused_last;
  assign unused_last = &{1'b0, m_axi_rlast_i, m_axi_i_rlast_i};
endmodule
`default_nettype wire
