// Arithmetic of one lane of the vector unit, stages 3 to 11 (see vector_unit): operand, reduction over a window, scaling,
// and for `add` the way back of the two scaled operands. Functions that the machine lacks are not built.
// What all lanes are told each cycle is registered here, and with HELD_COPIES what they are told for an instruction as well
// (a cycle later than in vector_unit, and a cycle before stage 3 first needs it): one register for many lanes is slow.
`default_nettype none
module vector_lane #(
  parameter ACT_BITS = 8,
  parameter WGT_BITS = 8,
  parameter ACC_BITS = 32,
  parameter MULTIPLIER_BITS = 32,
  parameter HAS_POOL = 1,
  parameter HAS_DEPTHWISE = 1,
  parameter HAS_ADD = 1,
  parameter HELD_COPIES = 0
) (
  input  wire                       clk_i,
  // stage 2: the lane's part of the rows that were read
  input  wire [ACC_BITS-1:0]        acc_i,
  input  wire [ACT_BITS-1:0]        act_i,
  input  wire [WGT_BITS-1:0]        wgt_i,
  // what the instruction does, held while it runs
  input  wire                       from_acc_i,
  input  wire                       multiplies_i,   // dwconv
  input  wire                       adds_i,         // add
  input  wire                       maximum_i,      // pool: maximum instead of sum
  input  wire [4:0]                 left_shift_i,
  input  wire signed [7:0]          zero_point_i,
  input  wire signed [ACT_BITS-1:0] min_i,
  input  wire signed [ACT_BITS-1:0] max_i,
  // stage 3: first element of a window
  input  wire                       first_i,
  // stage 4: the value of stage 5 is the sum of the two scaled operands
  input  wire                       sum_i,
  // stage 5: parameters of the value
  input  wire [31:0]                bias_i,
  input  wire [MULTIPLIER_BITS-2:0] multiplier_i,
  input  wire [5:0]                 shift_i,
  // stage 10: the scaled value is operand b of an add
  input  wire                       second_i,
  // stage 11
  output wire [ACT_BITS-1:0]        clamped_o
);
  // Only add uses the scaled value itself.
  localparam SCALED_BITS = (HAS_ADD != 0) ? 32 : ((ACT_BITS > 8) ? ACT_BITS : 8) + 2;

  // What the instruction does
  wire                       from_acc;
  wire                       multiplies;
  wire                       adds;
  wire                       maximum;
  wire [4:0]                 left_shift;
  wire signed [7:0]          zero_point;
  wire signed [ACT_BITS-1:0] min;
  wire signed [ACT_BITS-1:0] max;
  localparam HELD_BITS = 17 + 2 * ACT_BITS;
  wire [HELD_BITS-1:0] held;
  assign held = {from_acc_i, multiplies_i, adds_i, maximum_i, left_shift_i, zero_point_i, min_i, max_i};
  generate
    if (HELD_COPIES != 0) begin : g_copies
      reg [HELD_BITS-1:0] held_q;
      always @(posedge clk_i) held_q <= held;
      assign {from_acc, multiplies, adds, maximum, left_shift, zero_point, min, max} = held_q;
    end else begin : g_shared
      assign {from_acc, multiplies, adds, maximum, left_shift, zero_point, min, max} = held;
    end
  endgenerate

  // Stage 3
  reg signed [ACC_BITS-1:0] acc_q;
  reg signed [ACT_BITS-1:0] act_q;
  always @(posedge clk_i) begin
    acc_q <= acc_i;
    act_q <= act_i;
  end

  wire signed [31:0] acc_value;
  wire        [31:0] act_extended;
  wire signed [31:0] act_value;
  wire signed [31:0] element;
  wire        [SCALED_BITS-1:0] scaled;
  assign act_extended = {{(32-ACT_BITS){act_q[ACT_BITS-1]}}, act_q};
  generate
    if (ACC_BITS < 32) begin : g_narrow_acc
      assign acc_value = {{(32-ACC_BITS){acc_q[ACC_BITS-1]}}, acc_q};
    end else begin : g_wide_acc
      assign acc_value = acc_q;
    end
    if (HAS_ADD != 0) begin : g_left_shift
      // Other instructions do not shift.
      wire [4:0] amount;
      assign amount    = left_shift & {5{adds}};
      assign act_value = act_extended << amount;
    end else begin : g_no_shift
      wire unused_shift;
      assign unused_shift = &{1'b0, left_shift, adds};
      assign act_value = act_extended;
    end
    if (HAS_DEPTHWISE != 0) begin : g_product
      localparam PRODUCT_BITS = ACT_BITS + WGT_BITS;
      reg  signed [WGT_BITS-1:0]     wgt_q;
      wire signed [PRODUCT_BITS-1:0] product;
      wire signed [31:0]             extended;
      assign product = act_q * wgt_q;
      always @(posedge clk_i) wgt_q <= wgt_i;
      if (PRODUCT_BITS < 32) begin : g_extend
        assign extended = {{(32-PRODUCT_BITS){product[PRODUCT_BITS-1]}}, product};
      end else begin : g_exact
        assign extended = product;
      end
      assign element = multiplies ? extended : act_value;
    end else begin : g_no_product
      wire unused_weight;
      assign unused_weight = &{1'b0, wgt_i, multiplies};
      assign element = act_value;
    end
  endgenerate

  // Stage 4, 5
  reg signed [31:0] value_q;
  reg signed [31:0] reduced_q;
  always @(posedge clk_i) value_q <= from_acc ? acc_value : element;

  generate
    if (HAS_POOL != 0 || HAS_DEPTHWISE != 0) begin : g_reduce
      wire keep;
      reg  first_q;
      always @(posedge clk_i) first_q <= first_i;
      if (HAS_POOL != 0) begin : g_maximum
        assign keep = maximum && (reduced_q > value_q);
      end else begin : g_sum_only
        wire unused_maximum;
        assign unused_maximum = maximum;
        assign keep = 1'b0;
      end
      always @(posedge clk_i) begin
        if (first_q) reduced_q <= value_q;
        else if (!maximum) reduced_q <= reduced_q + value_q;
        else if (!keep) reduced_q <= value_q;
      end
    end else begin : g_single
      wire unused_window;
      assign unused_window = &{1'b0, first_i, maximum};
      always @(posedge clk_i) reduced_q <= value_q;
    end
  endgenerate

  // add: scaled operand a comes one cycle before operand b; their sum stays for three cycles and is used in the second.
  wire [31:0] value;
  generate
    if (HAS_ADD != 0) begin : g_sum
      reg [31:0] operand_q;
      reg [31:0] sum_q;
      reg        is_sum_q;
      always @(posedge clk_i) begin
        is_sum_q  <= sum_i;
        operand_q <= scaled;
        if (second_i) sum_q <= operand_q + scaled;
      end
      assign value = is_sum_q ? sum_q : reduced_q;
    end else begin : g_no_sum
      wire unused_scaled;
      assign unused_scaled = &{1'b0, scaled, sum_i, second_i};
      assign value = reduced_q;
    end
  endgenerate

  requantizer #(
    .ACT_BITS        (ACT_BITS),
    .MULTIPLIER_BITS (MULTIPLIER_BITS),
    .SCALED_BITS     (SCALED_BITS)
  ) u_requantizer (
    .clk_i        (clk_i),
    .value_i      (value),
    .bias_i       (bias_i),
    .multiplier_i (multiplier_i),
    .shift_i      (shift_i),
    .zero_point_i (zero_point),
    .min_i        (min),
    .max_i        (max),
    .scaled_o     (scaled),
    .clamped_o    (clamped_o)
  );
endmodule
`default_nettype wire
