// Reads the program through its own AXI read port and hands the instructions to the units' queues, in order.
//
// Bursts of four words go into a buffer of eight. A burst is asked for when the buffer has room for all of
// it, so rready is always high. With start_i in cycle 0 the first address is valid in cycle 1; the next one
// at the earliest two cycles after the last was accepted, and two cycles after the dispatch that made room.
// A word can be dispatched in the cycle after its last beat was taken, one word a cycle. `end` stops fetching; beats
// still under way are drained (drained_o) before another run may start.
//
// BUS_BYTES 4 to 64, a power of two. HAS_* say which optional vector instructions are legal.
`default_nettype none
module fetch_unit #(
  parameter BUS_BYTES = 16,
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
  localparam [31:0] BURST_BYTES = BURST_WORDS * WORD_BYTES;
  localparam [31:0] LAST_BEAT   = BURST_BEATS - 1;
  localparam [31:0] LAST_BANK   = BANKS - 1;

  reg        fetching_q;
  reg        ended_q;
  reg        arvalid_q;
  reg [31:0] araddr_q;
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
  wire [INDEX_BITS-1:0] read_index;

  assign ask          = fetching_q && !halt_i && !arvalid_q && (reserved_q <= 4'd4);
  assign beat         = rvalid_i;
  assign row_complete = beat && (write_bank_q == LAST_BANK[2:0]);

  // Buffer: write beats, read the word at read_q. Each entry has one more bit: bad response.
  wire [255:0]     head;
  wire [BANKS-1:0] bad;
  genvar b;
  generate
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      localparam [31:0] BANK = b;
      reg [8*BUS_BYTES:0] beats_q [0:DEPTH-1];
      wire [8*BUS_BYTES:0] entry;
      always @(posedge clk_i) begin
        if (beat && write_bank_q == BANK[2:0])
          beats_q[write_q[INDEX_BITS-1:0]] <= {rresp_i != 2'd0, rdata_i};
      end
      assign entry  = beats_q[read_index];
      assign bad[b] = entry[8*BUS_BYTES];
    end
    if (BEAT_WORDS == 1) begin : g_narrow
      for (b = 0; b < BANKS; b = b + 1) begin : g_part
        assign head[8*BUS_BYTES*b +: 8*BUS_BYTES] = g_bank[b].entry[8*BUS_BYTES-1:0];
      end
      assign read_index = read_q[2:0];
      assign head_valid = (read_q != write_q);
    end else begin : g_wide
      assign head       = read_q[0] ? g_bank[0].entry[511:256] : g_bank[0].entry[255:0];
      assign read_index = read_q[2:1];
      assign head_valid = (read_q[3:1] != write_q);
    end
  endgenerate
  assign head_bad = |bad;

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

  assign araddr_o  = araddr_q;
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
    if (start_i) araddr_q <= program_i;
    else if (ask) araddr_q <= araddr_q + BURST_BYTES;
  end

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
      read_q     <= read_q + {3'd0, dispatch_o};
      if (beat) write_bank_q <= row_complete ? 3'd0 : write_bank_q + 3'd1;
      if (row_complete) write_q <= write_q + BUFFER_STEP;
    end
  end
endmodule
`default_nettype wire
