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
  ['a power', 'module top(input [3:0] a, input [3:0] b, output [7:0] y);\n  assign y = a ** b;\nendmodule\n'],
  [
    'the clock as data',
    'module top(input c, input a, output reg x, output y);\n  always @(posedge c) x <= a;\n  assign y = x & c;\nendmodule\n',
  ],
];

it.each(cases)('refuses %s', async (_, text) => {
  expect(`${text}==>\n${await refusal(text)}`).toMatchSnapshot();
});
