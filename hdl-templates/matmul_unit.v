// matmul: for every weight tile (kb, ky, kx) writes ROWS weight rows into the array, streams ny*nx act rows through it and
// adds the column sums to acc. A tile takes P = max(ny*nx, ROWS, 2) cycles.
//
// Running cycle k of tile t (counted from its first, k = t*P) reads weight row k - t*P; the act row of vector
// k - t*P is addressed one cycle later, enters the array in the next and is written to acc W = ROWS + COLUMNS - 1 +
// MULTIPLIER_STAGES cycles after that. done_o is high with the last acc write: D = 2 + (tiles-1)*P + ny*nx + W.
//
// Every address is a register that strides are added to; there is no address multiplier.
`default_nettype none
module matmul_unit #(
  parameter ROWS = 4,
  parameter COLUMNS = 4,
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter ACC_BITS = 32,
  parameter MULTIPLIER_STAGES = 1
) (
  input  wire                        clk_i,
  input  wire                        rst_i,
  input  wire                        start_i,
  input  wire [255:0]                instruction_i,
  output wire                        done_o,
  output wire                        wgt_re_o,
  output wire [19:0]                 wgt_row_o,
  input  wire [WGT_BITS*COLUMNS-1:0]        wgt_data_i,
  output wire                        act_re_o,
  output wire [3:0]                  act_bank_o,
  output wire [15:0]                 act_row_o,
  input  wire [ACT_BITS*ROWS-1:0]           act_data_i,
  output wire                        acc_bank_o,
  output wire                        acc_re_o,
  output wire [14:0]                 acc_read_row_o,
  input  wire [ACC_BITS*COLUMNS-1:0] acc_read_data_i,
  output wire                        acc_we_o,
  output wire [14:0]                 acc_write_row_o,
  output wire [ACC_BITS*COLUMNS-1:0] acc_write_data_o
);
  // A column sum of ROWS products; no wider than acc, where sums wrap anyway.
  localparam FULL_SUM_BITS = ACT_BITS + WGT_BITS + $clog2(ROWS);
  localparam SUM_BITS = (FULL_SUM_BITS < ACC_BITS) ? FULL_SUM_BITS : ACC_BITS;
  // Weight rows of a tile follow one another; with one row the tile is still two cycles long (P >= 2).
  localparam TILE_ROWS = (ROWS < 2) ? 2 : ROWS;
  localparam ROW_BITS  = $clog2(TILE_ROWS);
  localparam [31:0] LAST_ROW = TILE_ROWS - 1;

  // ---- The instruction
  wire         unused_match;
  wire [19:0]  act;
  wire [19:0]  wgt;
  wire [15:0]  acc;
  wire         accumulate;
  wire [11:0]  ny;
  wire [11:0]  nx;
  wire [15:0]  stride_y;
  wire [11:0]  stride_x;
  wire [11:0]  nkb;
  wire [15:0]  stride_kb;
  wire [7:0]   nky;
  wire [15:0]  stride_ky;
  wire [7:0]   nkx;
  wire [11:0]  stride_kx;
  fields_matmul u_fields (
    .instruction_i (instruction_i),
    .match_o       (unused_match),
    .act_o         (act),
    .wgt_o         (wgt),
    .acc_o         (acc),
    .accumulate_o  (accumulate),
    .ny_o          (ny),
    .nx_o          (nx),
    .stride_y_o    (stride_y),
    .stride_x_o    (stride_x),
    .nkb_o         (nkb),
    .stride_kb_o   (stride_kb),
    .nky_o         (nky),
    .stride_ky_o   (stride_ky),
    .nkx_o         (nkx),
    .stride_kx_o   (stride_kx)
  );

  reg [3:0]   act_bank_q;
  reg         acc_bank_q;
  reg [14:0]  acc_base_q;
  reg [11:0]  ny_q;
  reg [11:0]  nx_q;
  reg [7:0]   nky_q;
  reg [7:0]   nkx_q;
  reg [15:0]  stride_y_q;
  reg [11:0]  stride_x_q;
  reg [15:0]  stride_kb_q;
  reg [15:0]  stride_ky_q;
  reg [11:0]  stride_kx_q;

  always @(posedge clk_i) begin
    if (start_i) begin
      act_bank_q  <= act[19:16];
      acc_bank_q  <= acc[15];
      acc_base_q  <= acc[14:0];
      ny_q        <= ny;
      nx_q        <= nx;
      nky_q       <= nky;
      nkx_q       <= nkx;
      stride_y_q  <= stride_y;
      stride_x_q  <= stride_x;
      stride_kb_q <= stride_kb;
      stride_ky_q <= stride_ky;
      stride_kx_q <= stride_kx;
    end
  end

  // ---- Position: tile (kb, ky, kx), vector (y, x), weight row. Counters hold what is left, 1 in the last round.
  reg                running_q;
  reg                streamed_q;  // every vector of this tile was read
  reg                rowed_q;     // every weight row of this tile was read
  reg                final_q;     // the tile whose vectors were read was the last one
  reg [ROW_BITS-1:0] row_q;
  reg [11:0]         y_left_q;
  reg [11:0]         x_left_q;
  reg [11:0]         kb_left_q;
  reg [7:0]          ky_left_q;
  reg [7:0]          kx_left_q;

  wire stream      = running_q && !streamed_q;
  wire last_x      = (x_left_q == 12'd1);
  wire last_y      = (y_left_q == 12'd1);
  wire last_kx     = (kx_left_q == 8'd1);
  wire last_ky     = (ky_left_q == 8'd1);
  wire last_kb     = (kb_left_q == 12'd1);
  wire last_vector = stream && last_x && last_y;
  wire last_of_all = last_vector && last_kx && last_ky && last_kb;
  wire last_row    = (row_q == LAST_ROW[ROW_BITS-1:0]);
  wire tile_end    = (streamed_q || last_vector) && (rowed_q || last_row);

  always @(posedge clk_i) begin
    if (rst_i) running_q <= 1'b0;
    else if (start_i) running_q <= 1'b1;
    else if (tile_end && (final_q || last_of_all)) running_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (start_i || tile_end) begin
      streamed_q <= 1'b0;
      rowed_q    <= 1'b0;
      row_q      <= {ROW_BITS{1'b0}};
    end else begin
      if (last_vector) streamed_q <= 1'b1;
      if (last_row) rowed_q <= 1'b1;
      else row_q <= row_q + {{(ROW_BITS-1){1'b0}}, 1'b1};
    end
    if (start_i) final_q <= 1'b0;
    else if (last_of_all) final_q <= 1'b1;
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      x_left_q  <= nx;
      y_left_q  <= ny;
      kx_left_q <= nkx;
      ky_left_q <= nky;
      kb_left_q <= nkb;
    end else begin
      if (stream) x_left_q <= last_x ? nx_q : x_left_q - 12'd1;
      if (stream && last_x)
        y_left_q <= last_y ? ny_q : y_left_q - 12'd1;
      if (last_vector)
        kx_left_q <= last_kx ? nkx_q : kx_left_q - 8'd1;
      if (last_vector && last_kx)
        ky_left_q <= last_ky ? nky_q : ky_left_q - 8'd1;
      if (last_vector && last_kx && last_ky)
        kb_left_q <= kb_left_q - 12'd1;
    end
  end

  // ---- act address: the row of this vector, of its pixel row, and of the tile at each loop level
  reg [15:0] pixel_q;
  reg [15:0] line_q;
  reg [15:0] kx_base_q;
  reg [15:0] ky_base_q;
  reg [15:0] kb_base_q;

  wire [15:0] next_pixel = pixel_q + {4'd0, stride_x_q};
  wire [15:0] next_line  = line_q + stride_y_q;
  wire [15:0] next_kx    = kx_base_q + {4'd0, stride_kx_q};
  wire [15:0] next_ky    = ky_base_q + stride_ky_q;
  wire [15:0] next_kb    = kb_base_q + stride_kb_q;
  wire [15:0] next_tile  = !last_kx ? next_kx : !last_ky ? next_ky : next_kb;

  always @(posedge clk_i) begin
    if (start_i) begin
      pixel_q   <= act[15:0];
      line_q    <= act[15:0];
      kx_base_q <= act[15:0];
      ky_base_q <= act[15:0];
      kb_base_q <= act[15:0];
    end else if (last_vector) begin
      pixel_q   <= next_tile;
      line_q    <= next_tile;
      kx_base_q <= next_tile;
      if (last_kx) ky_base_q <= next_tile;
      if (last_kx && last_ky) kb_base_q <= next_tile;
    end else if (stream) begin
      pixel_q <= last_x ? next_line : next_pixel;
      if (last_x) line_q <= next_line;
    end
  end

  reg        act_re_q;
  reg [15:0] act_row_q;
  always @(posedge clk_i) begin
    if (rst_i) act_re_q <= 1'b0;
    else act_re_q <= stream;
    act_row_q <= pixel_q;
  end
  assign act_re_o   = act_re_q;
  assign act_bank_o = act_bank_q;
  assign act_row_o  = act_row_q;

  // ---- Weight rows, all tiles one after another
  reg [19:0] wgt_row_q;
  reg        weight_write_q;
  generate
    if (ROWS == 1) begin : g_one_row
      assign wgt_re_o = running_q && (row_q == 1'b0) && !rowed_q;
    end else begin : g_rows
      assign wgt_re_o = running_q && !rowed_q;
    end
  endgenerate
  always @(posedge clk_i) begin
    if (start_i) wgt_row_q <= wgt;
    else if (wgt_re_o) wgt_row_q <= wgt_row_q + 20'd1;
    if (rst_i) weight_write_q <= 1'b0;
    else weight_write_q <= wgt_re_o && (row_q == {ROW_BITS{1'b0}});
  end
  assign wgt_row_o = wgt_row_q;

  // The array rests between instructions (and is flushed in reset).
  reg  active_q;
  wire array_clk;
  always @(posedge clk_i) begin
    if (rst_i) active_q <= 1'b0;
    else if (start_i) active_q <= 1'b1;
    else if (done_o) active_q <= 1'b0;
  end
  clock_gate u_array_clock (
    .clk_i    (clk_i),
    .enable_i (active_q || rst_i),
    .clk_o    (array_clk)
  );

  wire [SUM_BITS*COLUMNS-1:0] sums;
  pe_array #(
    .ROWS              (ROWS),
    .COLUMNS           (COLUMNS),
    .ACT_BITS          (ACT_BITS),
    .WGT_BITS          (WGT_BITS),
    .MULTIPLIER_STAGES (MULTIPLIER_STAGES),
    .SUM_BITS          (SUM_BITS)
  ) u_array (
    .clk_i          (array_clk),
    .activations_i  (act_data_i),
    .weight_write_i (weight_write_q),
    .weights_i      (wgt_data_i),
    .sums_o         (sums)
  );

  // ---- Accumulate: read acc one cycle before the sums of a vector come out, add, write
  wire drain;
  wire drain_tile_end;
  wire drain_last;
  delay_line #(
    .WIDTH      (3),
    .DEPTH      (ROWS + COLUMNS + MULTIPLIER_STAGES),
    .RESETTABLE (1)
  ) u_wave (
    .clk_i  (clk_i),
    .rst_i  (rst_i),
    .data_i ({stream, last_vector, last_of_all}),
    .data_o ({drain, drain_tile_end, drain_last})
  );

  reg        adding_q;  // not the first tile, or told to accumulate
  reg [14:0] acc_row_q;
  reg        write_q;
  reg        write_adds_q;
  reg        write_last_q;
  reg [14:0] write_row_q;

  always @(posedge clk_i) begin
    if (start_i) begin
      adding_q  <= accumulate;
      acc_row_q <= acc[14:0];
    end else if (drain) begin
      if (drain_tile_end) adding_q <= 1'b1;
      acc_row_q <= drain_tile_end ? acc_base_q : acc_row_q + 15'd1;
    end
    write_adds_q <= adding_q;
    write_row_q  <= acc_row_q;
    if (rst_i) begin
      write_q      <= 1'b0;
      write_last_q <= 1'b0;
    end else begin
      write_q      <= drain;
      write_last_q <= drain_last;
    end
  end

  assign acc_bank_o      = acc_bank_q;
  assign acc_re_o        = drain && adding_q;
  assign acc_read_row_o  = acc_row_q;
  assign acc_we_o        = write_q;
  assign acc_write_row_o = write_row_q;
  assign done_o          = write_last_q;

  genvar c;
  generate
    for (c = 0; c < COLUMNS; c = c + 1) begin : g_column
      wire [ACC_BITS-1:0] earlier;
      wire [ACC_BITS-1:0] sum;
      assign earlier = acc_read_data_i[ACC_BITS*c +: ACC_BITS] & {ACC_BITS{write_adds_q}};
      if (ACC_BITS > SUM_BITS) begin : g_extend
        assign sum = {{(ACC_BITS-SUM_BITS){sums[SUM_BITS*c+SUM_BITS-1]}}, sums[SUM_BITS*c +: SUM_BITS]};
      end else begin : g_exact
        assign sum = sums[SUM_BITS*c +: SUM_BITS];
      end
      assign acc_write_data_o[ACC_BITS*c +: ACC_BITS] = earlier + sum;
    end
  endgenerate
endmodule
`default_nettype wire
