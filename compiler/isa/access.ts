/**
 * What an instruction reads and writes: the footprint that hazards, ports and bounds are judged by. In: an Instruction and
 * the Machine. Out: {@link Access}es, exact at row granularity (act: at slot granularity). The verifier proves programs
 * with it; the scheduler places semaphores with it.
 */

import { type BufferName, bufferRowFormat, type Machine } from '../../models/machine/index.js';
import { accBank, accRow, actBank, actRow, type Instruction, type InstructionOf } from './program.js';
import {
  firstRow,
  lastRow,
  movedRows,
  type NestLoop,
  nestRows,
  type RowSet,
  rowRange,
  rowsOverlap,
  splitRows,
} from './rows.js';

/** Where an access goes. For `dram` a "row" is a byte. */
export type AccessMemory = 'act' | 'wgt' | 'par' | 'lut' | 'acc' | 'dram';

export interface Access {
  readonly memory: AccessMemory;
  /** Bank of act, acc and a wgt of two; 0 elsewhere. */
  readonly bank: number;
  readonly kind: 'read' | 'write';
  /** Rows within the bank (dram: bytes, rounded out to whole row pitches). */
  readonly rows: RowSet;
  /** act only: slots [firstSlot, endSlot) of every row; 0 and 1 elsewhere. */
  readonly firstSlot: number;
  readonly endSlot: number;
  /**
   * Set on the acc read of a matmul that does not accumulate into earlier contents: it reads only what it wrote itself
   * (or nothing, with one tile), but the read port of the bank is its own nevertheless.
   */
  readonly own?: true;
}

/** Slots (groups of V lanes) of an act row: R / V. */
export function slotsPerRow(machine: Machine): number {
  return machine.array.rows / machine.vector.lanes;
}

/** Slices of V channels of an acc or wgt row: C / V. */
export function slicesPerColumnBlock(machine: Machine): number {
  return machine.array.columns / machine.vector.lanes;
}

/**
 * Whether two accesses of different units, unordered, would collide: two uses of one port of a bank (whatever the rows), or a read
 * and a write that share a row. DRAM has no ports to share: only its bytes count.
 */
export function accessesConflict(a: Access, b: Access): boolean {
  if (a.memory !== b.memory || a.bank !== b.bank) return false;
  if (a.memory === 'dram') return (a.kind === 'write' || b.kind === 'write') && rowsOverlap(a.rows, b.rows);
  return a.kind === b.kind || rowsOverlap(a.rows, b.rows);
}

/** Everything an instruction reads and writes. Fields must be in range (`checkInstruction`); bounds are not judged. */
export function accessesOf(instruction: Instruction, machine: Machine): readonly Access[] {
  switch (instruction.mnemonic) {
    case 'end':
    case 'sync':
      return [];
    case 'load':
      return loadAccesses(instruction.fields, machine);
    case 'fill':
      return [actRows('write', instruction.fields.address, transferLoops(instruction.fields), machine)];
    case 'store':
      return storeAccesses(instruction.fields, machine);
    case 'matmul':
      return matmulAccesses(instruction.fields, machine);
    default:
      return vectorAccesses(instruction, machine);
  }
}

type FieldsOf<M extends Instruction['mnemonic']> = InstructionOf<M>['fields'];

function plain(memory: AccessMemory, kind: Access['kind'], rows: RowSet, bank = 0): Access {
  return { memory, bank, kind, rows, firstSlot: 0, endSlot: 1 };
}

/** Rows of wgt by the banks that they lie in; rows past the end count to the last bank. */
function weightRows(kind: Access['kind'], rows: RowSet, { buffers }: Machine): readonly Access[] {
  const { rows: all, banks } = buffers.weight;
  const half = all / 2;
  if (banks === 1 || lastRow(rows) < half) return [plain('wgt', kind, rows)];
  const high = (set: RowSet) => plain('wgt', kind, movedRows(set, -half), 1);
  if (firstRow(rows) >= half) return [high(rows)];
  const [below, above] = splitRows(rows, half);
  return [plain('wgt', kind, below), high(above)];
}

/** Whole act rows of a nest that starts at an act address. */
function actRows(
  kind: Access['kind'],
  address: number,
  loops: readonly NestLoop[],
  machine: Machine,
): Access {
  const rows = nestRows(actRow(address), loops);
  return { memory: 'act', bank: actBank(address), kind, rows, firstSlot: 0, endSlot: slotsPerRow(machine) };
}

