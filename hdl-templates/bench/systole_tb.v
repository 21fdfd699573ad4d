// Self-checking test bench: loads the DRAM image, programs the control registers over AXI4-Lite, starts the
// run, waits for done and compares regions of DRAM with the expected bytes. Prints the cycles and PASS or FAIL.
//
//   dram.hex     DRAM image, one bus beat a line (most significant byte first), from address BASE on
//   regions.hex  pairs of 32-bit words: offset in DRAM, bytes; one pair a region
//   golden.hex   the regions' expected bytes, one a line, nine bits: bit 8 set means compare this byte
//
// Plus-arguments: +trace prints every event, +stalls=N holds the bus back at random (seed N > 0; cycles are then
// not compared), +corrupt flips one expected bit: the bench must then print FAIL. +limit=N stops after N cycles.
// +runs=N starts the same program N times in a row. +bus_error=N answers accesses to beat N of DRAM with an error; with
// +recover the error goes when it has stopped a run, and the next run must pass.
// +reset=N starts it once more before all that, and resets machine and memory ports in cycle N.
`timescale 1ns/1ps
`default_nettype none
module systole_tb;
  parameter BUS_BYTES = 16;
  parameter ADDRESS_BITS = 32;
  parameter READ_LATENCY = 40;
  parameter WRITE_LATENCY = 20;
  parameter CYCLES_PER_BEAT = 1;
  parameter OUTSTANDING = 8;
  parameter DRAM_BYTES = 4096;        // a multiple of BUS_BYTES
  parameter PROGRAM_ADDRESS = 0;      // offset in DRAM
  parameter REGIONS = 1;
  parameter GOLDEN_BYTES = 1;
  parameter MACHINE_HASH = 0;
  parameter EXPECTED_CYCLES = 0;      // 0: not known

  localparam [31:0] BASE = (ADDRESS_BITS > 28) ? 32'h1000_0000 : 32'd0;
  localparam [31:0] HASH = MACHINE_HASH;
  localparam [31:0] PROGRAM_OFFSET = PROGRAM_ADDRESS;
  localparam DRAM_BEATS = DRAM_BYTES / BUS_BYTES;
  localparam BEAT_BITS = $clog2(BUS_BYTES);
  localparam [31:0] BEAT_BITS_WORD = BEAT_BITS;
  localparam [2:0] SIZE = BEAT_BITS_WORD[2:0];
  // INCR; normal, not cacheable, bufferable; data, secure, not privileged.
  localparam [8:0] ATTRIBUTES = {2'b01, 4'b0011, 3'b000};
  localparam [8:0] FETCH_ATTRIBUTES = {2'b01, 4'b0011, 3'b100};  // instructions

  // ---- clock and reset
  reg clk = 1'b0;
  reg rst = 1'b1;
  always #5 clk = !clk;

  // ---- DRAM
  reg [8*BUS_BYTES-1:0] dram [0:DRAM_BEATS-1];
  reg [8:0]  golden [0:GOLDEN_BYTES-1];
  reg [31:0] regions [0:2*REGIONS-1];

  // ---- wires of the machine
  wire        irq;
  reg  [11:0] s_axil_awaddr;
  reg         s_axil_awvalid = 1'b0;
  wire        s_axil_awready;
  reg  [31:0] s_axil_wdata;
  reg         s_axil_wvalid = 1'b0;
  wire        s_axil_wready;
  wire [1:0]  s_axil_bresp;
  wire        s_axil_bvalid;
  reg  [11:0] s_axil_araddr;
  reg         s_axil_arvalid = 1'b0;
  wire        s_axil_arready;
  wire [31:0] s_axil_rdata;
  wire [1:0]  s_axil_rresp;
  wire        s_axil_rvalid;

  wire [31:0] awaddr;
  wire [7:0]  awlen;
  wire [2:0]  awsize;
  wire [1:0]  awburst;
  wire [3:0]  awcache;
  wire [2:0]  awprot;
  wire        awvalid;
  wire        awready;
  wire [8*BUS_BYTES-1:0] wdata;
  wire [BUS_BYTES-1:0]   wstrb;
  wire        wlast;
  wire        wvalid;
  wire        wready;
  wire [1:0]  bresp;
  wire        bvalid;
  wire        bready;
  wire [31:0] araddr;
  wire [7:0]  arlen;
  wire [2:0]  arsize;
  wire [1:0]  arburst;
  wire [3:0]  arcache;
  wire [2:0]  arprot;
  wire        arvalid;
  wire        arready;
  wire [8*BUS_BYTES-1:0] rdata;
  wire [1:0]  rresp;
  wire        rlast;
  wire        rvalid;
  wire        rready;
  wire [31:0] i_araddr;
  wire [7:0]  i_arlen;
  wire [2:0]  i_arsize;
  wire [1:0]  i_arburst;
  wire [3:0]  i_arcache;
  wire [2:0]  i_arprot;
  wire        i_arvalid;
  wire        i_arready;
  wire [8*BUS_BYTES-1:0] i_rdata;
  wire [1:0]  i_rresp;
  wire        i_rlast;
  wire        i_rvalid;
  wire        i_rready;

  wire        event_start;
  wire        event_done;
  wire        event_dispatch;
  wire [3:0]  event_accept;
  wire [3:0]  event_end;

  systole_core u_core (
    .clk_i             (clk),
    .rst_i             (rst),
    .irq_o             (irq),
    .s_axil_awaddr_i   (s_axil_awaddr),
    .s_axil_awprot_i   (3'b000),
    .s_axil_awvalid_i  (s_axil_awvalid),
    .s_axil_awready_o  (s_axil_awready),
    .s_axil_wdata_i    (s_axil_wdata),
    .s_axil_wstrb_i    (4'hf),
    .s_axil_wvalid_i   (s_axil_wvalid),
    .s_axil_wready_o   (s_axil_wready),
    .s_axil_bresp_o    (s_axil_bresp),
    .s_axil_bvalid_o   (s_axil_bvalid),
    .s_axil_bready_i   (host_ready_q),
    .s_axil_araddr_i   (s_axil_araddr),
    .s_axil_arprot_i   (3'b000),
    .s_axil_arvalid_i  (s_axil_arvalid),
    .s_axil_arready_o  (s_axil_arready),
    .s_axil_rdata_o    (s_axil_rdata),
    .s_axil_rresp_o    (s_axil_rresp),
    .s_axil_rvalid_o   (s_axil_rvalid),
    .s_axil_rready_i   (host_ready_q),
    .m_axi_awaddr_o    (awaddr),
    .m_axi_awlen_o     (awlen),
    .m_axi_awsize_o    (awsize),
    .m_axi_awburst_o   (awburst),
    .m_axi_awcache_o   (awcache),
    .m_axi_awprot_o    (awprot),
    .m_axi_awvalid_o   (awvalid),
    .m_axi_awready_i   (awready),
    .m_axi_wdata_o     (wdata),
    .m_axi_wstrb_o     (wstrb),
    .m_axi_wlast_o     (wlast),
    .m_axi_wvalid_o    (wvalid),
    .m_axi_wready_i    (wready),
    .m_axi_bresp_i     (bresp),
    .m_axi_bvalid_i    (bvalid),
    .m_axi_bready_o    (bready),
    .m_axi_araddr_o    (araddr),
    .m_axi_arlen_o     (arlen),
    .m_axi_arsize_o    (arsize),
    .m_axi_arburst_o   (arburst),
    .m_axi_arcache_o   (arcache),
    .m_axi_arprot_o    (arprot),
    .m_axi_arvalid_o   (arvalid),
    .m_axi_arready_i   (arready),
    .m_axi_rdata_i     (rdata),
    .m_axi_rresp_i     (rresp),
    .m_axi_rlast_i     (rlast),
    .m_axi_rvalid_i    (rvalid),
    .m_axi_rready_o    (rready),
    .m_axi_i_araddr_o  (i_araddr),
    .m_axi_i_arlen_o   (i_arlen),
    .m_axi_i_arsize_o  (i_arsize),
    .m_axi_i_arburst_o (i_arburst),
    .m_axi_i_arcache_o (i_arcache),
    .m_axi_i_arprot_o  (i_arprot),
    .m_axi_i_arvalid_o (i_arvalid),
    .m_axi_i_arready_i (i_arready),
    .m_axi_i_rdata_i   (i_rdata),
    .m_axi_i_rresp_i   (i_rresp),
    .m_axi_i_rlast_i   (i_rlast),
    .m_axi_i_rvalid_i  (i_rvalid),
    .m_axi_i_rready_o  (i_rready),
    .event_start_o     (event_start),
    .event_done_o      (event_done),
    .event_dispatch_o  (event_dispatch),
    .event_accept_o    (event_accept),
    .event_end_o       (event_end)
  );

  // ---- memory timing
  reg  [31:0] random_q = 32'd0;      // 0: no stalls
  reg  [6:0]  stall_q = 7'd0;
  reg         host_ready_q = 1'b1;   // the host takes its answers
  wire [31:0] read_address;
  wire [31:0] fetch_address;
  wire [31:0] write_address;
  wire        write_taken;
  wire        wrong_last;

  axi_read_model #(
    .BUS_BYTES       (BUS_BYTES),
    .LATENCY         (READ_LATENCY),
    .CYCLES_PER_BEAT (CYCLES_PER_BEAT),
    .OUTSTANDING     (OUTSTANDING)
  ) u_read (
    .clk_i     (clk),
    .rst_i     (rst),
    .stall_i   (stall_q[1:0]),
    .araddr_i  (araddr),
    .arlen_i   (arlen),
    .arvalid_i (arvalid),
    .arready_o (arready),
    .rvalid_o  (rvalid),
    .rlast_o   (rlast),
    .rready_i  (rready),
    .address_o (read_address)
  );

  axi_read_model #(
    .BUS_BYTES       (BUS_BYTES),
    .LATENCY         (READ_LATENCY),
    .CYCLES_PER_BEAT (CYCLES_PER_BEAT),
    .OUTSTANDING     (OUTSTANDING)
  ) u_fetch_read (
    .clk_i     (clk),
    .rst_i     (rst),
    .stall_i   (stall_q[3:2]),
    .araddr_i  (i_araddr),
    .arlen_i   (i_arlen),
    .arvalid_i (i_arvalid),
    .arready_o (i_arready),
    .rvalid_o  (i_rvalid),
    .rlast_o   (i_rlast),
    .rready_i  (i_rready),
    .address_o (fetch_address)
  );

  axi_write_model #(
    .BUS_BYTES       (BUS_BYTES),
    .LATENCY         (WRITE_LATENCY),
    .CYCLES_PER_BEAT (CYCLES_PER_BEAT),
    .OUTSTANDING     (OUTSTANDING)
  ) u_write (
    .clk_i     (clk),
    .rst_i     (rst),
    .stall_i   (stall_q[6:4]),
    .awaddr_i  (awaddr),
    .awlen_i   (awlen),
    .awvalid_i (awvalid),
    .awready_o (awready),
    .wvalid_i  (wvalid),
    .wlast_i   (wlast),
    .wready_o  (wready),
    .bvalid_o  (bvalid),
    .bready_i  (bready),
    .taken_o   (write_taken),
    .address_o (write_address),
    .wrong_o   (wrong_last)
  );

  // ---- memory contents. Fetch may read past the end of the image; it gets zeros there.
  wire [31:0] read_beat  = (read_address - BASE) >> BEAT_BITS;
  wire [31:0] fetch_beat = (fetch_address - BASE) >> BEAT_BITS;
  wire [31:0] write_beat = (write_address - BASE) >> BEAT_BITS;
  assign rdata   = (read_beat < DRAM_BEATS) ? dram[read_beat] : {8*BUS_BYTES{1'b0}};
  assign i_rdata = (fetch_beat < DRAM_BEATS) ? dram[fetch_beat] : {8*BUS_BYTES{1'b0}};

  integer bad_beat = -1;
  reg     write_bad_q = 1'b0;
  assign rresp   = (bad_beat >= 0 && read_beat == bad_beat) ? 2'd2 : 2'd0;
  assign i_rresp = (bad_beat >= 0 && fetch_beat == bad_beat) ? 2'd2 : 2'd0;
  assign bresp   = write_bad_q ? 2'd2 : 2'd0;

  integer lane;
  always @(posedge clk) begin
    if (bad_beat < 0) write_bad_q <= 1'b0;
    else if (write_taken && write_beat == bad_beat) write_bad_q <= 1'b1;
    if (write_taken && write_beat < DRAM_BEATS) begin
      for (lane = 0; lane < BUS_BYTES; lane = lane + 1) begin
        if (wstrb[lane]) dram[write_beat][8*lane +: 8] <= wdata[8*lane +: 8];
      end
    end
  end

  // ---- protocol checks: the assertions of each port, and that accesses stay within the image
  integer faults = 0;
  task fault(input [8*40-1:0] what);
    begin
      faults = faults + 1;
      $display("FAULT %0s in cycle %0d", what, cycle);
    end
  endtask

  wire [31:0] read_faults;
  wire [31:0] fetch_faults;
  wire [31:0] write_faults;
  wire [31:0] lite_faults;
  wire [31:0] read_bursts;
  wire [31:0] fetch_bursts;
  wire [31:0] write_bursts;
  wire [31:0] read_owed;
  wire [31:0] fetch_owed;
  wire [31:0] write_owed;
  wire [31:0] lite_accesses;
  wire [31:0] checked_faults = read_faults + fetch_faults + write_faults + lite_faults;

  axi_read_checker #(
    .BUS_BYTES  (BUS_BYTES),
    .ATTRIBUTES (ATTRIBUTES)
  ) u_read_checker (
    .clk_i     (clk),
    .rst_i     (rst),
    .cycle_i   (cycle),
    .araddr_i  (araddr),
    .arlen_i   (arlen),
    .arsize_i  (arsize),
    .arburst_i (arburst),
    .arcache_i (arcache),
    .arprot_i  (arprot),
    .arvalid_i (arvalid),
    .arready_i (arready),
    .rdata_i   (rdata),
    .rresp_i   (rresp),
    .rlast_i   (rlast),
    .rvalid_i  (rvalid),
    .rready_i  (rready),
    .faults_o  (read_faults),
    .bursts_o  (read_bursts),
    .owed_o    (read_owed)
  );

  axi_read_checker #(
    .BUS_BYTES  (BUS_BYTES),
    .ATTRIBUTES (FETCH_ATTRIBUTES)
  ) u_fetch_checker (
    .clk_i     (clk),
    .rst_i     (rst),
    .cycle_i   (cycle),
    .araddr_i  (i_araddr),
    .arlen_i   (i_arlen),
    .arsize_i  (i_arsize),
    .arburst_i (i_arburst),
    .arcache_i (i_arcache),
    .arprot_i  (i_arprot),
    .arvalid_i (i_arvalid),
    .arready_i (i_arready),
    .rdata_i   (i_rdata),
    .rresp_i   (i_rresp),
    .rlast_i   (i_rlast),
    .rvalid_i  (i_rvalid),
    .rready_i  (i_rready),
    .faults_o  (fetch_faults),
    .bursts_o  (fetch_bursts),
    .owed_o    (fetch_owed)
  );

  axi_write_checker #(
    .BUS_BYTES  (BUS_BYTES),
    .ATTRIBUTES (ATTRIBUTES)
  ) u_write_checker (
    .clk_i     (clk),
    .rst_i     (rst),
    .cycle_i   (cycle),
    .awaddr_i  (awaddr),
    .awlen_i   (awlen),
    .awsize_i  (awsize),
    .awburst_i (awburst),
    .awcache_i (awcache),
    .awprot_i  (awprot),
    .awvalid_i (awvalid),
    .awready_i (awready),
    .wdata_i   (wdata),
    .wstrb_i   (wstrb),
    .wlast_i   (wlast),
    .wvalid_i  (wvalid),
    .wready_i  (wready),
    .bresp_i   (bresp),
    .bvalid_i  (bvalid),
    .bready_i  (bready),
    .faults_o  (write_faults),
    .bursts_o  (write_bursts),
    .owed_o    (write_owed)
  );

  axi_lite_checker u_lite_checker (
    .clk_i      (clk),
    .rst_i      (rst),
    .cycle_i    (cycle),
    .awaddr_i   (s_axil_awaddr),
    .awvalid_i  (s_axil_awvalid),
    .awready_i  (s_axil_awready),
    .wdata_i    (s_axil_wdata),
    .wstrb_i    (4'hf),
    .wvalid_i   (s_axil_wvalid),
    .wready_i   (s_axil_wready),
    .bresp_i    (s_axil_bresp),
    .bvalid_i   (s_axil_bvalid),
    .bready_i   (host_ready_q),
    .araddr_i   (s_axil_araddr),
    .arvalid_i  (s_axil_arvalid),
    .arready_i  (s_axil_arready),
    .rdata_i    (s_axil_rdata),
    .rresp_i    (s_axil_rresp),
    .rvalid_i   (s_axil_rvalid),
    .rready_i   (host_ready_q),
    .faults_o   (lite_faults),
    .accesses_o (lite_accesses)
  );

  wire [31:0] read_end  = araddr + ({24'd0, arlen} + 32'd1) * BUS_BYTES - 32'd1;
  wire [31:0] write_end = awaddr + ({24'd0, awlen} + 32'd1) * BUS_BYTES - 32'd1;
  always @(posedge clk) begin
    if (!rst && wrong_last) fault("wlast misplaced");
    if (!rst && arvalid && read_end - BASE >= DRAM_BYTES) fault("read outside DRAM");
    if (!rst && awvalid && write_end - BASE >= DRAM_BYTES) fault("write outside DRAM");
  end

  // ---- bytes asked for: a burst counts in the first cycle of its address
  integer read_beats = 0;
  integer fetch_beats = 0;
  integer write_beats = 0;
  reg     arvalid_q = 1'b0;
  reg     awvalid_q = 1'b0;
  reg     i_arvalid_q = 1'b0;
  always @(posedge clk) begin
    arvalid_q   <= !rst && arvalid && !arready;
    awvalid_q   <= !rst && awvalid && !awready;
    i_arvalid_q <= !rst && i_arvalid && !i_arready;
    if (event_start) begin
      read_beats  = 0;
      fetch_beats = 0;
      write_beats = 0;
    end
    if (!rst && arvalid && !arvalid_q) read_beats = read_beats + arlen + 1;
    if (!rst && i_arvalid && !i_arvalid_q) fetch_beats = fetch_beats + i_arlen + 1;
    if (!rst && awvalid && !awvalid_q) write_beats = write_beats + awlen + 1;
  end

  // ---- events
  integer cycle = 0;
  integer last_cycle = -1;
  integer unit;
  reg     tracing = 1'b0;
  always @(posedge clk) begin
    // The values sampled here are those of the cycle that ends now.
    if (event_start) cycle = 0;
    if (tracing) begin
      if (event_start) $display("trace %0d start", cycle);
      if (event_dispatch) $display("trace %0d dispatch", cycle);
      for (unit = 0; unit < 4; unit = unit + 1) begin
        if (event_accept[unit]) $display("trace %0d accept %0d", cycle, unit);
        if (event_end[unit]) $display("trace %0d end %0d", cycle, unit);
      end
      if (event_done) $display("trace %0d done", cycle);
    end
    if (event_done) last_cycle = cycle;
    cycle = cycle + 1;
    if (random_q != 32'd0) begin
      random_q = random_q ^ (random_q << 13);
      random_q = random_q ^ (random_q >> 17);
      random_q = random_q ^ (random_q << 5);
      stall_q <= random_q[6:0] | random_q[13:7];
      host_ready_q <= random_q[14];
    end
  end

  // ---- the host
  task write_register(input [11:0] address, input [31:0] value);
    begin
      @(negedge clk);
      s_axil_awaddr  = address;
      s_axil_awvalid = 1'b1;
      s_axil_wdata   = value;
      s_axil_wvalid  = 1'b1;
      @(posedge clk);
      while (!s_axil_awready) @(posedge clk);
      @(negedge clk);
      s_axil_awvalid = 1'b0;
      s_axil_wvalid  = 1'b0;
      while (!(s_axil_bvalid && host_ready_q)) @(negedge clk);
      if (s_axil_bresp != 2'd0) fault("control write refused");
      @(posedge clk);
    end
  endtask

  reg [31:0] value;
  task read_register(input [11:0] address);
    begin
      @(negedge clk);
      s_axil_araddr  = address;
      s_axil_arvalid = 1'b1;
      @(posedge clk);
      while (!s_axil_arready) @(posedge clk);
      @(negedge clk);
      s_axil_arvalid = 1'b0;
      while (!(s_axil_rvalid && host_ready_q)) @(negedge clk);
      if (s_axil_rresp != 2'd0) fault("control read refused");
      value = s_axil_rdata;
      @(posedge clk);
    end
  endtask

  integer mismatches = 0;
  integer compared = 0;
  integer region;
  integer index;
  integer position;
  reg [31:0] offset;
  reg [7:0]  found;
  task compare;
    begin
      position = 0;
      for (region = 0; region < REGIONS; region = region + 1) begin
        for (index = 0; index < regions[2*region+1]; index = index + 1) begin
          offset = regions[2*region] + index;
          found  = dram[offset >> BEAT_BITS][8*(offset % BUS_BYTES) +: 8];
          if (golden[position][8]) begin
            compared = compared + 1;
            if (found !== golden[position][7:0]) begin
              mismatches = mismatches + 1;
              if (mismatches <= 10)
                $display("MISMATCH region %0d byte %0d: %02x, expected %02x", region, index, found, golden[position][7:0]);
            end
          end
          position = position + 1;
        end
      end
    end
  endtask

  task corrupt_golden;
    begin
      index = 0;
      while (index < GOLDEN_BYTES - 1 && !golden[index][8]) index = index + 1;
      golden[index][0] = !golden[index][0];
    end
  endtask

  integer limit;
  integer seed;
  integer rounds;
  integer reset_cycle;
  integer round;
  reg     recover;
  integer first_cycles;
  integer counted;
  reg [31:0] busy_count;
  integer unused_result;
  reg [31:0] status;

  task set_addresses;
    begin
      write_register(12'h00c, BASE + PROGRAM_OFFSET);
      write_register(12'h010, BASE);
    end
  endtask

  // Starts the program and resets everything but DRAM in the middle of it.
  task reset_midway;
    begin
      write_register(12'h000, 32'd1);
      cycle = 0;
      while (cycle < reset_cycle) @(negedge clk);
      rst = 1'b1;
      repeat (4) @(negedge clk);
      rst = 1'b0;
      set_addresses;
    end
  endtask

  // Starts the program, waits for its end and prints the verdict.
  task run_once;
    begin
      cycle = 0;
      write_register(12'h000, 32'd1);
      @(negedge clk);
      while (!irq && cycle < limit) @(negedge clk);
      if (read_owed != 32'd0 || write_owed != 32'd0) fault("at rest with bursts under way");
      read_register(12'h004);
      status = value;
      if (status[2]) begin
        read_register(12'h008);
        if (recover) begin
          $display("STOPPED with error %0d of unit %0d", value[3:0], value[10:8]);
          bad_beat = -1;
        end else begin
          $display("FAIL stopped with error %0d of unit %0d", value[3:0], value[10:8]);
          faults = faults + 1;
        end
      end else if (!status[1]) begin
        $display("FAIL no end after %0d cycles", limit);
        faults = faults + 1;
      end else begin
        read_register(12'h014);
        if (value != last_cycle) fault("CYCLES differs from event_done");
        if (seed == 0 && round > 0 && !recover && value != first_cycles) fault("another run took other cycles");
        if (EXPECTED_CYCLES != 0 && seed == 0 && value != EXPECTED_CYCLES) begin
          fault("cycles differ from the prediction");
          $display("expected %0d cycles", EXPECTED_CYCLES);
        end
        first_cycles = value;
        compare;
        $display("cycles %0d", value);
        $display("beats read %0d fetched %0d written %0d", read_beats, fetch_beats, write_beats);
        for (counted = 0; counted < 4; counted = counted + 1) begin
          read_register(12'h020 + 4 * counted);
          busy_count = value;
          read_register(12'h030 + 4 * counted);
          $display("unit %0d busy %0d waiting %0d", counted, busy_count, value);
        end
        $display("bursts read %0d fetched %0d written %0d, register accesses %0d", read_bursts, fetch_bursts,
                 write_bursts, lite_accesses);
        if (mismatches == 0 && faults == 0 && checked_faults == 32'd0) $display("PASS %0d bytes compared", compared);
        else $display("FAIL %0d of %0d bytes differ, %0d faults", mismatches, compared, faults + checked_faults);
      end
    end
  endtask

  initial begin
    limit = 100000000;
    seed  = 0;
    rounds = 1;
    reset_cycle = -1;
    tracing = $test$plusargs("trace");
    recover = $test$plusargs("recover");
    unused_result = $value$plusargs("limit=%d", limit);
    unused_result = $value$plusargs("stalls=%d", seed);
    unused_result = $value$plusargs("runs=%d", rounds);
    unused_result = $value$plusargs("reset=%d", reset_cycle);
    unused_result = $value$plusargs("bus_error=%d", bad_beat);
    random_q = seed;
    $readmemh("dram.hex", dram);
    $readmemh("golden.hex", golden);
    $readmemh("regions.hex", regions);
    if ($test$plusargs("corrupt")) corrupt_golden;
    repeat (4) @(posedge clk);
    @(negedge clk);
    rst = 1'b0;
    read_register(12'h040);
    if (value != 32'h5359_5354) fault("not a Systole machine");
    read_register(12'h044);
    if (value != HASH) fault("another machine");
    set_addresses;
    if (reset_cycle >= 0) reset_midway;
    first_cycles = 0;
    for (round = 0; round < rounds && faults == 0; round = round + 1) run_once;
    $finish;
  end
endmodule
`default_nettype wire
