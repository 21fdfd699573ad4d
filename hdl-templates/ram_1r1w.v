// Synchronous RAM, one write and one read port, read latency 1: the one memory of the machine, to be replaced by
// a macro where the target needs one. A row is GROUPS groups of WIDTH bits that can be written on their own.
// A row read in the cycle in which it is written is undefined.
//
// WIDTH >= 1, GROUPS >= 1, DEPTH a power of two >= 2. Contents are undefined at power-up.
`default_nettype none
module ram_1r1w #(
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
  // Without the attribute Yosys adds a bypass so that such a read gives the old row.
  (* no_rw_check *)
  reg [WIDTH*GROUPS-1:0] rows_q [0:DEPTH-1];
  integer g;

  always @(posedge clk_i) begin
    for (g = 0; g < GROUPS; g = g + 1) begin
      if (write_i[g]) rows_q[write_row_i][WIDTH*g +: WIDTH] <= write_data_i[WIDTH*g +: WIDTH];
    end
    if (read_i) read_data_o <= rows_q[read_row_i];
  end

`ifdef SIMULATION
  always @(posedge clk_i) begin
    if (read_i && (|write_i) && read_row_i == write_row_i)
      $display("ERROR %m: row %0d is read while it is written", read_row_i);
  end
`endif
endmodule
`default_nettype wire
