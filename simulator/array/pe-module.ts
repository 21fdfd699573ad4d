/**
 * The R x C array as a WebAssembly module that binaryen makes for the Machine. In: R and C. Out: bytes and where everything lies.
 *
 * Columns stand in groups of 16, a byte each. A row of the array holds, one after another for all its groups:
 *
 *     a, w, we   8 bits a PE (we: 0 or -1)      m   16 bits      p   32 bits
 *
 * and row -1 stays zero: its p is the north edge. One cycle, for every PE at once:
 *
 *     p <= p of the row above + m      m <= a_i * w      if (we_i) w <= bus      a <= a_i      we <= we_i
 *
 * Rows are walked from the bottom and groups from the east, so that neighbours still hold old values. Skews cost nothing: the edges
 * are streams with one entry a cycle, and array row r reads its lane r entries back; column c leaves its sum
 * C-1-c entries ahead. `stream` is for cycles in which no weight moves anywhere (every we is 0 and stays 0); `write` does all.
 * Where toggles are counted, both also compare every old register with its new value (`cycle-counters.ts`).
 */

import binaryen from 'binaryen';
import { invariant } from '../../base/index.js';
import { Locals } from './bit-counter.js';
import { type ComparedPlane, CycleCounters } from './cycle-counters.js';
import { GROUP, type Layout, WORD } from './layout.js';

const PAGE = 65536;
/** Rows unrolled in one loop body hold at most this many groups. */
const UNROLLED_GROUPS = 16;

/** What the module exports. */
export interface ArrayExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** `count` cycles, at least one; the others are byte addresses: each stream's base plus its pitch times the first cycle. */
  readonly write: (count: number, act: number, writes: number, bus: number, sums: number) => void;
  readonly stream: (count: number, act: number, writes: number, bus: number, sums: number) => void;
  /** acc words += sums words, sign-extended from 32 - unused bits. `bytes` is a multiple of 16, at least 16. */
  readonly accumulate: (acc: number, sums: number, bytes: number, unused: number) => void;
}

/** Parameters of `write` and `stream`, then their locals. */
const [COUNT, ACT, WRITES, BUS, SUMS, ROW, WEST, WRITE_WEST, LEFT, EAST_GOING, ENABLE, NEW] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
] as const;
const PARAMETERS = 5;

/** @param counting whether the module counts toggles. */
export function compileArray(at: Layout, counting = false): Uint8Array<ArrayBuffer> {
  const m = new binaryen.Module();
  m.setFeatures(binaryen.Features.SIMD128);
  const pages = Math.ceil(at.bytes / PAGE) + 1;
  m.setMemory(pages, pages, 'memory');
  const { i32, v128, none } = binaryen;
  const parameters = binaryen.createType([i32, i32, i32, i32, i32]);
  for (const name of ['write', 'stream'] as const) {
    const locals = new Locals(PARAMETERS);
    for (const type of [i32, i32, i32, i32, v128, v128, v128]) locals.take(type);
    const writing = name === 'write';
    const counters = counting ? new CycleCounters(m, at, locals) : undefined;
    const code = new CycleCode(m, at, writing, counters).loop();
    m.addFunction(name, parameters, none, locals.types, code);
    m.addFunctionExport(name, name);
  }
  const four = binaryen.createType([i32, i32, i32, i32]);
  m.addFunction('accumulate', four, none, [], accumulateCode(m));
  m.addFunctionExport('accumulate', 'accumulate');
  invariant(m.validate(), 'the array module is not valid WebAssembly');
  const bytes = Uint8Array.from(m.emitBinary());
  m.dispose();
  return bytes;
}

class CycleCode {
  constructor(
    private readonly m: binaryen.Module,
    private readonly at: Layout,
    private readonly writing: boolean,
    private readonly counters: CycleCounters | undefined,
  ) {}

  /** do one cycle, move to the next entry of every stream; while (--count) */
  loop(): number {
    const { at, counters } = this;
    const entry = GROUP + at.rows * at.actPitch;
    const cycles = this.repeat('cycles', COUNT, 1, [
      ...this.takeSums(),
      ...(counters?.westEdge(() => this.get(ACT), entry) ?? []),
      ...this.allRows(),
      this.move(ACT, at.actPitch),
      this.move(WRITES, 1),
      this.move(BUS, GROUP * at.groups),
      this.move(SUMS, at.columns * WORD),
    ]);
    return counters ? this.m.block(null, [cycles, ...counters.finish()]) : cycles;
  }

  private get(local: number): number {
    return this.m.local.get(local, binaryen.i32);
  }

  private move(local: number, bytes: number): number {
    return this.m.local.set(local, this.m.i32.add(this.get(local), this.m.i32.const(bytes)));
  }

  private repeat(name: string, counter: number, step: number, body: readonly number[]): number {
    const again = this.m.br(name, this.get(counter));
    return this.m.loop(name, this.m.block(null, [...body, this.move(counter, -step), again]));
  }

  /** The bottom row's partial sums, column c as an entry C-1-c cycles ahead. */
  private takeSums(): number[] {
    const { m, at } = this;
    const bottom = at.rows * at.pitch + at.plane.p;
    const quad = (index: number) => m.v128.load(bottom + index * GROUP, 4, m.i32.const(0));
    const taken = Array.from({ length: at.columns }, (_, c) => {
      const ahead = (at.columns - 1 - c) * at.columns * WORD + c * WORD;
      return m.v128.store32_lane(ahead, 4, c & 3, this.get(SUMS), quad(c >> 2));
    });
    const quads = Array.from({ length: Math.ceil(at.columns / 4) }, (_, index) => index);
    return [...taken, ...quads.flatMap((q) => this.counters?.southEdge(q, () => quad(q)) ?? [])];
  }

