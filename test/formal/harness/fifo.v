// instruction_queue against a list: what is pushed comes out, in order, nothing lost, nothing overwritten.
//
// The list is the plainest queue there is: a pop moves every word down one place. Users keep the two rules of the
// queue's head comment; everything else (data, times, resets, clears) is free.
module fifo_proof #(
  parameter WORD_BITS = 6,
  parameter DEPTH = 4
) (
  input wire                 clk_i,
  input wire                 rst_i,
  input wire                 clear_i,
  input wire                 push_i,
  input wire [WORD_BITS-1:0] word_i,
  input wire                 pop_i
);
  localparam INDEX_BITS = $clog2(DEPTH);
  localparam INDEX = (INDEX_BITS == 0) ? 0 : INDEX_BITS - 1;

  wire                 room;
  wire                 valid;
  wire [WORD_BITS-1:0] head;
  instruction_queue #(.WORD_BITS(WORD_BITS), .DEPTH(DEPTH)) u_dut (
    .clk_i   (clk_i),
    .rst_i   (rst_i),
    .clear_i (clear_i),
    .push_i  (push_i),
    .word_i  (word_i),
    .room_o  (room),
    .pop_i   (pop_i),
    .valid_o (valid),
    .head_o  (head)
  );

  // Registers inside the queue, connected by the proof script.
  wire [INDEX_BITS:0]          tap_count;
  wire [INDEX:0]               tap_read;    // queues of one and two words have none
  wire [INDEX:0]               tap_write;
  wire [WORD_BITS*DEPTH-1:0]   tap_words;
  wire [WORD_BITS-1:0]         tap_next;

  reg started_q = 1'b0;
  reg emptied_q;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    emptied_q <= rst_i || clear_i;
  end

  // The list.
  reg [INDEX_BITS:0]        count_q;
  reg [WORD_BITS*DEPTH-1:0] list_q;
  integer i;
  reg [WORD_BITS*DEPTH-1:0] list_d;
  reg [INDEX_BITS:0]        place;
  always @* begin
    list_d = pop_i ? list_q >> WORD_BITS : list_q;
    place  = count_q - pop_i;
    for (i = 0; i < DEPTH; i = i + 1) begin
      if (push_i && place == i) list_d[WORD_BITS*i +: WORD_BITS] = word_i;
    end
  end
  always @(posedge clk_i) begin
    list_q  <= list_d;
    count_q <= (rst_i || clear_i) ? 0 : place + push_i;
  end

  always @* begin
    assume (started_q || rst_i);
    assume (!push_i || room);
    assume (!pop_i || valid);
    if (started_q) begin
      // no overflow, no loss: as many words as the list, never more than DEPTH
      assert (tap_count == count_q);
      assert (count_q <= DEPTH);
      assert (!emptied_q || !valid);
      assert (valid == (count_q != 0));
      assert (room == (count_q != DEPTH));
      // order: the head is the oldest word of the list
      assert (!valid || head == list_q[WORD_BITS-1:0]);
      // what makes the above inductive, with g_word: the list lies in the queue from read on
      if (DEPTH > 2) assert (tap_write == tap_read + count_q[INDEX:0]);
    end
  end

  // The words themselves: head_o is the first, tap_next the second of two; longer queues are rings.
  genvar k;
  generate
    if (DEPTH == 2) begin : g_two
      always @* if (started_q && count_q == 2) assert (tap_next == list_q[2*WORD_BITS-1:WORD_BITS]);
    end
    if (DEPTH > 2) begin : g_ring
      for (k = 0; k < DEPTH; k = k + 1) begin : g_word
        wire [INDEX:0] slot = tap_read + k;
        always @* begin
          if (started_q && k < count_q)
            assert (tap_words[WORD_BITS*slot +: WORD_BITS] == list_q[WORD_BITS*k +: WORD_BITS]);
        end
      end
    end
  endgenerate
endmodule
