// Behavioural model of the SRAM macros: replace this file by one that instantiates the memory compiler's macros for the
// shapes that asic/memories.json lists (a generate on WIDTH, GROUPS and DEPTH).
//
// What the machine asks of a macro: one write and one read port on one rising clock; a row read in cycle t is at
// read_data_o from t + 1 until the next read; GROUPS groups of WIDTH bits written each on its own; data that were written can be
// read from the next cycle on. It never reads the row that it writes in the same cycle, and never reads a row before
// it was written: power-up contents and collisions are don't-care. The model gives unknowns for both.
`default_nettype none
module systole_sram #(
  parameter WIDTH = 8,
  parameter GROUPS = 1,
  parameter DEPTH = 16,
  parameter INDEX_BITS = $clog2(DEPTH)
) (
  input  wire                    clk_i,
  input  wire [GROUPS-1:0]       write_i,
  input  wire [INDEX_BITS-1:0]   write_row_i,
  input  wire [WIDTH*GROUPS-1:0] write_data_i,
  input  wire                    read_i,
  input  wire [INDEX_BITS-1:0]   read_row_i,
  output reg  [WIDTH*GROUPS-1:0] read_data_o
);
  reg [WIDTH*GROUPS-1:0] rows_q [0:DEPTH-1];
  integer g;

  always @(posedge clk_i) begin
    for (g = 0; g < GROUPS; g = g + 1) begin
      if (write_i[g]) rows_q[write_row_i][WIDTH*g +: WIDTH] <= write_data_i[WIDTH*g +: WIDTH];
    end
    if (read_i) begin
      if ((|write_i) && read_row_i == write_row_i) read_data_o <= {(WIDTH*GROUPS){1'bx}};
      else read_data_o <= rows_q[read_row_i];
    end
  end
endmodule
`default_nettype wire