  /** Blocks of rows from the bottom; the rows of a block are unrolled. */
  private allRows(): number[] {
    const { m, at } = this;
    const block = unrolledRows(at);
    const first = at.rows - block;
    const step = at.actPitch - 1;
    const rows = Array.from({ length: block }, (_, k) => this.row(block - 1 - k, block)).flat();
    const setUp = [
      m.local.set(ROW, m.i32.const(first * at.pitch)),
      // Of the block's last row, R-1: its entry is R-1 cycles back.
      m.local.set(WEST, m.i32.add(this.get(ACT), m.i32.const(at.actPitch + at.rows))),
      m.local.set(WRITE_WEST, m.i32.add(this.get(WRITES), m.i32.const(2))),
    ];
    if (block === at.rows) return [...setUp, ...rows];
    const next = [
      this.move(ROW, -block * at.pitch),
      this.move(WEST, block * step),
      this.move(WRITE_WEST, block),
    ];
    return [
      ...setUp,
      m.local.set(LEFT, m.i32.const(at.rows)),
      this.repeat('rows', LEFT, block, [...rows, ...next]),
    ];
  }

  /** Row j of the block, groups from the east. ROW points at the row above the block. */
  private row(j: number, block: number): number[] {
    const back = block - 1 - j;
    const west = this.m.v128.load(back * (this.at.actPitch - 1), 1, this.get(WEST));
    const enable = this.m.v128.load(back, 1, this.get(WRITE_WEST));
    return Array.from({ length: this.at.groups }, (_, k) => this.at.groups - 1 - k).flatMap((group) =>
      this.group(j, group, { west, enable }),
    );
  }

  private group(
    j: number,
    group: number,
    edge: { readonly west: number; readonly enable: number },
  ): number[] {
    const { m, at } = this;
    const { a, w, we } = at.plane;
    const offset = (plane: number, vector: number, row = j + 1) => row * at.pitch + plane + vector * GROUP;
    const load = (place: number) => m.v128.load(place, 16, this.get(ROW));
    const store = (place: number, value: number) => m.v128.store(place, 16, this.get(ROW), value);
    // a_i: byte 15 of the neighbour to the west, then this group's bytes 0 to 14.
    const shifted = (plane: number, westEdge: number) =>
      m.i8x16.shuffle(
        group === 0 ? westEdge : load(offset(plane, group - 1)),
        load(offset(plane, group)),
        Array.from({ length: GROUP }, (_, i) => 15 + i),
      );
    const local = (index: number) => m.local.get(index, binaryen.v128);
    const code = [m.local.set(EAST_GOING, shifted(a, edge.west)), ...this.sums(j, group)];
    const weight = () => load(offset(w, group));
    const product = offset(at.plane.m, 2 * group);
    const [low, high] = [
      m.i16x8.extmul_low_i8x16_s(local(EAST_GOING), weight()),
      m.i16x8.extmul_high_i8x16_s(local(EAST_GOING), weight()),
    ];
    code.push(...this.replace('product', product, low));
    code.push(...this.replace('product', product + GROUP, high));
    code.push(store(offset(a, group), local(EAST_GOING)));
    if (!this.writing) return code;
    const bus = m.v128.load(group * GROUP, 16, this.get(BUS));
    return [
      ...code,
      m.local.set(ENABLE, shifted(we, edge.enable)),
      store(offset(w, group), m.v128.bitselect(bus, weight(), local(ENABLE))),
      store(offset(we, group), local(ENABLE)),
    ];
  }

  /** p <= p of the row above + m, four quads of a group. */
  private sums(j: number, group: number): number[] {
    const { m, at } = this;
    return [0, 1, 2, 3].flatMap((quad) => {
      const place = (row: number) => row * at.pitch + at.plane.p + (4 * group + quad) * GROUP;
      const products = m.v128.load(
        (j + 1) * at.pitch + at.plane.m + (2 * group + (quad >> 1)) * GROUP,
        16,
        this.get(ROW),
      );
      const wide = quad & 1 ? m.i32x4.extend_high_i16x8_s(products) : m.i32x4.extend_low_i16x8_s(products);
      const above = m.v128.load(place(j), 16, this.get(ROW));
      return this.replace('sum', place(j + 1), m.i32x4.add(above, wide));
    });
  }

  /** Stores registers' new values, and counts the bits in which they differ from the old ones. */
  private replace(plane: ComparedPlane, place: number, value: number): number[] {
    const { m, counters } = this;
    const store = (what: number) => m.v128.store(place, 16, this.get(ROW), what);
    if (!counters) return [store(value)];
    const now = () => m.local.get(NEW, binaryen.v128);
    const difference = m.v128.xor(now(), m.v128.load(place, 16, this.get(ROW)));
    return [m.local.set(NEW, value), ...counters.plane(plane, difference), store(now())];
  }
}

function unrolledRows({ rows, groups }: Layout): number {
  for (let block = Math.min(rows, Math.floor(UNROLLED_GROUPS / groups)); block > 1; block--)
    if (rows % block === 0) return block;
  return 1;
}

function accumulateCode(m: binaryen.Module): number {
  const get = (local: number) => m.local.get(local, binaryen.i32);
  const move = (local: number, bytes: number) =>
    m.local.set(local, m.i32.add(get(local), m.i32.const(bytes)));
  const sum = m.i32x4.add(m.v128.load(0, 4, get(0)), m.v128.load(0, 4, get(1)));
  const wrapped = m.i32x4.shr_s(m.i32x4.shl(sum, get(3)), get(3));
  const body = [m.v128.store(0, 4, get(0), wrapped), move(0, GROUP), move(1, GROUP), move(2, -GROUP)];
  return m.loop('words', m.block(null, [...body, m.br('words', get(2))]));
}
