// burst_generator, the address channel of load and store: once valid, an address stays, unchanged, until it is taken; no
// burst crosses a 4 KiB boundary or is longer than BURST_BEATS.
//
// Transfers (addresses, strides, sizes), base, ready and permit are free. A transfer has one row, run and plane at least,
// and a new one starts when the last is over, as unit_shell sees to.
module axi_address_proof #(
  parameter BUS_BYTES = 16,
  parameter BURST_BEATS = 16,
  parameter FEW_PITCHES = 0
) (
  input wire        clk_i,
  input wire        rst_i,
  input wire        start_i,
  input wire [31:0] dram_i,
  input wire [15:0] rows_i,
  input wire [11:0] pitch_i,
  input wire [11:0] runs_i,
  input wire [27:0] run_stride_i,
  input wire [11:0] planes_i,
  input wire [31:0] plane_stride_i,
  input wire [31:0] base_i,
  input wire        permit_i,
  input wire        ready_i
);
  localparam [31:0] BUS = BUS_BYTES;
  // The pitches of a load unit: rows of act, wgt and par, and a byte of lut.
  localparam [47:0] PITCHES = (FEW_PITCHES != 0) ? {12'd1, 12'd144, 12'd32, 12'd16} : 48'd0;

  wire        issue;
  wire [8:0]  issue_beats;
  wire        active;
  wire        valid;
  wire [31:0] address;
  wire [7:0]  length;
  burst_generator #(.BUS_BYTES(BUS_BYTES), .BURST_BEATS(BURST_BEATS), .PITCHES(PITCHES)) u_dut (
    .clk_i          (clk_i),
    .rst_i          (rst_i),
    .start_i        (start_i),
    .dram_i         (dram_i),
    .rows_i         (rows_i),
    .pitch_i        (pitch_i),
    .runs_i         (runs_i),
    .run_stride_i   (run_stride_i),
    .planes_i       (planes_i),
    .plane_stride_i (plane_stride_i),
    .base_i         (base_i),
    .permit_i       (permit_i),
    .issue_o        (issue),
    .issue_beats_o  (issue_beats),
    .active_o       (active),
    .valid_o        (valid),
    .address_o      (address),
    .length_o       (length),
    .ready_i        (ready_i)
  );

  // Registers inside, connected by the proof script.
  wire [1:0]  tap_state;
  wire [15:0] tap_rows;
  wire [11:0] tap_pitch;
  wire [27:0] tap_run_bytes;
  wire [28-$clog2(BUS_BYTES)+1:0] tap_beats_left;

  function is_pitch;
    input [11:0] pitch;
    is_pitch = (PITCHES == 48'd0) ? (pitch != 12'd0)
             : (pitch == PITCHES[11:0] || pitch == PITCHES[23:12] || pitch == PITCHES[35:24] || pitch == PITCHES[47:36]);
  endfunction

  reg        started_q = 1'b0;
  reg        waiting_q;         // an address was offered and not taken
  reg [31:0] address_q;
  reg [7:0]  length_q;
  reg        issued_q;
  reg [8:0]  issued_beats_q;
  always @(posedge clk_i) begin
    started_q      <= 1'b1;
    waiting_q      <= valid && !ready_i && !rst_i;
    address_q      <= address;
    length_q       <= length;
    issued_q       <= issue && !rst_i;
    issued_beats_q <= issue_beats;
  end

  wire [31:0] bytes = ({24'd0, length} + 32'd1) * BUS;

  always @* begin
    assume (started_q || rst_i);
    assume (!start_i || !active);
    assume (!start_i || (rows_i != 0 && is_pitch(pitch_i) && runs_i != 0 && planes_i != 0));
    if (started_q) begin
      // the handshake
      assert (!waiting_q || (valid && address == address_q && length == length_q));
      // a burst becomes valid in the cycle after it was issued, with the beats that were announced
      assert (!issued_q || (valid && {1'b0, length} + 9'd1 == issued_beats_q));
      // its bytes: whole beats, within a page, at most BURST_BEATS beats
      assert (!valid || address % BUS == 0);
      assert (!valid || {20'd0, address[11:0]} + bytes <= 32'd4096);
      assert (!valid || {24'd0, length} < BURST_BEATS);
      // what makes the above inductive: there is something left to ask for
      assert (tap_state != 2'd1 || (tap_rows != 0 && is_pitch(tap_pitch)));
      assert (tap_state != 2'd2 || tap_run_bytes != 0);
      assert (tap_state != 2'd3 || tap_run_bytes != 0);
      assert (tap_state != 2'd3 || tap_beats_left != 0);
    end
  end
endmodule
