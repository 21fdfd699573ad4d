/** One design, the same random inputs, our simulator and Icarus Verilog. In: the text of module `top`. Out: the first difference. */

import { unwrap } from '../../base/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';
import { runIcarus } from './icarus.js';

/** A deterministic generator of words (xorshift, 32 bits at a time): small and extreme ones as often as others. */
export function wordSource(seed: number): (width: number) => bigint {
  let state = seed | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return (width) => {
    const all = (1n << BigInt(width)) - 1n;
    let value = 0n;
    for (let low = 0; low < width; low += 32) value |= BigInt(next()) << BigInt(low);
    const kind = next() % 8;
    if (kind === 0) return 0n;
    if (kind === 1) return all;
    if (kind === 2) return value & 7n & all;
    return kind === 3 ? 1n << BigInt(next() % width) : value & all;
  };
}

/** Draws whole numbers in [0, limit), uniformly. */
export function numberSource(seed: number): (limit: number) => number {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}

const RESET_CYCLES = 3;

export interface Comparison {
  /** The first disagreement on a bit that Icarus knows. */
  readonly difference: string | undefined;
  /** Share of the output bits that Icarus knew. */
  readonly known: number;
}

/** An input `rst` is high in the first three cycles, which are not compared, and in a sixteenth of the others. */
export async function lockStep(text: string, cycles: number, seed: number): Promise<Comparison> {
  const module = unwrap(await compileNetlist(unwrap(await elaborate([{ path: 'top.v', text }], 'top'))));
  const word = wordSource(seed);
  const number = numberSource(seed);
  const stimuli = Array.from({ length: cycles }, (_, cycle) =>
    module.inputs.map(({ name, width }) =>
      name === 'rst' ? BigInt(cycle < RESET_CYCLES || number(16) === 0) : word(width),
    ),
  );
  // A design whose registers were all optimised away has its clock among the inputs.
  const inputs = module.inputs.filter(({ name }) => name !== 'clk');
  const held = module.inputs.findIndex(({ name }) => name === 'clk');
  const shown = stimuli.map((values) => values.filter((_, i) => i !== held));
  const expected = runIcarus(text, { inputs, outputs: module.outputs }, shown);
  if (expected.length !== cycles) return { difference: `Icarus ran ${expected.length} cycles`, known: 0 };
  const simulator = module.instantiate();
  let [bits, known] = [0, 0];
  for (const [cycle, values] of stimuli.entries()) {
    module.inputs.forEach(({ name }, i) => {
      simulator.poke(name, values[i]!);
    });
    for (const [i, { name, width }] of module.outputs.entries()) {
      const theirs = expected[cycle]![i]!;
      const ours = simulator.peek(name).toString(2).padStart(width, '0');
      bits += width;
      known += theirs.replace(/[^01]/g, '').length;
      // Before the reset has acted, x === y is a known bit in Icarus, though its operands are not.
      if (cycle < RESET_CYCLES) continue;
      const same = [...theirs].every((digit, k) => (digit !== '0' && digit !== '1') || digit === ours[k]);
      if (!same)
        return { difference: `cycle ${cycle}, ${name}: Icarus ${theirs}, ours ${ours}`, known: known / bits };
    }
    simulator.step();
  }
  return { difference: undefined, known: known / bits };
}
