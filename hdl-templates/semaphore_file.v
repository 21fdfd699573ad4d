// The twelve semaphores between the four units (load 0, matmul 1, vector 2, store 3): one for every ordered
// pair of different units. Masks are four bits a unit: bits 4*u+3 : 4*u belong to unit u.
//
//   take_i[4*c + p]      unit c takes one from semaphore (p -> c) at the end of this cycle
//   give_i[4*p + c]      unit p adds one to semaphore (p -> c) at the end of this cycle
//   available_o[4*c + p] semaphore (p -> c) is above zero; a unit's own bit is low
//   overflow_o[p]        unit p gives one to a semaphore that holds 255
`default_nettype none
module semaphore_file (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire        clear_i,
  input  wire [15:0] take_i,
  input  wire [15:0] give_i,
  output wire [15:0] available_o,
  output wire [3:0]  overflow_o
);
  wire [15:0] overflow;  // bit 4*p + c

  genvar p;
  genvar c;
  generate
    for (p = 0; p < 4; p = p + 1) begin : g_producer
      for (c = 0; c < 4; c = c + 1) begin : g_consumer
        if (p == c) begin : g_own
          // Waiting for oneself is no instruction (the assembler refuses it): it never happens.
          wire unused_own;
          assign unused_own = &{1'b0, take_i[4*c+p], give_i[4*p+c]};
          assign available_o[4*c+p] = 1'b0;
          assign overflow[4*p+c]    = 1'b0;
        end else begin : g_pair
          semaphore_counter u_counter (
            .clk_i       (clk_i),
            .rst_i       (rst_i),
            .clear_i     (clear_i),
            .increment_i (give_i[4*p+c]),
            .decrement_i (take_i[4*c+p]),
            .available_o (available_o[4*c+p]),
            .overflow_o  (overflow[4*p+c])
          );
        end
      end
      assign overflow_o[p] = |overflow[4*p +: 4];
    end
  endgenerate
endmodule
`default_nettype wire
