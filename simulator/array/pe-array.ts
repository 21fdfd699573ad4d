/**
 * The R x C array, every register, one cycle a call: a WebAssembly module that binaryen makes for the Machine. In: R and C.
 * Out: {@link PeArray}. Linear memory holds, as 32-bit words in rows of `stride` words (C rounded up to 4, and 4 words in front whose
 * last one is the west edge):
 *
 *     a, m, p, w, we     registers of the PEs; we is 0 or -1. Row -1 of p (the north edge) stays zero
 *     bus                one row: the weight of each column in this cycle
 *
 * step() does, for every PE at once:  a <= a_i   m <= a_i * w   p <= p_i + m   we <= we_i   if (we_i) w <= bus.
 * The array stands still while no matmul runs: nothing that it holds then is used.
 * Rows are walked from the bottom and columns from the east, four at a time, so that neighbours still hold old values.
 */

import binaryen from 'binaryen';
import { invariant } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';

const WORD = 4;
const LANES = 4;
const PAGE = 65536;

/** Word offsets of the register planes. */
interface Layout {
  readonly stride: number;
  readonly a: number;
  readonly m: number;
  readonly p: number;
  readonly w: number;
  readonly we: number;
  readonly bus: number;
  readonly words: number;
}

function layOut(rows: number, columns: number): Layout {
  const stride = LANES + Math.ceil(columns / LANES) * LANES;
  const plane = stride * rows;
  const [a, m, w, we] = [0, plane, 2 * plane, 3 * plane];
  const p = 4 * plane + stride;
  const bus = 5 * plane + stride;
  return { stride, a, m, w, we, p, bus, words: bus + stride };
}

/** What the module exports. */
interface ArrayExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly step: () => void;
}

/** The part of the WebAssembly interface that is needed: the TypeScript library without DOM declares only its types. */
interface WebAssemblyRuntime {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
}

function instantiate(bytes: Uint8Array): ArrayExports {
  const { WebAssembly: runtime } = globalThis as unknown as { readonly WebAssembly: WebAssemblyRuntime };
  return new runtime.Instance(new runtime.Module(bytes)).exports as ArrayExports;
}

/** The array with its edges. Skews are delay lines: lane r of the act input by r cycles, column c of weights and sums by c and C-1-c. */
export class PeArray {
  private readonly memory: Int32Array;
  private readonly advance: () => void;
  private readonly at: Layout;
  private readonly rows: number;
  private readonly columns: number;
  private readonly actHistory: Int8Array;
  private readonly weightHistory: Int8Array;
  private readonly sumHistory: Int32Array;
  private cycle = 0;
  /** For {@link register}: the step in which the latest vector of each ring place entered, and each array row's first weight. */
  private readonly entered: Float64Array;
  private readonly firstWeight: Float64Array;

  constructor({ array: { rows, columns } }: Machine) {
    this.rows = rows;
    this.columns = columns;
    this.at = layOut(rows, columns);
    const { memory, step } = instantiate(compile(this.at, rows));
    this.memory = new Int32Array(memory.buffer);
    this.advance = step;
    this.actHistory = new Int8Array(rows * rows);
    this.weightHistory = new Int8Array(columns * columns);
    this.sumHistory = new Int32Array(columns * columns);
    this.entered = new Float64Array(rows + columns).fill(-1);
    this.firstWeight = new Float64Array(rows).fill(Number.POSITIVE_INFINITY);
  }

  /**
   * A register of PE(row, column), signed; `we` is 0 or -1. Undefined where no result depends on it: a weight before the first one,
   * the others where no vector of a matmul passes.
   */
  register(plane: 'a' | 'm' | 'p' | 'w' | 'we', row: number, column: number): number | undefined {
    const value = this.memory[this.at[plane] + row * this.at.stride + LANES + column]!;
    const step = this.cycle - 1 - row - column - (plane === 'p' ? 1 : 0);
    if (plane === 'we') return value;
    if (plane === 'w') return step >= this.firstWeight[row]! - row ? value : undefined;
    return step >= 0 && this.entered[step % this.entered.length] === step ? value : undefined;
  }

