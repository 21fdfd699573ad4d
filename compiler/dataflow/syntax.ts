/**
 * How each operation is written, as one table: parser, printer and the page's syntax list derive from it. Every field of
 * the instruction table appears exactly once (a test holds that).
 *
 *     matmul acc[0:0] += act[0:0] * wgt[0] pixels 8x8 by (10, 1) kernel 3x3 by (10, 1) wait(load) signal(vector)
 *     |      head -----------------------| phrases ------------------------------------|
 */

import type { Operation } from './types.js';

/** Memories that an operand can name in text. */
export type PlaceMemory = 'act' | 'wgt' | 'acc' | 'par' | 'lut';

/** One element of the fixed beginning of an operation. */
export type HeadItem =
  /** `act[0:11]`, with `.slot` after it where the operand has a slot field. */
  | { readonly kind: 'place'; readonly memory: PlaceMemory; readonly field: string; readonly slot?: string }
  /** A place whose memory is itself a field: the buffer that `load` fills. */
  | { readonly kind: 'buffer'; readonly field: string; readonly selector: string }
  /** `%tensor + offset`. */
  | { readonly kind: 'dram' }
  | { readonly kind: 'symbol'; readonly text: '<-' | '*' | '+' }
  /** `=` for 0, `+=` for 1, `=(expression)` otherwise. */
  | { readonly kind: 'assign'; readonly field: string };

/** `word values [by values]`; phrases may come in any order and print in table order. */
export interface Phrase {
  readonly word: string;
  readonly fields: readonly string[];
  /** Fields after `by`; all 0 when `by` is left out. */
  readonly by?: readonly string[];
  /** Print two constants as `8x8` or `-128..127`. */
  readonly form?: 'extents' | 'range';
  /** Values of `fields` when the phrase is left out; a phrase without defaults must be there. */
  readonly defaults?: readonly number[];
}

export interface OperationSyntax {
  /** Enum field written as a suffix: `pool.max`, `sync.load`. */
  readonly suffix?: string;
  readonly head: readonly HeadItem[];
  readonly phrases: readonly Phrase[];
}

const place = (memory: PlaceMemory, field: string, slot?: string): HeadItem =>
  slot === undefined ? { kind: 'place', memory, field } : { kind: 'place', memory, field, slot };
const symbol = (text: '<-' | '*' | '+'): HeadItem => ({ kind: 'symbol', text });
const dram: HeadItem = { kind: 'dram' };

const transfer: readonly Phrase[] = [
  { word: 'rows', fields: ['rows'] },
  { word: 'runs', fields: ['runs'], by: ['runStride', 'runDramStride'], defaults: [1] },
  { word: 'planes', fields: ['planes'], by: ['planeStride', 'planeDramStride'], defaults: [1] },
];
const slices: Phrase = { word: 'slices', fields: ['slices'] };
const pixels: Phrase = { word: 'pixels', fields: ['ny', 'nx'], form: 'extents' };
const output: readonly Phrase[] = [
  { word: 'zero', fields: ['zeroPoint'], defaults: [0] },
  { word: 'clamp', fields: ['min', 'max'], form: 'range', defaults: [-128, 127] },
  { word: 'lookup', fields: ['lookup'], defaults: [0] },
  { word: 'table', fields: ['table'], defaults: [0] },
];
const windowed = (word: string): readonly Phrase[] => [
  slices,
  pixels,
  { word: 'from', fields: ['srcStrideY', 'srcStrideX'] },
  { word: 'to', fields: ['dstStrideY'] },
  { word: 'block', fields: ['srcBlock', 'dstBlock'], defaults: [0, 0] },
  { word, fields: ['nky', 'nkx'], by: ['strideKy', 'strideKx'], form: 'extents' },
  ...output,
];

export const operationSyntax: Readonly<Record<Operation['mnemonic'], OperationSyntax>> = {
  sync: { suffix: 'unit', head: [], phrases: [] },
  load: {
    head: [{ kind: 'buffer', field: 'address', selector: 'buffer' }, symbol('<-'), dram],
    phrases: transfer,
  },
  fill: {
    head: [place('act', 'address')],
    phrases: [
      { word: 'with', fields: ['value'] },
      { word: 'rows', fields: ['rows'] },
      { word: 'runs', fields: ['runs'], by: ['runStride'], defaults: [1] },
      { word: 'planes', fields: ['planes'], by: ['planeStride'], defaults: [1] },
    ],
  },
  store: { head: [dram, symbol('<-'), place('act', 'address')], phrases: transfer },
  matmul: {
    head: [
      place('acc', 'acc'),
      { kind: 'assign', field: 'accumulate' },
      place('act', 'act'),
      symbol('*'),
      place('wgt', 'wgt'),
    ],
    phrases: [
      { word: 'pixels', fields: ['ny', 'nx'], by: ['strideY', 'strideX'], form: 'extents' },
      { word: 'blocks', fields: ['nkb'], by: ['strideKb'], defaults: [1] },
      {
        word: 'kernel',
        fields: ['nky', 'nkx'],
        by: ['strideKy', 'strideKx'],
        form: 'extents',
        defaults: [1, 1],
      },
    ],
  },
  requant: {
    head: [place('act', 'dst', 'dstSlot'), symbol('<-'), place('acc', 'acc'), place('par', 'par')],
    phrases: [
      slices,
      pixels,
      { word: 'to', fields: ['dstStrideY'] },
      { word: 'block', fields: ['dstBlock'], defaults: [0] },
      ...output,
      { word: 'eachRow', fields: ['eachRow'], defaults: [0] },
    ],
  },
  pool: {
    suffix: 'mode',
    head: [place('act', 'dst'), symbol('<-'), place('act', 'src'), place('par', 'par')],
    phrases: windowed('window'),
  },
  dwconv: {
    head: [
      place('act', 'dst'),
      symbol('<-'),
      place('act', 'src'),
      symbol('*'),
      place('wgt', 'wgt'),
      place('par', 'par'),
    ],
    phrases: windowed('kernel'),
  },
  rescale: {
    head: [place('act', 'dst', 'dstSlot'), symbol('<-'), place('act', 'src', 'srcSlot'), place('par', 'par')],
    phrases: [
      slices,
      pixels,
      { word: 'from', fields: ['srcStrideY'] },
      { word: 'to', fields: ['dstStrideY'] },
      { word: 'block', fields: ['srcBlock', 'dstBlock'], defaults: [0, 0] },
      ...output,
    ],
  },
  add: {
    head: [
      place('act', 'dst'),
      symbol('<-'),
      place('act', 'a'),
      symbol('+'),
      place('act', 'b'),
      place('par', 'par'),
    ],
    phrases: [
      { word: 'shift', fields: ['leftShift'], defaults: [0] },
      slices,
      pixels,
      { word: 'from', fields: ['aStrideY', 'bStrideY'] },
      { word: 'to', fields: ['dstStrideY'] },
      { word: 'block', fields: ['aBlock', 'bBlock', 'dstBlock'], defaults: [0, 0, 0] },
      ...output,
    ],
  },
};

/** Rows of one bank in address space: what `bank:row` multiplies the bank by (0: a memory without banks). */
export function bankSpan(memory: PlaceMemory): number {
  if (memory === 'act') return 65536;
  return memory === 'acc' ? 32768 : 0;
}
