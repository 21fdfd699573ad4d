// One counting semaphore: 8 bits, zero at the start of a run. Incremented and decremented in one cycle it
// keeps its value. The program verifier proves that it never overflows; one that would stays at 255 and says so,
// which stops the run. The taker looks at available_o first.
`default_nettype none
module semaphore_counter (
  input  wire clk_i,
  input  wire rst_i,
  input  wire clear_i,
  input  wire increment_i,
  input  wire decrement_i,
  output wire available_o,
  output wire overflow_o       // one too many is given in this cycle
);
  reg [7:0] count_q;

  assign available_o = (count_q != 8'd0);
  assign overflow_o  = increment_i && !decrement_i && (count_q == 8'd255);

  // One adder: plus one, or plus 255.
  wire [7:0] change;
  assign change = {{7{decrement_i}}, 1'b1};

  always @(posedge clk_i) begin
    if (rst_i || clear_i) count_q <= 8'd0;
    else if (increment_i != decrement_i && !overflow_o) count_q <= count_q + change;
  end
endmodule
`default_nettype wire
