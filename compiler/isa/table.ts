/**
 * The instruction set, as one table. Encoder, decoder, assembler, disassembler, the Verilog field header, the docs page
 * and the property generators derive from it.
 *
 * A word is 256 bits, little-endian, unused bits zero. Every word starts with
 *
 *     bits 3:0 opcode | 7:4 wait mask | 11:8 signal mask | then the opcode's fields in table order, no gaps
 *
 * Bit u of a mask names unit u (load 0, matmul 1, vector 2, store 3). `wait` bit p set on an instruction of unit c: it
 * starts only when semaphore (p -> c) is above zero, and takes one from it. `signal` bit c on an instruction of unit p: on
 * completion it adds one to semaphore (p -> c). A unit's own bit must be zero.
 */

export const unitNames = ['load', 'matmul', 'vector', 'store'] as const;
export type UnitName = (typeof unitNames)[number];
/** Index of a unit in masks and arrays. */
export const unitIndex: Readonly<Record<UnitName, number>> = { load: 0, matmul: 1, vector: 2, store: 3 };

/** What a field's number means; the verifier and the printer use it. */
export type FieldKind =
  | 'flag'
  | 'count'
  | 'stride'
  | 'slot'
  | 'value'
  | 'dram'
  | 'act'
  | 'wgt'
  | 'acc'
  | 'par'
  | 'enum';

export interface Field {
  readonly name: string;
  readonly bits: number;
  readonly kind: FieldKind;
  readonly signed?: boolean;
  /** Names of the values of an `enum` field, by number. */
  readonly names?: readonly string[];
  readonly meaning: string;
}

export interface InstructionSpec {
  readonly opcode: number;
  readonly mnemonic: string;
  /** The unit that executes it; `sync` names its unit in a field, `end` belongs to fetch. */
  readonly unit: UnitName | 'any' | 'fetch';
  readonly summary: string;
  readonly fields: readonly Field[];
}

export const WORD_BITS = 256;
export const HEADER_BITS = 12;

type Named<N extends string> = Field & { readonly name: N };
function field<N extends string>(
  name: N,
  bits: number,
  kind: FieldKind,
  meaning: string,
  rest: { readonly signed?: boolean; readonly names?: readonly string[] } = {},
): Named<N> {
  return { name, bits, kind, meaning, ...rest };
}
const count = <N extends string>(name: N, bits: number, meaning: string) =>
  field(name, bits, 'count', `${meaning} (1 or more)`);
const stride = <N extends string>(name: N, bits: number, meaning: string) =>
  field(name, bits, 'stride', meaning);
/** act addresses: bank in bits 19:16, row within the bank in bits 15:0. */
const act = <N extends string>(name: N, meaning: string) => field(name, 20, 'act', meaning);

/** Three nested loops between DRAM and a buffer: `rows` contiguous rows, `runs` of them, `planes` of those. */
const transferFields = [
  field(
    'dram',
    32,
    'dram',
    'byte address of the first row, a multiple of the smaller of row pitch and bus width',
  ),
  count('rows', 16, 'contiguous rows in a run'),
  count('runs', 12, 'runs in a plane'),
  stride('runDramStride', 28, 'bytes from run to run in DRAM'),
  stride('runStride', 16, 'buffer rows from run to run'),
  count('planes', 12, 'planes'),
  stride('planeDramStride', 32, 'bytes from plane to plane in DRAM'),
  stride('planeStride', 16, 'buffer rows from plane to plane'),
] as const;

/** Common tail of every vector instruction that produces activations. */
const outputStage = [
  field('zeroPoint', 8, 'value', 'added after scaling', { signed: true }),
  field('min', 8, 'value', 'lower clamp', { signed: true }),
  field('max', 8, 'value', 'upper clamp', { signed: true }),
  field('lookup', 1, 'flag', 'pass the clamped result through the look-up table'),
  field('table', 1, 'value', 'which of the two look-up tables'),
] as const;

