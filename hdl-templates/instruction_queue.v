// First-in first-out queue of instruction words, head shown without delay.
//
// A word pushed in cycle t is at the head (if the queue was empty) from t + 1. `room_o` looks at the count
// of this cycle only: a pop makes room from the next cycle on. The user pushes only when room_o is high and
// pops only when valid_o is high.
//
// WORD_BITS 1 to 256; DEPTH a power of two, 1 to 16.
`default_nettype none
module instruction_queue #(
  parameter WORD_BITS = 256,
  parameter DEPTH = 4
) (
  input  wire                 clk_i,
  input  wire                 rst_i,
  input  wire                 clear_i,  // forget all words: a new run starts
  input  wire                 push_i,
  input  wire [WORD_BITS-1:0] word_i,
  output wire                 room_o,
  input  wire                 pop_i,
  output wire                 valid_o,
  output wire [WORD_BITS-1:0] head_o
);
  localparam INDEX_BITS = $clog2(DEPTH);

  reg [INDEX_BITS:0] count_q;

  assign room_o  = !count_q[INDEX_BITS];
  assign valid_o = (count_q != {(INDEX_BITS + 1){1'b0}});

  // {..., 1} of the right width, also when the count has one bit.
  localparam [INDEX_BITS:0] ONE = 1;

  always @(posedge clk_i) begin
    if (rst_i || clear_i) count_q <= {(INDEX_BITS + 1){1'b0}};
    else if (push_i && !pop_i) count_q <= count_q + ONE;
    else if (!push_i && pop_i) count_q <= count_q - ONE;
  end

  generate
    if (DEPTH == 1) begin : g_one
      reg [WORD_BITS-1:0] head_q;
      always @(posedge clk_i) begin
        if (push_i) head_q <= word_i;
      end
      assign head_o = head_q;
    end
    if (DEPTH == 2) begin : g_two
      // The head does not move: the word behind it, or the one that comes, takes its place.
      reg [WORD_BITS-1:0] head_q;
      reg [WORD_BITS-1:0] next_q;
      always @(posedge clk_i) begin
        if (push_i) next_q <= word_i;
        if (pop_i || (push_i && !valid_o)) head_q <= count_q[1] ? next_q : word_i;
      end
      assign head_o = head_q;
    end
    if (DEPTH > 2) begin : g_ring
      localparam [INDEX_BITS-1:0] STEP = 1;
      reg [WORD_BITS-1:0]  words_q [0:DEPTH-1];
      reg [INDEX_BITS-1:0] write_q;
      reg [INDEX_BITS-1:0] read_q;
      assign head_o  = words_q[read_q];
      always @(posedge clk_i) begin
        if (push_i) words_q[write_q] <= word_i;
      end
      always @(posedge clk_i) begin
        if (rst_i || clear_i) begin
          write_q <= {INDEX_BITS{1'b0}};
          read_q  <= {INDEX_BITS{1'b0}};
        end else begin
          if (push_i) write_q <= write_q + STEP;
          if (pop_i)  read_q  <= read_q + STEP;
        end
      end
    end
  endgenerate
endmodule
`default_nettype wire
