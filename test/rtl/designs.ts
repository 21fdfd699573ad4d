/** Small designs written to reach every kind of word-level cell. The clock is `clk`, the synchronous reset, where there is one, `rst`. */

export interface TestDesign {
  readonly name: string;
  readonly text: string;
}

const design = (name: string, text: string): TestDesign => ({ name, text });

export const designs: readonly TestDesign[] = [
  design(
    'signed_odd_widths',
    `module top(input clk, input signed [6:0] a, input signed [12:0] b, input [4:0] c,
  output reg signed [19:0] mac = 0, output signed [13:0] sum, output lt, output ge, output signed [12:0] neg, output ltu, output [19:0] mixed);
  always @(posedge clk) mac <= mac + a * b;
  assign sum = a - b; assign lt = a < b; assign ge = b >= a; assign neg = -b; assign ltu = c > a[4:0]; assign mixed = a + c;
endmodule`,
  ),
  design(
    'wide_arithmetic',
    `module top(input clk, input [129:0] a, input [129:0] b, output [130:0] sum, output [129:0] diff, output eq, output lt,
  output slt, output ra, output ro, output rx, output reg [129:0] acc = 0, output [129:0] x, output [99:0] product);
  assign sum = a + b; assign diff = a - b; assign eq = a == {b[129:1], a[0]}; assign lt = a < b; assign slt = $signed(a) < $signed(b);
  assign ra = &(a | b | {130{a[0]}}); assign ro = |(a & b); assign rx = ^a; assign x = (a ^ b) | ~(a & b); assign product = a[99:0] * b[70:0];
  always @(posedge clk) acc <= acc + (a[5] ? b : ~a);
endmodule`,
  ),
  design(
    'variable_shifts',
    `module top(input [36:0] a, input signed [36:0] s, input [89:0] w, input signed [89:0] sw, input [6:0] n,
  output [36:0] l, output [36:0] r, output signed [36:0] ar, output [89:0] wl, output [89:0] wr, output signed [89:0] war, output [7:0] pick);
  assign l = a << n; assign r = a >> n; assign ar = s >>> n; assign wl = w << n; assign wr = w >> n; assign war = sw >>> n;
  wire [127:0] padded = {38'd0, w}; assign pick = padded[n[6:3] * 8 +: 8];
endmodule`,
  ),
  design(
    'division',
    `module top(input [19:0] a, input [9:0] b, input signed [30:0] c, input signed [8:0] d, output [19:0] q, output [9:0] m,
  output signed [30:0] sq, output signed [30:0] sm);
  assign q = a / {1'b1, b[8:0]}; assign m = a % {1'b1, b[8:0]};
  assign sq = c / $signed({d[8:1], 1'b1}); assign sm = c % $signed({d[8:1], 1'b1});
endmodule`,
  ),
  design(
    'resets_and_enables',
    `module top(input clk, input rst, input en, input clear, input [39:0] d, output reg [39:0] r, output reg [39:0] e = 40'h12345,
  output reg [7:0] both, output reg [7:0] gated, output reg [70:0] wide);
  always @(posedge clk) begin
    if (rst) r <= 40'hab_cdef_0123; else r <= r + d;
    if (en) e <= d;
    if (rst) both <= 8'd7; else if (en) both <= both ^ d[7:0];
    if (rst) gated <= 0; else if (en) begin if (clear) gated <= 8'h5a; else gated <= gated + 1; end
    if (rst) wide <= 71'd3; else if (en) wide <= {wide[60:0], d[9:0]};
  end
endmodule`,
  ),
  design(
    'asynchronous_reset',
    `module top(input clk, input rst, input en, input [8:0] d, output reg [8:0] q, output reg [8:0] p, output [8:0] sum);
  always @(posedge clk or posedge rst) if (rst) q <= 9'd77; else q <= q + d;
  always @(posedge clk or posedge rst) if (rst) p <= 9'd1; else if (en) p <= d;
  assign sum = q + p;
endmodule`,
  ),
  design(
    'memory_ports',
    `module top(input clk, input we, input we2, input [3:0] wa, input [3:0] wa2, input [3:0] ra, input [3:0] rb, input [11:0] d, input [11:0] d2,
  input [2:0] be, output [11:0] a, output reg [11:0] b = 0, output reg [99:0] row = 0);
  reg [11:0] m [0:15]; reg [99:0] w [0:7]; reg [11:0] lanes [0:15]; integer i;
  initial begin for (i = 0; i < 16; i = i + 1) begin m[i] = i * 37; lanes[i] = i; end for (i = 0; i < 8; i = i + 1) w[i] = {4{25'd12345}} + i; end
  assign a = m[ra] ^ lanes[rb];
  always @(posedge clk) begin
    if (we) m[wa] <= d; if (we2) m[wa2] <= d2; b <= m[rb];
    for (i = 0; i < 3; i = i + 1) if (be[i]) lanes[wa][4*i +: 4] <= d[4*i +: 4];
    if (we) w[wa[2:0]] <= {d, d2, w[ra[2:0]][75:0]}; if (we2) row <= w[rb[2:0]];
  end
endmodule`,
  ),
  design(
    'memory_odd_depth',
    `module top(input clk, input we, input [2:0] wa, input [2:0] ra, input [63:0] d, output reg [63:0] q = 0);
  reg [63:0] m [1:6]; integer i; initial for (i = 1; i < 7; i = i + 1) m[i] = 64'h0123_4567_89ab_cdef * i;
  wire [2:0] w = (wa == 0 || wa == 7) ? 3'd3 : wa; wire [2:0] r = (ra == 0 || ra == 7) ? 3'd6 : ra;
  always @(posedge clk) begin if (we) m[w] <= d; q <= m[r]; end
endmodule`,
  ),
  design(
    'part_selects',
    `module top(input [70:0] a, input [15:0] b, output [70:0] swapped, output [15:0] out, output [31:0] sext, output chain);
  assign swapped = {a[0], a[35:1], a[70:36]}; reg [15:0] x; integer i;
  always @* begin x = b; for (i = 1; i < 16; i = i + 1) x[i] = x[i] ^ x[i-1]; x[7:4] = a[66:63] + x[3:0]; end
  assign out = x; assign sext = {{17{b[14]}}, b[14:0]};
  wire [16:0] carry; assign carry = {(carry[15:0] & b) | (a[15:0] & b), a[70]}; assign chain = carry[16];
endmodule`,
  ),
  design(
    'case_trees',
    `module top(input clk, input rst, input [5:0] op, input [33:0] a, input [33:0] b, output reg [33:0] y, output reg [2:0] state, output reg [3:0] hot);
  always @* begin
    case (op[3:0]) 0: y = a; 1: y = b; 2: y = a + b; 3: y = a - b; 4: y = a & b; 5, 6: y = {a[16:0], b[16:0]}; 9: y = ~a; default: y = 34'h2_0000_0001; endcase
    casez (op) 6'b1?????: hot = 8; 6'b01????: hot = 4; 6'b001???: hot = 2; default: hot = 1; endcase
  end
  always @(posedge clk) if (rst) state <= 0; else case (state) 0: if (op[0]) state <= 1; 1: state <= op[1] ? 2 : 5; 2: state <= 3'd4; 4: if (!op[2]) state <= 0; default: state <= 0; endcase
endmodule`,
  ),
  design(
    'generate_hierarchy',
    `module cell_(input clk, input rst, input [7:0] west, input [19:0] north, output reg [7:0] east, output reg [19:0] south);
  reg signed [15:0] m; always @(posedge clk) begin if (rst) begin east <= 0; m <= 0; south <= 0; end else begin
  east <= west; m <= $signed(west) * $signed(north[7:0]); south <= north + {{4{m[15]}}, m}; end end endmodule
module top(input clk, input rst, input [31:0] a, input [79:0] b, output [31:0] east, output [79:0] south);
  genvar r, c; generate for (r = 0; r < 4; r = r + 1) begin : row for (c = 0; c < 4; c = c + 1) begin : col
    wire [7:0] w; wire [7:0] e; wire [19:0] n; wire [19:0] s; cell_ u(.clk(clk), .rst(rst), .west(w), .north(n), .east(e), .south(s));
    if (c == 0) assign w = a[8*r +: 8]; else assign w = row[r].col[c-1].e;
    if (r == 0) assign n = b[20*c +: 20]; else assign n = row[r-1].col[c].s;
    if (c == 3) assign east[8*r +: 8] = e; if (r == 3) assign south[20*c +: 20] = s; end end endgenerate
endmodule`,
  ),
  design(
    'shift_registers',
    `module top(input clk, input rst, input d, input [2:0] n, output reg [99:0] q, output reg [4:0] a, output reg [4:0] b, output reg [64:0] rot);
  always @(posedge clk) if (rst) begin q <= 0; a <= 5'd9; b <= 5'd20; rot <= 65'd12345; end
  else begin q <= {q[98:0], d}; a <= b; b <= a + n; rot <= {rot[0], rot[64:1]} ^ {60'd0, a}; end
endmodule`,
  ),
  design(
    'logic_and_reductions',
    `module top(input [2:0] a, input [66:0] b, input [32:0] c, output [7:0] y, output [3:0] z, output xn, output [66:0] sel);
  assign y = {a && b, a || c, !b, !c, |a, &c, ~|b, ~&a}; assign z = {a == b, a != c, a === c[2:0], c !== b[32:0]};
  assign xn = ~^b; assign sel = a[0] ? (a[1] ? b : {b[33:0], c}) : (a[2] ? ~b : {67{c[32]}});
endmodule`,
  ),
  design(
    'multipliers',
    `module top(input [31:0] a, input signed [31:0] b, input signed [15:0] m, input [63:0] w, output [63:0] uu, output signed [63:0] ss,
  output signed [47:0] mixed, output [127:0] big, output signed [46:0] rounded);
  assign uu = a * {32'd0, w[31:0]}; assign ss = b * $signed(a); assign mixed = b * m; assign big = w * {64'd0, a, a};
  assign rounded = (b * m + (48'sd1 << m[4:0])) >>> m[4:0];
endmodule`,
  ),
  design(
    'shifts_compares_powers',
    `module top(input [6:0] a, input [6:0] b, input signed [11:0] s, input [3:0] n, input signed [4:0] sn, input [39:0] w, input en, input set,
  output [6:0] xn, output le, output sle, output [6:0] sl, output signed [11:0] ssl, output truth, output [31:0] pw, output [8:0] squared,
  output [15:0] sh, output [39:0] wxn, output wle, output wtruth, output [79:0] wsl);
  assign xn = a ~^ b; assign le = a <= b; assign sle = s <= $signed(a); assign sl = a <<< n; assign ssl = s <<< n; assign truth = a ? en : set;
  assign pw = 2 ** n; assign squared = a[2:0] ** 2; assign sh = w[n +: 16]; assign wxn = w ~^ {w[0], w[39:1]};
  assign wle = {w, w} <= {w[2:0], w[39:3], w}; assign wtruth = !(!{w, a, sn}); assign wsl = {w, w} <<< a;
endmodule`,
  ),
  design(
    'dynamic_part_writes',
    `module top(input clk, input rst, input [7:0] a, input [2:0] b, input [3:0] n, output reg [63:0] put, output reg [15:0] part, output reg [129:0] wide);
  always @(posedge clk) if (rst) put <= 0; else put[n*4 +: 8] <= a;
  always @(posedge clk) if (rst) part <= 0; else part[{1'b0, n[2:0]} +: 3] <= b;
  always @(posedge clk) if (rst) wide <= 1; else wide[{n, b} +: 5] <= a[4:0];
endmodule`,
  ),
  design(
    'reset_under_enable',
    `module top(input clk, input rst, input en, input clear, input [6:0] a, output reg [6:0] q, output reg [70:0] w, output reg s);
  always @(posedge clk) if (en | rst) begin if (clear | rst) q <= 7'd9; else q <= a + q; end
  always @(posedge clk) if (en | rst) begin if (rst) w <= 71'd5; else w <= {w[63:0], a}; end
  always @(posedge clk) if (en | rst) begin if (rst) s <= 1'b1; else s <= s ^ a[0]; end
endmodule`,
  ),
  design(
    'asynchronous_set_and_load',
    `module top(input clk, input rst, input set, input en, input [6:0] a, input [6:0] b, output reg [6:0] sr, output reg [6:0] se,
  output reg [6:0] al, output reg [6:0] ale, output [6:0] sum);
  // The end of a reset over an active set is no event in Verilog, but sets the hardware: here it is one.
  wire sets = set & ~rst;
  always @(posedge clk, posedge rst, posedge sets) if (rst) sr <= 0; else if (sets) sr <= 7'h7f; else sr <= a;
  always @(posedge clk, posedge rst) if (rst) se <= 7'h15; else if (en) se <= b;
  // A load is short: Verilog does not look at its data again while it lasts, hardware does.
  reg rst_q = 0; wire load = rst & ~rst_q;
  always @(posedge clk) rst_q <= rst;
  always @(posedge clk, posedge load) if (load) al <= b; else al <= al ^ a;
  always @(posedge clk, posedge load) if (load) ale <= a; else if (en) ale <= ale + b;
  assign sum = sr + se;
endmodule`,
  ),
];
