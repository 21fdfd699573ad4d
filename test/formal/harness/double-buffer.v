// Two units and BANKS banks, as programs use them: a producer fills banks 0, 1, ... in turn, a consumer reads them in the same
// order. The producer's words signal the consumer; the consumer's words wait for that and signal back; from its word
// number BANKS on the producer waits for that. Then no bank is ever written while it is read, however long instructions
// take and whenever they are dispatched, and a bank is read only after it was written.
//
// The unit shells and the semaphores are the machine's. In the place of the queues (proven in fifo.v) stand lists of
// the words in order; when a word gets there is free.
module double_buffer_proof #(
  parameter BANKS = 2
) (
  input wire clk_i,
  input wire rst_i,
  input wire load_done_i,
  input wire matmul_done_i,
  input wire load_ready_i,      // the next word has been dispatched
  input wire matmul_ready_i
);
  wire [15:0] available;
  wire [3:0]  load_take;
  wire [3:0]  load_give;
  wire [3:0]  matmul_take;
  wire [3:0]  matmul_give;
  wire [3:0]  overflow;
  wire [1:0]  accept;
  wire [1:0]  ends;
  wire [1:0]  running;

  // The words wait and signal as an assembler would write them; their opcode is no sync.
  localparam [3:0] LOAD_WAITS     = 4'b0010;
  localparam [3:0] LOAD_SIGNALS   = 4'b0010;
  localparam [3:0] MATMUL_WAITS   = 4'b0001;
  localparam [3:0] MATMUL_SIGNALS = 4'b0001;
  reg  [2:0]  loads_q;           // words the producer has accepted, up to BANKS
  wire [15:0] load_word   = {4'd0, LOAD_SIGNALS, (loads_q == BANKS) ? LOAD_WAITS : 4'd0, 4'd2};
  wire [15:0] matmul_word = {4'd0, MATMUL_SIGNALS, MATMUL_WAITS, 4'd5};

  unit_shell #(.WORD_BITS(16), .QUEUE_DEPTH(2)) u_load (
    .clk_i         (clk_i),
    .rst_i         (rst_i),
    .clear_i       (1'b0),
    .halt_i        (1'b0),
    .push_i        (load_ready_i),
    .word_i        ({240'd0, load_word}),
    .room_o        (),
    .available_i   (available[3:0]),
    .take_o        (load_take),
    .give_o        (load_give),
    .start_o       (),
    .instruction_o (),
    .done_i        (load_done_i),
    .accept_o      (accept[0]),
    .end_o         (ends[0]),
    .running_o     (running[0]),
    .waiting_o     (),
    .idle_o        ()
  );

  unit_shell #(.WORD_BITS(16), .QUEUE_DEPTH(2)) u_matmul (
    .clk_i         (clk_i),
    .rst_i         (rst_i),
    .clear_i       (1'b0),
    .halt_i        (1'b0),
    .push_i        (matmul_ready_i),
    .word_i        ({240'd0, matmul_word}),
    .room_o        (),
    .available_i   (available[7:4]),
    .take_o        (matmul_take),
    .give_o        (matmul_give),
    .start_o       (),
    .instruction_o (),
    .done_i        (matmul_done_i),
    .accept_o      (accept[1]),
    .end_o         (ends[1]),
    .running_o     (running[1]),
    .waiting_o     (),
    .idle_o        ()
  );

  semaphore_file u_semaphores (
    .clk_i       (clk_i),
    .rst_i       (rst_i),
    .clear_i     (1'b0),
    .take_i      ({8'd0, matmul_take, load_take}),
    .give_i      ({8'd0, matmul_give, load_give}),
    .available_o (available),
    .overflow_o  (overflow)
  );

  // Inside, connected by the proof script.
  wire [7:0] tap_full;           // semaphore load -> matmul
  wire [7:0] tap_free;           // semaphore matmul -> load
  wire [3:0] tap_load_signals;
  wire [3:0] tap_matmul_signals;
  wire       tap_load_sync;
  wire       tap_matmul_sync;

  // Which bank each unit uses now or used last, and how many the producer is ahead.
  reg       started_q = 1'b0;
  reg [2:0] write_bank_q;
  reg [2:0] read_bank_q;
  reg [3:0] ahead_q;             // words accepted by the producer less words ended by the consumer
  wire [2:0] next_write = (write_bank_q == BANKS - 1) ? 3'd0 : write_bank_q + 3'd1;
  wire [2:0] next_read  = (read_bank_q == BANKS - 1) ? 3'd0 : read_bank_q + 3'd1;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    if (rst_i) begin
      loads_q      <= 3'd0;
      write_bank_q <= BANKS - 1;
      read_bank_q  <= BANKS - 1;
      ahead_q      <= 4'd0;
    end else begin
      if (accept[0] && loads_q != BANKS) loads_q <= loads_q + 3'd1;
      if (accept[0]) write_bank_q <= next_write;
      if (accept[1]) read_bank_q <= next_read;
      ahead_q <= ahead_q + {3'd0, accept[0]} - {3'd0, ends[1]};
    end
  end

  // Banks from the consumer's to the producer's, going round.
  wire [3:0] distance = (write_bank_q >= read_bank_q) ? write_bank_q - read_bank_q : write_bank_q + BANKS - read_bank_q;

  always @* begin
    assume (started_q || rst_i);
    if (started_q) begin
      // the claim
      assert (!(running[0] && running[1] && write_bank_q == read_bank_q));
      // a bank that is read is one of those that were filled and not yet given back
      assert (!running[1] || ahead_q >= {3'd0, running[0]} + 4'd1);
      assert (ahead_q <= BANKS);
      assert (overflow == 4'd0);
      // what makes the above inductive: every bank is free, being filled, full, or being read
      assert (ahead_q == {3'd0, running[0]} + tap_full[3:0] + {3'd0, running[1]});
      assert (tap_full <= BANKS && tap_free <= BANKS);
      assert (loads_q <= BANKS);
      assert (loads_q == BANKS ? ahead_q + tap_free[3:0] == BANKS : ahead_q + tap_free[3:0] == {1'b0, loads_q});
      assert (write_bank_q < BANKS && read_bank_q < BANKS);
      assert (distance == (ahead_q - {3'd0, running[1]}) % BANKS);
      assert (!running[0] || (tap_load_signals == LOAD_SIGNALS && !tap_load_sync));
      assert (!running[1] || (tap_matmul_signals == MATMUL_SIGNALS && !tap_matmul_sync));
    end
  end
endmodule

// The queue as its user sees it: the word at the head is the next one; whether it is there yet is free.
module instruction_queue #(
  parameter WORD_BITS = 256,
  parameter DEPTH = 4
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 clear_i,
  input  wire                 push_i,
  input  wire [WORD_BITS-1:0] word_i,
  output wire                 room_o,
  input  wire                 pop_i,
  output wire                 valid_o,
  output wire [WORD_BITS-1:0] head_o
);
  assign room_o  = 1'b1;
  assign valid_o = push_i;
  assign head_o  = word_i;
endmodule
