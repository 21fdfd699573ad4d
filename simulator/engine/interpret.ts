/**
 * The naive twin: executes a program one instruction after another, in program order, on plain arrays. No time, no
 * concurrency: what a program means when its semaphores are right. In: machine, program, DRAM. Out: DRAM at the end.
 * Everything fast is compared with this. Reading a row that nothing wrote, or leaving a buffer, stops it.
 */

import {
  assertNever,
  clamp,
  type ElementArray,
  elementArray,
  readElement,
  scaleRounded,
  writeElement,
} from '../../base/index.js';
import {
  accBank,
  accRow,
  actBank,
  actRow,
  type Instruction,
  type InstructionOf,
  type Program,
  type UnitName,
  unitOf,
} from '../../compiler/isa/index.js';
import {
  type BufferName,
  bufferRowFormat,
  constantStep,
  LOOKUP_ROWS,
  type Machine,
  PARAMETER_BYTES,
} from '../../models/machine/index.js';
import { KeptResults } from './kept.js';
import { EngineStop } from './types.js';

/** Called after each instruction, with the interpreter's state. */
export interface InterpretOptions {
  readonly onInstruction?: (index: number, instruction: Instruction, state: BufferState) => void;
}

/** Contents of the on-chip buffers. Rows are contiguous; act banks follow one another. */
export interface BufferState {
  readonly act: ElementArray;
  readonly wgt: ElementArray;
  /** 9 bytes a channel, as in DRAM. */
  readonly par: Uint8Array;
  readonly lut: Int8Array;
  readonly acc: Int32Array;
}

/** Final DRAM of a program, kept results in the places of their tensors ({@link KeptResults}). @throws EngineStop ('illegal') with the instruction's index where it touches what it may not. */
export function interpretProgram(
  machine: Machine,
  program: Program,
  dram: Uint8Array,
  options: InterpretOptions = {},
): Uint8Array {
  const interpreter = new Interpreter(machine, Uint8Array.from(dram));
  const kept = KeptResults.of(machine, program);
  program.instructions.forEach((instruction, index) => {
    interpreter.step(index, instruction);
    kept?.end(index, interpreter.readAct);
    options.onInstruction?.(index, instruction, interpreter.state);
  });
  kept?.putInto(interpreter.dram);
  return interpreter.dram;
}

/** Sequential machine state with one method an instruction; the array engine shares everything but matmul. */
export class Interpreter {
  readonly state: BufferState;
  /** Slots (act), rows (others) written so far. */
  private readonly written: Record<'act' | 'wgt' | 'par' | 'lut' | 'acc', Uint8Array>;
  private readonly rows: number;
  private readonly columns: number;
  private readonly lanes: number;
  private readonly slotsPerRow: number;
  /** Of the constants that state activations. */
  private readonly constantUnit: number;
  private readonly bankRows: number;
  private readonly accRows: number;
  /** Instruction in hand and its unit; they are named when something stops. */
  index = 0;
  private unit: UnitName | 'fetch' = 'fetch';

  constructor(
    readonly machine: Machine,
    readonly dram: Uint8Array,
  ) {
    const { rows, columns } = machine.array;
    const { elements } = machine;
    const { activation, weight, accumulator, parameter } = machine.buffers;
    this.rows = rows;
    this.columns = columns;
    this.lanes = machine.vector.lanes;
    this.slotsPerRow = rows / this.lanes;
    this.constantUnit = constantStep(machine);
    this.bankRows = activation.rowsPerBank;
    this.accRows = accumulator.rowsPerBank;
    const actRows = activation.banks * activation.rowsPerBank;
    this.state = {
      act: elementArray(elements.activationBits, actRows * rows),
      wgt: elementArray(elements.weightBits, weight.rows * columns),
      par: new Uint8Array(parameter.rows * this.lanes * PARAMETER_BYTES),
      lut: new Int8Array(LOOKUP_ROWS),
      acc: new Int32Array(2 * accumulator.rowsPerBank * columns),
    };
    this.written = {
      act: new Uint8Array(actRows * this.slotsPerRow),
      wgt: new Uint8Array(weight.rows),
      par: new Uint8Array(parameter.rows),
      lut: new Uint8Array(LOOKUP_ROWS),
      acc: new Uint8Array(2 * accumulator.rowsPerBank),
    };
  }

