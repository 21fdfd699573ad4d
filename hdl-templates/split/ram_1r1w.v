// Synchronous RAM, one write and one read port, for Yosys' mappings to Xilinx and Intel: the ports of ram_1r1w.v, each group a
// memory of its own, of at most 36 bits. Yosys 0.55 wires the upper parity inputs of 72-bit Xilinx block RAMs to the lower ones (a
// 71 for a 72 in its map file), so that wider words lose every ninth bit of their upper half; for Intel's M10K it makes
// write enables of groups from blocks of 2 bits, eight times as many.
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
  localparam PARTS = (WIDTH + 35) / 36;
  genvar g;
  genvar p;
  generate
    for (g = 0; g < GROUPS; g = g + 1) begin : g_group
      for (p = 0; p < PARTS; p = p + 1) begin : g_part
        localparam BITS = (p < PARTS - 1) ? 36 : WIDTH - 36 * (PARTS - 1);
        if (DEPTH < 16) begin : g_few
          // The fetch buffer: a block RAM would be nearly empty.
          (* no_rw_check *)
          reg [BITS-1:0] rows_q [0:DEPTH-1];
          reg [BITS-1:0] data_q;
          always @(posedge clk_i) begin
            if (write_i[g]) rows_q[write_row_i] <= write_data_i[WIDTH*g+36*p +: BITS];
            if (read_i) data_q <= rows_q[read_row_i];
          end
          assign read_data_o[WIDTH*g+36*p +: BITS] = data_q;
        end else begin : g_block
          // Otherwise Xilinx memories of 64 rows and fewer become LUTs.
          (* no_rw_check, ram_style = "block" *)
          reg [BITS-1:0] rows_q [0:DEPTH-1];
          reg [BITS-1:0] data_q;
          always @(posedge clk_i) begin
            if (write_i[g]) rows_q[write_row_i] <= write_data_i[WIDTH*g+36*p +: BITS];
            if (read_i) data_q <= rows_q[read_row_i];
          end
          assign read_data_o[WIDTH*g+36*p +: BITS] = data_q;
        end
      end
    end
  endgenerate
endmodule
`default_nettype wire
