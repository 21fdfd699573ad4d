// Four unit shells and the semaphores between them: no semaphore is taken when it is zero, whatever the program says
// and however long instructions run; none leaves 0 to 255; a counter is exactly signals less waits, and a signal that
// would be the 256th is not counted and reported (it stops the run).
//
// Instruction words, dispatch times, durations, errors and restarts are free.
module semaphores_proof (
  input wire       clk_i,
  input wire       rst_i,
  input wire       start_i,
  input wire       halt_i,
  input wire [3:0] push_i,
  input wire [15:0] word_i,
  input wire [3:0] done_i
);
  wire [15:0] available;
  wire [15:0] take;
  wire [15:0] give;
  wire [3:0]  room;
  wire [3:0]  overflow;
  wire [15:0] too_many;          // bit 4 * producer + consumer

  genvar u;
  generate
    for (u = 0; u < 4; u = u + 1) begin : g_unit
      unit_shell #(.WORD_BITS(16), .QUEUE_DEPTH(2)) u_shell (
        .clk_i         (clk_i),
        .rst_i         (rst_i),
        .clear_i       (start_i),
        .halt_i        (halt_i),
        .push_i        (push_i[u]),
        .word_i        ({240'd0, word_i}),
        .room_o        (room[u]),
        .available_i   (available[4*u+3:4*u]),
        .take_o        (take[4*u+3:4*u]),
        .give_o        (give[4*u+3:4*u]),
        .start_o       (),
        .instruction_o (),
        .done_i        (done_i[u]),
        .accept_o      (),
        .end_o         (),
        .running_o     (),
        .waiting_o     (),
        .idle_o        ()
      );
    end
  endgenerate

  semaphore_file u_dut (
    .clk_i       (clk_i),
    .rst_i       (rst_i),
    .clear_i     (start_i),
    .take_i      (take),
    .give_i      (give),
    .available_o (available),
    .overflow_o  (overflow)
  );

  reg started_q = 1'b0;
  always @(posedge clk_i) started_q <= 1'b1;

  always @* begin
    assume (started_q || rst_i);
    assume ((push_i & ~room) == 4'd0);
    if (started_q) assert (overflow == {|too_many[15:12], |too_many[11:8], |too_many[7:4], |too_many[3:0]});
  end

  // Registers inside, by 4 * consumer + producer; connected by the proof script.
  wire [127:0] tap_counts;

  genvar c;
  genvar p;
  generate
    for (c = 0; c < 4; c = c + 1) begin : g_consumer
      for (p = 0; p < 4; p = p + 1) begin : g_producer
        if (c != p) begin : g_pair
          // Two bits more than the counter: it would show what wraps.
          reg signed [9:0] true_q;
          wire taken = take[4*c+p];
          wire given = give[4*p+c];
          assign too_many[4*p+c] = given && !taken && true_q == 10'sd255;
          always @(posedge clk_i)
            true_q <= (rst_i || start_i) ? 10'sd0
                    : true_q + $signed({9'd0, given && !too_many[4*p+c]}) - $signed({9'd0, taken});
          always @* begin
            if (started_q) begin
              assert (true_q >= 10'sd0);
              assert (true_q <= 10'sd255);
              assert (!(taken && true_q == 10'sd0));
              assert (available[4*c+p] == (true_q != 10'sd0));
              assert ({2'b00, tap_counts[8*(4*c+p) +: 8]} == true_q);
            end
          end
        end else begin : g_own
          assign too_many[4*p+c] = 1'b0;
          always @* if (started_q) assert (!take[4*c+p]);
        end
      end
    end
  endgenerate
endmodule
