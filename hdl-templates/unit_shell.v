// What load, matmul, vector and store have in common: the queue, waiting for semaphores, starting the
// datapath and signalling.
//
// accept: the unit is idle, its queue has a head and every semaphore of the head's wait mask is above zero.
// The datapath sees start_o and the instruction in that cycle, runs in the cycles after it and raises done_i
// in its last one (end). The next accept can follow in end + 1. sync never reaches the datapath: it runs for one
// cycle here. halt_i (an error somewhere) stops accepting; what runs finishes.
`default_nettype none
module unit_shell #(
  parameter WORD_BITS = 256,
  parameter [255:0] MASK = {256{1'b1}},  // bits of a word that this machine can need
  parameter QUEUE_DEPTH = 4
) (
  input  wire         clk_i,
  input  wire         rst_i,
  input  wire         clear_i,        // a new run starts
  input  wire         halt_i,
  // from fetch
  input  wire         push_i,
  input  wire [255:0] word_i,
  output wire         room_o,
  // semaphores: bit p is the one that unit p signals this unit with
  input  wire [3:0]   available_i,
  output wire [3:0]   take_o,
  output wire [3:0]   give_o,
  // datapath
  output wire         start_o,
  output wire [255:0] instruction_o,
  input  wire         done_i,
  // events and state
  output wire         accept_o,
  output wire         end_o,
  output wire         running_o,
  output wire         waiting_o,      // a head is there, a semaphore is not
  output wire         idle_o          // nothing queued, nothing running
);
  wire                 head_valid;
  wire [WORD_BITS-1:0] head;
  wire                 head_is_sync;
  wire [3:0]           head_wait;
  wire [3:0]           head_signal;
  wire                 ready;
  wire [1:0]           unused_unit;

  // The queue holds no registers for bits that are always zero.
  wire [255:0] live_word;
  assign live_word = word_i & MASK;

  reg       running_q;
  reg       sync_q;
  reg [3:0] signal_q;

  instruction_queue #(
    .WORD_BITS (WORD_BITS),
    .DEPTH     (QUEUE_DEPTH)
  ) u_queue (
    .clk_i   (clk_i),
    .rst_i   (rst_i),
    .clear_i (clear_i),
    .push_i  (push_i),
    .word_i  (live_word[WORD_BITS-1:0]),
    .room_o  (room_o),
    .pop_i   (accept_o),
    .valid_o (head_valid),
    .head_o  (head)
  );

  // Bits of the word that no instruction of this unit uses are not queued; the datapath sees zeros.
  generate
    if (WORD_BITS < 256) begin : g_short
      wire unused_high_bits;
      assign unused_high_bits = &{1'b0, live_word[255:WORD_BITS]};
      assign instruction_o = {{(256 - WORD_BITS){1'b0}}, head};
    end else begin : g_whole
      assign instruction_o = head;
    end
  endgenerate

  fields_header u_header (
    .instruction_i (instruction_o),
    .wait_o        (head_wait),
    .signal_o      (head_signal)
  );

  fields_sync u_sync (
    .instruction_i (instruction_o),
    .match_o       (head_is_sync),
    .unit_o        (unused_unit)
  );

  assign ready     = ((head_wait & ~available_i) == 4'd0);
  assign accept_o  = head_valid && ready && !running_q && !halt_i;
  assign start_o   = accept_o && !head_is_sync;
  assign take_o    = head_wait & {4{accept_o}};
  assign end_o     = running_q && (sync_q || done_i);
  assign give_o    = signal_q & {4{end_o}};
  assign running_o = running_q;
  assign waiting_o = head_valid && !ready && !running_q && !halt_i;
  assign idle_o    = !running_q && (!head_valid || halt_i);

  always @(posedge clk_i) begin
    if (rst_i) running_q <= 1'b0;
    else if (accept_o) running_q <= 1'b1;
    else if (end_o) running_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (accept_o) begin
      sync_q   <= head_is_sync;
      signal_q <= head_signal;
    end
  end
endmodule
`default_nettype wire
