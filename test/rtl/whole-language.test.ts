/** Verilog that other designs are written in and ours are not, in lock step with Icarus. */

import { expect, it } from 'vitest';
import { hasIcarus } from './icarus.js';
import { lockStep } from './lock-step.js';

const cases: readonly (readonly [string, string])[] = [
  [
    'powers with variable exponents',
    `module top(input clk, input rst, input [7:0] a, input [5:0] b, input signed [7:0] c, input signed [3:0] d, input [63:0] e,
        output [15:0] y, output [31:0] z, output signed [15:0] w, output [63:0] v, output signed [15:0] u, output signed [7:0] fifth);
      assign y = a ** b; assign z = 3 ** b; assign w = (c == 0 && d < 0) ? 0 : c ** d; assign v = e ** b;
      assign u = (c == 0) ? 0 : c ** 4'sb1111; assign fifth = c ** 5;
    endmodule`,
  ],
  [
    'the clock passed on',
    `module top(input clk, input rst, input [7:0] a, output reg [7:0] y, output forwarded, output [2:0] both);
      assign forwarded = clk; assign both = {y[0], clk, a[0]};
      always @(posedge clk) if (rst) y <= 0; else y <= y + a;
    endmodule`,
  ],
  [
    'a memory with initial words here and there',
    `module top(input clk, input rst, input we, input [3:0] a, input [3:0] b, input [36:0] d, output [36:0] q);
      reg [36:0] m [0:15]; integer i;
      initial begin for (i = 0; i < 16; i = i + 1) m[i] = 0; m[3] = 37'h1f_ffff_ffff; m[11] = 37'h10_0000_0001; end
      always @(posedge clk) if (!rst && we) m[a] <= d;
      assign q = m[b];
    endmodule`,
  ],
];

it.skipIf(!hasIcarus).each(cases)('agrees with Icarus: %s', async (_, text) => {
  const { difference, known } = await lockStep(text, 200, 20261123);
  expect(difference).toBeUndefined();
  expect(known).toBeGreaterThan(0.9);
});
