// Deterministic timing of the AXI write port of the DRAM (docs/microarchitecture.md, section 4). Test bench only.
//
// An address is accepted when the previous burst's data are complete and fewer than OUTSTANDING responses are due; beats are
// taken every CYCLES_PER_BEAT cycles from the next cycle on; the response comes LATENCY cycles after the last
// beat. stall_i holds back addresses, beats and responses (random mode). wrong_o reports a misplaced wlast.
`default_nettype none
module axi_write_model #(
  parameter BUS_BYTES = 16,
  parameter LATENCY = 20,
  parameter CYCLES_PER_BEAT = 1,
  parameter OUTSTANDING = 8
) (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire [2:0]  stall_i,       // bit 0: no address now, bit 1: no beat now, bit 2: no new response now
  input  wire [31:0] awaddr_i,
  input  wire [7:0]  awlen_i,
  input  wire        awvalid_i,
  output wire        awready_o,
  input  wire        wvalid_i,
  input  wire        wlast_i,
  output wire        wready_o,
  output wire        bvalid_o,
  input  wire        bready_i,
  output wire        taken_o,       // a beat is taken in this cycle ...
  output wire [31:0] address_o,     // ... for this address
  output wire        wrong_o
);
  reg [31:0] due_q [0:OUTSTANDING-1];
  integer    head_q;
  integer    tail_q;
  integer    pending_q;             // addresses accepted, response not yet taken
  integer    ready_q;               // bursts complete, response not yet taken
  reg        busy_q;
  reg [31:0] address_q;
  reg [8:0]  left_q;
  reg [31:0] now_q;
  reg [31:0] next_q;
  reg        offered_q;

  wire accept;
  wire done;
  wire responded;

  assign awready_o = !busy_q && (pending_q < OUTSTANDING) && !stall_i[0];
  assign wready_o  = busy_q && (now_q >= next_q) && !stall_i[1];
  assign bvalid_o  = (ready_q != 0) && (now_q >= due_q[head_q]) && (offered_q || !stall_i[2]);
  assign accept    = awvalid_i && awready_o;
  assign taken_o   = wvalid_i && wready_o;
  assign done      = taken_o && (left_q == 9'd1);
  assign responded = bvalid_o && bready_i;
  assign address_o = address_q;
  assign wrong_o   = taken_o && (wlast_i != (left_q == 9'd1));

  always @(posedge clk_i) begin
    if (rst_i) begin
      head_q    <= 0;
      tail_q    <= 0;
      pending_q <= 0;
      ready_q   <= 0;
      busy_q    <= 1'b0;
      address_q <= 32'd0;
      left_q    <= 9'd0;
      now_q     <= 32'd0;
      next_q    <= 32'd0;
      offered_q <= 1'b0;
    end else begin
      now_q     <= now_q + 32'd1;
      offered_q <= bvalid_o && !bready_i;
      if (accept) begin
        busy_q    <= 1'b1;
        address_q <= awaddr_i;
        left_q    <= {1'b0, awlen_i} + 9'd1;
      end
      if (taken_o) begin
        address_q <= address_q + BUS_BYTES;
        left_q    <= left_q - 9'd1;
        next_q    <= now_q + CYCLES_PER_BEAT;
      end
      if (done) begin
        busy_q        <= 1'b0;
        due_q[tail_q] <= now_q + LATENCY;
        tail_q        <= (tail_q == OUTSTANDING - 1) ? 0 : tail_q + 1;
      end
      if (responded) head_q <= (head_q == OUTSTANDING - 1) ? 0 : head_q + 1;
      ready_q   <= ready_q + (done ? 1 : 0) - (responded ? 1 : 0);
      pending_q <= pending_q + (accept ? 1 : 0) - (responded ? 1 : 0);
    end
  end
endmodule
`default_nettype wire
