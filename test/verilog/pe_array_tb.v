// Two arrays side by side under the same random stimuli: the plain one and another (a variant, or its netlist after
// synthesis), which must give the same sums in every cycle once the pipeline is filled. Prints PASS or the difference.
`timescale 1ns/1ps
`default_nettype none
module pe_array_tb;
  parameter ROWS = 2;
  parameter COLUMNS = 3;
  parameter ACT_BITS = 8;
  parameter WGT_BITS = 8;
  localparam SUM_BITS = ACT_BITS + WGT_BITS + $clog2(ROWS);
  reg clk = 1'b0;
  always #5 clk = !clk;
  reg  [ACT_BITS*ROWS-1:0]    activations = 0;
  reg                         write = 1'b0;
  reg  [WGT_BITS*COLUMNS-1:0] weights = 0;
  wire [SUM_BITS*COLUMNS-1:0] expected;
  wire [SUM_BITS*COLUMNS-1:0] found;

  pe_array_plain #(.ROWS(ROWS), .COLUMNS(COLUMNS), .ACT_BITS(ACT_BITS), .WGT_BITS(WGT_BITS)) u_plain (
    .clk_i (clk), .activations_i (activations), .weight_write_i (write), .weights_i (weights), .sums_o (expected)
  );
  pe_array u_other (
    .clk_i (clk), .activations_i (activations), .weight_write_i (write), .weights_i (weights), .sums_o (found)
  );

  integer cycle;
  integer bit_index;
  integer differences = 0;
  integer compared = 0;
  integer changes = 0;
  reg [SUM_BITS*COLUMNS-1:0] last;
  initial begin
    for (cycle = 0; cycle < 4000; cycle = cycle + 1) begin
      @(negedge clk);
      for (bit_index = 0; bit_index < ACT_BITS * ROWS; bit_index = bit_index + 1) activations[bit_index] = $random;
      for (bit_index = 0; bit_index < WGT_BITS * COLUMNS; bit_index = bit_index + 1) weights[bit_index] = $random;
      // Often at the ends of the range.
      if (cycle % 7 == 0) activations = {ROWS{1'b1, {(ACT_BITS-1){1'b0}}}};
      if (cycle % 5 == 0) weights = {COLUMNS{1'b1, {(WGT_BITS-1){1'b0}}}};
      write = (cycle < 3) || ($random & 3) == 0;
      if (cycle > 4 * (ROWS + COLUMNS) + 8) begin
        compared = compared + 1;
        if (expected !== last) changes = changes + 1;
        last = expected;
        if (^expected === 1'bx || expected !== found) differences = differences + 1;
      end
    end
    if (differences == 0 && changes > 3000) $display("PASS %0d cycles compared", compared);
    else $display("FAIL %0d of %0d cycles differ, %0d changes", differences, compared, changes);
    $finish;
  end
endmodule
`default_nettype wire
