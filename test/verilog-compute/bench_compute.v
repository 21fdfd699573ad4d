// Drives compute_core: fills the buffers through the load ports from hex files, starts one instruction after another (each in
// the cycle after the previous one's done) and prints how long it ran and what act holds then, through the store port.
//
//     D INDEX CYCLES          ROW INDEX BANK ROW HEX
`timescale 1ns / 1ns
`default_nettype none
module bench_compute;
  parameter ROWS = 4;
  parameter COLUMNS = 4;
  parameter MULTIPLIER_STAGES = 1;
  parameter LANES = 4;
  parameter ACT_BITS = 8;
  parameter WGT_BITS = 8;
  parameter ACT_BANKS = 4;
  parameter ACT_ROWS = 64;
  parameter WGT_ROWS = 64;
  parameter WGT_BANKS = 1;
  parameter ACC_ROWS = 32;
  parameter PAR_ROWS = 16;
  parameter ACC_BITS = 32;
  parameter MULTIPLIER_BITS = 32;
  parameter HAS_POOL = 1;
  parameter HAS_DEPTHWISE = 1;
  parameter HAS_ADD = 1;
  parameter HAS_LOOKUP = 1;
  parameter HAS_ROW_PARAMETERS = 0;
  parameter INSTRUCTIONS = 1;
  // 0: dump act after each instruction. 1: start the next one at once, dump at the end only.
  parameter BACK_TO_BACK = 0;

  reg clk = 1'b0;
  reg rst = 1'b1;
  always #1 clk = ~clk;

  reg [ACT_BITS*ROWS-1:0]    act  [0:ACT_BANKS*ACT_ROWS-1];
  reg [WGT_BITS*COLUMNS-1:0] wgt  [0:WGT_ROWS-1];
  reg [72*LANES-1:0]  par  [0:PAR_ROWS-1];
  reg [7:0]           lut  [0:511];
  reg [255:0]         words [0:INSTRUCTIONS-1];

  reg                 matmul_start = 1'b0;
  reg                 vector_start = 1'b0;
  reg [255:0]         instruction = 256'd0;
  wire                matmul_done;
  wire                vector_done;
  reg                 act_we = 1'b0;
  reg                 wgt_we = 1'b0;
  reg                 par_we = 1'b0;
  reg                 lut_we = 1'b0;
  reg [3:0]           bank = 4'd0;
  reg [19:0]          row = 20'd0;
  reg [ACT_BITS*ROWS-1:0]    act_data;
  reg [WGT_BITS*COLUMNS-1:0] wgt_data;
  reg [72*LANES-1:0]  par_data;
  reg [7:0]           lut_data;
  reg                 store_re = 1'b0;
  wire [ACT_BITS*ROWS-1:0]   store_data;

  compute_core #(
    .ROWS(ROWS), .COLUMNS(COLUMNS), .MULTIPLIER_STAGES(MULTIPLIER_STAGES),
    .LANES(LANES), .ACT_BITS(ACT_BITS), .WGT_BITS(WGT_BITS), .ACT_BANKS(ACT_BANKS), .ACT_ROWS(ACT_ROWS),
    .WGT_ROWS(WGT_ROWS), .WGT_BANKS(WGT_BANKS), .ACC_ROWS(ACC_ROWS), .PAR_ROWS(PAR_ROWS), .ACC_BITS(ACC_BITS),
    .MULTIPLIER_BITS(MULTIPLIER_BITS), .HAS_POOL(HAS_POOL), .HAS_DEPTHWISE(HAS_DEPTHWISE),
    .HAS_ADD(HAS_ADD), .HAS_LOOKUP(HAS_LOOKUP), .HAS_ROW_PARAMETERS(HAS_ROW_PARAMETERS)
  ) u_core (
    .clk_i(clk), .rst_i(rst),
    .matmul_start_i(matmul_start), .matmul_instruction_i(instruction), .matmul_done_o(matmul_done),
    .vector_start_i(vector_start), .vector_instruction_i(instruction), .vector_done_o(vector_done),
    .act_load_we_i(act_we), .act_load_bank_i(bank), .act_load_row_i(row[15:0]), .act_load_data_i(act_data),
    .wgt_load_we_i(wgt_we), .wgt_load_row_i(row), .wgt_load_data_i(wgt_data),
    .par_load_we_i(par_we), .par_load_row_i(row[15:0]), .par_load_data_i(par_data),
    .lut_load_we_i(lut_we), .lut_load_row_i(row[8:0]), .lut_load_data_i(lut_data),
    .act_store_re_i(store_re), .act_store_bank_i(bank), .act_store_row_i(row[15:0]),
    .act_store_data_o(store_data)
  );

  integer i;
  integer n;
  integer cycles;
  reg done;

  // Signals change just after the clock edge, as registers would.
  task tick;
    begin
      @(posedge clk);
      #0;
    end
  endtask

  task dump(input integer index);
    begin
      for (i = 0; i < ACT_BANKS*ACT_ROWS; i = i + 1) begin
        store_re <= 1'b1;
        bank <= i / ACT_ROWS;
        row <= i % ACT_ROWS;
        tick;
        store_re <= 1'b0;
        tick;
        $display("ROW %0d %0d %0d %h", index, i / ACT_ROWS, i % ACT_ROWS, store_data);
      end
    end
  endtask

  initial begin
    $readmemh("act.hex", act);
    $readmemh("wgt.hex", wgt);
    $readmemh("par.hex", par);
    $readmemh("lut.hex", lut);
    $readmemh("program.hex", words);
    tick;
    tick;
    rst <= 1'b0;
    for (i = 0; i < ACT_BANKS*ACT_ROWS; i = i + 1) begin
      act_we <= 1'b1;
      bank <= i / ACT_ROWS;
      row <= i % ACT_ROWS;
      act_data <= act[i];
      tick;
    end
    act_we <= 1'b0;
    for (i = 0; i < WGT_ROWS || i < PAR_ROWS || i < 512; i = i + 1) begin
      wgt_we <= (i < WGT_ROWS);
      par_we <= (i < PAR_ROWS);
      lut_we <= (i < 512);
      row <= i;
      wgt_data <= (i < WGT_ROWS) ? wgt[i] : {(WGT_BITS*COLUMNS){1'b0}};
      par_data <= (i < PAR_ROWS) ? par[i] : {(72*LANES){1'b0}};
      lut_data <= (i < 512) ? lut[i] : 8'd0;
      tick;
    end
    wgt_we <= 1'b0;
    par_we <= 1'b0;
    lut_we <= 1'b0;
    for (n = 0; n < INSTRUCTIONS; n = n + 1) begin
      instruction  <= words[n];
      matmul_start <= (words[n][3:0] == 4'd5);
      vector_start <= (words[n][3:0] != 4'd5);
      tick;                       // the end of the accept cycle
      matmul_start <= 1'b0;
      vector_start <= 1'b0;
      instruction  <= {256{1'bx}};  // the unit keeps what it needs
      cycles = 0;
      done = 1'b0;
      while (!done) begin
        @(negedge clk);
        cycles = cycles + 1;
        done = matmul_done || vector_done;
        tick;
        if (cycles > 200000) begin
          $display("HANG %0d", n);
          $finish;
        end
      end
      $display("D %0d %0d", n, cycles);
      if (BACK_TO_BACK == 0) dump(n);
    end
    if (BACK_TO_BACK != 0) dump(INSTRUCTIONS - 1);
    $finish;
  end
endmodule
`default_nettype wire
