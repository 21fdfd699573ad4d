// Assertions on an AXI4-Lite slave, both sides (AMBA AXI4 specification, A3 and B1). Test bench only. Every violation is
// counted and printed, with who broke which rule.
//
//   master  AW, W and AR stable until taken; known values
//   slave   B and R low out of reset, stable until taken, known; B only after address and data, R only after its address
`default_nettype none
module axi_lite_checker (
  input  wire        clk_i,
  input  wire        rst_i,
  input  wire [31:0] cycle_i,     // for messages
  input  wire [11:0] awaddr_i,
  input  wire        awvalid_i,
  input  wire        awready_i,
  input  wire [31:0] wdata_i,
  input  wire [3:0]  wstrb_i,
  input  wire        wvalid_i,
  input  wire        wready_i,
  input  wire [1:0]  bresp_i,
  input  wire        bvalid_i,
  input  wire        bready_i,
  input  wire [11:0] araddr_i,
  input  wire        arvalid_i,
  input  wire        arready_i,
  input  wire [31:0] rdata_i,
  input  wire [1:0]  rresp_i,
  input  wire        rvalid_i,
  input  wire        rready_i,
  output reg  [31:0] faults_o,
  output reg  [31:0] accesses_o   // answered
);
  initial begin
    faults_o   = 32'd0;
    accesses_o = 32'd0;
  end

  task fault(input [8*56-1:0] what);
    begin
      faults_o = faults_o + 32'd1;
      $display("FAULT %m: %0s in cycle %0d", what, cycle_i);
    end
  endtask

  // Taken and not answered.
  reg [31:0] addresses = 32'd0;
  reg [31:0] data = 32'd0;
  reg [31:0] reads = 32'd0;

  reg        reset_q = 1'b0;
  reg        aw_waiting = 1'b0;
  reg        w_waiting = 1'b0;
  reg        b_waiting = 1'b0;
  reg        ar_waiting = 1'b0;
  reg        r_waiting = 1'b0;
  reg [11:0] aw_q;
  reg [35:0] w_q;
  reg [1:0]  b_q;
  reg [11:0] ar_q;
  reg [33:0] r_q;

  always @(posedge clk_i) begin
    reset_q <= rst_i;
    if (rst_i) begin
      {aw_waiting, w_waiting, b_waiting, ar_waiting, r_waiting} = 5'd0;
      addresses = 32'd0;
      data      = 32'd0;
      reads     = 32'd0;
      if (reset_q && (bvalid_i !== 1'b0 || rvalid_i !== 1'b0)) fault("slave: bvalid or rvalid in reset");
    end else begin
      if (aw_waiting && (!awvalid_i || awaddr_i !== aw_q)) fault("master: write address changed while waiting");
      if (w_waiting && (!wvalid_i || {wdata_i, wstrb_i} !== w_q)) fault("master: write data changed while waiting");
      if (ar_waiting && (!arvalid_i || araddr_i !== ar_q)) fault("master: read address changed while waiting");
      if (^{awvalid_i, wvalid_i, arvalid_i, bready_i, rready_i} === 1'bx) fault("master: unknown valid or ready");
      if (^{awready_i, wready_i, arready_i, bvalid_i, rvalid_i} === 1'bx) fault("slave: unknown valid or ready");
      if (b_waiting && (!bvalid_i || bresp_i !== b_q)) fault("slave: write response changed while waiting");
      if (r_waiting && (!rvalid_i || {rdata_i, rresp_i} !== r_q)) fault("slave: read response changed while waiting");
      if (bvalid_i === 1'b1 && (addresses == 32'd0 || data == 32'd0)) fault("slave: a response before its write was whole");
      if (rvalid_i === 1'b1 && reads == 32'd0) fault("slave: a read response that nobody asked for");
      if (rvalid_i === 1'b1 && ^{rdata_i, rresp_i} === 1'bx) fault("slave: unknown read response");
      if (bvalid_i === 1'b1 && bready_i && addresses != 32'd0 && data != 32'd0) begin
        addresses  = addresses - 32'd1;
        data       = data - 32'd1;
        accesses_o = accesses_o + 32'd1;
      end
      if (rvalid_i === 1'b1 && rready_i && reads != 32'd0) begin
        reads      = reads - 32'd1;
        accesses_o = accesses_o + 32'd1;
      end
      if (awvalid_i === 1'b1 && awready_i) addresses = addresses + 32'd1;
      if (wvalid_i === 1'b1 && wready_i) data = data + 32'd1;
      if (arvalid_i === 1'b1 && arready_i) reads = reads + 32'd1;
      aw_waiting = awvalid_i && !awready_i;
      w_waiting  = wvalid_i && !wready_i;
      b_waiting  = bvalid_i && !bready_i;
      ar_waiting = arvalid_i && !arready_i;
      r_waiting  = rvalid_i && !rready_i;
      aw_q       = awaddr_i;
      w_q        = {wdata_i, wstrb_i};
      b_q        = bresp_i;
      ar_q       = araddr_i;
      r_q        = {rdata_i, rresp_i};
    end
  end
endmodule
`default_nettype wire
