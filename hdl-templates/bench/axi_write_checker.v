// Assertions on the write channels of an AXI4 master without IDs, both sides (AMBA AXI4 specification, A3 and A5.3).
// Test bench only. Every violation is counted and printed, with who broke which rule.
//
//   master  AW and W low out of reset, stable until taken; known values; whole INCR beats of the bus, aligned, within 4 KiB;
//           as many beats as the address says, wlast on the last (data may come before their address)
//   slave   B stable until taken; a response only after the address and the last beat; known values
`default_nettype none
module axi_write_checker #(
  parameter BUS_BYTES = 16,
  parameter ATTRIBUTES = 0         // burst 2, cache 4, prot 3 bits: what every address must carry
) (
  input  wire                   clk_i,
  input  wire                   rst_i,
  input  wire [31:0]            cycle_i,     // for messages
  input  wire [31:0]            awaddr_i,
  input  wire [7:0]             awlen_i,
  input  wire [2:0]             awsize_i,
  input  wire [1:0]             awburst_i,
  input  wire [3:0]             awcache_i,
  input  wire [2:0]             awprot_i,
  input  wire                   awvalid_i,
  input  wire                   awready_i,
  input  wire [8*BUS_BYTES-1:0] wdata_i,
  input  wire [BUS_BYTES-1:0]   wstrb_i,
  input  wire                   wlast_i,
  input  wire                   wvalid_i,
  input  wire                   wready_i,
  input  wire [1:0]             bresp_i,
  input  wire                   bvalid_i,
  input  wire                   bready_i,
  output reg  [31:0]            faults_o,
  output reg  [31:0]            bursts_o,    // addresses taken
  output reg  [31:0]            owed_o       // of those, not yet answered
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

  // Beats that addresses announce, and beats that came with a wlast: equal, burst by burst.
  reg [8:0]  announced [0:PENDING-1];
  reg [8:0]  sent [0:PENDING-1];
  reg [31:0] addresses = 32'd0;              // taken since reset
  reg [31:0] bodies = 32'd0;                 // complete since reset
  reg [31:0] compared = 32'd0;
  reg [31:0] answered = 32'd0;
  reg [8:0]  beat = 9'd0;                    // beats of the burst at hand

  reg                   reset_q = 1'b0;
  reg                   aw_waiting = 1'b0;
  reg                   w_waiting = 1'b0;
  reg                   b_waiting = 1'b0;
  reg [51:0]            aw_q;
  reg [9*BUS_BYTES:0]   w_q;
  reg [1:0]             b_q;
  wire [51:0]           aw = {awaddr_i, awlen_i, awsize_i, awburst_i, awcache_i, awprot_i};
  wire [9*BUS_BYTES:0]  w  = {wdata_i, wstrb_i, wlast_i};
  wire [31:0]           last_byte = awaddr_i + (({24'd0, awlen_i} + 32'd1) << BEAT_BITS) - 32'd1;
  wire [31:0]           attributes = ATTRIBUTES;
  integer               lane;

  always @(posedge clk_i) begin
    reset_q <= rst_i;
    if (rst_i) begin
      aw_waiting = 1'b0;
      w_waiting  = 1'b0;
      b_waiting  = 1'b0;
      addresses  = 32'd0;
      bodies     = 32'd0;
      compared   = 32'd0;
      answered   = 32'd0;
      beat       = 9'd0;
      owed_o     = 32'd0;
      if (reset_q && (awvalid_i !== 1'b0 || wvalid_i !== 1'b0)) fault("master: awvalid or wvalid in reset");
    end else begin
      // ---- master
      if (awvalid_i === 1'bx || wvalid_i === 1'bx || bready_i === 1'bx) fault("master: unknown valid or bready");
      if (aw_waiting && !awvalid_i) fault("master: awvalid fell before awready");
      if (aw_waiting && aw !== aw_q) fault("master: write address changed while waiting");
      if (w_waiting && !wvalid_i) fault("master: wvalid fell before wready");
      if (w_waiting && w !== w_q) fault("master: write data changed while waiting");
      if (awvalid_i === 1'b1) begin
        if (^aw === 1'bx) fault("master: unknown write address");
        if (awaddr_i[BEAT_BITS-1:0] != 0) fault("master: write address inside a beat");
        if (awaddr_i[31:12] != last_byte[31:12]) fault("master: write burst crosses 4 KiB");
        if (awsize_i != BEAT_BITS) fault("master: awsize is not the bus");
        if ({awburst_i, awcache_i, awprot_i} != attributes[8:0]) fault("master: write attributes");
      end
      if (wvalid_i === 1'b1 && ^{wstrb_i, wlast_i} === 1'bx) fault("master: unknown wstrb or wlast");
      // ---- slave
      if (bvalid_i === 1'bx || awready_i === 1'bx || wready_i === 1'bx) fault("slave: unknown bvalid or ready");
      if (b_waiting && !bvalid_i) fault("slave: bvalid fell before bready");
      if (b_waiting && bresp_i !== b_q) fault("slave: bresp changed while waiting");
      if (bvalid_i === 1'b1) begin
        if (answered == addresses || answered == bodies) fault("slave: a response before its burst was complete");
        if (^bresp_i === 1'bx) fault("slave: unknown bresp");
      end
      // ---- account
      if (bvalid_i === 1'b1 && bready_i && answered != addresses) begin
        answered = answered + 32'd1;
        owed_o   = owed_o - 32'd1;
      end
      if (awvalid_i === 1'b1 && awready_i) begin
        announced[addresses % PENDING] = {1'b0, awlen_i} + 9'd1;
        addresses = addresses + 32'd1;
        owed_o    = owed_o + 32'd1;
        bursts_o  = bursts_o + 32'd1;
      end
      if (wvalid_i === 1'b1 && wready_i) begin
        beat = beat + 9'd1;
        if (wlast_i) begin
          sent[bodies % PENDING] = beat;
          bodies = bodies + 32'd1;
          beat   = 9'd0;
        end else if (addresses > bodies && beat >= announced[bodies % PENDING]) begin
          fault("master: wlast misplaced");
        end
      end
      if (compared != addresses && compared != bodies) begin
        if (announced[compared % PENDING] != sent[compared % PENDING]) fault("master: wlast misplaced");
        compared = compared + 32'd1;
      end
      if (addresses - answered > PENDING || bodies - answered > PENDING) fault("checker: too many bursts under way");
      aw_waiting = awvalid_i && !awready_i;
      w_waiting  = wvalid_i && !wready_i;
      b_waiting  = bvalid_i && !bready_i;
      aw_q       = aw;
      w_q        = w;
      b_q        = bresp_i;
    end
  end
endmodule
`default_nettype wire
