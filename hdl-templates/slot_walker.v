// act address of a slice: walks pixel rows, pixels and slices. A slice is a slot of a row; past the last slot it goes to
// slot 0 of the row `block` rows further. The user steps it at the end of a slice; slices, pixels and pixel rows end together
// with their last part (last_slice_i with last_x_i ends a pixel row).
//
// row_o, slot_o hold the address from the cycle after start_i or step_i. SLOTS = ROWS / LANES.
`default_nettype none
module slot_walker #(
  parameter SLOTS = 4,
  parameter SLOT_BITS = (SLOTS < 2) ? 1 : $clog2(SLOTS)
) (
  input  wire                 clk_i,
  input  wire                 start_i,
  input  wire [15:0]          row_i,         // start: row and slot of slice 0
  input  wire [7:0]           slot_i,
  input  wire [15:0]          stride_y_i,    // held while running
  input  wire [7:0]           stride_x_i,
  input  wire [15:0]          block_i,
  input  wire                 step_i,
  input  wire                 last_slice_i,
  input  wire                 last_x_i,
  output wire [15:0]          row_o,
  output wire [SLOT_BITS-1:0] slot_o
);
  localparam [31:0] LAST_SLOT = SLOTS - 1;

  reg [15:0]          line_q;        // pixel row
  reg [15:0]          pixel_q;
  reg [15:0]          row_q;         // slice
  reg [SLOT_BITS-1:0] slot_q;
  reg [SLOT_BITS-1:0] first_slot_q;

  wire wraps = (slot_q == LAST_SLOT[SLOT_BITS-1:0]);
  wire [15:0] next_line  = line_q + stride_y_i;
  wire [15:0] next_pixel = last_x_i ? next_line : pixel_q + {8'd0, stride_x_i};
  wire [15:0] next_block = row_q + block_i;

  wire unused_slot;
  assign unused_slot = &{1'b0, slot_i};

  always @(posedge clk_i) begin
    if (start_i) begin
      line_q       <= row_i;
      pixel_q      <= row_i;
      row_q        <= row_i;
      slot_q       <= slot_i[SLOT_BITS-1:0];
      first_slot_q <= slot_i[SLOT_BITS-1:0];
    end else if (step_i) begin
      if (last_slice_i) begin
        if (last_x_i) line_q <= next_line;
        pixel_q <= next_pixel;
        row_q   <= next_pixel;
        slot_q  <= first_slot_q;
      end else begin
        if (wraps) row_q <= next_block;
        slot_q <= wraps ? {SLOT_BITS{1'b0}} : slot_q + {{(SLOT_BITS-1){1'b0}}, 1'b1};
      end
    end
  end

  assign row_o  = row_q;
  assign slot_o = slot_q;
endmodule
`default_nettype wire
