/** One design, the same random inputs, our simulator and Icarus Verilog. In: the text of module `top`. Out: the first difference. */

import { unwrap } from '../../base/index.js';
import { compileNetlist, elaborate, type RtlModule, type RtlSimulator } from '../../simulator/rtl/index.js';
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

/**
 * An input `rst` is high in the first three cycles, which are not compared, and in a sixteenth of the others. Inputs rest in half of the
 * cycles, so that parts of the design have nothing to do. Two simulators run: one is asked for its outputs with `peek`, the other
 * only clocked by `cycle`, as the engine does.
 */
export async function lockStep(text: string, cycles: number, seed: number): Promise<Comparison> {
  const module = await moduleOf(text);
  const stimuli = drawStimuli(module, cycles, seed);
  return firstDifference(module, stimuli, runIcarus(text, module, stimuli));
}

/** Module `top` of a text, compiled. */
export const moduleOf = async (text: string): Promise<RtlModule> =>
  unwrap(await compileNetlist(unwrap(await elaborate([{ path: 'top.v', text }], 'top'))));

/** Two simulators of the module run on the stimuli and are held against what another gave, by cycle, by output. */
export function firstDifference(
  module: RtlModule,
  stimuli: readonly (readonly bigint[])[],
  expected: readonly (readonly string[])[],
): Comparison {
  if (expected.length !== stimuli.length)
    return { difference: `${expected.length} cycles instead of ${stimuli.length}`, known: 0 };
  const [asked, clocked] = [module.instantiate(), module.instantiate()];
  let [bits, known] = [0, 0];
  for (const [cycle, values] of stimuli.entries()) {
    module.inputs.forEach(({ name }, i) => {
      asked.poke(name, values[i]!);
      clocked.poke(name, values[i]!);
    });
    clocked.cycle();
    for (const [i, { name, width }] of module.outputs.entries()) {
      const theirs = expected[cycle]![i]!;
      const ours = [asked.peek(name), wordOf(clocked, name)].map((value) =>
        value.toString(2).padStart(width, '0'),
      );
      bits += width;
      known += theirs.replace(/[^01]/g, '').length;
      // Before the reset has acted, x === y is a known bit in Icarus, though its operands are not.
      if (cycle < RESET_CYCLES || ours.every((own) => agrees(theirs, own))) continue;
      const difference = `cycle ${cycle}, ${name}: ${theirs} expected, ${ours[0]} asked, ${ours[1]} clocked`;
      return { difference, known: known / bits };
    }
    asked.step();
  }
  return { difference: undefined, known: known / bits };
}

/** Two-state: what the other simulator does not know may be anything here. */
const agrees = (theirs: string, ours: string) =>
  [...theirs].every((digit, k) => (digit !== '0' && digit !== '1') || digit === ours[k]);

export function drawStimuli(module: RtlModule, cycles: number, seed: number): bigint[][] {
  const word = wordSource(seed);
  const number = numberSource(seed);
  const stimuli: bigint[][] = [];
  for (let cycle = 0; cycle < cycles; cycle++) {
    const last = stimuli.at(-1);
    const rests = last !== undefined && cycle > RESET_CYCLES && number(2) === 0;
    const drawn = module.inputs.map(({ name, width }, i) => {
      if (name === 'rst') return BigInt(cycle < RESET_CYCLES || (!rests && number(16) === 0));
      return rests || (last && number(3) === 0) ? last[i]! : word(width);
    });
    stimuli.push(drawn);
  }
  return stimuli;
}

/** An output as `cycle` left it: before the edge. */
function wordOf(simulator: RtlSimulator, name: string): bigint {
  return simulator
    .portWords(name)
    .reduce((value, at, i) => value | (BigInt(simulator.memory[at]!) << BigInt(32 * i)), 0n);
}
