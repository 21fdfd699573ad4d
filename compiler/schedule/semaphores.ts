/**
 * Automatic synchronisation. In: operations in sequential program order, each with the memory ranges and ports that it touches.
 * Out: `wait` and `signal` masks such that every conflicting pair on different units is ordered as the sequential program
 * orders it: read after write, write after read, write after write, and one unit at a time on each port.
 *
 * Units are in order, so "operation j of unit v has ended before operation i of unit u is accepted" is known from a vector
 * clock per unit; a wait is added only where the clock does not already show it. For an ordered pair (v, u) the awaited
 * operation moves forward only, so the n-th wait of u on v meets exactly the n-th signal of v to u.
 *
 * No deadlock is possible: every wait names an operation that stands earlier in the program.
 */

import { InternalError } from '../../base/index.js';
import { unitNames } from '../isa/index.js';

/** Half-open range of rows or bytes `[low, high)` of a named memory (a port is a memory of one row, always written). */
export interface Touch {
  readonly memory: string;
  readonly low: number;
  readonly high: number;
  readonly write: boolean;
}

const UNITS = unitNames.length;
/** Signals of a pair that may be under way before needs are merged into one on the producer's latest operation. */
const MERGE_ABOVE = 100;
/** Largest value of a semaphore counter. */
const SEMAPHORE_LIMIT = 255;
/** Signals of a pair under way at which the producer itself waits until half of them have been taken: merging is of no use where each consumer needs a producer of its own. */
const HOLD_ABOVE = 240;

interface Placed {
  readonly unit: number;
  /** Position among the unit's operations. */
  readonly index: number;
  wait: number;
  signal: number;
  /** For each unit: how many of its operations have ended when this one is accepted. */
  readonly clock: number[];
}

/** Rows with the same history: last writer, and last reader of each unit since. */
interface Segment {
  low: number;
  high: number;
  writeUnit: number;
  writeIndex: number;
  reads: number[];
}

/** Collects operations and answers with their masks. */
export class Synchronizer {
  private readonly placed: Placed[] = [];
  private readonly perUnit: Placed[][] = unitNames.map(() => []);
  private readonly clocks: number[][] = unitNames.map(() => new Array<number>(UNITS).fill(0));
  private readonly memories = new Map<string, Segment[]>();
  /** Waits of unit u on unit v, by position in u: `waits[v][u]` lists the waiting operations' indices. */
  private readonly waits: number[][][] = unitNames.map(() => unitNames.map(() => []));

  /** Adds the next operation of the program; returns its number. */
  add(unit: number, touches: readonly Touch[]): number {
    const needed = new Array<number>(UNITS).fill(0);
    const own = this.perUnit[unit]!;
    for (const access of touches) this.touch(access, unit, own.length, needed);
    this.holdBack(unit, needed);
    const operation: Placed = { unit, index: own.length, wait: 0, signal: 0, clock: this.clocks[unit]! };
    this.order(operation, needed);
    (operation as { clock: number[] }).clock = [...this.clocks[unit]!];
    this.clocks[unit]![unit] = own.length + 1;
    own.push(operation);
    this.placed.push(operation);
    return this.placed.length - 1;
  }

  /** Masks of operation `number`; final once every operation has been added. */
  masks(number: number): { readonly wait: number; readonly signal: number } {
    return this.placed[number]!;
  }

  /** Lets a unit that is far ahead of one that waits for its signals wait in turn. */
  private holdBack(unit: number, needed: number[]): void {
    const clock = this.clocks[unit]!;
    for (const [u, waits] of this.waits[unit]!.entries()) {
      const open = waits.length - takenBefore(waits, Math.max(clock[u]!, needed[u]!));
      if (open > HOLD_ABOVE) needed[u] = waits.at(-HOLD_ABOVE / 2)! + 1;
    }
  }

