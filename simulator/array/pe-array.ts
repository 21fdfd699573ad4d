/**
 * The array with its edges as streams: the caller lays down what each of the next cycles shows at the west and north edges, then lets
 * the array run through them. In: act vectors, weight rows. Out: column sums, added to accumulator rows; toggles, where it counts
 * them. The array stands still while no matmul runs: nothing that it holds then is used.
 *
 * Where no vector is shown, the west edge shows zeros; an array that counts toggles shows the last vector again, as the act
 * buffer's read register does: R + C cycles later, at the end of every instruction, no register changes any more.
 */

import { invariant } from '../../base/index.js';
import { perRegisterClass, type RegisterClass, type Toggles } from '../../models/activity/index.js';
import { type Machine, partialSumBits } from '../../models/machine/index.js';
import { countedClasses } from './cycle-counters.js';
import { type Layout, layOut, STREAM_CYCLES, WORD } from './layout.js';
import { type ArrayExports, compileArray } from './pe-module.js';

/** Distance from a stream's base to its entry 0, beside R entries of history. */
const MARGIN = 16;

const onesOfByte = Uint8Array.from({ length: 256 }, (_, byte) =>
  [0, 1, 2, 3, 4, 5, 6, 7].reduce((ones, bit) => ones + ((byte >> bit) & 1), 0),
);

/** The part of the WebAssembly interface that is needed: the TypeScript library without DOM declares only its types. */
interface WebAssemblyRuntime {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

function instantiate(bytes: Uint8Array): ArrayExports {
  const { WebAssembly: runtime } = globalThis as unknown as { readonly WebAssembly: WebAssemblyRuntime };
  return new runtime.Instance(new runtime.Module(bytes)).exports as ArrayExports;
}

/** What counting toggles needs beside the module. */
interface Counted {
  /** Since they were last taken. */
  toggles: Record<RegisterClass, number>;
  /** The weight row that the bus showed last, and the weights that were shown for each PE last. */
  readonly bus: Int8Array;
  readonly weights: Int8Array;
}

export class PeArray {
  private readonly at: Layout;
  private readonly wasm: ArrayExports;
  private readonly bytes: Int8Array;
  private readonly words: Int32Array;
  private readonly accumulatorBits: number;
  /** Stream entry of the next cycle, and cycles moved since the start of the run. */
  private entry = 0;
  private cycle = 0;
  /** Cycles in which weight row 0 is shown, not yet reached; the first cycle in which no weight moves any more. */
  private readonly writeStarts: number[] = [];
  private writingUntil = 0;
  private lastSource: Int8Array | undefined;
  private sourceWords: Int32Array = new Int32Array(0);
  /** For {@link register}: the cycle in which the latest vector of each ring place entered, and each array row's first weight. */
  private readonly entered: Float64Array;
  private readonly firstWeight: Float64Array;
  private readonly counted: Counted | undefined;

  /** @param counting whether toggles are counted. */
  constructor(machine: Machine, counting = false) {
    const { rows, columns } = machine.array;
    const { buffers, elements } = machine;
    this.at = layOut(rows, columns, partialSumBits(machine), buffers.accumulator.rowsPerBank);
    this.wasm = instantiate(compileArray(this.at, counting));
    if (counting)
      this.counted = {
        toggles: perRegisterClass(() => 0),
        bus: new Int8Array(columns),
        weights: new Int8Array(rows * columns),
      };
    this.bytes = new Int8Array(this.wasm.memory.buffer);
    this.words = new Int32Array(this.wasm.memory.buffer);
    this.accumulatorBits = elements.accumulatorBits;
    this.entered = new Float64Array(rows + columns).fill(-1);
    this.firstWeight = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  }

  /**
   * Before an instruction: edges that showed nothing new for R cycles, as they do after an instruction's last sum. @param acc its
   * accumulator rows.
   */
  begin(acc: Int32Array): void {
    const { at } = this;
    const last = this.actPlace(-1);
    this.entry = 0;
    if (this.counted) {
      const held = this.bytes.slice(last, last + at.actPitch);
      for (let back = 1; back <= at.rows; back++) this.bytes.set(held, this.actPlace(-back));
    } else this.bytes.fill(0, at.act, at.act + MARGIN + at.rows * at.actPitch);
    this.bytes.fill(0, at.writes, at.writes + MARGIN + at.rows);
    this.words.set(acc, at.acc / WORD);
  }

