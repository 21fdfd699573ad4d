// What a vector instruction asks for, in one form for all of them: an operand without a window has a window of 1 x 1,
// `add` one of 1 x 3 (operand a, operand b, their sum). Combinational. Functions that the machine lacks are not decoded.
`default_nettype none
module vector_decode #(
  parameter HAS_POOL = 1,
  parameter HAS_DEPTHWISE = 1,
  parameter HAS_ADD = 1,
  parameter HAS_ROW_PARAMETERS = 0
) (
  input  wire [255:0] instruction_i,
  output wire         is_requant_o,
  output wire         is_dwconv_o,
  output wire         is_add_o,
  output wire         maximum_o,
  output wire [15:0]  par_o,
  output wire [19:0]  dst_o,
  output wire [8:0]   slices_o,
  output wire [11:0]  ny_o,
  output wire [11:0]  nx_o,
  output wire [15:0]  dst_stride_y_o,
  output wire [15:0]  dst_block_o,
  output wire [7:0]   zero_point_o,
  output wire [7:0]   min_o,
  output wire [7:0]   max_o,
  output wire         lookup_o,
  output wire         table_o,
  output wire         each_row_o,
  output wire [19:0]  src_o,
  output wire [15:0]  src_stride_y_o,
  output wire [15:0]  src_block_o,
  output wire [7:0]   dst_slot_o,
  output wire [7:0]   src_slot_o,
  output wire [7:0]   src_stride_x_o,
  output wire [7:0]   nky_o,
  output wire [7:0]   nkx_o,
  output wire [15:0]  stride_ky_o,
  output wire [7:0]   stride_kx_o,
  output wire [15:0]  acc_o,
  output wire [15:0]  wgt_o,
  output wire [19:0]  b_o,
  output wire [15:0]  b_stride_y_o,
  output wire [15:0]  b_block_o,
  output wire [4:0]   left_shift_o
);
  // One bundle an instruction, zero unless it is the one: they are or-ed.
  localparam BUNDLE_BITS = 235;

  wire [BUNDLE_BITS-1:0] requant_bundle;
  wire                   requant_match;
  wire [15:0]            requant_acc;
  wire                   requant_each_row;
  wire [BUNDLE_BITS-1:0] pool_bundle;
  wire                   pool_match;
  wire                   pool_mode;
  wire [BUNDLE_BITS-1:0] dwconv_bundle;
  wire                   dwconv_match;
  wire [15:0]            dwconv_wgt;
  wire [BUNDLE_BITS-1:0] rescale_bundle;
  wire                   rescale_match;
  wire [7:0]             rescale_src_slot;
  wire [BUNDLE_BITS-1:0] add_bundle;
  wire                   add_match;
  wire [19:0]            add_b;
  wire [15:0]            add_b_stride_y;
  wire [15:0]            add_b_block;
  wire [4:0]             add_left_shift;

  generate
    if (1) begin : g_requant
      wire        match;
      wire [15:0] acc;
      wire [15:0] par;
      wire [19:0] dst;
      wire [7:0]  dst_slot;
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
      fields_requant u_fields (
        .instruction_i  (instruction_i),
        .match_o        (match),
        .acc_o          (acc),
        .par_o          (par),
        .dst_o          (dst),
        .dst_slot_o     (dst_slot),
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
        .each_row_o     (each_row)
      );
      assign requant_bundle = {BUNDLE_BITS{match}} & {
        par, dst, slices, ny, nx, dst_stride_y, dst_block, zero_point, min, max, lookup,
        second_table, 20'd0, 16'd0, 16'd0, 8'd0, 8'd1, 8'd1, 16'd0, 8'd0, dst_slot
      };
      assign requant_acc = {16{match}} & acc;
      assign requant_match = match;
      if (HAS_ROW_PARAMETERS != 0) begin : g_each_row
        assign requant_each_row = match && each_row;
      end else begin : g_each_slice
        wire unused_each_row;
        assign unused_each_row  = &{1'b0, each_row};
        assign requant_each_row = 1'b0;
      end
    end
    if (HAS_POOL != 0) begin : g_pool
      wire        match;
      wire        mode;
      wire [19:0] src;
      wire [19:0] dst;
      wire [15:0] par;
      wire [8:0]  slices;
      wire [11:0] ny;
      wire [11:0] nx;
      wire [15:0] src_stride_y;
      wire [7:0]  src_stride_x;
      wire [15:0] src_block;
      wire [15:0] dst_stride_y;
      wire [15:0] dst_block;
      wire [7:0]  nky;
      wire [7:0]  nkx;
      wire [15:0] stride_ky;
      wire [7:0]  stride_kx;
      wire [7:0]  zero_point;
      wire [7:0]  min;
      wire [7:0]  max;
      wire        lookup;
      wire        second_table;
      fields_pool u_fields (
        .instruction_i  (instruction_i),
        .match_o        (match),
        .mode_o         (mode),
        .src_o          (src),
        .dst_o          (dst),
        .par_o          (par),
        .slices_o       (slices),
        .ny_o           (ny),
        .nx_o           (nx),
        .src_stride_y_o (src_stride_y),
        .src_stride_x_o (src_stride_x),
        .src_block_o    (src_block),
        .dst_stride_y_o (dst_stride_y),
        .dst_block_o    (dst_block),
        .nky_o          (nky),
        .nkx_o          (nkx),
        .stride_ky_o    (stride_ky),
        .stride_kx_o    (stride_kx),
        .zero_point_o   (zero_point),
        .min_o          (min),
        .max_o          (max),
        .lookup_o       (lookup),
        .table_o        (second_table)
      );
      assign pool_bundle = {BUNDLE_BITS{match}} & {
        par, dst, slices, ny, nx, dst_stride_y, dst_block, zero_point, min, max, lookup,
        second_table, src, src_stride_y, src_block, src_stride_x, nky, nkx, stride_ky, stride_kx,
        8'd0
      };
      assign pool_mode = match && mode;
      assign pool_match = match;
    end else begin : g_no_pool
      assign pool_bundle = {BUNDLE_BITS{1'b0}};
      assign pool_match = 1'b0;
      assign pool_mode = 1'd0;
    end
    if (HAS_DEPTHWISE != 0) begin : g_dwconv
      wire        match;
      wire [19:0] src;
      wire [19:0] dst;
      wire [15:0] wgt;
      wire [15:0] par;
      wire [8:0]  slices;
      wire [11:0] ny;
      wire [11:0] nx;
      wire [15:0] src_stride_y;
      wire [7:0]  src_stride_x;
      wire [15:0] src_block;
      wire [15:0] dst_stride_y;
      wire [15:0] dst_block;
      wire [5:0]  nky;
      wire [5:0]  nkx;
      wire [15:0] stride_ky;
      wire [7:0]  stride_kx;
      wire [7:0]  zero_point;
      wire [7:0]  min;
      wire [7:0]  max;
      wire        lookup;
      wire        second_table;
      fields_dwconv u_fields (
        .instruction_i  (instruction_i),
        .match_o        (match),
        .src_o          (src),
        .dst_o          (dst),
        .wgt_o          (wgt),
        .par_o          (par),
        .slices_o       (slices),
        .ny_o           (ny),
        .nx_o           (nx),
        .src_stride_y_o (src_stride_y),
        .src_stride_x_o (src_stride_x),
        .src_block_o    (src_block),
        .dst_stride_y_o (dst_stride_y),
        .dst_block_o    (dst_block),
        .nky_o          (nky),
        .nkx_o          (nkx),
        .stride_ky_o    (stride_ky),
        .stride_kx_o    (stride_kx),
        .zero_point_o   (zero_point),
        .min_o          (min),
        .max_o          (max),
        .lookup_o       (lookup),
        .table_o        (second_table)
      );
      assign dwconv_bundle = {BUNDLE_BITS{match}} & {
        par, dst, slices, ny, nx, dst_stride_y, dst_block, zero_point, min, max, lookup,
        second_table, src, src_stride_y, src_block, src_stride_x, {2'd0, nky}, {2'd0, nkx},
        stride_ky, stride_kx, 8'd0
      };
      assign dwconv_wgt = {16{match}} & wgt;
      assign dwconv_match = match;
    end else begin : g_no_dwconv
      assign dwconv_bundle = {BUNDLE_BITS{1'b0}};
      assign dwconv_match = 1'b0;
      assign dwconv_wgt = 16'd0;
    end
    if (1) begin : g_rescale
      wire        match;
      wire [19:0] src;
      wire [7:0]  src_slot;
      wire [19:0] dst;
      wire [7:0]  dst_slot;
      wire [15:0] par;
      wire [8:0]  slices;
      wire [11:0] ny;
      wire [11:0] nx;
      wire [15:0] src_stride_y;
      wire [15:0] src_block;
      wire [15:0] dst_stride_y;
      wire [15:0] dst_block;
      wire [7:0]  zero_point;
      wire [7:0]  min;
      wire [7:0]  max;
      wire        lookup;
      wire        second_table;
      fields_rescale u_fields (
        .instruction_i  (instruction_i),
        .match_o        (match),
        .src_o          (src),
        .src_slot_o     (src_slot),
        .dst_o          (dst),
        .dst_slot_o     (dst_slot),
        .par_o          (par),
        .slices_o       (slices),
        .ny_o           (ny),
        .nx_o           (nx),
        .src_stride_y_o (src_stride_y),
        .src_block_o    (src_block),
        .dst_stride_y_o (dst_stride_y),
        .dst_block_o    (dst_block),
        .zero_point_o   (zero_point),
        .min_o          (min),
        .max_o          (max),
        .lookup_o       (lookup),
        .table_o        (second_table)
      );
      assign rescale_bundle = {BUNDLE_BITS{match}} & {
        par, dst, slices, ny, nx, dst_stride_y, dst_block, zero_point, min, max, lookup,
        second_table, src, src_stride_y, src_block, 8'd1, 8'd1, 8'd1, 16'd0, 8'd0, dst_slot
      };
      assign rescale_src_slot = {8{match}} & src_slot;
      assign rescale_match = match;
    end
    if (HAS_ADD != 0) begin : g_add
      wire        match;
      wire [19:0] a;
      wire [19:0] b;
      wire [19:0] dst;
      wire [15:0] par;
      wire [4:0]  left_shift;
      wire [8:0]  slices;
      wire [11:0] ny;
      wire [11:0] nx;
      wire [15:0] a_stride_y;
      wire [15:0] b_stride_y;
      wire [15:0] dst_stride_y;
      wire [15:0] a_block;
      wire [15:0] b_block;
      wire [15:0] dst_block;
      wire [7:0]  zero_point;
      wire [7:0]  min;
      wire [7:0]  max;
      wire        lookup;
      wire        second_table;
      fields_add u_fields (
        .instruction_i  (instruction_i),
        .match_o        (match),
        .a_o            (a),
        .b_o            (b),
        .dst_o          (dst),
        .par_o          (par),
        .left_shift_o   (left_shift),
        .slices_o       (slices),
        .ny_o           (ny),
        .nx_o           (nx),
        .a_stride_y_o   (a_stride_y),
        .b_stride_y_o   (b_stride_y),
        .dst_stride_y_o (dst_stride_y),
        .a_block_o      (a_block),
        .b_block_o      (b_block),
        .dst_block_o    (dst_block),
        .zero_point_o   (zero_point),
        .min_o          (min),
        .max_o          (max),
        .lookup_o       (lookup),
        .table_o        (second_table)
      );
      assign add_bundle = {BUNDLE_BITS{match}} & {
        par, dst, slices, ny, nx, dst_stride_y, dst_block, zero_point, min, max, lookup,
        second_table, a, a_stride_y, a_block, 8'd1, 8'd1, 8'd3, 16'd0, 8'd0, 8'd0
      };
      assign add_b = {20{match}} & b;
      assign add_b_stride_y = {16{match}} & b_stride_y;
      assign add_b_block = {16{match}} & b_block;
      assign add_left_shift = {5{match}} & left_shift;
      assign add_match = match;
    end else begin : g_no_add
      assign add_bundle = {BUNDLE_BITS{1'b0}};
      assign add_match = 1'b0;
      assign add_b = 20'd0;
      assign add_b_stride_y = 16'd0;
      assign add_b_block = 16'd0;
      assign add_left_shift = 5'd0;
    end
  endgenerate

  assign {par_o, dst_o, slices_o, ny_o, nx_o, dst_stride_y_o, dst_block_o,
          zero_point_o, min_o, max_o, lookup_o, table_o,
          src_o, src_stride_y_o, src_block_o,
          src_stride_x_o, nky_o, nkx_o, stride_ky_o, stride_kx_o,
          dst_slot_o}
    = requant_bundle | pool_bundle | dwconv_bundle | rescale_bundle | add_bundle;

  wire unused_match;
  assign unused_match = rescale_match;

  assign is_requant_o   = requant_match;
  assign is_dwconv_o    = dwconv_match;
  assign is_add_o       = add_match;
  assign maximum_o      = pool_match && !pool_mode;
  assign src_slot_o     = rescale_src_slot;
  assign acc_o          = requant_acc;
  assign each_row_o     = requant_each_row;
  assign wgt_o          = dwconv_wgt;
  assign b_o            = add_b;
  assign b_stride_y_o   = add_b_stride_y;
  assign b_block_o      = add_b_block;
  assign left_shift_o   = add_left_shift;
endmodule
`default_nettype wire
