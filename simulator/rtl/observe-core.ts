/**
 * The core's signals for a Probe. In: a core's netlist and a running instance. Out: its ports and every named word of registers,
 * under the names of the Verilog. Names without a register behind each bit (wires) are not shown; a register that Yosys
 * merged with an equal one is, with the value that they share.
 */

import { unwrap } from '../../base/index.js';
import type { Probe, Signal } from '../engine/index.js';
import { operandWidth } from './design.js';
import { flatten } from './flatten.js';
import type { Netlist } from './netlist.js';
import type { RtlPins } from './pins.js';
import { resolveDesign } from './resolve.js';

/** What is read of a simulator; {@link RtlPins} shows its ports. */
export interface ObservedCore extends RtlPins {
  peekSignal(name: string): bigint | undefined;
  peekNumber(port: string): number;
}

/** A word that only registers hold, under one of its names. */
export interface RegisterName {
  /** As Verilog-2005 names it. */
  readonly path: string;
  /** As Yosys names it. */
  readonly lookup: string;
  readonly bits: number;
}

/** A port of the top without its clock. */
export interface CorePort {
  readonly name: string;
  readonly width: number;
}

/** All names of words of registers, scope by scope. Found once a netlist: it resolves the design. */
export function registerNames(netlist: Netlist): RegisterName[] {
  const design = unwrap(resolveDesign(netlist));
  const names: RegisterName[] = [];
  for (const [scope, { module }] of flatten(netlist).scopes) {
    for (const name of Object.keys(module.netnames)) {
      // Yosys' own names.
      if (name.startsWith('$')) continue;
      const lookup = scope === '' ? name : `${scope}.${name}`;
      const word = design.lookup(lookup) ?? [];
      // Constants beside registers are bits that Yosys proved constant; a word of constants alone is a parameter or a tied wire.
      const registers = word.filter((piece) => piece.kind !== 'constant');
      const held = registers.every((piece) => design.signals[piece.signal]!.source === 'register');
      if (registers.length > 0 && held)
        names.push({ path: standardPath(lookup), lookup, bits: operandWidth(word) });
    }
  }
  return names;
}

/**
 * Yosys gives the `if` of an `else if` a scope `genblk1`; by the standard (12.4.2: direct nesting) it has none. Templates name all
 * their blocks, so every `genblk` is of that kind.
 */
const standardPath = (path: string) => path.replace(/\bgenblk\d+\./g, '');

/** Samples a core for a probe, in the cycles of its window only. */
export class CoreObserver {
  constructor(
    private readonly core: ObservedCore,
    private readonly probe: Probe,
    registers: readonly RegisterName[],
    ports: readonly CorePort[],
  ) {
    const top = new Set(ports.map(({ name }) => name));
    probe.attach([
      ...ports.map((port) => portSignal(core, port)),
      ...registers.filter(({ path }) => !top.has(path)).map((name) => registerSignal(core, name)),
    ]);
  }

  /** Whether the next clock cycle is cycle 0: `event_start_o` follows from registers. */
  startsNext(): boolean {
    return this.core.peekNumber('event_start_o') === 1;
  }

  /** Call it before the clock cycle that is `cycle`. */
  before(cycle: number): void {
    if (this.inWindow(cycle)) this.probe.sample(cycle, 'registers');
  }

  /** Call it after that clock cycle: ports still show what they were in it. */
  after(cycle: number): void {
    if (this.inWindow(cycle)) this.probe.sample(cycle, 'outputs');
  }

  private inWindow(cycle: number): boolean {
    return cycle >= this.probe.from && cycle <= this.probe.to;
  }
}

function registerSignal(core: ObservedCore, { path, lookup, bits }: RegisterName): Signal {
  const read = () => {
    const value = core.peekSignal(lookup);
    return value !== undefined && bits <= 32 ? Number(value) : value;
  };
  return { path, bits, phase: 'registers', read };
}

function portSignal(core: ObservedCore, { name, width }: CorePort): Signal {
  const words = core.portWords(name);
  const read = () => {
    if (words.length === 1) return core.memory[words[0]!]!;
    return words.reduceRight((value, word) => (value << 32n) | BigInt(core.memory[word]!), 0n);
  };
  return { path: name, bits: width, phase: 'outputs', read };
}
