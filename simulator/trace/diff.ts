/**
 * Where two runs of one program part. In: two Runs. Out: the first event that one has and the other has not, and the first stored
 * byte that differs, each with the instruction, dataflow line and node behind it; undefined where the runs are equal.
 */

import { channelRows, type DramSegment, type Program, unitIndex, unitOf } from '../../compiler/isa/index.js';
import { bufferRowFormat, type Machine } from '../../models/machine/index.js';
import type { InstructionTiming, Run } from '../engine/index.js';
import { type InstructionPlace, placesOf } from './place.js';

/** The first event that happens in one run and not in the other. */
export interface TimeDivergence {
  /** Cycle of the event in the run where it comes first. */
  readonly cycle: number;
  /** The signal that shows it, as the Verilog names it: `event_accept_o[1]`. It is 1 there in one run and 0 in the other. */
  readonly signal: string;
  readonly values: readonly [a: 0 | 1, b: 0 | 1];
  readonly event: 'dispatch' | 'accept' | 'end' | 'done';
  /** Cycle of this event in each run; undefined where the run has no such instruction. */
  readonly cycles: readonly [a: number | undefined, b: number | undefined];
  /** The instruction; undefined for `done`. */
  readonly place?: InstructionPlace;
}

/** The first stored byte that differs. */
export interface ValueDivergence {
  /** Byte address in DRAM, relative to BASE. */
  readonly address: number;
  /** Contents as signed bytes. */
  readonly values: readonly [a: number, b: number];
  /** The segment that holds the byte and, in an activation tensor, which element it is (undefined in padding). */
  readonly segment?: DramSegment;
  readonly element?: readonly [n: number, c: number, y: number, x: number];
  /** The store that wrote it last; undefined where none did. */
  readonly place?: InstructionPlace;
  /** Bytes of DRAM that differ in all. */
  readonly differing: number;
}

export interface Divergence {
  readonly time?: TimeDivergence;
  readonly value?: ValueDivergence;
}

/** Compares times, and DRAM where both runs have one. `machine` says how rows lie in DRAM. */
export function diffRuns(machine: Machine, program: Program, a: Run, b: Run): Divergence | undefined {
  const time = diffTimes(program, a, b);
  const value = a.dram && b.dram ? diffValues(machine, program, a, a.dram, b.dram) : undefined;
  if (!time && !value) return undefined;
  return { ...(time && { time }), ...(value && { value }) };
}

const events = ['dispatch', 'accept', 'end'] as const;

function diffTimes(program: Program, a: Run, b: Run): TimeDivergence | undefined {
  const placeOf = placesOf(program);
  let first: TimeDivergence | undefined;
  const consider = (
    event: TimeDivergence['event'],
    cycles: TimeDivergence['cycles'],
    signal: string,
    index?: number,
  ) => {
    const [x, y] = cycles;
    if (x === y) return;
    const cycle = Math.min(x ?? Number.POSITIVE_INFINITY, y ?? Number.POSITIVE_INFINITY);
    if (first && first.cycle <= cycle) return;
    const values = [x === cycle ? 1 : 0, y === cycle ? 1 : 0] as const;
    first = { cycle, signal, values, event, cycles, ...(index !== undefined && { place: placeOf(index) }) };
  };
  const [timesA, timesB] = [byIndex(a), byIndex(b)];
  for (const index of new Set([...timesA.keys(), ...timesB.keys()])) {
    const unit = unitIndex[unitOf(program.instructions[index]!)!];
    for (const event of events) {
      const signal = event === 'dispatch' ? 'event_dispatch_o' : `event_${event}_o[${unit}]`;
      consider(event, [timesA.get(index)?.[event], timesB.get(index)?.[event]], signal, index);
    }
  }
  consider('done', [a.cycles, b.cycles], 'event_done_o');
  return first;
}

const byIndex = (run: Run): ReadonlyMap<number, InstructionTiming> =>
  new Map(run.trace.map((timing) => [timing.index, timing]));

/** Bytes that a store wrote come before others; among them, those of the store that ended first. */
function diffValues(
  machine: Machine,
  program: Program,
  run: Run,
  a: Uint8Array,
  b: Uint8Array,
): ValueDivergence | undefined {
  const addresses: number[] = [];
  for (let address = 0; address < a.length; address++) if (a[address] !== b[address]) addresses.push(address);
  if (addresses.length === 0) return undefined;
  const writers = lastWriters(machine, program, (address) => a[address] !== b[address]);
  const ends = new Map(run.trace.map(({ index, end }) => [index, end]));
  const rank = (address: number) => ends.get(writers.get(address) ?? -1) ?? Number.POSITIVE_INFINITY;
  const address = addresses.reduce((best, next) => (rank(next) < rank(best) ? next : best));
  const signed = (byte: number | undefined) => ((byte ?? 0) << 24) >> 24;
  const writer = writers.get(address);
  return {
    address,
    values: [signed(a[address]), signed(b[address])],
    differing: addresses.length,
    ...placeInTensor(program, address),
    ...(writer !== undefined && { place: placesOf(program)(writer) }),
  };
}

/** The last store, in program order, to each byte that `wanted` asks for. */
function lastWriters(
  machine: Machine,
  program: Program,
  wanted: (address: number) => boolean,
): ReadonlyMap<number, number> {
  const { rowBytes, pitch } = bufferRowFormat(machine, 'act');
  const writers = new Map<number, number>();
  program.instructions.forEach((instruction, index) => {
    if (instruction.mnemonic !== 'store') return;
    const f = instruction.fields;
    for (let plane = 0; plane < f.planes; plane++) {
      for (let run = 0; run < f.runs; run++) {
        const start = f.dram + plane * f.planeDramStride + run * f.runDramStride;
        for (let row = 0; row < f.rows; row++) {
          for (let byte = 0; byte < rowBytes; byte++) {
            const address = start + row * pitch + byte;
            if (wanted(address)) writers.set(address, index);
          }
        }
      }
    }
  });
  return writers;
}

function placeInTensor(program: Program, address: number): Pick<ValueDivergence, 'segment' | 'element'> {
  const segment = program.segments.find((s) => address >= s.address && address < s.address + s.bytes);
  if (!segment?.layout) return segment ? { segment } : {};
  const { lanes, pitch, channels, height, width, batch } = segment.layout;
  const offset = address - segment.address;
  const row = Math.floor(offset / pitch);
  const lane = offset % pitch;
  if (segment.layout.exchanged) {
    const rows = channelRows(segment.layout);
    const pixel = Math.floor(row / rows) * lanes + lane;
    const c = row % rows;
    if (lane >= lanes || c >= channels || pixel >= batch * height * width) return { segment };
    return {
      segment,
      element: [Math.floor(pixel / (height * width)), c, Math.floor(pixel / width) % height, pixel % width],
    };
  }
  const blocks = Math.ceil(channels / lanes);
  const [x, y] = [row % width, Math.floor(row / width) % height];
  const block = Math.floor(row / (width * height)) % blocks;
  const n = Math.floor(row / (width * height * blocks));
  const c = block * lanes + lane;
  if (lane >= lanes || c >= channels || n >= batch) return { segment };
  return { segment, element: [n, c, y, x] };
}
