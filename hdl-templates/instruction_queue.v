// First-in first-out queue of instruction words, head shown without delay.
//
// A word pushed in cycle t is at the head (if the queue was empty) from t + 1. `room_o` looks at the count
// of this cycle only: a pop makes room from the next cycle on. The user pushes only when room_o is high and
// pops only when valid_o is high.
//
// WORD_BITS 1 to 256; DEPTH a power of two, 2 to 16.
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

  // {..., 1} of the right width, also when the index has one bit.
  localparam [INDEX_BITS-1:0] STEP = 1;

  reg [WORD_BITS-1:0]  words_q [0:DEPTH-1];
  reg [INDEX_BITS-1:0] write_q;
  reg [INDEX_BITS-1:0] read_q;
  reg [INDEX_BITS:0]   count_q;

  assign room_o  = !count_q[INDEX_BITS];
  assign valid_o = (count_q != {(INDEX_BITS + 1){1'b0}});
  assign head_o  = words_q[read_q];

  always @(posedge clk_i) begin
    if (push_i) words_q[write_q] <= word_i;
  end

  always @(posedge clk_i) begin
    if (rst_i || clear_i) begin
      write_q <= {INDEX_BITS{1'b0}};
      read_q  <= {INDEX_BITS{1'b0}};
      count_q <= {(INDEX_BITS + 1){1'b0}};
    end else begin
      if (push_i) write_q <= write_q + STEP;
      if (pop_i)  read_q  <= read_q + STEP;
      if (push_i && !pop_i) count_q <= count_q + {{INDEX_BITS{1'b0}}, 1'b1};
      if (!push_i && pop_i) count_q <= count_q - {{INDEX_BITS{1'b0}}, 1'b1};
    end
  end
endmodule
`default_nettype wire
