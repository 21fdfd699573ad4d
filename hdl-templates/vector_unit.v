// requant, pool, dwconv, rescale, add: loops over pixels, slices of LANES channels and a window, one element a cycle,
// through a pipeline without stalls:
//
//     0 counters       3 select      6 bias              9 shift
//     1 address        4 operand     7 partial products 10 round and saturate
//     2 read           5 reduce      8 product          11 zero point, clamp     12 look up, write
//
// A token with the loop state travels along. Parameters are read in stage 4. The token of an add's operand b turns back
// from stage 10 to stage 3 as the pass that scales the sum; the counters leave every third cycle free for it.
// done_o is high in the cycle of the last write: D = slice-cycles + 12, for add slice-cycles + 18.
`default_nettype none
module vector_unit #(
  parameter ROWS = 4,
  parameter COLUMNS = 4,
  parameter LANES = 4,
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter ACC_BITS = 32,
  parameter MULTIPLIER_BITS = 32,
  parameter HAS_POOL = 1,
  parameter HAS_DEPTHWISE = 1,
  parameter HAS_ADD = 1,
  parameter HAS_LOOKUP = 1,
  parameter HAS_ROW_PARAMETERS = 0,
  parameter ENTRY_BITS = 32 + MULTIPLIER_BITS - 1 + 6
) (
  input  wire                        clk_i,
  input  wire                        rst_i,
  input  wire                        start_i,
  input  wire [255:0]                instruction_i,
  output wire                        done_o,
  output wire                        acc_re_o,
  output wire                        acc_bank_o,
  output wire [14:0]                 acc_row_o,
  input  wire [ACC_BITS*COLUMNS-1:0] acc_data_i,
  output wire                        wgt_re_o,
  output wire [19:0]                 wgt_row_o,
  input  wire [WGT_BITS*COLUMNS-1:0]        wgt_data_i,
  output wire                        act_re_o,
  output wire [3:0]                  act_bank_o,
  output wire [15:0]                 act_row_o,
  input  wire [ACT_BITS*ROWS-1:0]           act_data_i,
  output wire                        par_re_o,
  output wire [15:0]                 par_row_o,
  input  wire [ENTRY_BITS*LANES-1:0] par_data_i,
  output wire                        lut_re_o,
  output wire                        lut_table_o,
  output wire [ACT_BITS*LANES-1:0]          lut_values_o,
  input  wire [ACT_BITS*LANES-1:0]          lut_data_i,
  output wire                        act_we_o,
  output wire [3:0]                  act_wbank_o,
  output wire [15:0]                 act_wrow_o,
  output wire [7:0]                  act_wslot_o,
  output wire [ACT_BITS*LANES-1:0]          act_wdata_o
);
  localparam SLOTS = ROWS / LANES;
  localparam SLOT_BITS = (SLOTS < 2) ? 1 : $clog2(SLOTS);
  localparam GROUPS = COLUMNS / LANES;
  localparam GROUP_BITS = (GROUPS < 2) ? 1 : $clog2(GROUPS);
  localparam [31:0] LAST_GROUP = GROUPS - 1;
  localparam HELD_COPIES = (LANES > 8) ? 1 : 0;
  localparam HAS_WINDOW = (HAS_POOL != 0 || HAS_DEPTHWISE != 0) ? 1 : 0;

  // ---- The instruction
  wire        is_requant;
  wire        is_dwconv;
  wire        is_add;
  wire        maximum;
  wire [15:0] par;
  wire [19:0] dst;
  wire [8:0]  slices;
  wire [11:0] ny;
  wire [11:0] nx;
  wire [15:0] dst_stride_y;
  wire [15:0] dst_block;
  wire [7:0]  zero_point;
  wire [7:0]  min;
  wire [7:0]  max;
  wire        lookup;
  wire        second_table;
  wire        each_row;
  wire [19:0] src;
  wire [15:0] src_stride_y;
  wire [15:0] src_block;
  wire [7:0]  dst_slot;
  wire [7:0]  src_slot;
  wire [7:0]  src_stride_x;
  wire [7:0]  nky;
  wire [7:0]  nkx;
  wire [15:0] stride_ky;
  wire [7:0]  stride_kx;
  wire [15:0] acc;
  wire [15:0] wgt;
  wire [19:0] b;
  wire [15:0] b_stride_y;
  wire [15:0] b_block;
  wire [4:0]  left_shift;
  vector_decode #(
    .HAS_POOL      (HAS_POOL),
    .HAS_DEPTHWISE (HAS_DEPTHWISE),
    .HAS_ADD       (HAS_ADD),
    .HAS_ROW_PARAMETERS (HAS_ROW_PARAMETERS)
  ) u_decode (
    .instruction_i  (instruction_i),
    .is_requant_o   (is_requant),
    .is_dwconv_o    (is_dwconv),
    .is_add_o       (is_add),
    .maximum_o      (maximum),
    .par_o          (par),
    .dst_o          (dst),
    .slices_o       (slices),
    .ny_o           (ny),
    .nx_o           (nx),
    .dst_stride_y_o (dst_stride_y),
    .dst_block_o    (dst_block),
    .zero_point_o   (zero_point),
    .min_o          (min),
    .max_o          (max),
    .lookup_o       (lookup),
    .table_o        (second_table),
    .each_row_o     (each_row),
    .src_o          (src),
    .src_stride_y_o (src_stride_y),
    .src_block_o    (src_block),
    .dst_slot_o     (dst_slot),
    .src_slot_o     (src_slot),
    .src_stride_x_o (src_stride_x),
    .nky_o          (nky),
    .nkx_o          (nkx),
    .stride_ky_o    (stride_ky),
    .stride_kx_o    (stride_kx),
    .acc_o          (acc),
    .wgt_o          (wgt),
    .b_o            (b),
    .b_stride_y_o   (b_stride_y),
    .b_block_o      (b_block),
    .left_shift_o   (left_shift)
  );

  reg        requant_q;
  reg        dwconv_q;
  reg        add_q;
  reg        maximum_q;
  reg [15:0] par_base_q;
  reg [3:0]  dst_bank_q;
  reg [8:0]  slices_q;
  reg [11:0] nx_q;
  reg [15:0] dst_stride_y_q;
  reg [15:0] dst_block_q;
  reg [7:0]  zero_point_q;
  reg [7:0]  min_q;  // bounds in steps of 2^(ACT_BITS-8) where elements have more than 8 bits
  reg [7:0]  max_q;
  reg [3:0]  src_bank_q;
  reg [15:0] src_stride_y_q;
  reg [15:0] src_block_q;
  reg [7:0]  src_stride_x_q;
  reg [7:0]  nky_q;
  reg [7:0]  nkx_q;
  reg        acc_bank_q;
  reg [4:0]  left_shift_q;
  always @(posedge clk_i) begin
    if (start_i) begin
      requant_q      <= is_requant;
      dwconv_q       <= is_dwconv;
      add_q          <= is_add;
      maximum_q      <= maximum;
      par_base_q     <= par;
      dst_bank_q     <= dst[19:16];
      slices_q       <= slices;
      nx_q           <= nx;
      dst_stride_y_q <= dst_stride_y;
      dst_block_q    <= dst_block;
      zero_point_q   <= zero_point;
      min_q          <= min;
      max_q          <= max;
      src_bank_q     <= src[19:16];
      src_stride_y_q <= src_stride_y;
      src_block_q    <= src_block;
      src_stride_x_q <= src_stride_x;
      nky_q          <= nky;
      nkx_q          <= nkx;
      acc_bank_q     <= acc[15];
      left_shift_q   <= left_shift;
    end
  end

  // ---- Stage 0: loop counters, each holding what is left, 1 in the last round
  reg        running_q;
  reg        first_q;  // first element of the window
  reg [7:0]  kx_left_q;
  reg [7:0]  ky_left_q;
  reg [8:0]  slice_left_q;
  reg [11:0] x_left_q;
  reg [11:0] y_left_q;

  wire last_kx     = (kx_left_q == 8'd1);
  wire last_ky     = (ky_left_q == 8'd1);
  wire last_slice  = (slice_left_q == 9'd1);
  wire last_x      = (x_left_q == 12'd1);
  wire last_y      = (y_left_q == 12'd1);
  wire slice_ends  = running_q && last_kx && last_ky;
  wire pixel_ends  = slice_ends && last_slice;
  wire line_ends   = pixel_ends && last_x;

  always @(posedge clk_i) begin
    if (rst_i) running_q <= 1'b0;
    else if (start_i) running_q <= 1'b1;
    else if (line_ends && last_y) running_q <= 1'b0;
  end

  always @(posedge clk_i) begin
    if (start_i) begin
      first_q      <= 1'b1;
      kx_left_q    <= nkx;
      ky_left_q    <= nky;
      slice_left_q <= slices;
      x_left_q     <= nx;
      y_left_q     <= ny;
    end else if (running_q) begin
      first_q   <= slice_ends;
      kx_left_q <= last_kx ? nkx_q : kx_left_q - 8'd1;
      if (last_kx) ky_left_q <= last_ky ? nky_q : ky_left_q - 8'd1;
      if (slice_ends) slice_left_q <= last_slice ? slices_q : slice_left_q - 9'd1;
      if (pixel_ends) x_left_q <= last_x ? nx_q : x_left_q - 12'd1;
      if (line_ends) y_left_q <= y_left_q - 12'd1;
    end
  end

  // Passes of an add: operand a, operand b, and a cycle left to a sum.
  wire pass_a   = add_q && first_q;
  wire pass_b   = add_q && !first_q && !last_kx;
  wire pass_sum = add_q && last_kx;

  // ---- Addresses
  wire [15:0]          src_row;
  wire [SLOT_BITS-1:0] src_slot_now;
  slot_walker #(.SLOTS(SLOTS)) u_source (
    .clk_i        (clk_i),
    .start_i      (start_i),
    .row_i        (src[15:0]),
    .slot_i       (src_slot),
    .stride_y_i   (src_stride_y_q),
    .stride_x_i   (src_stride_x_q),
    .block_i      (src_block_q),
    .step_i       (slice_ends),
    .last_slice_i (last_slice),
    .last_x_i     (last_x),
    .row_o        (src_row),
    .slot_o       (src_slot_now)
  );

  wire [15:0] window_offset;
  wire [3:0]  read_bank;
  wire [15:0] read_row;
  wire [19:0] wgt_row;
  reg  [GROUP_BITS-1:0] group_q;  // group of LANES columns of the acc or wgt row
  wire last_group = (group_q == LAST_GROUP[GROUP_BITS-1:0]);

  generate
    if (HAS_WINDOW != 0) begin : g_window
      reg [15:0] stride_ky_q;
      reg [7:0]  stride_kx_q;
      reg [15:0] line_q;
      reg [15:0] offset_q;
      wire [15:0] next_line = line_q + stride_ky_q;
      always @(posedge clk_i) begin
        if (start_i) begin
          stride_ky_q <= stride_ky;
          stride_kx_q <= stride_kx;
        end
        if (start_i || slice_ends) begin
          line_q   <= 16'd0;
          offset_q <= 16'd0;
        end else if (running_q) begin
          if (last_kx) line_q <= next_line;
          offset_q <= last_kx ? next_line : offset_q + {8'd0, stride_kx_q};
        end
      end
      // The passes of an add are no window: its strides are zero.
      assign window_offset = offset_q;
    end else begin : g_no_window
      wire unused_window;
      assign unused_window = &{1'b0, stride_ky, stride_kx};
      assign window_offset = 16'd0;
    end

    if (HAS_ADD != 0) begin : g_second_operand
      reg [3:0]  b_bank_q;
      reg [15:0] b_stride_y_q;
      reg [15:0] b_block_q;
      wire [15:0]          b_row;
      wire [SLOT_BITS-1:0] unused_b_slot;  // the same as operand a's
      always @(posedge clk_i) begin
        if (start_i) begin
          b_bank_q     <= b[19:16];
          b_stride_y_q <= b_stride_y;
          b_block_q    <= b_block;
        end
      end
      slot_walker #(.SLOTS(SLOTS)) u_walker (
        .clk_i        (clk_i),
        .start_i      (start_i),
        .row_i        (b[15:0]),
        .slot_i       (8'd0),
        .stride_y_i   (b_stride_y_q),
        .stride_x_i   (8'd1),
        .block_i      (b_block_q),
        .step_i       (slice_ends),
        .last_slice_i (last_slice),
        .last_x_i     (last_x),
        .row_o        (b_row),
        .slot_o       (unused_b_slot)
      );
      assign read_bank = pass_b ? b_bank_q : src_bank_q;
      assign read_row  = pass_b ? b_row : src_row + window_offset;
    end else begin : g_one_operand
      wire unused_b;
      assign unused_b = &{1'b0, b, b_stride_y, b_block};
      assign read_bank = src_bank_q;
      assign read_row  = src_row + window_offset;
    end

    if (HAS_DEPTHWISE != 0) begin : g_weights
      // Rows of the taps of these COLUMNS channels, again for every slice; then the next COLUMNS channels' rows.
      reg [19:0] base_q;
      reg [19:0] block_q;
      reg [19:0] row_q;
      wire [19:0] next_row = row_q + 20'd1;
      always @(posedge clk_i) begin
        if (start_i) begin
          base_q  <= {4'd0, wgt};
          block_q <= {4'd0, wgt};
          row_q   <= {4'd0, wgt};
        end else if (pixel_ends) begin
          block_q <= base_q;
          row_q   <= base_q;
        end else if (slice_ends) begin
          if (last_group) block_q <= next_row;
          row_q <= last_group ? next_row : block_q;
        end else if (running_q) begin
          row_q <= next_row;
        end
      end
      assign wgt_row = row_q;
    end else begin : g_no_weights
      wire unused_wgt;
      assign unused_wgt = &{1'b0, wgt};
      assign wgt_row = 20'd0;
    end
  endgenerate

  reg [14:0] acc_row_q;
  always @(posedge clk_i) begin
    if (start_i) acc_row_q <= acc[14:0];
    else if (pixel_ends) acc_row_q <= acc_row_q + 15'd1;
    if (start_i || pixel_ends) group_q <= {GROUP_BITS{1'b0}};
    else if (slice_ends)
      group_q <= last_group ? {GROUP_BITS{1'b0}} : group_q + {{(GROUP_BITS-1){1'b0}}, 1'b1};
  end

  // ---- Stage 1: addresses at the memories
  wire element = running_q && !pass_sum;
  reg                  acc_re_q;
  reg                  act_re_q;
  reg                  wgt_re_q;
  reg [3:0]            bank_q;
  reg [15:0]           row_q;
  reg [14:0]           acc_row_q1;
  reg [19:0]           wgt_row_q;
  reg [SLOT_BITS-1:0]  slot_q1;
  reg [GROUP_BITS-1:0] group_q1;
  // ---- Stage 2: data
  reg [SLOT_BITS-1:0]  slot_q2;
  reg [GROUP_BITS-1:0] group_q2;
  always @(posedge clk_i) begin
    if (rst_i) begin
      acc_re_q <= 1'b0;
      act_re_q <= 1'b0;
      wgt_re_q <= 1'b0;
    end else begin
      acc_re_q <= element && requant_q;
      act_re_q <= element && !requant_q;
      wgt_re_q <= element && dwconv_q;
    end
    bank_q     <= read_bank;
    row_q      <= read_row;
    acc_row_q1 <= acc_row_q;
    wgt_row_q  <= wgt_row;
    slot_q1    <= src_slot_now;
    group_q1   <= group_q;
    slot_q2    <= slot_q1;
    group_q2   <= group_q1;
  end
  assign acc_re_o   = acc_re_q;
  assign acc_bank_o = acc_bank_q;
  assign acc_row_o  = acc_row_q1;
  assign act_re_o   = act_re_q;
  assign act_bank_o = bank_q;
  assign act_row_o  = row_q;
  assign wgt_re_o   = wgt_re_q;
  assign wgt_row_o  = wgt_row_q;

  wire [ACT_BITS*LANES-1:0]        act_group;
  wire [WGT_BITS*LANES-1:0] wgt_group;
  wire [ACC_BITS*LANES-1:0] acc_group;
  group_select #(.WIDTH(ACT_BITS*LANES), .GROUPS(SLOTS)) u_act_group (
    .groups_i (act_data_i),
    .index_i  (slot_q2),
    .group_o  (act_group)
  );
  group_select #(.WIDTH(ACC_BITS*LANES), .GROUPS(GROUPS)) u_acc_group (
    .groups_i (acc_data_i),
    .index_i  (group_q2),
    .group_o  (acc_group)
  );
  generate
    if (HAS_DEPTHWISE != 0) begin : g_wgt_group
      group_select #(.WIDTH(WGT_BITS*LANES), .GROUPS(GROUPS)) u_select (
        .groups_i (wgt_data_i),
        .index_i  (group_q2),
        .group_o  (wgt_group)
      );
    end else begin : g_no_wgt_group
      wire unused_weights;
      assign unused_weights = &{1'b0, wgt_data_i};
      assign wgt_group = {(WGT_BITS*LANES){1'b0}};
    end
  endgenerate

  // ---- The token, stages 0 to 12. `emit`: a value goes on to scaling here (the last element of a window).
  wire emit0 = add_q ? (running_q && !pass_sum) : slice_ends;
  wire emit3;
  wire first3;
  wire a3;
  wire b3;
  wire last_slice3;
  wire last_x3;
  wire last3;
  delay_line #(.WIDTH(7), .DEPTH(3), .RESETTABLE(1)) u_token (
    .clk_i  (clk_i),
    .rst_i  (rst_i),
    .data_i ({emit0, first_q, pass_a, pass_b, last_slice, last_x, last_slice && last_x && last_y}),
    .data_o ({emit3, first3, a3, b3, last_slice3, last_x3, last3})
  );

  // The last elements of windows, and the sums that come back, take the same way from here.
  wire emit10;
  wire second10;    // operand b of an add
  wire operand10;   // operand a or b
  wire last_slice10;
  wire last_x10;
  wire last10;
  wire sum3;
  wire emits;
  wire emits_last_slice;
  wire emits_last_x;
  wire emits_last;
  generate
    if (HAS_ADD != 0) begin : g_turn_back
      assign sum3             = emit10 && second10;
      assign emits_last_slice = sum3 ? last_slice10 : last_slice3;
      assign emits_last_x     = sum3 ? last_x10 : last_x3;
      assign emits_last       = sum3 ? last10 : last3;
    end else begin : g_straight
      wire unused_second;
      assign unused_second    = second10;
      assign sum3             = 1'b0;
      assign emits_last_slice = last_slice3;
      assign emits_last_x     = last_x3;
      assign emits_last       = last3;
    end
  endgenerate
  assign emits = emit3 || sum3;

  delay_line #(.WIDTH(6), .DEPTH(7), .RESETTABLE(1)) u_way (
    .clk_i  (clk_i),
    .rst_i  (rst_i),
    .data_i ({emits, emit3 && b3, emit3 && (a3 || b3), emits_last_slice, emits_last_x, emits_last}),
    .data_o ({emit10, second10, operand10, last_slice10, last_x10, last10})
  );

  // ---- Stages 3 to 5: parameter row. It steps from slice to slice and starts again in the next pixel, or steps from pixel to pixel
  // (each_row). An add uses three rows for all.
  reg [15:0] par_row_q;    // of the next slice
  reg [15:0] par_row_q4;
  reg        par_re_q4;
  reg        sum_q4;
  wire [1:0] par_pass = {sum3, emit3 && b3};
  wire       each_row_q;
  generate
    if (HAS_ROW_PARAMETERS != 0) begin : g_each_row
      reg held_q;
      always @(posedge clk_i) if (start_i) held_q <= each_row;
      assign each_row_q = held_q;
    end else begin : g_each_slice
      wire unused_each_row;
      assign unused_each_row = &{1'b0, each_row};
      assign each_row_q = 1'b0;
    end
  endgenerate
  always @(posedge clk_i) begin
    if (start_i) par_row_q <= par;
    else if (emits && !add_q) begin
      if (emits_last_slice == each_row_q) par_row_q <= par_row_q + 16'd1;
      else if (!each_row_q) par_row_q <= par_base_q;
    end
    par_row_q4 <= par_row_q + {14'd0, par_pass};
    sum_q4     <= sum3;
    if (rst_i) par_re_q4 <= 1'b0;
    else par_re_q4 <= emits;
  end
  assign par_re_o  = par_re_q4;
  assign par_row_o = par_row_q4;

  // ---- Bounds of the result
  wire [ACT_BITS-1:0] least;
  wire [ACT_BITS-1:0] most;
  generate
    if (ACT_BITS > 8) begin : g_coarse_bounds
      assign least = {min_q, {(ACT_BITS-8){1'b0}}};
      assign most  = {max_q, {(ACT_BITS-8){1'b1}}};
    end else begin : g_bounds
      assign least = min_q[ACT_BITS-1:0];
      assign most  = max_q[ACT_BITS-1:0];
      wire unused_bounds;
      assign unused_bounds = &{1'b0, min_q, max_q};
    end
  endgenerate

  // ---- Stages 3 to 11
  wire [ACT_BITS*LANES-1:0] clamped;
  genvar l;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      vector_lane #(
        .ACT_BITS        (ACT_BITS),
        .WGT_BITS        (WGT_BITS),
        .ACC_BITS        (ACC_BITS),
        .MULTIPLIER_BITS (MULTIPLIER_BITS),
        .HAS_POOL        (HAS_POOL),
        .HAS_DEPTHWISE   (HAS_DEPTHWISE),
        .HAS_ADD         (HAS_ADD),
        .HELD_COPIES     (HELD_COPIES)
      ) u_lane (
        .clk_i        (clk_i),
        .acc_i        (acc_group[ACC_BITS*l +: ACC_BITS]),
        .act_i        (act_group[ACT_BITS*l +: ACT_BITS]),
        .wgt_i        (wgt_group[WGT_BITS*l +: WGT_BITS]),
        .from_acc_i   (requant_q),
        .multiplies_i (dwconv_q),
        .adds_i       (add_q),
        .maximum_i    (maximum_q),
        .left_shift_i (left_shift_q),
        .zero_point_i (zero_point_q),
        .min_i        (least),
        .max_i        (most),
        .first_i      (first3 || add_q),
        .sum_i        (sum_q4),
        .bias_i       (par_data_i[ENTRY_BITS*l +: 32]),
        .multiplier_i (par_data_i[ENTRY_BITS*l+32 +: MULTIPLIER_BITS-1]),
        .shift_i      (par_data_i[ENTRY_BITS*l+32+MULTIPLIER_BITS-1 +: 6]),
        .second_i     (second10),
        .clamped_o    (clamped[ACT_BITS*l +: ACT_BITS])
      );
    end
  endgenerate

  // ---- Stages 11 and 12
  wire write12;
  wire last_slice12;
  wire last_x12;
  wire last12;
  reg  write_q11;
  delay_line #(.WIDTH(4), .DEPTH(2), .RESETTABLE(1)) u_end (
    .clk_i  (clk_i),
    .rst_i  (rst_i),
    .data_i ({emit10 && !operand10, last_slice10, last_x10, last10}),
    .data_o ({write12, last_slice12, last_x12, last12})
  );
  always @(posedge clk_i) begin
    if (rst_i) write_q11 <= 1'b0;
    else write_q11 <= emit10 && !operand10;
  end

  reg [ACT_BITS*LANES-1:0] clamped_q12;
  always @(posedge clk_i) clamped_q12 <= clamped;

  generate
    if (HAS_LOOKUP != 0) begin : g_lookup
      reg lookup_q;
      reg table_q;
      always @(posedge clk_i) begin
        if (start_i) begin
          lookup_q <= lookup;
          table_q  <= second_table;
        end
      end
      assign lut_re_o     = write_q11 && lookup_q;
      assign lut_table_o  = table_q;
      assign lut_values_o = clamped;
      assign act_wdata_o  = lookup_q ? lut_data_i : clamped_q12;
    end else begin : g_no_lookup
      wire unused_lookup;
      assign unused_lookup = &{1'b0, lookup, second_table, lut_data_i, write_q11};
      assign lut_re_o     = 1'b0;
      assign lut_table_o  = 1'b0;
      assign lut_values_o = {(ACT_BITS*LANES){1'b0}};
      assign act_wdata_o  = clamped_q12;
    end
  endgenerate

  wire [15:0]          dst_row;
  wire [SLOT_BITS-1:0] dst_slot_now;
  slot_walker #(.SLOTS(SLOTS)) u_destination (
    .clk_i        (clk_i),
    .start_i      (start_i),
    .row_i        (dst[15:0]),
    .slot_i       (dst_slot),
    .stride_y_i   (dst_stride_y_q),
    .stride_x_i   (8'd1),
    .block_i      (dst_block_q),
    .step_i       (write12),
    .last_slice_i (last_slice12),
    .last_x_i     (last_x12),
    .row_o        (dst_row),
    .slot_o       (dst_slot_now)
  );

  assign act_we_o    = write12;
  assign act_wbank_o = dst_bank_q;
  assign act_wrow_o  = dst_row;
  assign done_o      = write12 && last12;
  generate
    if (SLOT_BITS < 8) begin : g_short_slot
      assign act_wslot_o = {{(8-SLOT_BITS){1'b0}}, dst_slot_now};
    end else begin : g_full_slot
      assign act_wslot_o = dst_slot_now;
    end
  endgenerate
endmodule
`default_nettype wire
