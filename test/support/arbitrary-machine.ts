/**
 * Random machines of the whole family, for the property tests. Out: a fast-check arbitrary of checked Machines. Buffers are small, so
 * that layers must be cut up; shrinking goes to a 1 x 1 array with small buffers and the quickest memory.
 */

import fc from 'fast-check';
import { unwrap } from '../../base/index.js';
import {
  checkMachine,
  type Machine,
  type MachineInput,
  type VectorFunction,
  vectorFunctionNames,
} from '../../models/machine/index.js';

const power = (low: number, high: number) => fc.integer({ min: low, max: high }).map((n) => 2 ** n);

/** Bounds of the drawn machines. */
export interface MachineBounds {
  /** Largest R and C. */
  readonly extent?: number;
}

const buffers = fc.record({
  banks: fc.integer({ min: 3, max: 6 }),
  actRows: power(5, 8),
  wgtRows: power(5, 9),
  accRows: power(2, 7),
  parRows: power(4, 6),
});

/** Rarely only some of the optional functions: a network that needs another is refused, which proves nothing. */
const functions = fc.oneof(
  { arbitrary: fc.constant<Machine['vector']['functions']>([...vectorFunctionNames]), weight: 5 },
  { arbitrary: fc.subarray<VectorFunction>([...vectorFunctionNames]), weight: 1 },
);

/** Mostly short, sometimes long: cycles of a run grow with them. */
const latency = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 60 }));

const memory = fc.record({
  readLatency: latency,
  writeLatency: latency,
  cyclesPerBeat: fc.oneof(
    { arbitrary: fc.integer({ min: 1, max: 4 }), weight: 4 },
    fc.integer({ min: 1, max: 40 }),
  ),
  outstanding: fc.integer({ min: 1, max: 8 }),
});

const divisors = (a: number, b: number) =>
  Array.from({ length: Math.min(a, b) }, (_, i) => i + 1).filter((v) => a % v === 0 && b % v === 0);

/** Machines that pass `checkMachine`: every proportion, every width, every memory. */
export function arbitraryMachine({ extent = 16 }: MachineBounds = {}): fc.Arbitrary<Machine> {
  const side = fc.integer({ min: 1, max: extent });
  return fc
    .record({
      rows: side,
      columns: side,
      multiplierStages: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 2 })),
      lane: fc.nat(11),
      buffers,
      accumulatorBits: fc.oneof(fc.constant(32), fc.integer({ min: 20, max: 32 })),
      multiplierBits: fc.integer({ min: 8, max: 32 }),
      functions,
      busBytes: power(2, 6),
      burst: power(0, 6),
      queueDepth: power(1, 3),
      memory,
    })
    .map(({ lane, rows, columns, ...m }) => {
      const lanes = divisors(rows, columns);
      return unwrap(checkMachine(machineInput({ ...m, rows, columns, lanes: lanes[lane % lanes.length]! })));
    });
}

interface Numbers {
  readonly rows: number;
  readonly columns: number;
  readonly multiplierStages: number;
  readonly lanes: number;
  readonly buffers: Readonly<Record<'banks' | 'actRows' | 'wgtRows' | 'accRows' | 'parRows', number>>;
  readonly accumulatorBits: number;
  readonly multiplierBits: number;
  readonly functions: Machine['vector']['functions'];
  readonly busBytes: number;
  readonly burst: number;
  readonly queueDepth: number;
  readonly memory: MachineInput['memory'];
}

function machineInput(n: Numbers): MachineInput {
  return {
    name: 'drawn',
    array: { rows: n.rows, columns: n.columns, multiplierStages: n.multiplierStages },
    elements: { accumulatorBits: n.accumulatorBits },
    buffers: {
      activation: { banks: n.buffers.banks, rowsPerBank: n.buffers.actRows },
      weight: { rows: n.buffers.wgtRows },
      accumulator: { rowsPerBank: n.buffers.accRows },
      parameter: { rows: n.buffers.parRows },
    },
    vector: { lanes: n.lanes, functions: n.functions },
    requantization: { multiplierBits: n.multiplierBits },
    bus: { bytes: n.busBytes, maximumBurstBeats: n.burst },
    queueDepth: n.queueDepth,
    memory: n.memory,
    clockMegahertz: 100,
    target: { kind: 'asic', nodeNanometres: 28 },
  };
}
