/**
 * Foreign Verilog with tri-states. The simulator has two states, so whatever may float is refused at its line, never read as 0; what Verilog
 * itself turns into two states (casez patterns, an inout with one driver) is simulated.
 */

import { expect, it } from 'vitest';
import { renderDiagnostic } from '../../base/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';

async function verdict(text: string): Promise<string> {
  const netlist = await elaborate([{ path: 'rtl/top.v', text }], 'top');
  const result = netlist.ok ? await compileNetlist(netlist.value) : netlist;
  return result.ok ? 'accepted' : result.diagnostics.map(renderDiagnostic).join('\n');
}

const refused: readonly (readonly [string, string])[] = [
  ['an enabled driver', "module top(input en, input a, output y);\n  assign y = en ? a : 1'bz;\nendmodule\n"],
  [
    'a bus of two drivers, both lines',
    "module top(input en, input a, input b, output y);\n  assign y = en ? a : 1'bz;\n  assign y = en ? 1'bz : b;\nendmodule\n",
  ],
  ['a net that always floats', "module top(output y);\n  assign y = 1'bz;\nendmodule\n"],
  ['bufif1', 'module top(input en, input a, output y);\n  bufif1 g(y, a, en);\nendmodule\n'],
  ['a comparison with z', "module top(input a, output y);\n  assign y = a === 1'bz;\nendmodule\n"],
  [
    'an input left at z',
    "module sub(input p, output o);\n  assign o = p;\nendmodule\nmodule top(output z);\n  sub s(.p(1'bz), .o(z));\nendmodule\n",
  ],
  [
    'a register that takes z',
    "module top(input c, input en, input a, output reg y);\n  always @(posedge c)\n    if (en) y <= a; else y <= 1'bz;\nendmodule\n",
  ],
  [
    'a bidirectional port of the top, driven and read',
    "module top(input en, input a, inout y, output z);\n  assign y = en ? a : 1'bz;\n  assign z = y;\nendmodule\n",
  ],
  ['a bidirectional port of the top', 'module top(inout p, output z);\n  assign z = p;\nendmodule\n'],
  [
    'a shared bus below the top',
    "module pad(inout p, input a, input en);\n  assign p = en ? a : 1'bz;\nendmodule\nmodule top(input en, input a, input b, output z);\n  wire w;\n  pad s(.p(w), .a(a), .en(en));\n  pad t(.p(w), .a(b), .en(~en));\n  assign z = w;\nendmodule\n",
  ],
  ['tran', 'module top(input a, output b);\n  wire w;\n  assign w = a;\n  tran t(w, b);\nendmodule\n'],
  ['pullup', 'module top(output b);\n  pullup p(b);\nendmodule\n'],
];

it.each(refused)('refuses %s at its line', async (_, text) => {
  const found = await verdict(text);
  expect(found).toMatch(/^error\[rtl\/(tri-state|inout-port|elaboration)\]: /);
  expect(found).toContain('--> rtl/top.v:');
  expect(`${text}==>\n${found}`).toMatchSnapshot();
});

const accepted: readonly (readonly [string, string])[] = [
  [
    'z as a wildcard of casez',
    "module top(input [1:0] a, output reg y);\n  always @* casez (a) 2'b1z: y = 1; default: y = 0; endcase\nendmodule\n",
  ],
  [
    'a z that no parameter value chooses',
    "module top(input a, output y);\n  parameter P = 1'b1;\n  assign y = P ? a : 1'bz;\nendmodule\n",
  ],
  [
    'an inout below the top with one driver that always drives',
    'module sub(inout p, input a);\n  assign p = a;\nendmodule\nmodule top(input a, output z);\n  sub s(.p(z), .a(a));\nendmodule\n',
  ],
  [
    'a tri net with one driver',
    'module top(input a, output b);\n  tri t;\n  assign t = a;\n  assign b = t;\nendmodule\n',
  ],
  [
    'x, which may be either',
    "module top(input en, input a, output y);\n  assign y = en ? a : 1'bx;\nendmodule\n",
  ],
];

it.each(accepted)('simulates %s', async (_, text) => {
  expect(await verdict(text)).toBe('accepted');
});
