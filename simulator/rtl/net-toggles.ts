/**
 * Toggles of nets: how often each bit of some words changes from one cycle of a program to the next. In: names of words and the simulators
 * that show them. Out: counts a bit, summed over runs. Zero delay: a net changes at most once a cycle, glitches are not seen.
 */

import type { RtlSimulator } from './simulator.js';

/** Counts over every run of the engine that was given it. */
export class NetToggles {
  /** Words that {@link of} can be asked for, by their hierarchical names (`u_array.sum_q`); engines observe them. */
  readonly names: readonly string[];
  private readonly counts = new Map<string, Float64Array>();
  private counted = 0;

  constructor(names: Iterable<string>) {
    this.names = [...new Set(names)];
  }

  /** Cycles that were looked at: those of the programs, from start to done. */
  get cycles(): number {
    return this.counted;
  }

  /** How often each bit of a word changed, lowest first; undefined for words that the design does not have. */
  of(name: string): Float64Array | undefined {
    return this.counts.get(name);
  }

  /** Looks at one simulator. @returns what to call after each clock cycle of a program; `finish` adds what it counted. */
  watch(simulator: Pick<RtlSimulator, 'memory' | 'portWords' | 'hasPort'>): {
    readonly afterCycle: () => void;
    readonly finish: () => void;
  } {
    const known = this.names.filter((name) => simulator.hasPort(name));
    const words = Uint32Array.from(known.flatMap((name) => simulator.portWords(name)));
    const { memory } = simulator;
    const before = new Uint32Array(words.length);
    const toggles = new Float64Array(32 * words.length);
    let cycles = 0;
    const afterCycle = () => {
      for (let i = 0; i < words.length; i++) {
        const value = memory[words[i]!]!;
        // The first cycle only tells where everything stands.
        let changed = cycles === 0 ? 0 : value ^ before[i]!;
        before[i] = value;
        for (; changed !== 0; changed &= changed - 1)
          toggles[32 * i + 31 - Math.clz32(changed & -changed)]!++;
      }
      cycles++;
    };
    const finish = () => {
      this.counted += cycles;
      let at = 0;
      for (const name of known) {
        const bits = 32 * simulator.portWords(name).length;
        const sum = this.counts.get(name) ?? new Float64Array(bits);
        for (let bit = 0; bit < bits; bit++) sum[bit]! += toggles[at + bit]!;
        this.counts.set(name, sum);
        at += bits;
      }
    };
    return { afterCycle, finish };
  }
}