  /** Makes every `needed[v]` operations of v end before `operation`, with as few waits as the clocks allow. */
  private order(operation: Placed, needed: readonly number[]): void {
    const clock = this.clocks[operation.unit]!;
    const missing = unitNames.map((_, v) => v).filter((v) => v !== operation.unit && needed[v]! > clock[v]!);
    const implied = (v: number) =>
      missing.some((w) => w !== v && this.perUnit[w]![needed[w]! - 1]!.clock[v]! >= needed[v]!);
    // Two needs cannot imply one another (that would be a cycle in time), so dropping all implied ones is safe.
    for (const v of missing.filter((v) => !implied(v))) this.wait(operation, v, needed[v]!);
  }

  private wait(operation: Placed, v: number, needed: number): void {
    const u = operation.unit;
    const waits = this.waits[v]![u]!;
    let producer = this.perUnit[v]![needed - 1]!;
    if (this.pending(producer, u, waits) > MERGE_ABOVE) producer = this.perUnit[v]!.at(-1)!;
    if (this.pending(producer, u, waits) >= SEMAPHORE_LIMIT) {
      throw new InternalError(`semaphore ${unitNames[v]} -> ${unitNames[u]} would overflow`);
    }
    if ((producer.signal >> u) & 1) throw new InternalError('one operation would have to signal twice');
    producer.signal |= 1 << u;
    operation.wait |= 1 << v;
    waits.push(operation.index);
    const clock = this.clocks[u]!;
    for (let w = 0; w < UNITS; w++) {
      if (w !== u) clock[w] = Math.max(clock[w]!, producer.clock[w]!);
    }
    clock[v] = Math.max(clock[v]!, producer.index + 1);
  }

  /** Most signals (v -> u) that can be counted, not yet taken, when `producer` signals the next one. */
  private pending(producer: Placed, u: number, waits: readonly number[]): number {
    return waits.length + 1 - takenBefore(waits, producer.clock[u]!);
  }

  /** Notes an access and raises `needed` to the operations that it must follow. */
  private touch(access: Touch, unit: number, index: number, needed: number[]): void {
    let segments = this.memories.get(access.memory);
    if (segments === undefined) {
      segments = [fresh(0, Number.MAX_SAFE_INTEGER)];
      this.memories.set(access.memory, segments);
    }
    const first = split(segments, access.low);
    const last = split(segments, access.high);
    for (let i = first; i < last; i++) {
      const segment = segments[i]!;
      if (segment.writeUnit >= 0 && segment.writeUnit !== unit) {
        needed[segment.writeUnit] = Math.max(needed[segment.writeUnit]!, segment.writeIndex + 1);
      }
      if (!access.write) {
        segment.reads[unit] = index + 1;
        continue;
      }
      for (let v = 0; v < UNITS; v++) {
        if (v !== unit) needed[v] = Math.max(needed[v]!, segment.reads[v]!);
      }
    }
    if (access.write && last > first) {
      const written = fresh(access.low, access.high);
      written.writeUnit = unit;
      written.writeIndex = index;
      segments.splice(first, last - first, written);
    }
  }
}

/** How many of some waits belong to the first `accepted` operations of their unit. */
function takenBefore(waits: readonly number[], accepted: number): number {
  // Waits are in order; the recent ones are at the end.
  let taken = waits.length;
  while (taken > 0 && waits[taken - 1]! >= accepted) taken--;
  return taken;
}

function fresh(low: number, high: number): Segment {
  return { low, high, writeUnit: -1, writeIndex: -1, reads: new Array<number>(UNITS).fill(0) };
}

/** Index of the segment that starts at `at`, splitting the one that holds it when needed. */
function split(segments: Segment[], at: number): number {
  let low = 0;
  let high = segments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (segments[middle]!.high <= at) low = middle + 1;
    else high = middle;
  }
  const segment = segments[low];
  if (segment === undefined || segment.low === at) return low;
  segments.splice(low + 1, 0, { ...segment, low: at, reads: [...segment.reads] });
  segment.high = at;
  return low + 1;
}
