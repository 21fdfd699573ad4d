/**
 * Section 4 of docs/microarchitecture.md, written down as directly as possible, for programs of load, fill, store and
 * sync: a naive twin for the memory side alone. In: instructions and a Machine. Out: the cycle of every event.
 */

import { type Instruction, unitIndex, unitOf } from '../../compiler/isa/index.js';
import { bufferRowFormat, burstBeats, type Machine } from '../../models/machine/index.js';

interface Burst {
  /** Rows of the run in each beat, 1 for beats of wide rows. */
  readonly rowsOfBeat: readonly number[];
}

interface TransferFields {
  readonly dram: number;
  readonly rows: number;
  readonly runs: number;
  readonly runDramStride: number;
  readonly planes: number;
  readonly planeDramStride: number;
}

/** The bursts of a transfer, in order. */
export function burstsOf(fields: TransferFields, pitch: number, machine: Machine): readonly Burst[] {
  const bus = machine.bus.bytes;
  const limit = burstBeats(machine);
  const bursts: Burst[] = [];
  for (let plane = 0; plane < fields.planes; plane++) {
    for (let run = 0; run < fields.runs; run++) {
      const start = fields.dram + plane * fields.planeDramStride + run * fields.runDramStride;
      const end = start + fields.rows * pitch;
      let beats: number[] = [];
      for (let beat = Math.floor(start / bus); beat * bus < end; beat++) {
        const covered = Math.min(end, (beat + 1) * bus) - Math.max(start, beat * bus);
        beats.push(Math.max(1, Math.floor(covered / pitch)));
        if ((beat + 1) % limit === 0 || (beat + 1) * bus >= end) {
          bursts.push({ rowsOfBeat: beats });
          beats = [];
        }
      }
    }
  }
  return bursts;
}

/** D of a load. */
export function loadDuration(bursts: readonly Burst[], machine: Machine): number {
  const { readLatency: latency, cyclesPerBeat: gap, outstanding } = machine.memory;
  const lastTaken: number[] = [];
  let accepted = 0;
  let taken = Number.NEGATIVE_INFINITY;
  let rows = 0;
  for (const [k, burst] of bursts.entries()) {
    const valid = k === 0 ? 4 : accepted + 2;
    accepted = Math.max(valid, k >= outstanding ? lastTaken[k - outstanding]! + 1 : 0);
    for (const [i, n] of burst.rowsOfBeat.entries()) {
      const spaced = i === 0 ? Math.max(accepted + latency, taken + gap) : taken + gap;
      taken = Math.max(spaced, taken + rows);
      rows = n;
    }
    lastTaken.push(taken);
  }
  return taken + rows;
}

/** D of a store. */
export function storeDuration(bursts: readonly Burst[], machine: Machine): number {
  const { writeLatency: latency, cyclesPerBeat: gap, outstanding } = machine.memory;
  const responses: number[] = [];
  let filled = 1;
  let taken = Number.NEGATIVE_INFINITY;
  let valid = 4;
  for (const [k, burst] of bursts.entries()) {
    const accepted = Math.max(valid, taken + 1, k >= outstanding ? responses[k - outstanding]! + 1 : 0);
    for (const n of burst.rowsOfBeat) {
      filled = Math.max(filled + n, taken);
      taken = Math.max(filled + 1, valid, accepted + 1, taken + gap);
    }
    responses.push(taken + latency);
    valid = Math.max(taken + 1, accepted + 2);
  }
  return responses.at(-1)! + 1;
}

function duration(instruction: Instruction, machine: Machine): number {
  switch (instruction.mnemonic) {
    case 'sync':
      return 1;
    case 'fill':
      return instruction.fields.rows * instruction.fields.runs * instruction.fields.planes;
    case 'load': {
      const buffer = (['act', 'wgt', 'par', 'lut'] as const)[instruction.fields.buffer]!;
      return loadDuration(
        burstsOf(instruction.fields, bufferRowFormat(machine, buffer).pitch, machine),
        machine,
      );
    }
    case 'store':
      return storeDuration(
        burstsOf(instruction.fields, bufferRowFormat(machine, 'act').pitch, machine),
        machine,
      );
    default:
      throw new Error(`${instruction.mnemonic} is not of the memory side`);
  }
}

/** When the words of a program are in the fetch buffer, and what dispatch waits for there. */
class FetchPort {
  private readonly accepted: number[] = [];
  private readonly lastTaken: number[] = [];

  constructor(
    private readonly machine: Machine,
    private readonly dispatch: readonly number[],
  ) {}

  /** Cycle in which the last beat of word `index` is taken; needs the dispatch cycles up to 4 * burst - 5. */
  arrival(index: number): number {
    const { readLatency: latency, cyclesPerBeat: gap, outstanding } = this.machine.memory;
    const beats = 128 / this.machine.bus.bytes;
    for (let k = this.accepted.length; k <= Math.floor(index / 4); k++) {
      const room = k >= 2 ? this.dispatch[4 * k - 5]! + 2 : 0;
      const valid = k === 0 ? 1 : Math.max(this.accepted[k - 1]! + 2, room);
      const accepted = Math.max(valid, k >= outstanding ? this.lastTaken[k - outstanding]! + 1 : 0);
      const spaced = (this.lastTaken[k - 1] ?? Number.NEGATIVE_INFINITY) + gap;
      this.accepted.push(accepted);
      this.lastTaken.push(Math.max(accepted + latency, spaced) + (beats - 1) * gap);
    }
    const last = this.lastTaken[Math.floor(index / 4)]!;
    const beatsAfter = beats - Math.ceil(((index % 4) + 1) * (beats / 4));
    return last - beatsAfter * gap;
  }
}

export interface Prediction {
  readonly done: number;
  /** Of every instruction but `end`, in program order. */
  readonly times: readonly {
    readonly unit: number;
    readonly dispatch: number;
    readonly accept: number;
    readonly end: number;
  }[];
}

/** Event times of a program that cannot deadlock and whose signals precede their waits in program order. */
export function predict(instructions: readonly Instruction[], machine: Machine): Prediction {
  const dispatch: number[] = [];
  const fetch = new FetchPort(machine, dispatch);
  const times: { unit: number; dispatch: number; accept: number; end: number }[] = [];
  const signalled = new Map<string, number[]>();
  let done = 0;
  for (const [index, instruction] of instructions.entries()) {
    const name = unitOf(instruction);
    const unit = name === undefined ? -1 : unitIndex[name];
    const before = times.filter((t) => t.unit === unit);
    const full = name === undefined ? undefined : before.at(-machine.queueDepth);
    const needsRoom = full && before.length >= machine.queueDepth ? full.accept + 1 : 0;
    const cycle = Math.max((dispatch.at(-1) ?? -1) + 1, fetch.arrival(index) + 1, needsRoom);
    dispatch.push(cycle);
    done = Math.max(done, cycle + 1);
    if (name === undefined) break;
    let accept = Math.max(cycle + 1, (before.at(-1)?.end ?? -1) + 1);
    for (let p = 0; p < 4; p++) {
      if ((instruction.wait >> p) & 1) accept = Math.max(accept, signalled.get(`${p}>${unit}`)!.shift()! + 1);
    }
    const end = accept + duration(instruction, machine);
    for (let c = 0; c < 4; c++) {
      const key = `${unit}>${c}`;
      if ((instruction.signal >> c) & 1) signalled.set(key, [...(signalled.get(key) ?? []), end]);
    }
    times.push({ unit, dispatch: cycle, accept, end });
    done = Math.max(done, end + 1);
  }
  return { done, times };
}