  /** Executes one instruction. */
  step(index: number, instruction: Instruction): void {
    this.index = index;
    this.unit = unitOf(instruction) ?? 'fetch';
    switch (instruction.mnemonic) {
      case 'end':
      case 'sync':
        return;
      case 'load':
        this.load(instruction);
        return;
      case 'fill':
        this.fill(instruction);
        return;
      case 'store':
        this.store(instruction);
        return;
      case 'matmul':
        this.matmul(instruction);
        return;
      case 'requant':
        this.requant(instruction);
        return;
      case 'pool':
        this.pool(instruction);
        return;
      case 'dwconv':
        this.dwconv(instruction);
        return;
      case 'rescale':
        this.rescale(instruction);
        return;
      case 'add':
        this.add(instruction);
        return;
      default:
        assertNever(instruction, 'instruction');
    }
  }

  private load({ fields: f }: InstructionOf<'load'>): void {
    const buffer = (['act', 'wgt', 'par', 'lut'] as const)[f.buffer]!;
    const { rowBytes, pitch } = bufferRowFormat(this.machine, buffer);
    forEachRow(
      f,
      (dram, offset) => {
        if (dram < 0 || dram + rowBytes > this.dram.length)
          this.stop(`load reads DRAM byte ${dram}, past the end`);
        const source = this.dram.subarray(dram, dram + rowBytes);
        const row = this.bufferRow(buffer, f.address, offset);
        this.fillRow(buffer, row, source);
        this.markRow(buffer, row);
      },
      pitch,
    );
  }

  /** A row's bytes from DRAM become elements (act, wgt) or stay bytes. */
  private fillRow(buffer: BufferName, row: number, source: Uint8Array): void {
    const { activationBits, weightBits } = this.machine.elements;
    const bits = buffer === 'act' ? activationBits : buffer === 'wgt' ? weightBits : 8;
    const target = this.state[buffer];
    if (bits === 8) {
      new Uint8Array(target.buffer).set(source, row * source.length);
      return;
    }
    const width = buffer === 'act' ? this.rows : this.columns;
    for (let index = 0; index < width; index++)
      target[row * width + index] = readElement(source, { row: 0, index, bits });
  }

  private fill({ fields: f }: InstructionOf<'fill'>): void {
    forEachRow(
      { ...f, dram: 0, runDramStride: 0, planeDramStride: 0 },
      (_, offset) => {
        const row = this.bufferRow('act', f.address, offset);
        this.state.act.fill(f.value * this.constantUnit, row * this.rows, (row + 1) * this.rows);
        this.markRow('act', row);
      },
      0,
    );
  }

  private store({ fields: f }: InstructionOf<'store'>): void {
    const { rowBytes, pitch } = bufferRowFormat(this.machine, 'act');
    forEachRow(
      f,
      (dram, offset) => {
        if (dram < 0 || dram + rowBytes > this.dram.length)
          this.stop(`store writes DRAM byte ${dram}, past the end`);
        const row = this.bufferRow('act', f.address, offset);
        for (let slot = 0; slot < this.slotsPerRow; slot++) this.checkSlot(row, slot);
        this.copyRow(row, this.dram.subarray(dram, dram + rowBytes));
      },
      pitch,
    );
  }

  /** A row of act as its bytes in DRAM. @param row counted through the banks. */
  private copyRow(row: number, target: Uint8Array): void {
    target.fill(0);
    const bits = this.machine.elements.activationBits;
    for (let index = 0; index < this.rows; index++)
      writeElement(target, { row: 0, index, bits }, this.state.act[row * this.rows + index]!);
  }

  /** Likewise, by bank and row: what a {@link KeptResults} reads. */
  readonly readAct = (bank: number, row: number, target: Uint8Array): void =>
    this.copyRow(bank * this.bankRows + row, target);

