// Delays a bus by DEPTH cycles. DEPTH 0 is a wire. Used to skew what enters the array and to align what
// leaves it; not reset, so it maps to shift-register primitives. Control bits use RESETTABLE = 1.
`default_nettype none
module delay_line #(
  parameter WIDTH = 8,
  parameter DEPTH = 1,
  parameter RESETTABLE = 0
) (
  input  wire             clk_i,
  input  wire             rst_i,
  input  wire [WIDTH-1:0] data_i,
  output wire [WIDTH-1:0] data_o
);
  generate
    if (DEPTH == 0) begin : g_wire
      wire unused_clock;
      assign unused_clock = &{1'b0, clk_i, rst_i};
      assign data_o = data_i;
    end else begin : g_line
      reg  [WIDTH*DEPTH-1:0] line_q;
      wire [WIDTH*DEPTH-1:0] line_d;
      if (DEPTH == 1) begin : g_single
        assign line_d = data_i;
      end else begin : g_shift
        assign line_d = {line_q[WIDTH*(DEPTH-1)-1:0], data_i};
      end
      if (RESETTABLE != 0) begin : g_reset
        always @(posedge clk_i) begin
          if (rst_i) line_q <= {(WIDTH*DEPTH){1'b0}};
          else line_q <= line_d;
        end
      end else begin : g_plain
        wire unused_reset;
        assign unused_reset = rst_i;
        always @(posedge clk_i) line_q <= line_d;
      end
      assign data_o = line_q[WIDTH*DEPTH-1 -: WIDTH];
    end
  endgenerate
endmodule
`default_nettype wire
