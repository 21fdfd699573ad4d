// A host and a machine around control_registers alone: every register, every error cause, AXI4-Lite with address and
// data in either order and answers that are not taken at once. Prints PASS or the faults.
`timescale 1ns/1ps
`default_nettype none
module control_registers_tb;
  reg clk = 1'b0;
  reg rst = 1'b1;
  always #5 clk = !clk;

  reg  [11:0] awaddr = 12'd0;
  reg         awvalid = 1'b0;
  wire        awready;
  reg  [31:0] wdata = 32'd0;
  reg  [3:0]  wstrb = 4'hf;
  reg         wvalid = 1'b0;
  wire        wready;
  wire [1:0]  bresp;
  wire        bvalid;
  reg         bready = 1'b1;
  reg  [11:0] araddr = 12'd0;
  reg         arvalid = 1'b0;
  wire        arready;
  wire [31:0] rdata;
  wire [1:0]  rresp;
  wire        rvalid;
  reg         rready = 1'b1;
  wire        start;
  wire        halt;
  wire        done;
  wire [31:0] program_address;
  wire [31:0] base_address;
  wire        irq;
  reg         ended = 1'b0;
  reg         drained = 1'b1;
  reg  [3:0]  idle = 4'hf;
  reg  [3:0]  running = 4'd0;
  reg  [3:0]  waiting = 4'd0;
  reg         illegal = 1'b0;
  reg         fetch_error = 1'b0;
  reg         load_error = 1'b0;
  reg         store_error = 1'b0;
  reg  [3:0]  overflow = 4'd0;

  control_registers #(.MACHINE_HASH (32'hdead_beef)) dut (
    .clk_i (clk), .rst_i (rst),
    .s_axil_awaddr_i (awaddr), .s_axil_awprot_i (3'd5), .s_axil_awvalid_i (awvalid), .s_axil_awready_o (awready),
    .s_axil_wdata_i (wdata), .s_axil_wstrb_i (wstrb), .s_axil_wvalid_i (wvalid), .s_axil_wready_o (wready),
    .s_axil_bresp_o (bresp), .s_axil_bvalid_o (bvalid), .s_axil_bready_i (bready),
    .s_axil_araddr_i (araddr), .s_axil_arprot_i (3'd2), .s_axil_arvalid_i (arvalid), .s_axil_arready_o (arready),
    .s_axil_rdata_o (rdata), .s_axil_rresp_o (rresp), .s_axil_rvalid_o (rvalid), .s_axil_rready_i (rready),
    .start_o (start), .halt_o (halt), .done_o (done), .program_o (program_address), .base_o (base_address),
    .irq_o (irq), .ended_i (ended), .drained_i (drained), .idle_i (idle), .running_i (running),
    .waiting_i (waiting), .illegal_i (illegal), .fetch_error_i (fetch_error), .load_error_i (load_error),
    .store_error_i (store_error), .overflow_i (overflow)
  );

  integer faults = 0;
  integer checks = 0;
  integer starts = 0;
  integer dones = 0;
  integer k;
  always @(posedge clk) begin
    if (start) starts = starts + 1;
    if (done) dones = dones + 1;
  end

  task expect_equal(input [8*24-1:0] what, input [31:0] found, input [31:0] wanted);
    begin
      checks = checks + 1;
      if (found !== wanted) begin
        faults = faults + 1;
        $display("FAULT %0s: %08x, expected %08x at %0t", what, found, wanted, $time);
      end
    end
  endtask

  // Address `lead` cycles before (positive) or after (negative) the data; the answer is taken `late` cycles after it came.
  task write_word(input [11:0] address, input [31:0] value, input [3:0] strobe, input integer lead, input integer late);
    begin
      @(negedge clk);
      bready = 1'b0;
      wstrb  = strobe;
      if (lead >= 0) begin
        awaddr = address; awvalid = 1'b1; expect_equal("awready", awready, 1);
        if (lead > 0) begin
          @(negedge clk); awvalid = 1'b0; awaddr = 12'hfff;
          expect_equal("awready while held", awready, 0);
          expect_equal("wready while none", wready, 1);
          repeat (lead - 1) @(negedge clk);
        end
        wdata = value; wvalid = 1'b1; expect_equal("wready", wready, 1);
      end else begin
        wdata = value; wvalid = 1'b1; expect_equal("wready", wready, 1);
        @(negedge clk); wvalid = 1'b0; wdata = 32'hffff_ffff;
        expect_equal("wready while held", wready, 0);
        repeat (-lead - 1) @(negedge clk);
        awaddr = address; awvalid = 1'b1; expect_equal("awready", awready, 1);
      end
      @(negedge clk);
      awvalid = 1'b0; wvalid = 1'b0; wstrb = 4'h0; awaddr = 12'hfff; wdata = 32'hffff_ffff;
      expect_equal("bvalid before write", bvalid, 0);
      @(negedge clk);
      repeat (late + 1) begin
        expect_equal("bvalid", bvalid, 1);
        expect_equal("bresp", bresp, 0);
        if (late > 0) @(negedge clk);
      end
      bready = 1'b1;
      @(negedge clk);
      expect_equal("bvalid when taken", bvalid, 0);
    end
  endtask

  reg [31:0] value;
  task read_word(input [11:0] address, input integer late);
    begin
      @(negedge clk);
      rready = 1'b0; araddr = address; arvalid = 1'b1;
      expect_equal("arready", arready, 1);
      @(negedge clk);
      // A second address must wait until the answer to the first is taken.
      araddr = 12'h040; arvalid = (late > 0);
      value = rdata;
      repeat (late) begin
        expect_equal("arready while held", arready, 0);
        expect_equal("rdata held", rdata, value);
        @(negedge clk);
      end
      arvalid = 1'b0;
      expect_equal("rvalid", rvalid, 1);
      expect_equal("rresp", rresp, 0);
      value = rdata;
      rready = 1'b1;
      @(negedge clk);
      expect_equal("rvalid when taken", rvalid, 0);
    end
  endtask

  task check_register(input [8*24-1:0] what, input [11:0] address, input [31:0] wanted);
    begin
      read_word(address, 0);
      expect_equal(what, value, wanted);
    end
  endtask

  // One run with the given error inputs, three cycles after its start; `cause` is the ERROR register at its end.
  task failing_run(input [7:0] errors, input [31:0] cause);
    begin
      write_word(12'h000, 32'd1, 4'hf, 0, 0);
      check_register("status, busy again", 12'h004, 1);
      check_register("error cleared", 12'h008, 0);
      idle = 4'h5;
      @(negedge clk);
      expect_equal("halt before", halt, 0);
      {overflow, store_error, load_error, fetch_error, illegal} = errors;
      @(negedge clk);
      {overflow, store_error, load_error, fetch_error, illegal} = 8'd0;
      expect_equal("halt", halt, 1);
      expect_equal("irq while units run", irq, 0);
      // A later error of another kind changes nothing.
      {overflow, store_error, load_error, fetch_error, illegal} = ~errors;
      @(negedge clk);
      {overflow, store_error, load_error, fetch_error, illegal} = 8'd0;
      check_register("status, stopping", 12'h004, 1);
      check_register("first error counts", 12'h008, cause);
      dones = 0;
      @(negedge clk);
      idle = 4'hf; ended = 1'b1;
      @(negedge clk);
      @(negedge clk);
      ended = 1'b0;
      expect_equal("irq after error", irq, 1);
      expect_equal("no done after error", dones, 0);
      check_register("status, error", 12'h004, 4);
      check_register("error", 12'h008, cause);
    end
  endtask

  initial begin
    repeat (3) @(negedge clk);
    rst = 1'b0;
    @(negedge clk);
    expect_equal("irq after reset", irq, 0);
    expect_equal("bvalid after reset", bvalid, 0);
    expect_equal("rvalid after reset", rvalid, 0);
    check_register("status after reset", 12'h004, 0);
    check_register("error after reset", 12'h008, 0);
    check_register("program after reset", 12'h00c, 0);
    check_register("base after reset", 12'h010, 0);
    check_register("cycles after reset", 12'h014, 0);
    check_register("cycles high after reset", 12'h018, 0);
    for (k = 0; k < 8; k = k + 1) check_register("counter after reset", 12'h020 + 4 * k, 0);
    check_register("id", 12'h040, 32'h5359_5354);
    check_register("hash", 12'h044, 32'hdead_beef);
    check_register("no register", 12'h048, 0);
    check_register("no register", 12'h01c, 0);
    check_register("no register", 12'hffc, 0);
    check_register("control reads zero", 12'h000, 0);

    write_word(12'h00c, 32'h1234_5678, 4'hf, 0, 0);
    expect_equal("program port", program_address, 32'h1234_5000);
    write_word(12'h010, 32'h9abc_def0, 4'hf, 3, 2);
    expect_equal("base port", base_address, 32'h9abc_d000);
    write_word(12'h00c, 32'hffff_f000, 4'hf, -3, 1);
    check_register("program", 12'h00c, 32'hffff_f000);
    check_register("base", 12'h010, 32'h9abc_d000);
    write_word(12'h00c, 32'h0000_1000, 4'h7, 0, 0);
    check_register("part of a word", 12'h00c, 32'hffff_f000);
    write_word(12'h04c, 32'h0000_1000, 4'hf, 1, 0);
    write_word(12'h044, 32'h0000_1000, 4'hf, -1, 0);
    check_register("other words", 12'h00c, 32'hffff_f000);
    check_register("hash stays", 12'h044, 32'hdead_beef);
    read_word(12'h044, 3);
    expect_equal("hash, read late", value, 32'hdead_beef);

    // CONTROL without bit 0, or without its byte lane, starts nothing.
    write_word(12'h000, 32'hffff_fffe, 4'hf, 0, 0);
    write_word(12'h000, 32'd1, 4'he, 0, 0);
    write_word(12'h004, 32'd1, 4'hf, 0, 0);
    repeat (4) @(negedge clk);
    expect_equal("no start", starts, 0);
    check_register("status before a run", 12'h004, 0);

    // A run: cycle 0 is the cycle of start.
    write_word(12'h000, 32'd1, 4'h1, 0, 0);
    repeat (2) @(negedge clk);
    expect_equal("starts", starts, 1);
    idle = 4'h0;
    check_register("status in a run", 12'h004, 1);
    running = 4'b0101; waiting = 4'b1010;
    repeat (7) @(negedge clk);
    running = 4'b1000; waiting = 4'b0001;
    repeat (4) @(negedge clk);
    running = 4'b0010; waiting = 4'b0100;
    repeat (2) @(negedge clk);
    running = 4'b0000; waiting = 4'b0000;
    write_word(12'h000, 32'd1, 4'hf, 0, 0);
    write_word(12'h00c, 32'h5555_5000, 4'hf, 0, 0);
    write_word(12'h010, 32'h5555_5000, 4'hf, 0, 0);
    expect_equal("start while busy", starts, 1);
    for (k = 1; k <= 15; k = k + 1) begin
      idle = ~(4'd1 << (k & 3));
      @(negedge clk);
    end
    idle = 4'hf;
    repeat (3) @(negedge clk);
    expect_equal("idle is not done", irq, 0);
    idle = 4'h7; ended = 1'b1;
    repeat (3) @(negedge clk);
    expect_equal("ended is not done", dones, 0);
    idle = 4'hf;
    #1 expect_equal("done in the same cycle", done, 1);
    value = dut.cycles_q[31:0];
    k = value;
    @(negedge clk);
    ended = 1'b0;
    repeat (3) @(negedge clk);
    expect_equal("one done", dones, 1);
    expect_equal("irq", irq, 1);
    check_register("cycles stop", 12'h014, k);
    check_register("status at the end", 12'h004, 2);
    check_register("program kept", 12'h00c, 32'hffff_f000);
    check_register("base kept", 12'h010, 32'h9abc_d000);
    check_register("busy 0", 12'h020, 7);
    check_register("busy 1", 12'h024, 2);
    check_register("busy 2", 12'h028, 7);
    check_register("busy 3", 12'h02c, 4);
    check_register("wait 0", 12'h030, 4);
    check_register("wait 1", 12'h034, 7);
    check_register("wait 2", 12'h038, 2);
    check_register("wait 3", 12'h03c, 7);
    // Errors outside a run do not count.
    illegal = 1'b1; load_error = 1'b1; overflow = 4'hf;
    repeat (2) @(negedge clk);
    illegal = 1'b0; load_error = 1'b0; overflow = 4'h0;
    check_register("status, no run", 12'h004, 2);
    check_register("error, no run", 12'h008, 0);

    // A start waits until fetch has drained; meanwhile busy reads 1 and addresses cannot change.
    drained = 1'b0;
    write_word(12'h000, 32'd1, 4'hf, 2, 0);
    expect_equal("irq cleared", irq, 0);
    check_register("status, start pending", 12'h004, 1);
    write_word(12'h00c, 32'h7777_7000, 4'hf, 0, 0);
    write_word(12'h000, 32'd1, 4'hf, 0, 0);
    expect_equal("start pending", starts, 1);
    expect_equal("program while pending", program_address, 32'hffff_f000);
    // In the cycle of start itself the addresses are closed too: data wait there, the address comes with start.
    drained = 1'b1;
    @(negedge clk);
    expect_equal("start", start, 1);
    expect_equal("cycle 0", starts, 1);
    @(negedge clk);
    expect_equal("start is one cycle", start, 0);
    expect_equal("cycle 1", dut.cycles_q[31:0], 1);
    expect_equal("starts", starts, 2);
    check_register("counters cleared", 12'h020, 0);
    check_register("counters cleared", 12'h03c, 0);
    dut.cycles_q = 64'h0000_0002_ffff_fff0;
    repeat (24) @(negedge clk);
    ended = 1'b1;
    @(negedge clk);
    ended = 1'b0;
    @(negedge clk);
    check_register("cycles high", 12'h018, 3);

    failing_run(8'h01, 32'h0000_0401);
    failing_run(8'h02, 32'h0000_0404);
    failing_run(8'h04, 32'h0000_0002);
    failing_run(8'h08, 32'h0000_0303);
    failing_run(8'h0f, 32'h0000_0002);
    failing_run(8'h0b, 32'h0000_0303);
    failing_run(8'h03, 32'h0000_0404);
    // Semaphores: the lowest unit; after load and store, before fetch.
    failing_run(8'h10, 32'h0000_0005);
    failing_run(8'h20, 32'h0000_0105);
    failing_run(8'h40, 32'h0000_0205);
    failing_run(8'h80, 32'h0000_0305);
    failing_run(8'hf0, 32'h0000_0005);
    failing_run(8'he0, 32'h0000_0105);
    failing_run(8'hc3, 32'h0000_0205);
    failing_run(8'hfb, 32'h0000_0303);
    failing_run(8'hf7, 32'h0000_0002);

    // Reset in the middle of a run forgets it.
    write_word(12'h000, 32'd1, 4'hf, 0, 0);
    rst = 1'b1;
    repeat (2) @(negedge clk);
    rst = 1'b0;
    check_register("status after reset", 12'h004, 0);
    check_register("program after reset", 12'h00c, 0);
    check_register("base after reset", 12'h010, 0);
    check_register("cycles after reset", 12'h014, 0);
    expect_equal("irq after reset", irq, 0);

    if (faults == 0) $display("PASS %0d checks", checks);
    else $display("FAIL %0d of %0d checks", faults, checks);
    $finish;
  end
endmodule
`default_nettype wire