  /** Column sums of one weight tile for one vector are added or written as the array does: tile by tile. */
  private matmul({ fields: f }: InstructionOf<'matmul'>): void {
    let tile = 0;
    for (let kb = 0; kb < f.nkb; kb++) {
      for (let ky = 0; ky < f.nky; ky++) {
        for (let kx = 0; kx < f.nkx; kx++) {
          const offset = kb * f.strideKb + ky * f.strideKy + kx * f.strideKx;
          this.matmulTile(f, tile, offset, tile > 0 || f.accumulate === 1);
          tile++;
        }
      }
    }
  }

  private matmulTile(f: InstructionOf<'matmul'>['fields'], tile: number, offset: number, add: boolean): void {
    const { act, wgt, acc } = this.state;
    const firstWeight = f.wgt + tile * this.rows;
    for (let r = 0; r < this.rows; r++) this.checkRow('wgt', firstWeight + r);
    for (let y = 0; y < f.ny; y++) {
      for (let x = 0; x < f.nx; x++) {
        const source = this.actRead(f.act, offset + y * f.strideY + x * f.strideX);
        const target = this.accRowIndex(f.acc, y * f.nx + x);
        if (add) this.checkRow('acc', target);
        for (let c = 0; c < this.columns; c++) {
          let sum = add ? acc[target * this.columns + c]! : 0;
          for (let r = 0; r < this.rows; r++)
            sum += act[source * this.rows + r]! * wgt[(firstWeight + r) * this.columns + c]!;
          acc[target * this.columns + c] = this.wrapAccumulator(sum);
        }
        this.written.acc[target] = 1;
      }
    }
  }

  private requant({ fields: f }: InstructionOf<'requant'>): void {
    forEachPixel(f, (y, x) => {
      const source = this.accRowIndex(f.acc, y * f.nx + x);
      this.checkRow('acc', source);
      for (let s = 0; s < f.slices; s++) {
        const parameters = f.par + (f.eachRow === 1 ? y * f.nx + x : s);
        const { row, slot } = this.slotAt(f.dst, y * f.dstStrideY + x, f.dstSlot + s, f.dstBlock);
        for (let l = 0; l < this.lanes; l++) {
          const value = this.state.acc[source * this.columns + s * this.lanes + l]!;
          this.state.act[row * this.rows + slot * this.lanes + l] = this.output(f, parameters, l, value);
        }
        this.markSlot(row, slot);
      }
    });
  }

  private pool({ fields: f }: InstructionOf<'pool'>): void {
    const largest = f.mode === 0;
    this.window(f, (taps, l) =>
      largest
        ? Math.max(...taps.map((t) => this.state.act[t + l]!))
        : taps.reduce((sum, t) => sum + this.state.act[t + l]!, 0),
    );
  }

  private dwconv({ fields: f }: InstructionOf<'dwconv'>): void {
    const taps = f.nky * f.nkx;
    const slotsPerWeightRow = this.columns / this.lanes;
    this.window(f, (places, l, s) => {
      const block = Math.floor(s / slotsPerWeightRow);
      const lane = (s % slotsPerWeightRow) * this.lanes + l;
      return places.reduce((sum, place, tap) => {
        const row = f.wgt + block * taps + tap;
        this.checkRow('wgt', row);
        return sum + this.state.act[place + l]! * this.state.wgt[row * this.columns + lane]!;
      }, 0);
    });
  }

