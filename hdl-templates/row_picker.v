// Cuts a buffer row out of the last bus beats that load took. Combinational.
//
// The newest beat is at the top of window_i, older ones below it. A row of a beat or more ends in the newest
// beat (and may be followed by padding); a smaller row lies in it at a byte offset.
//
// ROW_BYTES 1 to 2304; BUS_BYTES 4 to 64; WINDOW_BEATS at least ceil(ROW_BYTES / BUS_BYTES).
`default_nettype none
module row_picker #(
  parameter ROW_BYTES = 16,
  parameter BUS_BYTES = 16,
  parameter WINDOW_BEATS = 1
) (
  input  wire [8*BUS_BYTES*WINDOW_BEATS-1:0] window_i,
  input  wire [$clog2(BUS_BYTES)-1:0]        offset_i,
  output wire [8*ROW_BYTES-1:0]              row_o
);
  localparam ROW_BEATS  = (ROW_BYTES + BUS_BYTES - 1) / BUS_BYTES;
  localparam ROW_BOTTOM = 8 * BUS_BYTES * (WINDOW_BEATS - ROW_BEATS);

  // Which bits of the window stay unused depends on the two widths.
  wire unused_bits;
  assign unused_bits = &{1'b0, window_i, offset_i};

  generate
    if (ROW_BYTES >= BUS_BYTES) begin : g_wide
      assign row_o = window_i[ROW_BOTTOM +: 8*ROW_BYTES];
    end else begin : g_narrow
      wire [8*BUS_BYTES-1:0] shifted;
      wire unused_high;
      assign shifted = window_i[ROW_BOTTOM +: 8*BUS_BYTES] >> {offset_i, 3'b000};
      assign row_o = shifted[8*ROW_BYTES-1:0];
      assign unused_high = &{1'b0, shifted[8*BUS_BYTES-1:8*ROW_BYTES]};
    end
  endgenerate
endmodule
`default_nettype wire
