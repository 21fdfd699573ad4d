/**
 * Operands of the weight-stationary array, cycle by cycle, and the transitions of its registers. In: sizes and two sources of numbers. Out: what
 * stands at the array's ports in each cycle, and toggles by class of register (models/activity).
 */

import {
  addToggles,
  perRegisterClass,
  type RegisterClass,
  type Toggles,
} from '../../models/activity/index.js';
import { type Machine, partialSumBits } from '../../models/machine/index.js';

export interface ArrayCycle {
  /** One a row. */
  readonly activations: readonly number[];
  /** One a column: a row of the next weight tile, or zeros. */
  readonly weights: readonly number[];
  /** Weight row 0 of a tile stands at the port. */
  readonly write: boolean;
}

export interface Operands {
  /** Activation of a row in a vector. */
  readonly activation: (vector: number, row: number) => number;
  /** Weight of a tile. */
  readonly weight: (tile: number, row: number, column: number) => number;
}

/** `tiles` weight tiles, each with `vectors` vectors; the next tile's weights enter in the last cycles of the one before. */
export function arrayCycles(
  { array: { rows, columns } }: Machine,
  { activation, weight }: Operands,
  tiles: number,
  vectors: number,
): readonly ArrayCycle[] {
  const cycles: ArrayCycle[] = [];
  const period = Math.max(rows, vectors);
  const total = tiles * period + rows;
  const zeros = new Array<number>(columns).fill(0);
  for (let t = 0; t < total; t++) {
    // Weight row r of tile k stands at the port in cycle k * period + r, one cycle before the tile's vector r.
    const [tile, row] = [Math.floor(t / period), t % period];
    const loads = tile < tiles && row < rows;
    const vector = t - 1;
    cycles.push({
      activations: Array.from({ length: rows }, (_, r) => (vector < 0 ? 0 : activation(vector, r))),
      weights: loads ? zeros.map((_, c) => weight(tile, row, c)) : zeros,
      write: loads && row === 0,
    });
  }
  return cycles;
}

/** Register transitions of the array under the operands, from cycle `skip` on: the registers of `pe_array` as docs/microarchitecture.md has them. */
export function registerToggles(machine: Machine, cycles: readonly ArrayCycle[], skip: number): Toggles {
  const array = new Registers(machine);
  let total = perRegisterClass(() => 0);
  cycles.forEach((cycle, t) => {
    const toggles = array.clock(cycle);
    if (t >= skip) total = perRegisterClass((name) => total[name] + toggles[name]);
  });
  return addToggles(
    total,
    perRegisterClass(() => 0),
  );
}

const bitCount = (value: number): number => {
  let n = value >>> 0;
  let count = 0;
  while (n !== 0) {
    n &= n - 1;
    count++;
  }
  return count;
};

/** State of the array with one register stage in the multiplier, as written in `pe.v` and `pe_array.v`. */
class Registers {
  private readonly activation: number[][];
  private readonly weight: number[][];
  private readonly product: number[][];
  private readonly sum: number[][];
  private readonly write: boolean[][];
  private readonly actSkew: number[][];
  private readonly writeSkew: boolean[];
  private readonly weightSkew: number[][];
  private readonly align: number[][];

  constructor(private readonly machine: Machine) {
    const { rows, columns } = machine.array;
    const grid = <T>(value: T): T[][] =>
      Array.from({ length: rows }, () => new Array<T>(columns).fill(value));
    this.activation = grid(0);
    this.weight = grid(0);
    this.product = grid(0);
    this.sum = grid(0);
    this.write = grid(false);
    this.actSkew = Array.from({ length: rows }, (_, r) => new Array<number>(r).fill(0));
    this.writeSkew = new Array<boolean>(Math.max(0, rows - 1)).fill(false);
    this.weightSkew = Array.from({ length: columns }, (_, c) => new Array<number>(c).fill(0));
    this.align = Array.from({ length: columns }, (_, c) => new Array<number>(columns - 1 - c).fill(0));
  }

  clock(cycle: ArrayCycle): Record<RegisterClass, number> {
    const { rows, columns } = this.machine.array;
    const { activationBits, weightBits } = this.machine.elements;
    const sumBits = partialSumBits(this.machine);
    const toggles: Record<RegisterClass, number> = perRegisterClass(() => 0);
    const mask = (bits: number) => (bits >= 32 ? 0xffffffff : 2 ** bits - 1);
    const set = (name: RegisterClass, list: number[], i: number, next: number, bits: number) => {
      toggles[name] += bitCount((list[i]! ^ next) & mask(bits));
      list[i] = next;
    };
    const flag = (name: RegisterClass, list: boolean[], i: number, next: boolean) => {
      if (list[i] !== next) toggles[name]++;
      list[i] = next;
    };
    // What the PEs see, before anything is clocked.
    const activationAt = (r: number, c: number) =>
      c > 0 ? this.activation[r]![c - 1]! : r === 0 ? cycle.activations[0]! : this.actSkew[r]![r - 1]!;
    const writeAt = (r: number, c: number) =>
      c > 0 ? this.write[r]![c - 1]! : r === 0 ? cycle.write : this.writeSkew[r - 1]!;
    const weightAt = (c: number) => (c === 0 ? cycle.weights[0]! : this.weightSkew[c]![c - 1]!);
    for (let c = 0; c < columns; c++) {
      const line = this.align[c]!;
      for (let d = line.length - 1; d >= 0; d--)
        set('sumAlignment', line, d, d > 0 ? line[d - 1]! : this.sum[rows - 1]![c]!, sumBits);
    }
    for (let r = rows - 1; r >= 0; r--) {
      for (let c = columns - 1; c >= 0; c--) {
        const activation = activationAt(r, c);
        const write = writeAt(r, c);
        const above = r > 0 ? this.sum[r - 1]![c]! : 0;
        set('sum', this.sum[r]!, c, above + this.product[r]![c]!, sumBits);
        set('product', this.product[r]!, c, activation * this.weight[r]![c]!, activationBits + weightBits);
        if (write) set('weight', this.weight[r]!, c, weightAt(c), weightBits);
        set('activation', this.activation[r]!, c, activation, activationBits);
        flag('writeEnable', this.write[r]!, c, write);
      }
    }
    for (let c = 0; c < columns; c++) {
      const line = this.weightSkew[c]!;
      for (let d = line.length - 1; d >= 0; d--)
        set('weightSkew', line, d, d > 0 ? line[d - 1]! : cycle.weights[c]!, weightBits);
    }
    for (let r = 0; r < rows; r++) {
      const line = this.actSkew[r]!;
      for (let d = line.length - 1; d >= 0; d--)
        set('activationSkew', line, d, d > 0 ? line[d - 1]! : cycle.activations[r]!, activationBits);
    }
    for (let r = rows - 2; r >= 0; r--)
      flag('writeSkew', this.writeSkew, r, r > 0 ? this.writeSkew[r - 1]! : cycle.write);
    return toggles;
  }
}
