/** Combinational loops: those between words only are simulated, those between bits are refused. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../base/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';
import { hasIcarus } from './icarus.js';
import { lockStep } from './lock-step.js';

const design = (chain: string) => `module top (
  input  wire [69:0] code_i,
  input  wire        pick_i,
  output wire [69:0] binary_o,
  output wire [7:0]  chain_o
);
  assign binary_o[69] = code_i[69];
  assign binary_o[68:0] = binary_o[69:1] ^ code_i[68:0];
  assign chain_o = ${chain};
endmodule
`;
const ACYCLIC = design('{chain_o[6:0], code_i[0]} & code_i[9:2]');
const CYCLIC = design('pick_i ? {chain_o[6:0], code_i[0]} : {code_i[1], chain_o[7:1]}');

describe('loops between words', () => {
  it.skipIf(!hasIcarus)('that are none between bits are simulated', async () => {
    expect(await lockStep(ACYCLIC, 200, 3)).toEqual({ difference: undefined, known: 1 });
  });

  it('that are loops between bits are refused at their line', async () => {
    const netlist = await elaborate([{ path: 'top.v', text: CYCLIC }], 'top');
    const compiled = netlist.ok ? await compileNetlist(netlist.value) : netlist;
    expect(compiled.ok).toBe(false);
    expect(renderDiagnostic(compiled.diagnostics[0]!)).toMatch(/rtl\/combinational-loop.*\n *--> top\.v:9:/);
  });
});
