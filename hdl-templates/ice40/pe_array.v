// The array for an iCE40 UltraPlus: as pe_array, cycle for cycle and bit for bit, with processing elements in pairs that
// share an SB_MAC16 each, for the first DSPS pairs; the others are plain (multipliers of logic cells).
//
// Takes the place of pe_array.v. MULTIPLIER_STAGES must be 1, ACT_BITS and WGT_BITS at most 8.
`default_nettype none
module pe_array #(
  parameter ROWS = 4,
  parameter COLUMNS = 4,
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter MULTIPLIER_STAGES = 1,
  parameter SUM_BITS = ACT_BITS + WGT_BITS + $clog2(ROWS),
  parameter DSPS = 8               // a UP5K has eight
) (
  input  wire                        clk_i,
  input  wire [ACT_BITS*ROWS-1:0]    activations_i,
  input  wire                        weight_write_i,
  input  wire [WGT_BITS*COLUMNS-1:0] weights_i,
  output wire [SUM_BITS*COLUMNS-1:0] sums_o
);
  localparam PAIRS = (COLUMNS + 1) / 2;

  genvar r;
  genvar c;
  genvar p;
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

      for (p = 0; p < PAIRS; p = p + 1) begin : g_pair
        // An odd last column has no eastern neighbour.
        localparam WHOLE = (2 * p + 1 < COLUMNS) ? 1 : 0;
        localparam EAST = 2 * p + WHOLE;
        wire                write;
        wire                write_east;
        wire [ACT_BITS-1:0] activation;
        wire [ACT_BITS-1:0] activation_east;
        wire [SUM_BITS-1:0] sum0;
        wire [SUM_BITS-1:0] sum1;
        wire [SUM_BITS-1:0] south0;
        wire [SUM_BITS-1:0] south1;
        if (p == 0) begin : g_west
          assign write      = write_west;
          assign activation = activation_west;
        end else begin : g_inner
          assign write      = g_row[r].g_pair[p-1].write_east;
          assign activation = g_row[r].g_pair[p-1].activation_east;
        end
        if (r == 0) begin : g_north
          assign sum0 = {SUM_BITS{1'b0}};
          assign sum1 = {SUM_BITS{1'b0}};
        end else begin : g_below
          assign sum0 = g_row[r-1].g_pair[p].south0;
          assign sum1 = g_row[r-1].g_pair[p].south1;
        end
        if (r * PAIRS + p < DSPS) begin : g_dsp
          pe_pair #(
            .ACT_BITS (ACT_BITS),
            .WGT_BITS (WGT_BITS),
            .SUM_BITS (SUM_BITS),
            .USE_EAST (WHOLE)
          ) u_pair (
            .clk_i        (clk_i),
            .write_i      (write),
            .activation_i (activation),
            .weight0_i    (g_bus[2*p].weight),
            .weight1_i    (g_bus[EAST].weight),
            .sum0_i       (sum0),
            .sum1_i       (sum1),
            .write_o      (write_east),
            .activation_o (activation_east),
            .sum0_o       (south0),
            .sum1_o       (south1)
          );
        end else begin : g_logic
          wire                write_between;
          wire [ACT_BITS-1:0] activation_between;
          pe #(
            .ACT_BITS          (ACT_BITS),
            .WGT_BITS          (WGT_BITS),
            .MULTIPLIER_STAGES (MULTIPLIER_STAGES),
            .SUM_BITS          (SUM_BITS)
          ) u_west (
            .clk_i        (clk_i),
            .write_i      (write),
            .activation_i (activation),
            .weight_i     (g_bus[2*p].weight),
            .sum_i        (sum0),
            .write_o      (write_between),
            .activation_o (activation_between),
            .sum_o        (south0)
          );
          if (WHOLE != 0) begin : g_east
            pe #(
              .ACT_BITS          (ACT_BITS),
              .WGT_BITS          (WGT_BITS),
              .MULTIPLIER_STAGES (MULTIPLIER_STAGES),
              .SUM_BITS          (SUM_BITS)
            ) u_east (
              .clk_i        (clk_i),
              .write_i      (write_between),
              .activation_i (activation_between),
              .weight_i     (g_bus[EAST].weight),
              .sum_i        (sum1),
              .write_o      (write_east),
              .activation_o (activation_east),
              .sum_o        (south1)
            );
          end else begin : g_edge
            wire unused_edge;
            assign unused_edge     = &{1'b0, sum1};
            assign write_east      = write_between;
            assign activation_east = activation_between;
            assign south1          = {SUM_BITS{1'b0}};
          end
        end
        if (p == PAIRS - 1) begin : g_last
          wire unused_east;
          assign unused_east = &{1'b0, write_east, activation_east, south1};
        end
      end
    end

    // South edge: the sums of one act row leave column c in cycle c; the last column waits for none.
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_align
      wire [SUM_BITS-1:0] sum;
      if (c % 2 == 0) begin : g_west
        assign sum = g_row[ROWS-1].g_pair[c/2].south0;
      end else begin : g_east
        assign sum = g_row[ROWS-1].g_pair[c/2].south1;
      end
      delay_line #(.WIDTH(SUM_BITS), .DEPTH(COLUMNS - 1 - c)) u_align (
        .clk_i  (clk_i),
        .rst_i  (1'b0),
        .data_i (sum),
        .data_o (sums_o[SUM_BITS*c +: SUM_BITS])
      );
    end
  endgenerate
endmodule
`default_nettype wire