/** The buffer side of a transfer: planes of runs of contiguous rows. */
function transferLoops(fields: {
  readonly rows: number;
  readonly runs: number;
  readonly runStride: number;
  readonly planes: number;
  readonly planeStride: number;
}): readonly NestLoop[] {
  return [
    { count: fields.rows, stride: 1 },
    { count: fields.runs, stride: fields.runStride },
    { count: fields.planes, stride: fields.planeStride },
  ];
}

/** The DRAM side of a transfer, in bytes. */
function dramBytes(
  kind: Access['kind'],
  fields: FieldsOf<'load'> | FieldsOf<'store'>,
  pitch: number,
): Access {
  const loops = [
    { count: fields.rows, stride: pitch },
    { count: fields.runs, stride: fields.runDramStride },
    { count: fields.planes, stride: fields.planeDramStride },
  ];
  return plain('dram', kind, nestRows(fields.dram, loops, pitch));
}

const bufferNames: readonly BufferName[] = ['act', 'wgt', 'par', 'lut'];

function loadAccesses(fields: FieldsOf<'load'>, machine: Machine): readonly Access[] {
  const buffer = bufferNames[fields.buffer]!;
  const source = dramBytes('read', fields, bufferRowFormat(machine, buffer).pitch);
  const loops = transferLoops(fields);
  if (buffer === 'act') return [source, actRows('write', fields.address, loops, machine)];
  const rows = nestRows(fields.address, loops);
  if (buffer === 'wgt') return [source, ...weightRows('write', rows, machine)];
  return [source, plain(buffer, 'write', rows)];
}

function storeAccesses(fields: FieldsOf<'store'>, machine: Machine): readonly Access[] {
  const { pitch } = bufferRowFormat(machine, 'act');
  return [actRows('read', fields.address, transferLoops(fields), machine), dramBytes('write', fields, pitch)];
}

function matmulAccesses(f: FieldsOf<'matmul'>, machine: Machine): readonly Access[] {
  const tiles = f.nkb * f.nky * f.nkx;
  const acc = rowRange(accRow(f.acc), f.ny * f.nx);
  const loops = [
    { count: f.ny, stride: f.strideY },
    { count: f.nx, stride: f.strideX },
    { count: f.nkb, stride: f.strideKb },
    { count: f.nky, stride: f.strideKy },
    { count: f.nkx, stride: f.strideKx },
  ];
  const accRead = plain('acc', 'read', acc, accBank(f.acc));
  return [
    actRows('read', f.act, loops, machine),
    ...weightRows('read', rowRange(f.wgt, tiles * machine.array.rows), machine),
    f.accumulate ? accRead : { ...accRead, own: true },
    plain('acc', 'write', acc, accBank(f.acc)),
  ];
}

type VectorInstruction = InstructionOf<'requant' | 'pool' | 'dwconv' | 'rescale' | 'add'>;

function vectorAccesses(instruction: VectorInstruction, machine: Machine): readonly Access[] {
  const f = instruction.fields;
  const target = { address: f.dst, slot: 0, slices: f.slices, block: f.dstBlock };
  if (instruction.mnemonic === 'requant' || instruction.mnemonic === 'rescale') {
    target.slot = instruction.fields.dstSlot;
  }
  const pixels = pixelLoops(f.ny, f.dstStrideY, f.nx, 1);
  return [
    ...vectorSources(instruction, machine),
    plain('par', 'read', rowRange(f.par, parameterRows(instruction))),
    ...(f.lookup ? [plain('lut', 'read', rowRange(256 * f.table, 256))] : []),
    ...slotAccesses('write', target, pixels, machine),
  ];
}

/** How many parameter rows a vector instruction reads, from `par` on. */
function parameterRows({ mnemonic, fields }: VectorInstruction): number {
  if (mnemonic === 'add') return 3;
  return mnemonic === 'requant' && fields.eachRow === 1 ? fields.ny * fields.nx : fields.slices;
}

