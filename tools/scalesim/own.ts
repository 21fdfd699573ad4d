/**
 * Report rows from the timing engine's counters. In: a program and its run. Out: one row a node of the network that has MACs, in the meaning that is
 * nearest to SCALE-Sim's column (docs/scale-sim.md states each). Cycles count from the layer's first cycle of work, as SCALE-Sim's do.
 */

import type { Instruction } from '../../compiler/isa/index.js';
import type { Segment } from '../../compiler/pipeline/index.js';
import type { Machine } from '../../models/machine/index.js';
import { countInstruction, type Run } from '../../simulator/engine/index.js';
import { instructionTime } from '../../simulator/timing/index.js';
import type { KnownStream, ReportRow } from './reports.js';

export const ownBasis = `From the timing engine's counters, which the emitted Verilog is held to. Layers overlap on this machine, so their cycles do not add up to the run's.
Work: instructions that multiply (matmul, depthwise convolution). Cycle 0: the first cycle of a layer's work.
Total Cycles: from the first to the last cycle of work. Stall Cycles: those of them in which none of the layer's work runs.
Total Cycles (incl. prefetch): from the first to the last cycle of the layer's DRAM traffic or work.
Overall Util: MACs / (Total Cycles x PEs). Compute Util: the same over the cycles of work. Mapping Efficiency: MACs / MAC slots spent.
SRAM: words that work reads from the act and wgt buffers and writes to the acc buffer, partial sums included. Where inputs rest in the array they come from wgt, filters from act.
DRAM: words in whole bus beats, activations, weights and results; biases, scales and instructions have no column.
Start and stop are of whole instructions. Layers without MACs (pools, additions) have no line.`;

/** First and last cycle, and the sum of something over instructions. */
class Span {
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;
  amount = 0;

  add(first: number, last: number, amount: number): void {
    this.first = Math.min(this.first, first);
    this.last = Math.max(this.last, last);
    this.amount += amount;
  }

  /** @param bytes of a word. */
  stream(origin: number, bytes: number): KnownStream {
    if (this.last < this.first) return { words: 0 };
    return { start: this.first - origin, stop: this.last - origin, words: this.amount / bytes };
  }
}

/** First and last cycle of an instruction, and whether its layer keeps its inputs in the array: the weights then come from the act buffer. */
interface Moment {
  readonly first: number;
  readonly last: number;
  readonly inputsRest: boolean;
}

/** What is summed up of a node. */
class NodeSums {
  macs = 0;
  slots = 0;
  readonly work = new Span();
  readonly sram = { ifmap: new Span(), filter: new Span(), ofmap: new Span() };
  readonly dram = { ifmap: new Span(), filter: new Span(), ofmap: new Span() };
  private readonly busy: (readonly [number, number])[] = [];

  constructor(readonly name: string) {}

  add(machine: Machine, instruction: Instruction, { first, last, inputsRest }: Moment): void {
    const counts = countInstruction(machine, instruction, instructionTime(machine, instruction).beats);
    const [streamed, resting] = inputsRest ? (['filter', 'ifmap'] as const) : (['ifmap', 'filter'] as const);
    switch (instruction.mnemonic) {
      case 'matmul':
      case 'dwconv':
        this.busy.push([first, last + 1]);
        this.work.add(first, last, last + 1 - first);
        this.slots += counts.arrayMacs + counts.vectorMacs;
        this.sram[streamed].add(first, last, counts.read.act);
        this.sram[resting].add(first, last, counts.read.wgt);
        if (counts.written.acc > 0) this.sram.ofmap.add(first, last, counts.written.acc);
        return;
      case 'load':
        if (instruction.fields.buffer === 0) this.dram[streamed].add(first, last, counts.read.dram);
        if (instruction.fields.buffer === 1) this.dram[resting].add(first, last, counts.read.dram);
        return;
      case 'store':
        this.dram.ofmap.add(first, last, counts.written.dram);
        return;
      default:
        return;
    }
  }

  row({ array, elements }: Machine): ReportRow {
    const { activationBits, weightBits, accumulatorBits } = elements;
    const origin = this.work.first;
    const streams = [this.work, ...Object.values(this.dram)].filter(({ last, first }) => last >= first);
    const cycles = this.work.last - origin + 1;
    const busy = unionLength(this.busy);
    const percent = (over: number) => (this.macs * 100) / (over * array.rows * array.columns);
    return {
      layer: this.name,
      cyclesWithPrefetch:
        Math.max(...streams.map(({ last }) => last)) - Math.min(...streams.map(({ first }) => first)) + 1,
      cycles,
      stallCycles: cycles - busy,
      overallPercent: percent(cycles),
      mappingPercent: (100 * this.macs) / this.slots,
      computePercent: percent(busy),
      sram: {
        ifmap: this.sram.ifmap.stream(origin, activationBits / 8),
        filter: this.sram.filter.stream(origin, weightBits / 8),
        ofmap: this.sram.ofmap.stream(origin, accumulatorBits / 8),
      },
      dram: {
        ifmap: this.dram.ifmap.stream(origin, activationBits / 8),
        filter: this.dram.filter.stream(origin, weightBits / 8),
        ofmap: this.dram.ofmap.stream(origin, activationBits / 8),
      },
    };
  }
}

/** Rows of one program; cycles are its own. */
export function ownRows({ machine, program, mappings }: Segment, run: Run): readonly ReportRow[] {
  const nodes = new Map<string, NodeSums>();
  for (const { node, macs } of program.layers) {
    const sums = nodes.get(node) ?? new NodeSums(node);
    sums.macs += macs;
    nodes.set(node, sums);
  }
  for (const { index, accept, end } of run.trace) {
    const position = program.layerOf[index]!;
    const layer = program.layers[position];
    const inputsRest = mappings[position]?.stationary === 'inputs';
    const moment = { first: accept + 1, last: end, inputsRest };
    if (layer !== undefined) nodes.get(layer.node)!.add(machine, program.instructions[index]!, moment);
  }
  return [...nodes.values()].filter(({ macs }) => macs > 0).map((sums) => sums.row(machine));
}

/** Cycles that half-open intervals cover. */
function unionLength(intervals: readonly (readonly [number, number])[]): number {
  let [sum, until] = [0, Number.NEGATIVE_INFINITY];
  for (const [from, to] of [...intervals].sort((a, b) => a[0] - b[0])) {
    sum += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return sum;
}
