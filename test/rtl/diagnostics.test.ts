/** What the simulator refuses, and how it says so: each at its source line. */

import { expect, it } from 'vitest';
import { renderDiagnostic } from '../../base/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';

async function refusal(text: string): Promise<string> {
  const netlist = await elaborate([{ path: 'rtl/top.v', text }], 'top');
  const result = netlist.ok ? await compileNetlist(netlist.value) : netlist;
  return result.ok ? 'accepted' : result.diagnostics.map(renderDiagnostic).join('\n').replace(/\$\d+/g, '$N');
}

const cases: readonly (readonly [string, string])[] = [
  ['a syntax error', 'module top(input a, output b);\n  assign b = = a;\nendmodule\n'],
  ['a missing module', 'module top(input a, output b);\n  sub u(.a(a), .b(b));\nendmodule\n'],
  ['a missing top', 'module other(input a, output b);\n  assign b = a;\nendmodule\n'],
  [
    'a combinational loop',
    'module top(input [3:0] a, output [3:0] y);\n  wire [3:0] x;\n  assign x = y + a;\n  assign y = x ^ a;\nendmodule\n',
  ],
  [
    'a latch',
    'module top(input en, input [3:0] a, output reg [3:0] y);\n  always @* if (en) y = a;\nendmodule\n',
  ],
  [
    'two clocks',
    'module top(input c, input e, input a, output reg x, output reg y);\n  always @(posedge c) x <= a;\n  always @(posedge e) y <= a;\nendmodule\n',
  ],
  [
    'both edges',
    'module top(input c, input a, output reg x, output reg y);\n  always @(posedge c) x <= a;\n  always @(negedge c) y <= a;\nendmodule\n',
  ],
  [
    'a wide power',
    'module top(input [64:0] a, input [3:0] b, output [64:0] y);\n  assign y = a ** b;\nendmodule\n',
  ],
  [
    'a latch made of gates',
    'module sub(input a, input b, output q);\n  wire r;\n  nand(q, a, r);\n  nand(r, b, q);\nendmodule\nmodule top(input a, input b, output q);\n  sub u(a, b, q);\nendmodule\n',
  ],
  [
    'the clock as what is written to a memory',
    'module top(input c, input [1:0] a, output x);\n  reg m [0:3];\n  always @(posedge c) m[a] <= c;\n  assign x = m[a];\nendmodule\n',
  ],
  [
    'the clock as data',
    'module top(input c, input a, output reg x, output y);\n  always @(posedge c) x <= a;\n  assign y = x & c;\nendmodule\n',
  ],
];

it.each(cases)('refuses %s', async (_, text) => {
  expect(`${text}==>\n${await refusal(text)}`).toMatchSnapshot();
});
