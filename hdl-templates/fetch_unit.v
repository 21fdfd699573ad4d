// Reads the program through its own AXI read port and hands the instructions to the units' queues, in order.
//
// Bursts of four words go into a buffer of eight. A burst is asked for when the buffer has room for all of
// it, so rready is always high. With start_i in cycle 0 the first address is valid in cycle 1; the next one
// at the earliest two cycles after the last was accepted, and two cycles after the dispatch that made room.
// A word can be dispatched in the cycle after its last beat was taken, one word a cycle. `end` stops fetching; beats
// still under way are drained (drained_o) before another run may start.
//
// The buffer is memories of one read port: the next cycle's head is read in this one. Only the beat that completes a word can be needed
// in the cycle after it came: it waits in a register as well.
//
// BUS_BYTES 4 to 64, a power of two. ADDRESS_BITS 16 to 32. HAS_* say which optional vector instructions are legal.
`default_nettype none
module fetch_unit #(
  parameter BUS_BYTES = 16,
  parameter ADDRESS_BITS = 32,
  parameter HAS_POOL = 1,
  parameter HAS_DEPTHWISE = 1,
  parameter HAS_ADD = 1
) (
  input  wire                   clk_i,
  input  wire                   rst_i,
  input  wire                   start_i,
  input  wire                   halt_i,
  input  wire [31:0]            program_i,         // byte address of word 0, 4 KiB aligned
  // AXI4 read channels
  output wire [31:0]            araddr_o,
  output wire [7:0]             arlen_o,
  output wire                   arvalid_o,
  input  wire                   arready_i,
  input  wire [8*BUS_BYTES-1:0] rdata_i,
  input  wire [1:0]             rresp_i,
  input  wire                   rvalid_i,
  output wire                   rready_o,
  // to the units' queues
  input  wire [3:0]             room_i,
  output wire [3:0]             push_o,
  output wire [255:0]           word_o,
  // events and state
  output wire                   dispatch_o,        // an instruction leaves, `end` included
  output wire                   ended_o,           // `end` was dispatched
  output wire                   illegal_o,         // the head is no instruction of this machine
  output wire                   bus_error_o,       // the head was read with a response other than OKAY
  output wire                   drained_o
);
  localparam WORD_BYTES  = 32;
  localparam BURST_WORDS = 4;
  localparam BURST_BEATS = BURST_WORDS * WORD_BYTES / BUS_BYTES;
  // The buffer is BANKS memories, one for each beat of a word (one bank of two-word beats on a 64-byte bus).
  localparam BANKS       = (BUS_BYTES < WORD_BYTES) ? WORD_BYTES / BUS_BYTES : 1;
  localparam BEAT_WORDS  = (BUS_BYTES < WORD_BYTES) ? 1 : BUS_BYTES / WORD_BYTES;
  localparam DEPTH       = 2 * BURST_WORDS / BEAT_WORDS;
  localparam INDEX_BITS  = $clog2(DEPTH);
  localparam [INDEX_BITS:0] BUFFER_STEP = 1;
  localparam BURST_BITS  = $clog2(BURST_WORDS * WORD_BYTES);
  localparam PAGE_BITS   = ADDRESS_BITS - BURST_BITS;   // of a burst's number in the address space
  localparam [PAGE_BITS-1:0] NEXT_BURST = 1;
  localparam [31:0] LAST_BEAT   = BURST_BEATS - 1;
  localparam [31:0] LAST_BANK   = BANKS - 1;

  reg        fetching_q;
  reg        ended_q;
  reg        arvalid_q;
  reg [PAGE_BITS-1:0] araddr_q;
  reg [3:0]  reserved_q;        // words in the buffer or under way, 0 to 8
  reg [3:0]  under_way_q;       // words asked for and not yet in the buffer
  reg [2:0]  write_bank_q;
  reg [INDEX_BITS:0] write_q;   // buffer rows written; one bit more than an index, to tell full from empty
  reg [3:0]  read_q;            // words dispatched, modulo 16

  wire        ask;
  wire        beat;
  wire        row_complete;
  wire        head_valid;
  wire        head_bad;
  wire [2:0]  target;
  wire        legal;
  wire        target_room;
  wire [3:0]  next_read;        // read_q of the next cycle
  wire [INDEX_BITS-1:0] read_index;
  wire [INDEX_BITS-1:0] next_index;
  wire        unused_high;
  wire        overtaken;        // a beat of the next cycle's head comes now

  assign ask          = fetching_q && !halt_i && !arvalid_q && (reserved_q <= 4'd4);
  assign beat         = rvalid_i;
  assign row_complete = beat && (write_bank_q == LAST_BANK[2:0]);

  // Buffer: beats are written as they come; the head of the next cycle is read.
  wire [255:0] head;
  assign next_read = read_q + {3'd0, dispatch_o};
  assign overtaken = beat && (write_q[INDEX_BITS-1:0] == next_index);

  // The beat that completes a row, for the cycle after it came.
  reg                   late_q;
  reg [8*BUS_BYTES-1:0] late_data_q;
  always @(posedge clk_i) begin
    late_q <= overtaken && row_complete;
    if (row_complete) late_data_q <= rdata_i;
  end

  genvar b;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      localparam [31:0] BANK = b;
      wire                   mine;
      wire [8*BUS_BYTES-1:0] stored;
      wire [8*BUS_BYTES-1:0] entry;
      assign mine = beat && (write_bank_q == BANK[2:0]);
      ram_1r1w #(
        .WIDTH (8*BUS_BYTES),
        .DEPTH (DEPTH)
      ) u_ram (
        .clk_i        (clk_i),
        .write_i      (mine),
        .write_row_i  (write_q[INDEX_BITS-1:0]),
        .write_data_i (rdata_i),
        .read_i       (fetching_q && !(mine && overtaken)),
        .read_row_i   (next_index),
        .read_data_o  (stored)
      );
      if (b == BANKS - 1) begin : g_last
        assign entry = late_q ? late_data_q : stored;
      end else begin : g_early
        assign entry = stored;
      end
    end
    if (BEAT_WORDS == 1) begin : g_narrow
      for (b = 0; b < BANKS; b = b + 1) begin : g_part
        assign head[8*BUS_BYTES*b +: 8*BUS_BYTES] = g_bank[b].entry;
      end
      assign read_index = read_q[2:0];
      assign next_index = next_read[2:0];
      assign head_valid = (read_q != write_q);
    end else begin : g_wide
      assign head       = read_q[0] ? g_bank[0].entry[511:256] : g_bank[0].entry[255:0];
      assign read_index = read_q[2:1];
      assign next_index = next_read[2:1];
      assign head_valid = (read_q[3:1] != write_q);
    end
  endgenerate

  // Whether a row was read with a response other than OKAY: bits beside the memories.
  reg [DEPTH-1:0] bad_q;
  reg             partly_bad_q;   // so far, of the row that comes in
  wire            row_bad;
  assign row_bad  = partly_bad_q || (rresp_i != 2'd0);
  assign head_bad = bad_q[read_index];
  always @(posedge clk_i) begin
    if (rst_i || start_i) partly_bad_q <= 1'b0;
    else if (beat) partly_bad_q <= row_bad && !row_complete;
    if (row_complete) bad_q[write_q[INDEX_BITS-1:0]] <= row_bad;
  end

  instruction_target #(
    .HAS_POOL      (HAS_POOL),
    .HAS_DEPTHWISE (HAS_DEPTHWISE),
    .HAS_ADD       (HAS_ADD)
  ) u_target (
    .instruction_i (head),
    .legal_o       (legal),
    .target_o      (target)
  );

  // target 4 is fetch itself (`end`): no queue to wait for.
  assign target_room = target[2] || room_i[target[1:0]];
  assign word_o      = head;
  assign dispatch_o  = fetching_q && !halt_i && head_valid && !head_bad && legal && target_room;
  assign push_o      = {4{dispatch_o && !target[2]}} & (4'd1 << target[1:0]);
  assign bus_error_o = fetching_q && head_valid && head_bad;
  assign illegal_o   = fetching_q && head_valid && !head_bad && !legal;
  assign ended_o     = ended_q;
  assign drained_o   = !fetching_q && !arvalid_q && (under_way_q == 4'd0);

  assign {unused_high, araddr_o} = {{(33 - ADDRESS_BITS){1'b0}}, araddr_q, {BURST_BITS{1'b0}}};
  assign arlen_o   = LAST_BEAT[7:0];
  assign arvalid_o = arvalid_q;
  assign rready_o  = 1'b1;

  always @(posedge clk_i) begin
    if (rst_i) begin
      fetching_q <= 1'b0;
      ended_q    <= 1'b0;
    end else if (start_i) begin
      fetching_q <= 1'b1;
      ended_q    <= 1'b0;
    end else if (halt_i) begin
      fetching_q <= 1'b0;
    end else if (dispatch_o && target[2]) begin
      fetching_q <= 1'b0;
      ended_q    <= 1'b1;
    end
  end

  always @(posedge clk_i) begin
    if (rst_i) arvalid_q <= 1'b0;
    else if (start_i || ask) arvalid_q <= 1'b1;
    else if (arready_i) arvalid_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (start_i) araddr_q <= program_i[ADDRESS_BITS-1:BURST_BITS];
    else if (ask) araddr_q <= araddr_q + NEXT_BURST;
  end

  // A program starts on a page of 4 KiB.
  wire unused_address;
  assign unused_address = &{1'b0, program_i, unused_high};

  wire [3:0] asked    = (start_i || ask) ? 4'd4 : 4'd0;
  wire [3:0] received = !row_complete ? 4'd0 : (BEAT_WORDS == 1) ? 4'd1 : 4'd2;

  always @(posedge clk_i) begin
    if (rst_i) under_way_q <= 4'd0;
    else under_way_q <= under_way_q + asked - received;
  end

  always @(posedge clk_i) begin
    if (rst_i || start_i) begin
      reserved_q   <= 4'd4;
      write_bank_q <= 3'd0;
      write_q      <= {(INDEX_BITS + 1){1'b0}};
      read_q       <= 4'd0;
    end else begin
      reserved_q <= reserved_q + asked - {3'd0, dispatch_o};
      read_q     <= next_read;
      if (beat) write_bank_q <= row_complete ? 3'd0 : write_bank_q + 3'd1;
      if (row_complete) write_q <= write_q + BUFFER_STEP;
    end
  end
endmodule
`default_nettype wire