  /** Pixels, slices, window: `reduce` gets the first lane's position of every window element. */
  private window(
    f: InstructionOf<'dwconv'>['fields'] | InstructionOf<'pool'>['fields'],
    reduce: (taps: readonly number[], lane: number, slice: number) => number,
  ): void {
    forEachPixel(f, (y, x) => {
      for (let s = 0; s < f.slices; s++) {
        const taps: number[] = [];
        for (let ky = 0; ky < f.nky; ky++) {
          for (let kx = 0; kx < f.nkx; kx++) {
            const offset = y * f.srcStrideY + x * f.srcStrideX + ky * f.strideKy + kx * f.strideKx;
            const source = this.slotAt(f.src, offset, s, f.srcBlock);
            this.checkSlot(source.row, source.slot);
            taps.push(source.row * this.rows + source.slot * this.lanes);
          }
        }
        const { row, slot } = this.slotAt(f.dst, y * f.dstStrideY + x, s, f.dstBlock);
        for (let l = 0; l < this.lanes; l++) {
          this.state.act[row * this.rows + slot * this.lanes + l] = this.output(
            f,
            f.par + s,
            l,
            reduce(taps, l, s),
          );
        }
        this.markSlot(row, slot);
      }
    });
  }

  private rescale({ fields: f }: InstructionOf<'rescale'>): void {
    forEachPixel(f, (y, x) => {
      for (let s = 0; s < f.slices; s++) {
        const source = this.slotAt(f.src, y * f.srcStrideY + x, f.srcSlot + s, f.srcBlock);
        this.checkSlot(source.row, source.slot);
        const { row, slot } = this.slotAt(f.dst, y * f.dstStrideY + x, f.dstSlot + s, f.dstBlock);
        for (let l = 0; l < this.lanes; l++) {
          const value = this.state.act[source.row * this.rows + source.slot * this.lanes + l]!;
          this.state.act[row * this.rows + slot * this.lanes + l] = this.output(f, f.par + s, l, value);
        }
        this.markSlot(row, slot);
      }
    });
  }

  private add({ fields: f }: InstructionOf<'add'>): void {
    forEachPixel(f, (y, x) => {
      for (let s = 0; s < f.slices; s++) {
        const a = this.slotAt(f.a, y * f.aStrideY + x, s, f.aBlock);
        const b = this.slotAt(f.b, y * f.bStrideY + x, s, f.bBlock);
        this.checkSlot(a.row, a.slot);
        this.checkSlot(b.row, b.slot);
        const { row, slot } = this.slotAt(f.dst, y * f.dstStrideY + x, s, f.dstBlock);
        for (let l = 0; l < this.lanes; l++) {
          const scaledA = this.scaled(
            f.par,
            l,
            this.state.act[a.row * this.rows + a.slot * this.lanes + l]! << f.leftShift,
          );
          const scaledB = this.scaled(
            f.par + 1,
            l,
            this.state.act[b.row * this.rows + b.slot * this.lanes + l]! << f.leftShift,
          );
          this.state.act[row * this.rows + slot * this.lanes + l] = this.output(
            f,
            f.par + 2,
            l,
            (scaledA + scaledB) | 0,
          );
        }
        this.markSlot(row, slot);
      }
    });
  }

  /** (value + bias) scaled and rounded, 32 bits. */
  private scaled(parameterRow: number, lane: number, value: number): number {
    this.checkRow('par', parameterRow);
    const at = (parameterRow * this.lanes + lane) * PARAMETER_BYTES;
    const view = new DataView(this.state.par.buffer);
    const bias = view.getInt32(at, true);
    return scaleRounded((value + bias) | 0, {
      multiplier: view.getUint32(at + 4, true),
      shift: view.getUint8(at + 8),
    });
  }

  private output(
    f: { zeroPoint: number; min: number; max: number; lookup: number; table: number },
    parameterRow: number,
    lane: number,
    value: number,
  ): number {
    const [least, most] = [f.min * this.constantUnit, (f.max + 1) * this.constantUnit - 1];
    const clamped = clamp(f.zeroPoint + this.scaled(parameterRow, lane, value), least, most);
    if (f.lookup === 0) return clamped;
    const entry = f.table * 256 + clamped + 128;
    this.checkRow('lut', entry);
    return lowBits(this.state.lut[entry]!, this.machine.elements.activationBits);
  }

  private wrapAccumulator(sum: number): number {
    const unused = 32 - this.machine.elements.accumulatorBits;
    return (Math.trunc(sum) << unused) >> unused;
  }

