// Assertions on the read channels of an AXI4 master without IDs, both sides (AMBA AXI4 specification, A3 and A5.3).
// Test bench only. Every violation is counted and printed, with who broke which rule.
//
//   master  AR low out of reset; AR stable until taken; known values; whole INCR beats of the bus, aligned, within 4 KiB
//   slave   R stable until taken; a beat only for an address taken before; rlast on the burst's last beat; known values
`default_nettype none
module axi_read_checker #(
  parameter BUS_BYTES = 16,
  parameter ATTRIBUTES = 0         // burst 2, cache 4, prot 3 bits: what every address must carry
) (
  input  wire                   clk_i,
  input  wire                   rst_i,
  input  wire [31:0]            cycle_i,     // for messages
  input  wire [31:0]            araddr_i,
  input  wire [7:0]             arlen_i,
  input  wire [2:0]             arsize_i,
  input  wire [1:0]             arburst_i,
  input  wire [3:0]             arcache_i,
  input  wire [2:0]             arprot_i,
  input  wire                   arvalid_i,
  input  wire                   arready_i,
  input  wire [8*BUS_BYTES-1:0] rdata_i,
  input  wire [1:0]             rresp_i,
  input  wire                   rlast_i,
  input  wire                   rvalid_i,
  input  wire                   rready_i,
  output reg  [31:0]            faults_o,
  output reg  [31:0]            bursts_o,    // addresses taken
  output reg  [31:0]            owed_o       // beats of those, not yet taken
);
  localparam BEAT_BITS = $clog2(BUS_BYTES);
  localparam PENDING = 256;                  // bursts under way at once that this can follow

  initial begin
    faults_o = 32'd0;
    bursts_o = 32'd0;
    owed_o   = 32'd0;
  end

  task fault(input [8*56-1:0] what);
    begin
      faults_o = faults_o + 32'd1;
      $display("FAULT %m: %0s in cycle %0d", what, cycle_i);
    end
  endtask

  // Lengths of the bursts under way, oldest first, as a ring.
  reg [8:0]  length [0:PENDING-1];
  reg [31:0] head = 32'd0;
  reg [31:0] tail = 32'd0;
  reg [8:0]  beat = 9'd0;                    // beats of the oldest burst already taken

  reg                   reset_q = 1'b0;
  reg                   ar_waiting = 1'b0;
  reg                   r_waiting = 1'b0;
  reg [51:0]            ar_q;
  reg [8*BUS_BYTES+2:0] r_q;
  wire [51:0]            ar = {araddr_i, arlen_i, arsize_i, arburst_i, arcache_i, arprot_i};
  wire [8*BUS_BYTES+2:0] r  = {rdata_i, rresp_i, rlast_i};
  wire [31:0]            last_byte = araddr_i + (({24'd0, arlen_i} + 32'd1) << BEAT_BITS) - 32'd1;
  wire [31:0]            attributes = ATTRIBUTES;

  always @(posedge clk_i) begin
    reset_q <= rst_i;
    if (rst_i) begin
      ar_waiting = 1'b0;
      r_waiting  = 1'b0;
      head       = 32'd0;
      tail       = 32'd0;
      beat       = 9'd0;
      owed_o     = 32'd0;
      if (reset_q && arvalid_i !== 1'b0) fault("master: arvalid in reset");
    end else begin
      // ---- master
      if (arvalid_i === 1'bx || rready_i === 1'bx) fault("master: unknown arvalid or rready");
      if (ar_waiting && !arvalid_i) fault("master: arvalid fell before arready");
      if (ar_waiting && ar !== ar_q) fault("master: read address changed while waiting");
      if (arvalid_i === 1'b1) begin
        if (^ar === 1'bx) fault("master: unknown read address");
        if (araddr_i[BEAT_BITS-1:0] != 0) fault("master: read address inside a beat");
        if (araddr_i[31:12] != last_byte[31:12]) fault("master: read burst crosses 4 KiB");
        if (arsize_i != BEAT_BITS) fault("master: arsize is not the bus");
        if ({arburst_i, arcache_i, arprot_i} != attributes[8:0]) fault("master: read attributes");
      end
      // ---- slave
      if (rvalid_i === 1'bx || arready_i === 1'bx) fault("slave: unknown rvalid or arready");
      if (r_waiting && !rvalid_i) fault("slave: rvalid fell before rready");
      if (r_waiting && r !== r_q) fault("slave: read data changed while waiting");
      if (rvalid_i === 1'b1) begin
        if (head == tail) fault("slave: a read beat that nobody asked for");
        else if (rlast_i !== (beat + 9'd1 == length[head % PENDING])) fault("slave: rlast misplaced");
        if (^rresp_i === 1'bx) fault("slave: unknown rresp");
      end
      // ---- account
      if (rvalid_i === 1'b1 && rready_i && head != tail) begin
        owed_o = owed_o - 32'd1;
        beat   = beat + 9'd1;
        if (beat == length[head % PENDING]) begin
          beat = 9'd0;
          head = head + 32'd1;
        end
      end
      if (arvalid_i === 1'b1 && arready_i) begin
        if (tail - head == PENDING) fault("checker: too many bursts under way");
        length[tail % PENDING] = {1'b0, arlen_i} + 9'd1;
        tail     = tail + 32'd1;
        owed_o   = owed_o + {24'd0, arlen_i} + 32'd1;
        bursts_o = bursts_o + 32'd1;
      end
      ar_waiting = arvalid_i && !arready_i;
      r_waiting  = rvalid_i && !rready_i;
      ar_q       = ar;
      r_q        = r;
    end
  end
endmodule
`default_nettype wire