  /** The first `rows` accumulator rows. */
  accumulators(rows: number): Int32Array {
    const start = this.at.acc / WORD;
    return this.words.subarray(start, start + rows * this.at.columns);
  }

  /** Readies empty edges for the next `wanted` cycles. @returns for how many there is room, at least one. */
  prepare(wanted: number): number {
    if (this.entry === STREAM_CYCLES) this.rewind();
    const { at, entry } = this;
    const count = Math.min(wanted, STREAM_CYCLES - entry);
    const act = at.act + MARGIN + (entry + at.rows) * at.actPitch;
    this.bytes.fill(0, act, act + count * at.actPitch);
    const writes = at.writes + MARGIN + entry + at.rows;
    this.bytes.fill(0, writes, writes + count);
    return count;
  }

  /** The west edge shows nothing new `ahead` cycles from now: what it showed before, where that matters. */
  holdAct(ahead: number): void {
    if (!this.counted) return;
    const before = this.actPlace(ahead - 1);
    this.bytes.copyWithin(this.actPlace(ahead), before, before + this.at.actPitch);
  }

  /** Shows R lanes of `source` (rows of R, from its start; aligned to 4 bytes) at the west edge `ahead` cycles from now. */
  showAct(ahead: number, source: Int8Array, from: number): void {
    const { at, bytes } = this;
    const to = this.actPlace(ahead);
    if (at.actPitch === at.rows) this.copyWords(to, source, from);
    else for (let lane = 0; lane < at.rows; lane++) bytes[to + lane] = source[from + lane]!;
    const cycle = this.cycle + ahead;
    this.entered[cycle % this.entered.length] = cycle;
  }

  /** Shows C lanes of `source` as weight row `row` `ahead` cycles from now; rows of a tile follow one another. */
  showWeight(ahead: number, row: number, source: Int8Array, from: number): void {
    const { at, bytes } = this;
    const pitch = 16 * at.groups;
    const to = at.bus + (this.entry + ahead) * pitch;
    for (let c = 0; c < at.columns; c++) bytes[to + c * (pitch + 1)] = source[from + c]!;
    if (this.counted) this.countWeights(source, from, row);
    const cycle = this.cycle + ahead;
    if (cycle < this.firstWeight[row]!) this.firstWeight[row] = cycle;
    if (row > 0) return;
    bytes[at.writes + MARGIN + this.entry + ahead + at.rows] = -1;
    this.writeStarts.push(cycle);
  }

  /** Moves every register through the next `count` prepared cycles. */
  run(count: number): void {
    const end = this.cycle + count;
    invariant(this.entry + count <= STREAM_CYCLES, 'the array runs past its streams');
    while (this.cycle < end) {
      if (this.writeStarts[0] === this.cycle) this.startWriting();
      const next = Math.min(end, this.writeStarts[0] ?? end);
      const writing = this.cycle < this.writingUntil;
      this.move(writing, (writing ? Math.min(next, this.writingUntil) : next) - this.cycle);
    }
  }

  /** Adds the sums valid in the cycle `behind` cycles back, and those of the next `rows - 1` cycles, to accumulator rows from `to` on. */
  accumulate(to: number, behind: number, rows: number): void {
    const { at, words } = this;
    const unused = 32 - this.accumulatorBits;
    const width = rows * at.columns;
    const acc = at.acc + to * at.columns * WORD;
    const sums = at.sums + (this.entry - behind) * at.columns * WORD;
    const whole = width & ~3;
    if (whole > 0) this.wasm.accumulate(acc, sums, whole * WORD, unused);
    for (let i = whole; i < width; i++) {
      const place = acc / WORD + i;
      words[place] = ((words[place]! + words[sums / WORD + i]!) << unused) >> unused;
    }
  }

  /**
   * A register of PE(row, column), signed; `we` is 0 or -1. Undefined where no result depends on it: a weight before the first one,
   * the others where no vector of a matmul passes.
   */
  register(plane: 'a' | 'm' | 'p' | 'w' | 'we', row: number, column: number): number | undefined {
    const value = this.stored(plane, row, column);
    const step = this.cycle - 1 - row - column - (plane === 'p' ? 1 : 0);
    if (plane === 'we') return value;
    if (plane === 'w') return step >= this.firstWeight[row]! - row ? value : undefined;
    return step >= 0 && this.entered[step % this.entered.length] === step ? value : undefined;
  }