/** The data operands of a vector instruction: acc rows, or act slots (and weights). */
function vectorSources(instruction: VectorInstruction, machine: Machine): readonly Access[] {
  switch (instruction.mnemonic) {
    case 'requant': {
      const { acc, ny, nx } = instruction.fields;
      return [plain('acc', 'read', rowRange(accRow(acc), ny * nx), accBank(acc))];
    }
    case 'pool':
      return windowSource(instruction.fields, machine);
    case 'dwconv': {
      const { wgt, slices, nky, nkx } = instruction.fields;
      const blocks = Math.ceil(slices / slicesPerColumnBlock(machine));
      const weights = weightRows('read', rowRange(wgt, blocks * nky * nkx), machine);
      return [...windowSource(instruction.fields, machine), ...weights];
    }
    case 'rescale': {
      const f = instruction.fields;
      const operand = { address: f.src, slot: f.srcSlot, slices: f.slices, block: f.srcBlock };
      return slotAccesses('read', operand, pixelLoops(f.ny, f.srcStrideY, f.nx, 1), machine);
    }
    case 'add': {
      const f = instruction.fields;
      const a = { address: f.a, slot: 0, slices: f.slices, block: f.aBlock };
      const b = { address: f.b, slot: 0, slices: f.slices, block: f.bBlock };
      return [
        ...slotAccesses('read', a, pixelLoops(f.ny, f.aStrideY, f.nx, 1), machine),
        ...slotAccesses('read', b, pixelLoops(f.ny, f.bStrideY, f.nx, 1), machine),
      ];
    }
  }
}

function windowSource(f: FieldsOf<'pool'> | FieldsOf<'dwconv'>, machine: Machine): readonly Access[] {
  const operand = { address: f.src, slot: 0, slices: f.slices, block: f.srcBlock };
  const loops = [
    ...pixelLoops(f.ny, f.srcStrideY, f.nx, f.srcStrideX),
    { count: f.nky, stride: f.strideKy },
    { count: f.nkx, stride: f.strideKx },
  ];
  return slotAccesses('read', operand, loops, machine);
}

function pixelLoops(ny: number, strideY: number, nx: number, strideX: number): readonly NestLoop[] {
  return [
    { count: ny, stride: strideY },
    { count: nx, stride: strideX },
  ];
}

interface SlotOperand {
  readonly address: number;
  /** Slot of slice 0. */
  readonly slot: number;
  readonly slices: number;
  /** Rows added when the slot wraps. */
  readonly block: number;
}

/**
 * The slots that `slices` slices touch from `slot` on, split where they wrap: with 4 slots a row, 7 slices from slot 2 are
 * slots 2-3 of block 0, slots 0-3 of block 1 and slot 0 of block 2.
 */
function slotAccesses(
  kind: Access['kind'],
  operand: SlotOperand,
  pixels: readonly NestLoop[],
  machine: Machine,
): readonly Access[] {
  const slots = slotsPerRow(machine);
  const bank = actBank(operand.address);
  const row = actRow(operand.address);
  const piece = (block: number, blocks: number, firstSlot: number, endSlot: number): Access => {
    const loops = blocks === 1 ? pixels : [...pixels, { count: blocks, stride: operand.block }];
    return {
      memory: 'act',
      bank,
      kind,
      rows: nestRows(row + block * operand.block, loops),
      firstSlot,
      endSlot,
    };
  };
  return splitSlices(operand.slot, operand.slices, slots).map((p) =>
    piece(p.block, p.blocks, p.firstSlot, p.endSlot),
  );
}

interface SlotPiece {
  readonly block: number;
  readonly blocks: number;
  readonly firstSlot: number;
  readonly endSlot: number;
}

function splitSlices(slot: number, slices: number, slots: number): readonly SlotPiece[] {
  const end = slot + slices;
  if (end <= slots) return [{ block: 0, blocks: 1, firstSlot: slot, endSlot: end }];
  const pieces: SlotPiece[] = [];
  const firstWhole = slot === 0 ? 0 : 1;
  if (slot > 0) pieces.push({ block: 0, blocks: 1, firstSlot: slot, endSlot: slots });
  const whole = Math.floor(end / slots) - firstWhole;
  if (whole > 0) pieces.push({ block: firstWhole, blocks: whole, firstSlot: 0, endSlot: slots });
  const rest = end % slots;
  if (rest > 0) pieces.push({ block: Math.floor(end / slots), blocks: 1, firstSlot: 0, endSlot: rest });
  return pieces;
}
