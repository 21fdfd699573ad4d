// fetch_unit: its addresses stay until taken and never cross 4 KiB; the buffer never overflows whatever the bus does; words
// leave in the order in which they came, each once, into queues that have room; nothing leaves after `end`.
//
// Data, responses, times, room and halts are free. A start comes when the last run is drained (control_registers sees
// to that); the slave sends the beats that were asked for and no others.
module axi_fetch_proof #(
  parameter BUS_BYTES = 32
) (
  input wire                   clk_i,
  input wire                   rst_i,
  input wire                   start_i,
  input wire                   halt_i,
  input wire [31:0]            program_i,
  input wire                   arready_i,
  input wire [8*BUS_BYTES-1:0] rdata_i,
  input wire [1:0]             rresp_i,
  input wire                   rvalid_i,
  input wire [3:0]             room_i
);
  localparam WORD_BEATS = (BUS_BYTES < 32) ? 32 / BUS_BYTES : 1;
  localparam BEAT_WORDS = (BUS_BYTES < 32) ? 1 : BUS_BYTES / 32;
  localparam BURST_BEATS = 128 / BUS_BYTES;
  localparam WRITE_BITS = $clog2(8 / BEAT_WORDS) + 1;

  wire [31:0]  araddr;
  wire [7:0]   arlen;
  wire         arvalid;
  wire         rready;
  wire [3:0]   push;
  wire [255:0] word;
  wire         dispatch;
  wire         ended;
  wire         illegal;
  wire         bus_error;
  wire         drained;
  fetch_unit #(.BUS_BYTES(BUS_BYTES)) u_dut (
    .clk_i       (clk_i),
    .rst_i       (rst_i),
    .start_i     (start_i),
    .halt_i      (halt_i),
    .program_i   (program_i),
    .araddr_o    (araddr),
    .arlen_o     (arlen),
    .arvalid_o   (arvalid),
    .arready_i   (arready_i),
    .rdata_i     (rdata_i),
    .rresp_i     (rresp_i),
    .rvalid_i    (rvalid_i),
    .rready_o    (rready),
    .room_i      (room_i),
    .push_o      (push),
    .word_o      (word),
    .dispatch_o  (dispatch),
    .ended_o     (ended),
    .illegal_o   (illegal),
    .bus_error_o (bus_error),
    .drained_o   (drained)
  );

  // Inside, connected by the proof script.
  wire                  tap_fetching;
  wire [3:0]            tap_reserved;
  wire [3:0]            tap_under_way;
  wire [2:0]            tap_write_bank;
  wire [WRITE_BITS-1:0] tap_write;
  wire [3:0]            tap_read;
  wire                  tap_partly_bad;

  reg         started_q = 1'b0;
  reg         waiting_q;
  reg  [31:0] araddr_q;
  reg         ran_q;             // there was a start since the reset
  reg  [6:0]  owed_q;            // beats of addresses that the slave has taken, not yet sent
  wire        asks = arvalid && arready_i;
  always @(posedge clk_i) begin
    started_q <= 1'b1;
    waiting_q <= arvalid && !arready_i && !rst_i;
    araddr_q  <= araddr;
    ran_q     <= !rst_i && (ran_q || start_i);
    owed_q    <= rst_i ? 7'd0 : owed_q + (asks ? BURST_BEATS : 7'd0) - {6'd0, rvalid_i};
  end

  // Words in the buffer, and beats asked for and not yet there.
  wire [3:0] words = tap_write * BEAT_WORDS - tap_read;
  wire [7:0] beats = {1'b0, owed_q} + (arvalid ? BURST_BEATS : 8'd0);

  always @* begin
    assume (started_q || rst_i);
    assume (!start_i || drained);
    assume (program_i[11:0] == 12'd0);
    assume (!rvalid_i || owed_q != 7'd0);
    if (started_q) begin
      // the handshake, and whole bursts in one page
      assert (!waiting_q || (arvalid && araddr == araddr_q));
      assert (!(arvalid || tap_fetching) || araddr[6:0] == 7'd0);
      assert (arlen == BURST_BEATS - 1);
      assert (rready);
      // no overflow: a word that comes finds a free place
      assert (words <= 4'd8);
      assert (!(rvalid_i && tap_write_bank == WORD_BEATS - 1) || words + BEAT_WORDS <= 4'd8);
      // a queue gets a word only if it has room, and one queue at a time
      assert ((push & ~room_i) == 4'd0);
      assert ((push & (push - 4'd1)) == 4'd0);
      assert (push == 4'd0 || dispatch);
      // nothing leaves before it came, after `end`, or after an error
      assert (!dispatch || (words != 4'd0 && !ended && !halt_i && !bus_error && !illegal));
      // what makes the above inductive: places are reserved when asked for
      assert (!ran_q || {1'b0, tap_reserved} == {1'b0, tap_under_way} + {1'b0, words});
      assert (ran_q || (words == 4'd0 && tap_under_way == 4'd0 && !tap_fetching));
      assert (tap_reserved <= 4'd8);
      assert (tap_write_bank < WORD_BEATS);
      assert (!ran_q || tap_write_bank != 3'd0 || !tap_partly_bad);
      assert (beats * BEAT_WORDS + tap_write_bank == tap_under_way * WORD_BEATS);
      assert (!(tap_fetching && ended));
    end
  end

  // Order, where a beat is a word: 4 bits of each word and its response against a plain list, as in fifo.v.
  generate
    if (BUS_BYTES == 32) begin : g_order
      wire [39:0] tap_tags;
      reg  [39:0] list_q;
      reg  [39:0] list_d;
      reg  [3:0]  place;
      integer i;
      always @* begin
        list_d = dispatch ? list_q >> 5 : list_q;
        place  = words - {3'd0, dispatch};
        for (i = 0; i < 8; i = i + 1)
          if (rvalid_i && place == i) list_d[5*i +: 5] = {rresp_i != 2'd0, rdata_i[3:0]};
      end
      always @(posedge clk_i) list_q <= list_d;
      always @* begin
        if (started_q) begin
          assert (!dispatch || {1'b0, word[3:0]} == list_q[4:0]);
          assert (!bus_error || list_q[4]);
          // the head was read from the memory, or waits beside it
          assert (!tap_fetching || words == 4'd0 || word[3:0] == list_q[3:0]);
        end
      end
      genvar k;
      for (k = 0; k < 8; k = k + 1) begin : g_word
        wire [2:0] slot = tap_read + k;
        always @* if (started_q && k < words) assert (tap_tags[5*slot +: 5] == list_q[5*k +: 5]);
      end
    end
  endgenerate
endmodule
