/**
 * The act buffer of a schedule: input tiles rotate through the first banks (load writes one while the array or the vector unit
 * reads another), output tiles through the last ones (vector writes one while store reads another). Also keeps what a bank holds:
 * rows that were written at all, and padding that still stands.
 */

import { invariant } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import { actAddress } from '../isa/index.js';
import type { Emitter } from './emitter.js';
import type { HomeShape } from './home-shape.js';

/** A piece of a bank that holds one tile. */
export interface Region {
  readonly bank: number;
  readonly first: number;
  readonly rows: number;
}

/** A tensor that lies whole in a region. */
export interface Home extends HomeShape {
  readonly region: Region;
}

/** Rows and strides have 16 bits. */
const MAXIMUM_ROWS = 65535;

/** How the banks are shared out on a machine. */
export interface ActRegions {
  readonly inputs: readonly Region[];
  /** Two output tiles that alternate. */
  readonly outputs: readonly Region[];
  /** The largest output tile: alternating where there are banks enough, else alone in its bank. */
  readonly wholeOutput: readonly Region[];
}

export function actRegions(machine: Machine): ActRegions {
  const { banks, rowsPerBank } = machine.buffers.activation;
  const rows = Math.min(rowsPerBank, MAXIMUM_ROWS);
  const bank = (index: number): Region => ({ bank: index, first: 0, rows });
  if (banks >= 4) {
    const outputs = [bank(banks - 2), bank(banks - 1)];
    return { inputs: Array.from({ length: banks - 2 }, (_, i) => bank(i)), outputs, wholeOutput: outputs };
  }
  const half = Math.floor(rows / 2);
  const outputs = [
    { bank: 2, first: 0, rows: half },
    { bank: 2, first: half, rows: half },
  ];
  return { inputs: [bank(0), bank(1)], outputs, wholeOutput: [bank(2)] };
}

/** act address of a row of a region. */
export function regionAddress(region: Region, row: number): number {
  return actAddress(region.bank, region.first + row);
}

interface Border {
  readonly key: string;
  readonly low: number;
  readonly high: number;
}

/** What the banks hold as the program stands. */
export class ActState {
  private readonly written: Uint8Array[];
  private readonly borders: Border[][];
  private nextInput = 0;
  private nextOutput = 0;
  /** Tensors that lie whole in a bank, by name. */
  private readonly homes = new Map<string, Home>();
  /** Banks whose tensors the layer that is being written reads. */
  private held: ReadonlySet<number> = new Set();

  constructor(
    machine: Machine,
    readonly regions: ActRegions,
    /** Rows behind the regions' banks that tensors of their own lie in. */
    shelf = 0,
  ) {
    const { banks, rowsPerBank } = machine.buffers.activation;
    this.written = Array.from({ length: banks }, () => new Uint8Array(rowsPerBank + shelf));
    this.borders = Array.from({ length: banks }, () => []);
  }

  /** The input region whose tile is oldest. */
  takeInput(): Region {
    return this.regions.inputs[this.nextInput++ % this.regions.inputs.length]!;
  }

  /** The output region of `candidates` whose tile is oldest; one that the layer reads only when there is no other. */
  takeOutput(candidates: readonly Region[]): Region {
    const free = candidates.filter(({ bank }) => !this.held.has(bank));
    // None free: a layer that asks for one bank alone, and reads no tile of a tensor that stays.
    const list = free.length > 0 ? free : candidates;
    const region = list[this.nextOutput++ % list.length]!;
    this.evict(region.bank);
    return region;
  }

  /** The tensor that lies whole in act, undefined when it does not (any more). */
  homeOf(tensor: string): Home | undefined {
    return this.homes.get(tensor);
  }

  /** Notes that a tensor will lie whole in a bank, until a tile is put there. */
  settle(home: Home): void {
    this.evict(home.region.bank);
    this.claimBorder(home.region, 0, home.region.rows, `whole ${home.tensor}`);
    this.homes.set(home.tensor, home);
  }

  /** Sets which tensors the layer reads: results go elsewhere. Of tensors in every bank of results all but the first are given up, and loaded. */
  hold(tensors: readonly string[]): void {
    const banks = new Set(tensors.flatMap((tensor) => this.homes.get(tensor)?.region.bank ?? []));
    const [first, ...others] = banks;
    const full = this.regions.outputs.every(({ bank }) => banks.has(bank));
    if (full) for (const bank of others) this.evict(bank);
    this.held = new Set(full ? [first!] : banks);
  }

  private evict(bank: number): void {
    for (const [tensor, { region }] of this.homes) if (region.bank === bank) this.homes.delete(tensor);
  }

  /** Notes that rows were written in full. */
  markWritten({ bank, first }: Region, low: number, high: number): void {
    this.written[bank]!.fill(1, first + low, first + high);
  }

  /** Fills those of the rows [low, high) that no instruction has written yet: their unused lanes will be stored. */
  ensureWritten(emitter: Emitter, region: Region, low: number, high: number): void {
    const flags = this.written[region.bank]!;
    let row = region.first + low;
    const end = region.first + high;
    while (row < end) {
      const start = flags.indexOf(0, row);
      if (start < 0 || start >= end) return;
      const next = flags.indexOf(1, start);
      row = next < 0 ? end : Math.min(next, end);
      fillRows(emitter, actAddress(region.bank, start), row - start);
      flags.fill(1, start, row);
    }
  }

  /**
   * Notes a tile with padding at rows [low, high) of a bank.
   * @param key everything that decides where the padding is and what it holds.
   * @returns true when the padding of an equal earlier tile still stands there.
   */
  claimBorder(region: Region, low: number, high: number, key: string): boolean {
    const at = region.first + low;
    const end = region.first + high;
    const list = this.borders[region.bank]!;
    const stands = list.some((b) => b.key === key && b.low === at && b.high === end);
    const others = list.filter((b) => b.high <= at || end <= b.low);
    this.borders[region.bank] = [...others, { key, low: at, high: end }];
    return stands;
  }
}

function fillRows(emitter: Emitter, address: number, rows: number): void {
  invariant(rows > 0 && rows <= 65536, `a fill of ${rows} rows`);
  const half = rows > MAXIMUM_ROWS ? 2 : 1;
  const run = {
    rows: rows / half,
    runs: half,
    runStride: half === 1 ? 0 : rows / half,
    planes: 1,
    planeStride: 0,
  };
  emitter.emit('fill', { address, value: 0, ...run });
}