  /**
   * One cycle. @param act R lanes at the west edge (none: zeros). @param weight C lanes of a weight row and the array row that it
   * is for. @param sums receives the C de-skewed column sums that are valid in this cycle.
   */
  step(act: Int8Array | undefined, weight: Int8Array | undefined, weightRow: number, sums: Int32Array): void {
    const { memory, at, rows, columns, cycle } = this;
    this.readSums(sums);
    const actAt = (cycle % rows) * rows;
    if (act) {
      this.actHistory.set(act, actAt);
      this.entered[cycle % this.entered.length] = cycle;
    } else this.actHistory.fill(0, actAt, actAt + rows);
    const weightAt = (cycle % columns) * columns;
    if (weight) {
      this.weightHistory.set(weight, weightAt);
      if (cycle < this.firstWeight[weightRow]!) this.firstWeight[weightRow] = cycle;
    }
    for (let r = 0; r < rows; r++) {
      const west = at.a + r * at.stride + LANES - 1;
      memory[west] = r > cycle ? 0 : this.actHistory[((cycle - r) % rows) * rows + r]!;
      memory[west + at.we - at.a] = weight && weightRow === r ? -1 : 0;
    }
    for (let c = 0; c < columns && c <= cycle; c++) {
      memory[at.bus + LANES + c] = this.weightHistory[((cycle - c) % columns) * columns + c]!;
    }
    this.advance();
    this.cycle++;
  }

  /** The bottom row's partial sums, column c delayed by C - 1 - c. */
  private readSums(sums: Int32Array): void {
    const { memory, at, rows, columns, cycle } = this;
    const bottom = at.p + (rows - 1) * at.stride + LANES;
    const now = (cycle % columns) * columns;
    for (let c = 0; c < columns; c++) this.sumHistory[now + c] = memory[bottom + c]!;
    for (let c = 0; c < columns; c++) {
      const then = cycle - (columns - 1 - c);
      sums[c] = then < 0 ? 0 : this.sumHistory[(then % columns) * columns + c]!;
    }
  }
}

function compile(at: Layout, rows: number): Uint8Array<ArrayBuffer> {
  const module = new binaryen.Module();
  module.setFeatures(binaryen.Features.SIMD128);
  const pages = Math.ceil((at.words * WORD) / PAGE);
  module.setMemory(pages, pages, 'memory');
  module.addFunction(
    'step',
    binaryen.none,
    binaryen.none,
    [binaryen.i32, binaryen.i32],
    stepBody(module, at, rows),
  );
  module.addFunctionExport('step', 'step');
  invariant(module.validate(), 'the array module is not valid WebAssembly');
  const bytes = Uint8Array.from(module.emitBinary());
  module.dispose();
  return bytes;
}

/** for (row = last; row >= 0; row -= stride) for (column = last; column >= 0; column -= 4) one group of PEs */
function stepBody(m: binaryen.Module, at: Layout, rows: number): number {
  const [row, column] = [0, 1];
  const get = (local: number) => m.local.get(local, binaryen.i32);
  const less = (local: number, bytes: number) =>
    m.local.set(local, m.i32.sub(get(local), m.i32.const(bytes)));
  const loop = (name: string, local: number, first: number, step: number, body: number) =>
    m.block(null, [
      m.local.set(local, m.i32.const(first)),
      m.loop(
        name,
        m.block(null, [body, less(local, step), m.br(name, m.i32.ge_s(get(local), m.i32.const(0)))]),
      ),
    ]);
  const inner = loop(
    'columns',
    column,
    (at.stride - 2 * LANES) * WORD,
    LANES * WORD,
    peGroup(m, at, row, column),
  );
  return loop('rows', row, (rows - 1) * at.stride * WORD, at.stride * WORD, inner);
}

function peGroup(m: binaryen.Module, at: Layout, row: number, column: number): number {
  const place = () => m.i32.add(m.local.get(row, binaryen.i32), m.local.get(column, binaryen.i32));
  const byte = (plane: number, words = 0) => (plane + LANES + words) * WORD;
  const load = (plane: number, words = 0) => m.v128.load(byte(plane, words), 4, place());
  const store = (plane: number, value: number) => m.v128.store(byte(plane), 4, place(), value);
  const bus = m.v128.load(byte(at.bus), 4, m.local.get(column, binaryen.i32));
  return m.block(null, [
    store(at.p, m.i32x4.add(load(at.p - at.stride), load(at.m))),
    store(at.m, m.i32x4.mul(load(at.a, -1), load(at.w))),
    store(at.w, m.v128.bitselect(bus, load(at.w), load(at.we, -1))),
    store(at.a, load(at.a, -1)),
    store(at.we, load(at.we, -1)),
  ]);
}
