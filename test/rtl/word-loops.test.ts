import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../base/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';
import { firstDifference, icarusIsInstalled, lockStep } from './icarus.js';

const gray = `module gray (
  input  wire [69:0] code_i,
  input  wire        pick_i,
  output wire [69:0] binary_o,
  output wire [7:0]  chain_o
);
  assign binary_o[69] = code_i[69];
  assign binary_o[68:0] = binary_o[69:1] ^ code_i[68:0];
  assign chain_o = pick_i ? {chain_o[6:0], code_i[0]} : {code_i[1], chain_o[7:1]};
endmodule
`;
const acyclic = gray.replace(/ {2}assign chain_o.*\n/, '  assign chain_o = {chain_o[6:0], code_i[0]} & code_i[9:2];\n');

describe('loops between words', () => {
  it.skipIf(!icarusIsInstalled)('that are none between bits are simulated', async () => {
    const result = await lockStep([{ path: 'gray.v', text: acyclic }], 'gray', { cycles: 200, seed: 3 });
    expect(firstDifference(result)).toEqual({ difference: undefined, known: 1 });
  });

  it('that are loops between bits are refused at their line', async () => {
    const netlist = await elaborate([{ path: 'gray.v', text: gray }], 'gray');
    const compiled = netlist.ok ? await compileNetlist(netlist.value) : netlist;
    expect(compiled.ok).toBe(false);
    expect(renderDiagnostic(compiled.diagnostics[0]!)).toMatch(/rtl\/combinational-loop.*\n *--> gray\.v:9:/);
  });
});
