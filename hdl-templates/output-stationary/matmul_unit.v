// matmul on an output-stationary array: blocks of ROWS pixels, each summed over all weight tiles (kb, ky, kx) in the array, drained to
// acc once. A block takes P = max(tiles * ROWS, 2 * ROWS - 1) cycles.
//
// Running cycle k (from 0) of a block counts an act row, addressed in k + 1 and loaded into the transposer in k + 2; its
// weight row k is addressed in k + 2 and at the array's edge in k + 3, with the first element. A block's sums are handed over P cycles
// after its first product; pixel j is written to acc 2j + COLUMNS cycles later. done_o is high with the last acc write: with L pixels in the last of B blocks
// D = 2 + B*P + 2*L + COLUMNS + MULTIPLIER_STAGES.
//
// The same ports and the same name as the weight-stationary unit, which it takes the place of.
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
  // Slots of a tile; where one tile is a whole block, ROWS - 1 idle cycles follow (P).
  localparam SLOT_BITS = (ROWS < 2) ? 1 : $clog2(ROWS);
  localparam [31:0] LAST_SLOT = ROWS - 1;
  localparam [31:0] LAST_IDLE = (ROWS < 2) ? 0 : ROWS - 2;

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
  reg         adding_q;
  reg [19:0]  wgt_base_q;
  reg [15:0]  act_base_q;
  reg [11:0]  nx_q;
  reg [11:0]  nkb_q;
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
      adding_q    <= accumulate;
      wgt_base_q  <= wgt;
      act_base_q  <= act[15:0];
      nx_q        <= nx;
      nkb_q       <= nkb;
      nky_q       <= nky;
      nkx_q       <= nkx;
      stride_y_q  <= stride_y;
      stride_x_q  <= stride_x;
      stride_kb_q <= stride_kb;
      stride_ky_q <= stride_ky;
      stride_kx_q <= stride_kx;
    end
  end

  // ---- Position: block of ROWS pixels, tile (kb, ky, kx), pixel (slot) of the block. Counters hold what is left, 1 in the last round.
  reg                 running_q;
  reg                 idling_q;    // every tile of this block was read, its sums wait for the block before to drain
  reg                 ending_q;    // the cycle after the last block's last
  reg                 exhausted_q; // the last pixel of this tile was read
  reg                 short_q;     // the block holds the last pixel
  reg [SLOT_BITS-1:0] slot_q;
  reg [SLOT_BITS-1:0] last_pixel_q; // slot of the last pixel
  reg [11:0]          x_left_q;
  reg [11:0]          y_left_q;
  reg [11:0]          block_x_left_q; // of the block's first pixel
  reg [11:0]          block_y_left_q;
  reg [11:0]          kb_left_q;
  reg [7:0]           ky_left_q;
  reg [7:0]           kx_left_q;
  reg                 first_q;     // first slot of a block
  reg                 started_q;   // the instruction's first block was begun

  wire last_slot  = (slot_q == LAST_SLOT[SLOT_BITS-1:0]);
  wire stream     = running_q && !idling_q;
  wire last_x     = (x_left_q == 12'd1);
  wire last_pixel = last_x && (y_left_q == 12'd1);
  wire last_kx    = (kx_left_q == 8'd1);
  wire last_ky    = (ky_left_q == 8'd1);
  wire last_kb    = (kb_left_q == 12'd1);
  wire tile_end   = stream && last_slot;
  wire last_tile  = last_kx && last_ky && last_kb;
  wire one_tile   = (nkx_q == 8'd1) && (nky_q == 8'd1) && (nkb_q == 12'd1);
  wire block_end  = (tile_end && last_tile && !(one_tile && ROWS > 1)) || (idling_q && slot_q == LAST_IDLE[SLOT_BITS-1:0]);
  wire ends_short = short_q || (stream && last_pixel);
  wire tile_first = stream && (slot_q == {SLOT_BITS{1'b0}});

  always @(posedge clk_i) begin
    if (rst_i) begin
      running_q <= 1'b0;
      ending_q  <= 1'b0;
    end else begin
      if (start_i) running_q <= 1'b1;
      else if (block_end && ends_short) running_q <= 1'b0;
      ending_q <= running_q && block_end && ends_short;
    end
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      idling_q    <= 1'b0;
      exhausted_q <= 1'b0;
      short_q     <= 1'b0;
      slot_q      <= {SLOT_BITS{1'b0}};
      first_q     <= 1'b1;
      started_q   <= 1'b0;
    end else if (running_q) begin
      if (block_end) idling_q <= 1'b0;
      else if (tile_end && last_tile) idling_q <= 1'b1;
      if (tile_end || block_end) slot_q <= {SLOT_BITS{1'b0}};
      else slot_q <= slot_q + {{(SLOT_BITS-1){1'b0}}, 1'b1};
      if (tile_end) exhausted_q <= 1'b0;
      else if (stream && last_pixel) exhausted_q <= 1'b1;
      if (stream && last_pixel && !exhausted_q) begin
        short_q      <= 1'b1;
        last_pixel_q <= slot_q;
      end
      first_q <= block_end;
      if (block_end) started_q <= 1'b1;
    end
  end

  // ---- Tiles of a block
  reg [15:0] kx_base_q;
  reg [15:0] ky_base_q;
  reg [15:0] kb_base_q;
  wire [15:0] next_kx   = kx_base_q + {4'd0, stride_kx_q};
  wire [15:0] next_ky   = ky_base_q + stride_ky_q;
  wire [15:0] next_kb   = kb_base_q + stride_kb_q;
  wire [15:0] next_tile = !last_kx ? next_kx : !last_ky ? next_ky : next_kb;
  always @(posedge clk_i) begin
    if (start_i) begin
      kx_left_q <= nkx;
      ky_left_q <= nky;
      kb_left_q <= nkb;
      kx_base_q <= act[15:0];
      ky_base_q <= act[15:0];
      kb_base_q <= act[15:0];
    end else if (tile_end) begin
      kx_left_q <= last_kx ? nkx_q : kx_left_q - 8'd1;
      if (last_kx) ky_left_q <= last_ky ? nky_q : ky_left_q - 8'd1;
      if (last_kx && last_ky) kb_left_q <= last_kb ? nkb_q : kb_left_q - 12'd1;
      kx_base_q <= last_tile ? act_base_q : next_tile;
      if (last_kx) ky_base_q <= last_tile ? act_base_q : next_tile;
      if (last_kx && last_ky) kb_base_q <= last_tile ? act_base_q : next_tile;
    end
  end

  // ---- Pixels of a tile: every tile of a block begins at the block's first one, the next block after its last
  reg [15:0] pixel_q;
  reg [15:0] line_q;
  reg [15:0] block_pixel_q;
  reg [15:0] block_line_q;
  wire [15:0] next_line  = line_q + stride_y_q;
  wire [15:0] next_pixel = last_x ? next_line : pixel_q + {4'd0, stride_x_q};
  wire [15:0] line_after = last_x ? next_line : line_q;
  wire [11:0] next_x     = last_x ? nx_q : x_left_q - 12'd1;
  wire [11:0] next_y     = last_x ? y_left_q - 12'd1 : y_left_q;
  always @(posedge clk_i) begin
    if (start_i) begin
      pixel_q        <= 16'd0;
      line_q         <= 16'd0;
      block_pixel_q  <= 16'd0;
      block_line_q   <= 16'd0;
      x_left_q       <= nx;
      y_left_q       <= ny;
      block_x_left_q <= nx;
      block_y_left_q <= ny;
    end else if (tile_end && !last_tile) begin
      pixel_q  <= block_pixel_q;
      line_q   <= block_line_q;
      x_left_q <= block_x_left_q;
      y_left_q <= block_y_left_q;
    end else if (stream && !last_pixel) begin
      pixel_q  <= next_pixel;
      line_q   <= line_after;
      x_left_q <= next_x;
      y_left_q <= next_y;
      if (tile_end) begin
        block_pixel_q  <= next_pixel;
        block_line_q   <= line_after;
        block_x_left_q <= next_x;
        block_y_left_q <= next_y;
      end
    end
  end

  // Past the last pixel the transposer takes what act still shows: rows that nobody writes to acc.
  reg        act_re_q;
  reg [15:0] act_row_q;
  always @(posedge clk_i) begin
    if (rst_i) act_re_q <= 1'b0;
    else act_re_q <= stream && !exhausted_q;
    act_row_q <= kx_base_q + pixel_q;
  end
  assign act_re_o   = act_re_q;
  assign act_bank_o = act_bank_q;
  assign act_row_o  = act_row_q;

  // ---- Weight rows: those of all tiles one after another, from the first again for every block
  reg        weigh_next_q;  // a cycle before, and in, the cycle of the read
  reg        weigh_q;
  reg        weigh_first_q;
  reg        load_next_q;
  reg        load_q;
  reg [19:0] wgt_row_q;
  always @(posedge clk_i) begin
    if (rst_i) begin
      weigh_next_q  <= 1'b0;
      weigh_q       <= 1'b0;
      load_next_q   <= 1'b0;
      load_q        <= 1'b0;
      weigh_first_q <= 1'b0;
    end else begin
      weigh_next_q  <= stream;
      weigh_q       <= weigh_next_q;
      load_next_q   <= tile_first;
      load_q        <= load_next_q;
      weigh_first_q <= running_q && first_q;
    end
    if (weigh_first_q) wgt_row_q <= wgt_base_q;
    else if (weigh_q) wgt_row_q <= wgt_row_q + 20'd1;
  end
  assign wgt_re_o  = weigh_q;
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

  // ---- Turns: at the first slot of every block, and after the last one
  wire turn;
  wire handed;  // the turn hands over a block's sums
  wire handed_last;
  wire drain_start;
  wire drain_final;
  delay_line #(.WIDTH(3), .DEPTH(3 + MULTIPLIER_STAGES), .RESETTABLE(1)) u_turn (
    .clk_i  (clk_i),
    .rst_i  (rst_i),
    .data_i ({(running_q && first_q) || ending_q, (running_q && first_q && started_q) || ending_q, ending_q}),
    .data_o ({turn, handed, handed_last})
  );
  delay_line #(.WIDTH(2), .DEPTH(COLUMNS - 1), .RESETTABLE(1)) u_wave (
    .clk_i  (clk_i),
    .rst_i  (rst_i),
    .data_i ({handed, handed_last}),
    .data_o ({drain_start, drain_final})
  );

  wire [ACC_BITS*COLUMNS-1:0] sums;
  pe_array_os #(
    .ROWS              (ROWS),
    .COLUMNS           (COLUMNS),
    .ACT_BITS          (ACT_BITS),
    .WGT_BITS          (WGT_BITS),
    .MULTIPLIER_STAGES (MULTIPLIER_STAGES),
    .SUM_BITS          (ACC_BITS)
  ) u_array (
    .clk_i         (array_clk),
    .activations_i (act_data_i),
    .load_i        (load_q),
    .turn_i        (turn),
    .weights_i     (wgt_data_i),
    .sums_o        (sums)
  );

  // ---- Drain: a pixel's sums every other cycle. acc is read one cycle before they come out
  reg                 draining_q;
  reg                 pause_q;
  reg                 final_q;
  reg [SLOT_BITS-1:0] drained_q;  // pixel that comes next
  wire                final_block = drain_start ? drain_final : final_q;
  wire                drain = drain_start || (draining_q && !pause_q);
  wire [SLOT_BITS-1:0] pixel = drain_start ? {SLOT_BITS{1'b0}} : drained_q;
  wire                drain_end = (pixel == (final_block ? last_pixel_q : LAST_SLOT[SLOT_BITS-1:0]));

  reg [14:0] acc_row_q;
  reg        write_q;
  reg        write_last_q;
  reg [14:0] write_row_q;

  always @(posedge clk_i) begin
    pause_q <= drain;
    if (drain_start) final_q <= drain_final;
    if (drain) drained_q <= pixel + {{(SLOT_BITS-1){1'b0}}, 1'b1};
    if (start_i) acc_row_q <= acc[14:0];
    else if (drain) acc_row_q <= acc_row_q + 15'd1;
    write_row_q <= acc_row_q;
    if (rst_i) begin
      draining_q   <= 1'b0;
      write_q      <= 1'b0;
      write_last_q <= 1'b0;
    end else begin
      if (drain) draining_q <= !drain_end;
      write_q      <= drain;
      write_last_q <= drain && drain_end && final_block;
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
      assign earlier = acc_read_data_i[ACC_BITS*c +: ACC_BITS] & {ACC_BITS{adding_q}};
      assign acc_write_data_o[ACC_BITS*c +: ACC_BITS] = earlier + sums[ACC_BITS*c +: ACC_BITS];
    end
  endgenerate
endmodule
`default_nettype wire
