// Synchronous RAM, one write and one read port, for an ASIC: the ports of ram_1r1w.v around the macro wrapper systole_sram.
// Memories of fewer than 16 rows (the fetch buffer) are smaller and quicker as registers than as macros.
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
  output wire [WIDTH*GROUPS-1:0] read_data_o
);
  generate
    if (DEPTH < 16) begin : g_registers
      reg [WIDTH*GROUPS-1:0] rows_q [0:DEPTH-1];
      reg [WIDTH*GROUPS-1:0] data_q;
      integer g;
      always @(posedge clk_i) begin
        for (g = 0; g < GROUPS; g = g + 1) begin
          if (write_i[g]) rows_q[write_row_i][WIDTH*g +: WIDTH] <= write_data_i[WIDTH*g +: WIDTH];
        end
        if (read_i) data_q <= rows_q[read_row_i];
      end
      assign read_data_o = data_q;
    end else begin : g_macro
      systole_sram #(
        .WIDTH  (WIDTH),
        .GROUPS (GROUPS),
        .DEPTH  (DEPTH)
      ) u_sram (
        .clk_i        (clk_i),
        .write_i      (write_i),
        .write_row_i  (write_row_i),
        .write_data_i (write_data_i),
        .read_i       (read_i),
        .read_row_i   (read_row_i),
        .read_data_o  (read_data_o)
      );
    end
  endgenerate
endmodule
`default_nettype wire
