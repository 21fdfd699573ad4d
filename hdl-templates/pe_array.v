// ROWS x COLUMNS weight-stationary systolic array with the registers that skew its inputs and align its outputs.
//
// An act row shown in cycle e gives its column sums on sums_o in cycle e + ROWS + COLUMNS - 1 + MULTIPLIER_STAGES.
// weight_write_i is high in the cycle in which weight row 0 of a tile is shown, one cycle before the tile's first act row; rows 1 to
// ROWS-1 follow, a cycle each. Row r reaches PE(r,c) r + c cycles later, as the act wave does, so that old and new weights
// never meet and no shadow register is needed.
`default_nettype none
module pe_array #(
  parameter ROWS = 4,
  parameter COLUMNS = 4,
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter MULTIPLIER_STAGES = 1,
  parameter SUM_BITS = ACT_BITS + WGT_BITS + $clog2(ROWS)
) (
  input  wire                        clk_i,
  input  wire [ACT_BITS*ROWS-1:0]           activations_i,
  input  wire                        weight_write_i,
  input  wire [WGT_BITS*COLUMNS-1:0]        weights_i,
  output wire [SUM_BITS*COLUMNS-1:0] sums_o
);
  genvar r;
  genvar c;
  generate
    // North edge: column c of the weight bus is c cycles late.
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
      // West edge: lane r is r cycles late, and so is the write of weight row r.
      wire                write_west;
      wire [ACT_BITS-1:0] activation_west;
      delay_line #(.WIDTH(ACT_BITS), .DEPTH(r)) u_skew (
        .clk_i  (clk_i),
        .rst_i  (1'b0),
        .data_i (activations_i[ACT_BITS*r +: ACT_BITS]),
        .data_o (activation_west)
      );
      if (r == 0) begin : g_first_write
        assign write_west = weight_write_i;
      end else begin : g_next_write
        reg write_q;
        always @(posedge clk_i) write_q <= g_row[r-1].write_west;
        assign write_west = write_q;
      end

      for (c = 0; c < COLUMNS; c = c + 1) begin : g_col
        wire                write;
        wire                write_east;
        wire [ACT_BITS-1:0] activation;
        wire [ACT_BITS-1:0] activation_east;
        wire [SUM_BITS-1:0] sum;
        wire [SUM_BITS-1:0] sum_south;
        if (c == 0) begin : g_west
          assign write      = write_west;
          assign activation = activation_west;
        end else begin : g_inner
          assign write      = g_row[r].g_col[c-1].write_east;
          assign activation = g_row[r].g_col[c-1].activation_east;
        end
        if (r == 0) begin : g_north
          assign sum = {SUM_BITS{1'b0}};
        end else begin : g_below
          assign sum = g_row[r-1].g_col[c].sum_south;
        end
        pe #(
          .ACT_BITS          (ACT_BITS),
          .WGT_BITS          (WGT_BITS),
          .MULTIPLIER_STAGES (MULTIPLIER_STAGES),
          .SUM_BITS          (SUM_BITS)
        ) u_pe (
          .clk_i        (clk_i),
          .write_i      (write),
          .activation_i (activation),
          .weight_i     (g_bus[c].weight),
          .sum_i        (sum),
          .write_o      (write_east),
          .activation_o (activation_east),
          .sum_o        (sum_south)
        );
        if (c == COLUMNS - 1) begin : g_east
          wire unused_east;
          assign unused_east = &{1'b0, write_east, activation_east};
        end
      end
    end

    // South edge: the sums of one act row leave column c in cycle c; the last column waits for none.
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_align
      delay_line #(.WIDTH(SUM_BITS), .DEPTH(COLUMNS - 1 - c)) u_align (
        .clk_i  (clk_i),
        .rst_i  (1'b0),
        .data_i (g_row[ROWS-1].g_col[c].sum_south),
        .data_o (sums_o[SUM_BITS*c +: SUM_BITS])
      );
    end
  endgenerate
endmodule
`default_nettype wire
