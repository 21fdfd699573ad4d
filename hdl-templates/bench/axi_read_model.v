// Deterministic timing of one AXI read port of the DRAM (docs/microarchitecture.md, section 4). Test bench only.
//
// Addresses queue up, OUTSTANDING at most. A burst's first beat is offered LATENCY cycles after its address was
// accepted, or CYCLES_PER_BEAT cycles after the port's previous beat was taken, whichever is later.
// stall_i holds back new addresses and beats (random mode).
`default_nettype none
module axi_read_model #(
  parameter BUS_BYTES = 16,
  parameter LATENCY = 40,
  parameter CYCLES_PER_BEAT = 1,
  parameter OUTSTANDING = 8
) (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire [1:0]  stall_i,       // bit 0: no address now, bit 1: no new beat now
  input  wire [31:0] araddr_i,
  input  wire [7:0]  arlen_i,
  input  wire        arvalid_i,
  output wire        arready_o,
  output wire        rvalid_o,
  output wire        rlast_o,
  input  wire        rready_i,
  output wire [31:0] address_o      // of the beat that is offered
);
  reg [31:0] address_q [0:OUTSTANDING-1];
  reg [7:0]  length_q [0:OUTSTANDING-1];
  reg [31:0] due_q [0:OUTSTANDING-1];
  integer    head_q;
  integer    tail_q;
  integer    count_q;
  reg [31:0] now_q;
  reg [31:0] next_q;                // earliest cycle of the next beat
  reg [8:0]  beat_q;
  reg        offered_q;             // a beat once offered stays

  wire accept;
  wire taken;
  wire done;

  assign arready_o = (count_q < OUTSTANDING) && !stall_i[0];
  assign rvalid_o  = (count_q != 0) && (now_q >= due_q[head_q]) && (now_q >= next_q) && (offered_q || !stall_i[1]);
  assign rlast_o   = (beat_q == {1'b0, length_q[head_q]});
  assign address_o = address_q[head_q] + {23'd0, beat_q} * BUS_BYTES;
  assign accept    = arvalid_i && arready_o;
  assign taken     = rvalid_o && rready_i;
  assign done      = taken && rlast_o;

  always @(posedge clk_i) begin
    if (rst_i) begin
      head_q    <= 0;
      tail_q    <= 0;
      count_q   <= 0;
      now_q     <= 32'd0;
      next_q    <= 32'd0;
      beat_q    <= 9'd0;
      offered_q <= 1'b0;
    end else begin
      now_q     <= now_q + 32'd1;
      offered_q <= rvalid_o && !rready_i;
      if (accept) begin
        address_q[tail_q] <= araddr_i;
        length_q[tail_q]  <= arlen_i;
        due_q[tail_q]     <= now_q + LATENCY;
        tail_q            <= (tail_q == OUTSTANDING - 1) ? 0 : tail_q + 1;
      end
      if (taken) begin
        beat_q <= done ? 9'd0 : beat_q + 9'd1;
        next_q <= now_q + CYCLES_PER_BEAT;
      end
      if (done) head_q <= (head_q == OUTSTANDING - 1) ? 0 : head_q + 1;
      if (accept && !done) count_q <= count_q + 1;
      if (!accept && done) count_q <= count_q - 1;
    end
  end
endmodule
`default_nettype wire
