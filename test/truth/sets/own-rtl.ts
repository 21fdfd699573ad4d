/** Law 2 on the shipped example: cycles of the timing engine beside those of the emitted Verilog, whole program and every instruction. */

import type { Point } from '../statistics.js';
import type { TruthSet } from '../truth-set.js';

const machines = ['edge4', 'edge8', 'edge16', 'shidiannao8'];

export const ownRtl: TruthSet = {
  name: 'own RTL, cycles',
  unit: 'cycles',
  measure: 'largest difference',
  target: 0,
  fit: 'none: closed forms and the stated memory model',
  peer: 'no other simulator of this kind is held to its own RTL in every instruction',
  find: async () => ({
    points: (await Promise.all(machines.map(onMachine))).flat(),
    notes: [
      'Example `digits`; the ends of all instructions and of the program. The laws hold this on drawn machines and networks as well (docs/verification.md).',
    ],
  }),
};

async function onMachine(machine: string): Promise<readonly Point[]> {
  // Brings Yosys with it: only when asked for.
  const { compile, simulate } = await import('../../../tools/library/verbs.js');
  const compiled = compile('digits', { machine });
  const [predicted, run] = [await simulate(compiled, 'timing'), await simulate(compiled, 'rtl')];
  const ends = run.trace.map((published, index) => ({
    label: `${machine}, end of instruction ${index}`,
    published: published.end,
    predicted: predicted.trace[index]!.end,
  }));
  return [{ label: `${machine}, program`, published: run.cycles, predicted: predicted.cycles }, ...ends];
}