export const instructionSet = [
  {
    opcode: 0,
    mnemonic: 'end',
    unit: 'fetch',
    summary: 'Stop fetching; the run is done when every unit is idle and its queue empty.',
    fields: [],
  },
  {
    opcode: 1,
    mnemonic: 'sync',
    unit: 'any',
    summary: 'Do nothing on a unit but wait and signal.',
    fields: [field('unit', 2, 'enum', 'unit that executes it', { names: unitNames })],
  },
  {
    opcode: 2,
    mnemonic: 'load',
    unit: 'load',
    summary: 'Copy rows from DRAM to a buffer.',
    fields: [
      field('buffer', 2, 'enum', 'destination buffer', { names: ['act', 'wgt', 'par', 'lut'] }),
      field('address', 20, 'value', 'first row in the buffer (act: bank and row)'),
      ...transferFields,
    ],
  },
  {
    opcode: 3,
    mnemonic: 'fill',
    unit: 'load',
    summary: 'Write one byte value to every lane of act rows.',
    fields: [
      act('address', 'first row'),
      field('value', 8, 'value', 'the byte', { signed: true }),
      count('rows', 16, 'contiguous rows in a run'),
      count('runs', 12, 'runs in a plane'),
      stride('runStride', 16, 'rows from run to run'),
      count('planes', 12, 'planes'),
      stride('planeStride', 16, 'rows from plane to plane'),
    ],
  },
  {
    opcode: 4,
    mnemonic: 'store',
    unit: 'store',
    summary: 'Copy act rows to DRAM.',
    fields: [act('address', 'first row'), ...transferFields],
  },
  {
    opcode: 5,
    mnemonic: 'matmul',
    unit: 'matmul',
    summary:
      'For every weight tile (kb, ky, kx): load R weight rows into the array, stream ny*nx act rows through it, accumulate.',
    fields: [
      act('act', 'act row of pixel (0,0), tile (0,0,0)'),
      field('wgt', 20, 'wgt', 'first weight row; tile t uses rows wgt + t*R to wgt + t*R + R-1'),
      field(
        'acc',
        16,
        'acc',
        'acc row of pixel 0: bank in bit 15, row in bits 14:0; pixel y*nx+x uses row + y*nx+x',
      ),
      field('accumulate', 1, 'flag', '1: the first tile adds to acc, 0: it overwrites'),
      count('ny', 12, 'pixel rows'),
      count('nx', 12, 'pixels in a row'),
      stride('strideY', 16, 'act rows from pixel row to pixel row'),
      stride('strideX', 12, 'act rows from pixel to pixel'),
      count('nkb', 12, 'channel blocks (outermost tile loop)'),
      stride('strideKb', 16, 'act rows from channel block to channel block'),
      count('nky', 8, 'kernel rows'),
      stride('strideKy', 16, 'act rows from kernel row to kernel row'),
      count('nkx', 8, 'kernel columns (innermost tile loop)'),
      stride('strideKx', 12, 'act rows from kernel column to kernel column'),
    ],
  },
  {
    opcode: 6,
    mnemonic: 'requant',
    unit: 'vector',
    summary: 'acc rows -> bias, scale, clamp, look-up -> act. One slice of V channels a cycle.',
    fields: [
      field('acc', 16, 'acc', 'acc row of pixel 0; pixel y*nx+x uses row + y*nx+x'),
      field('par', 16, 'par', 'parameter row of slice 0'),
      act('dst', 'act row of pixel (0,0)'),
      field('dstSlot', 8, 'slot', 'slot (group of V lanes) of slice 0'),
      count('slices', 9, 'slices of V channels per pixel, at most C/V'),
      count('ny', 12, 'pixel rows'),
      count('nx', 12, 'pixels in a row; dst advances one row per pixel'),
      stride('dstStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('dstBlock', 16, 'act rows added when the slot wraps past R/V'),
      ...outputStage,
      field(
        'eachRow',
        1,
        'flag',
        '1: the i-th acc row takes parameter row par + i for all its slices; 0: slice s takes par + s',
      ),
    ],
  },
  {
    opcode: 7,
    mnemonic: 'pool',
    unit: 'vector',
    summary:
      'Reduce a window of act rows by maximum or sum, then bias, scale, clamp, look-up. One window element a cycle.',
    fields: [
      field('mode', 1, 'enum', 'reduction', { names: ['max', 'sum'] }),
      act('src', 'act row of pixel (0,0), window element (0,0)'),
      act('dst', 'act row of pixel (0,0)'),
      field('par', 16, 'par', 'parameter row of slice 0'),
      count('slices', 9, 'slices of V channels per pixel, from slot 0'),
      count('ny', 12, 'pixel rows'),
      count('nx', 12, 'pixels in a row; dst advances one row per pixel'),
      stride('srcStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('srcStrideX', 8, 'act rows from pixel to pixel'),
      stride('srcBlock', 16, 'act rows added when the slot wraps'),
      stride('dstStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('dstBlock', 16, 'act rows added when the slot wraps'),
      count('nky', 8, 'window rows'),
      count('nkx', 8, 'window columns'),
      stride('strideKy', 16, 'act rows from window row to window row'),
      stride('strideKx', 8, 'act rows from window column to window column'),
      ...outputStage,
    ],
  },
  {
    opcode: 8,
    mnemonic: 'dwconv',
    unit: 'vector',
    summary:
      'Depthwise convolution: multiply-accumulate a window of act rows with weights, then as pool. One tap a cycle.',
    fields: [
      act('src', 'act row of pixel (0,0), tap (0,0)'),
      act('dst', 'act row of pixel (0,0)'),
      field(
        'wgt',
        16,
        'wgt',
        'weight row of tap 0, channels 0 to C-1; tap ky*nkx+kx uses row + tap; next C channels follow',
      ),
      field('par', 16, 'par', 'parameter row of slice 0'),
      count('slices', 9, 'slices of V channels per pixel, from slot 0'),
      count('ny', 12, 'pixel rows'),
      count('nx', 12, 'pixels in a row; dst advances one row per pixel'),
      stride('srcStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('srcStrideX', 8, 'act rows from pixel to pixel'),
      stride('srcBlock', 16, 'act rows added when the slot wraps'),
      stride('dstStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('dstBlock', 16, 'act rows added when the slot wraps'),
      count('nky', 6, 'kernel rows'),
      count('nkx', 6, 'kernel columns'),
      stride('strideKy', 16, 'act rows from tap row to tap row'),
      stride('strideKx', 8, 'act rows from tap to tap'),
      ...outputStage,
    ],
  },
  {
    opcode: 9,
    mnemonic: 'rescale',
    unit: 'vector',
    summary: 'act -> bias, scale, clamp, look-up -> act, element by element, any slots. One slice a cycle.',
    fields: [
      act('src', 'act row of pixel (0,0)'),
      field('srcSlot', 8, 'slot', 'source slot of slice 0'),
      act('dst', 'act row of pixel (0,0)'),
      field('dstSlot', 8, 'slot', 'destination slot of slice 0'),
      field('par', 16, 'par', 'parameter row of slice 0'),
      count('slices', 9, 'slices of V channels per pixel'),
      count('ny', 12, 'pixel rows'),
      count('nx', 12, 'pixels in a row; src and dst advance one row per pixel'),
      stride('srcStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('srcBlock', 16, 'act rows added when the source slot wraps'),
      stride('dstStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('dstBlock', 16, 'act rows added when the destination slot wraps'),
      ...outputStage,
    ],
  },
  {
    opcode: 10,
    mnemonic: 'add',
    unit: 'vector',
    summary:
      'Residual add: each operand shifted left, biased and scaled with its own parameters, the sum scaled and clamped. Three cycles a slice.',
    fields: [
      act('a', 'act row of operand a, pixel (0,0)'),
      act('b', 'act row of operand b, pixel (0,0)'),
      act('dst', 'act row of pixel (0,0)'),
      field('par', 16, 'par', 'three parameter rows: a, b, sum; the same for every slice'),
      field('leftShift', 5, 'value', 'operands are shifted left by this before the bias is added'),
      count('slices', 9, 'slices of V channels per pixel, from slot 0'),
      count('ny', 12, 'pixel rows'),
      count('nx', 12, 'pixels in a row; a, b and dst advance one row per pixel'),
      stride('aStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('bStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('dstStrideY', 16, 'act rows from pixel row to pixel row'),
      stride('aBlock', 16, 'act rows added when the slot wraps'),
      stride('bBlock', 16, 'act rows added when the slot wraps'),
      stride('dstBlock', 16, 'act rows added when the slot wraps'),
      ...outputStage,
    ],
  },
] as const satisfies readonly InstructionSpec[];

type Spec = (typeof instructionSet)[number];
export type Mnemonic = Spec['mnemonic'];
/** The field names of a mnemonic. */
export type FieldName<M extends Mnemonic> = Extract<Spec, { mnemonic: M }>['fields'][number]['name'];

/** The spec of a mnemonic. */
export const specOf: Readonly<Record<Mnemonic, InstructionSpec>> = Object.fromEntries(
  instructionSet.map((spec) => [spec.mnemonic, spec]),
) as unknown as Record<Mnemonic, InstructionSpec>;

/** Where a field sits in the word: its lowest bit. */
export interface PlacedField extends Field {
  readonly offset: number;
}

/** The fields of an instruction with their bit offsets. */
export function placeFields(spec: InstructionSpec): readonly PlacedField[] {
  let offset = HEADER_BITS;
  return spec.fields.map((f) => {
    const placed = { ...f, offset };
    offset += f.bits;
    return placed;
  });
}