  /** Toggles since this was last asked; undefined where nobody counts. Exact when the array is at rest, as after an instruction. */
  takeToggles(): Toggles | undefined {
    if (!this.counted) return undefined;
    const { toggles } = this.counted;
    this.counted.toggles = perRegisterClass(() => 0);
    return toggles;
  }

  /**
   * A weight row goes to its PEs; on the bus column c's part passes c stages. With row 0 an enable starts through all PEs and the R-1
   * stages of its skew: it rises and falls in each, for tiles are at least two cycles apart.
   */
  private countWeights(source: Int8Array, from: number, row: number): void {
    const { toggles, bus, weights } = this.counted!;
    const { rows, columns } = this.at;
    for (let c = 0; c < columns; c++) {
      const value = source[from + c]!;
      const place = row * columns + c;
      toggles.weightSkew += c * onesOfByte[(value ^ bus[c]!) & 255]!;
      toggles.weight += onesOfByte[(value ^ weights[place]!) & 255]!;
      bus[c] = value;
      weights[place] = value;
    }
    if (row > 0) return;
    toggles.writeSkew += 2 * (rows - 1);
    toggles.writeEnable += 2 * rows * columns;
  }

  /** Address of the act vector `ahead` cycles from now. */
  private actPlace(ahead: number): number {
    const { at } = this;
    return at.act + MARGIN + (this.entry + ahead + at.rows) * at.actPitch;
  }

  private stored(plane: keyof Layout['plane'], row: number, column: number): number {
    const start = (row + 1) * this.at.pitch + this.at.plane[plane];
    if (plane === 'p') return this.words[start / WORD + column]!;
    if (plane !== 'm') return this.bytes[start + column]!;
    const at = start + 2 * column;
    return (this.bytes[at]! & 255) | (this.bytes[at + 1]! << 8);
  }

  /** An act row whose R is a multiple of 4: four lanes at once. */
  private copyWords(to: number, source: Int8Array, from: number): void {
    if (this.lastSource !== source) {
      this.lastSource = source;
      this.sourceWords = new Int32Array(source.buffer, source.byteOffset, source.length >> 2);
    }
    const { words, sourceWords } = this;
    const shift = (to - from) >> 2;
    for (let word = from >> 2; word < (from + this.at.rows) >> 2; word++)
      words[word + shift] = sourceWords[word]!;
  }

  /** A write enable shown now leaves its last PE R + C - 1 cycles later. */
  private startWriting(): void {
    this.writingUntil = this.writeStarts.shift()! + this.at.rows + this.at.columns;
  }

  private move(writing: boolean, count: number): void {
    const { at, entry } = this;
    const run = writing ? this.wasm.write : this.wasm.stream;
    run(
      count,
      at.act + entry * at.actPitch,
      at.writes + entry,
      at.bus + entry * 16 * at.groups,
      at.sums + entry * at.columns * WORD,
    );
    this.entry += count;
    this.cycle += count;
    if (this.counted) this.takeCounts(this.counted.toggles);
  }

  /** Moves the module's counts, 32 bits that one call cannot overflow, to where there is room. */
  private takeCounts(toggles: Record<RegisterClass, number>): void {
    const first = this.at.counts / WORD;
    countedClasses.forEach((name, index) => {
      toggles[name] += this.words[first + index]! >>> 0;
      this.words[first + index] = 0;
    });
  }

  /** Entry 0 again: what still counts of the past (west edge) and of the future (bus, sums) moves along. */
  private rewind(): void {
    const { at, bytes } = this;
    const back = (start: number, pitch: number, size: number) =>
      bytes.copyWithin(start, start + STREAM_CYCLES * pitch, start + STREAM_CYCLES * pitch + size);
    back(at.act, at.actPitch, MARGIN + at.rows * at.actPitch);
    back(at.writes, 1, MARGIN + at.rows);
    back(at.bus, 16 * at.groups, at.columns * 16 * at.groups);
    back(at.sums, at.columns * WORD, at.columns * at.columns * WORD);
    this.entry = 0;
  }
}
