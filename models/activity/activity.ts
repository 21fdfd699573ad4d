/** Activity: counted events of a run, the one currency that energy models price. Plain sums: activities add. */

import { addToggles, type Toggles } from './toggles.js';

export interface Activity {
  readonly cycles: number;
  /** Multiplications whose product belongs to the network (law 4: equals the network's MACs). */
  readonly usefulMacs: number;
  /** Array MAC slots spent: vectors streamed x R x C, useful or not. */
  readonly arrayMacs: number;
  /** Cycles in which the array streams vectors. */
  readonly arrayCycles: number;
  /** Depthwise multiply-accumulates on vector lanes. */
  readonly vectorMacs: number;
  /** Lane requantisations (multiply, shift, clamp). */
  readonly requantizations: number;
  readonly lookups: number;
  /** Bytes read from and written to each buffer. */
  readonly bytesRead: Readonly<Record<MemoryLevel, number>>;
  readonly bytesWritten: Readonly<Record<MemoryLevel, number>>;
  readonly instructions: number;
  /** Register bits of the array that changed; absent where nobody counted them (only the array engine does, on request). */
  readonly toggles?: Toggles;
}

/** `dram` counts whole bus beats (law 4: equals the bytes moved on the bus, instruction fetch included). */
export type MemoryLevel = 'dram' | 'act' | 'wgt' | 'acc' | 'par' | 'lut';
export const memoryLevels: readonly MemoryLevel[] = ['dram', 'act', 'wgt', 'acc', 'par', 'lut'];

function zeroBytes(): Record<MemoryLevel, number> {
  return { dram: 0, act: 0, wgt: 0, acc: 0, par: 0, lut: 0 };
}

export const zeroActivity: Activity = {
  cycles: 0,
  usefulMacs: 0,
  arrayMacs: 0,
  arrayCycles: 0,
  vectorMacs: 0,
  requantizations: 0,
  lookups: 0,
  bytesRead: zeroBytes(),
  bytesWritten: zeroBytes(),
  instructions: 0,
};

/** Event-wise sum; `cycles` add as well (sequential composition). Toggles are those of the parts that have them. */
export function addActivities(a: Activity, b: Activity): Activity {
  const bytes = (x: Activity['bytesRead'], y: Activity['bytesRead']) =>
    Object.fromEntries(memoryLevels.map((level) => [level, x[level] + y[level]])) as Record<
      MemoryLevel,
      number
    >;
  const toggles = a.toggles && b.toggles ? addToggles(a.toggles, b.toggles) : (a.toggles ?? b.toggles);
  return {
    ...(toggles && { toggles }),
    cycles: a.cycles + b.cycles,
    usefulMacs: a.usefulMacs + b.usefulMacs,
    arrayMacs: a.arrayMacs + b.arrayMacs,
    arrayCycles: a.arrayCycles + b.arrayCycles,
    vectorMacs: a.vectorMacs + b.vectorMacs,
    requantizations: a.requantizations + b.requantizations,
    lookups: a.lookups + b.lookups,
    bytesRead: bytes(a.bytesRead, b.bytesRead),
    bytesWritten: bytes(a.bytesWritten, b.bytesWritten),
    instructions: a.instructions + b.instructions,
  };
}
