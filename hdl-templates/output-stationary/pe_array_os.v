// ROWS x COLUMNS output-stationary systolic array: PE(r,c) sums pixel r of a block and output channel c.
//
// load_i is high in the cycle in which the act row of pixel 0 of a weight tile is shown; pixels 1 to ROWS-1 follow, a cycle each. The
// tile's weight row 0 is shown a cycle after load_i, rows 1 to ROWS-1 follow. turn_i is high MULTIPLIER_STAGES cycles after weight row 0
// of a block's first tile, and after its last product: pixel r of the block before is on sums_o 2 * r + COLUMNS cycles after turn_i.
// Two turns are at least 2 * ROWS - 1 cycles apart, or drained sums would be overwritten.
`default_nettype none
module pe_array_os #(
  parameter ROWS = 4,
  parameter COLUMNS = 4,
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter MULTIPLIER_STAGES = 1,
  parameter SUM_BITS = 32
) (
  input  wire                        clk_i,
  input  wire [ACT_BITS*ROWS-1:0]    activations_i,
  input  wire                        load_i,
  input  wire                        turn_i,
  input  wire [WGT_BITS*COLUMNS-1:0] weights_i,
  output wire [SUM_BITS*COLUMNS-1:0] sums_o
);
  genvar r;
  genvar c;
  generate
    // North edge: column c of the weight row is c cycles late.
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_bus
      wire [WGT_BITS-1:0] weight;
      delay_line #(.WIDTH(WGT_BITS), .DEPTH(c)) u_skew (
        .clk_i  (clk_i),
        .rst_i  (1'b0),
        .data_i (weights_i[WGT_BITS*c +: WGT_BITS]),
        .data_o (weight)
      );
    end

    for (r = 0; r < ROWS; r = r + 1) begin : g_row
      // West edge: pixel r is loaded, and its sum handed over, r cycles late.
      wire                load_west;
      wire                turn_west;
      wire [ACT_BITS-1:0] activation_west;
      if (r == 0) begin : g_first
        assign load_west = load_i;
        assign turn_west = turn_i;
      end else begin : g_next
        reg load_q;
        reg turn_q;
        always @(posedge clk_i) begin
          load_q <= g_row[r-1].load_west;
          turn_q <= g_row[r-1].turn_west;
        end
        assign load_west = load_q;
        assign turn_west = turn_q;
      end
      transposer_row #(.LENGTH(ROWS), .ACT_BITS(ACT_BITS)) u_transposer (
        .clk_i      (clk_i),
        .load_i     (load_west),
        .channels_i (activations_i),
        .channel_o  (activation_west)
      );

      for (c = 0; c < COLUMNS; c = c + 1) begin : g_col
        wire                turn;
        wire                turn_east;
        wire [ACT_BITS-1:0] activation;
        wire [ACT_BITS-1:0] activation_east;
        wire [WGT_BITS-1:0] weight;
        wire [WGT_BITS-1:0] weight_south;
        wire [SUM_BITS-1:0] drain;
        wire [SUM_BITS-1:0] drain_north;
        if (c == 0) begin : g_west
          assign turn       = turn_west;
          assign activation = activation_west;
        end else begin : g_inner
          assign turn       = g_row[r].g_col[c-1].turn_east;
          assign activation = g_row[r].g_col[c-1].activation_east;
        end
        if (r == 0) begin : g_north
          assign weight = g_bus[c].weight;
        end else begin : g_below
          assign weight = g_row[r-1].g_col[c].weight_south;
        end
        if (r == ROWS - 1) begin : g_south
          wire unused_south;
          assign unused_south = &{1'b0, weight_south};
          assign drain = {SUM_BITS{1'b0}};
        end else begin : g_above
          assign drain = g_row[r+1].g_col[c].drain_north;
        end
        pe_os #(
          .ACT_BITS          (ACT_BITS),
          .WGT_BITS          (WGT_BITS),
          .MULTIPLIER_STAGES (MULTIPLIER_STAGES),
          .SUM_BITS          (SUM_BITS)
        ) u_pe (
          .clk_i        (clk_i),
          .turn_i       (turn),
          .activation_i (activation),
          .weight_i     (weight),
          .drain_i      (drain),
          .turn_o       (turn_east),
          .activation_o (activation_east),
          .weight_o     (weight_south),
          .drain_o      (drain_north)
        );
        if (c == COLUMNS - 1) begin : g_east
          wire unused_east;
          assign unused_east = &{1'b0, turn_east, activation_east};
        end
      end
    end

    // North edge: the sums of one pixel leave column c in cycle c; the last column waits for none.
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_align
      delay_line #(.WIDTH(SUM_BITS), .DEPTH(COLUMNS - 1 - c)) u_align (
        .clk_i  (clk_i),
        .rst_i  (1'b0),
        .data_i (g_row[0].g_col[c].drain_north),
        .data_o (sums_o[SUM_BITS*c +: SUM_BITS])
      );
    end
  endgenerate
endmodule
`default_nettype wire