  /** Row index over all banks; an access may not leave the bank that it starts in. */
  private actIndex(address: number, offset: number): number {
    const row = actRow(address) + offset;
    const bank = actBank(address);
    if (row < 0 || row >= this.bankRows || bank >= this.machine.buffers.activation.banks) {
      this.stop(`act row ${row} of bank ${bank} does not exist`);
    }
    return bank * this.bankRows + row;
  }

  /** Row over all banks of an act row that must be written in full. */
  actRead(address: number, offset: number): number {
    const row = this.actIndex(address, offset);
    for (let slot = 0; slot < this.slotsPerRow; slot++) this.checkSlot(row, slot);
    return row;
  }

  /** Slots past the end of a row continue in slot 0 of the row `block` further. */
  private slotAt(
    address: number,
    offset: number,
    slot: number,
    block: number,
  ): { row: number; slot: number } {
    const wraps = Math.floor(slot / this.slotsPerRow);
    return { row: this.actIndex(address, offset + wraps * block), slot: slot % this.slotsPerRow };
  }

  /** Row over both banks of the acc row `offset` after an address. */
  accRowIndex(address: number, offset: number): number {
    const row = accRow(address) + offset;
    if (row >= this.accRows) this.stop(`acc row ${row} does not exist`);
    return accBank(address) * this.accRows + row;
  }

  private bufferRow(buffer: BufferName, address: number, offset: number): number {
    if (buffer === 'act') return this.actIndex(address, offset);
    const row = address + offset;
    if (row >= this.written[buffer].length) this.stop(`${buffer} row ${row} does not exist`);
    return row;
  }

  /** Notes that a row now holds a value. */
  markRow(buffer: BufferName | 'acc', row: number): void {
    if (buffer === 'act') this.written.act.fill(1, row * this.slotsPerRow, (row + 1) * this.slotsPerRow);
    else this.written[buffer][row] = 1;
  }

  private markSlot(row: number, slot: number): void {
    this.written.act[row * this.slotsPerRow + slot] = 1;
  }

  private checkSlot(row: number, slot: number): void {
    if (this.written.act[row * this.slotsPerRow + slot] === 0) {
      this.stop(
        `act row ${row % this.bankRows} slot ${slot} of bank ${Math.floor(row / this.bankRows)} is read before it is written`,
      );
    }
  }

  /** Stops unless the row exists and holds a value. */
  checkRow(buffer: 'wgt' | 'par' | 'lut' | 'acc', row: number): void {
    if (row >= this.written[buffer].length) this.stop(`${buffer} row ${row} does not exist`);
    if (this.written[buffer][row] === 0) this.stop(`${buffer} row ${row} is read before it is written`);
  }

  private stop(what: string): never {
    throw new EngineStop('illegal', 0, this.unit, `instruction ${this.index}: ${what}`);
  }
}

/** The low bits of a byte as a signed number; all of them where elements have more. */
function lowBits(value: number, bits: number): number {
  const unused = 32 - Math.min(bits, 8);
  return (value << unused) >> unused;
}

interface Transfer {
  readonly dram: number;
  readonly rows: number;
  readonly runs: number;
  readonly runDramStride: number;
  readonly runStride: number;
  readonly planes: number;
  readonly planeDramStride: number;
  readonly planeStride: number;
}

/** Visits every row of a transfer: its DRAM byte address and its row offset from the first buffer row. */
function forEachRow(f: Transfer, visit: (dram: number, offset: number) => void, pitch: number): void {
  for (let plane = 0; plane < f.planes; plane++) {
    for (let run = 0; run < f.runs; run++) {
      const dram = f.dram + plane * f.planeDramStride + run * f.runDramStride;
      const offset = plane * f.planeStride + run * f.runStride;
      for (let row = 0; row < f.rows; row++) visit(dram + row * pitch, offset + row);
    }
  }
}

function forEachPixel(f: { ny: number; nx: number }, visit: (y: number, x: number) => void): void {
  for (let y = 0; y < f.ny; y++) for (let x = 0; x < f.nx; x++) visit(y, x);
}
