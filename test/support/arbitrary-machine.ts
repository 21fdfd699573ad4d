/**
 * Random machines of the whole family, for the property tests. Out: a fast-check arbitrary of checked Machines. Buffers are small, so
 * that layers must be cut up; shrinking goes to a 1 x 1 array with small buffers and the quickest memory.
 */

import fc from 'fast-check';
import { bitsFor, unwrap } from '../../base/index.js';
import {
  checkMachine,
  type Machine,
  type MachineInput,
  type VectorFunction,
  vectorFunctionNames,
} from '../../models/machine/index.js';

const power = (low: number, high: number) => fc.integer({ min: low, max: high }).map((n) => 2 ** n);

/** The narrow range four times of five, the whole one otherwise: its ends hold few networks, or cost much to simulate. */
function mostly<T>(usual: fc.Arbitrary<T>, whole: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ arbitrary: usual, weight: 4 }, { arbitrary: whole, weight: 1 });
}

/** Bounds of the drawn machines. */
export interface MachineBounds {
  /** Smallest and largest R and C. */
  readonly least?: number;
  readonly extent?: number;
  /** Most PEs: where R * C would be more, C gets smaller. */
  readonly elements?: number;
  /** Only machines that can keep activations in the array: C divides R, one element width, row-parameters. */
  readonly inputStationary?: boolean;
}

const buffers = fc.record({
  banks: fc.integer({ min: 3, max: 8 }),
  actRows: mostly(power(5, 8), power(4, 12)),
  wgtRows: mostly(power(5, 9), power(1, 13)),
  wgtBanks: fc.constantFrom<1 | 2>(1, 2),
  accRows: mostly(power(2, 7), power(2, 11)),
  parRows: mostly(power(4, 6), power(2, 9)),
});

/** Rarely only some of the optional functions: a network that needs another is refused, which proves nothing. */
const functions = fc.oneof(
  { arbitrary: fc.constant<Machine['vector']['functions']>([...vectorFunctionNames]), weight: 5 },
  { arbitrary: fc.subarray<VectorFunction>([...vectorFunctionNames]), weight: 1 },
);

/** Mostly int8, sometimes narrower or wider, each on its own. */
const elementBits = fc.oneof(
  { arbitrary: fc.constant<8>(8), weight: 3 },
  { arbitrary: fc.constantFrom<4 | 8 | 16>(4, 8, 16), weight: 2 },
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
export function arbitraryMachine({
  least = 1,
  extent = 16,
  elements = 65536,
  inputStationary = false,
}: MachineBounds = {}): fc.Arbitrary<Machine> {
  const side = fc.integer({ min: least, max: extent });
  return fc
    .record({
      rows: side,
      columns: side,
      // An eighth of the machines are square, so that more of them can take activations for weights.
      square: fc.nat(7).map((n) => n === 7),
      dataflow: fc.constantFrom(
        'weight-stationary' as const,
        'output-stationary' as const,
        'input-stationary' as const,
      ),
      multiplierStages: fc.oneof(fc.constant(1), fc.integer({ min: 0, max: 2 })),
      lane: fc.nat(11),
      buffers,
      activationBits: elementBits,
      weightBits: elementBits,
      accumulatorBits: fc.oneof(fc.constant(32), fc.integer({ min: 12, max: 32 })),
      multiplierBits: fc.integer({ min: 8, max: 32 }),
      functions,
      busBytes: power(2, 6),
      burst: power(0, 8),
      queueDepth: power(0, 4),
      addressBits: fc.oneof(fc.constant(32), fc.integer({ min: 24, max: 31 })),
      counters: fc.constantFrom('all', 'cycles'),
      memory,
    })
    .map(({ lane, rows, columns: wanted, square, ...drawn }) => {
      const m = inputStationary ? exchanging(drawn, lane) : drawn;
      const most = Math.min(square ? rows : wanted, Math.max(1, Math.floor(elements / rows)));
      const columns = inputStationary
        ? divisors(rows, rows)
            .filter((d) => d <= most)
            .at(-1)!
        : most;
      const lanes = divisors(rows, columns);
      // Fewer accumulator bits than a column sum may need are refused.
      const needed = Math.min(32, m.activationBits + m.weightBits + bitsFor(rows));
      const accumulatorBits = Math.max(m.accumulatorBits, needed);
      const functions = m.functions.filter((name) => name !== 'lookup' || m.activationBits <= 8);
      // Rows of one channel each need parameters by row.
      const dataflow =
        m.dataflow === 'input-stationary' && !functions.includes('row-parameters')
          ? 'weight-stationary'
          : m.dataflow;
      const numbers = {
        ...m,
        dataflow,
        functions,
        rows,
        columns,
        accumulatorBits,
        lanes: lanes[lane % lanes.length]!,
      };
      return unwrap(checkMachine(machineInput(numbers)));
    });
}

/** The same machine with what activations in the weights' place need; one of three chooses what rests, the others keep inputs where they can. */
function exchanging<M extends Pick<Numbers, 'functions' | 'activationBits'>>(drawn: M, choice: number) {
  const functions: Machine['vector']['functions'] = [
    ...new Set([...drawn.functions, 'row-parameters' as const]),
  ];
  const dataflow = choice % 3 === 0 ? ('weight-stationary' as const) : ('input-stationary' as const);
  return { ...drawn, functions, dataflow, weightBits: drawn.activationBits };
}

interface Numbers {
  readonly rows: number;
  readonly columns: number;
  readonly dataflow: Machine['array']['dataflow'];
  readonly multiplierStages: number;
  readonly lanes: number;
  readonly buffers: Readonly<Record<'banks' | 'actRows' | 'wgtRows' | 'accRows' | 'parRows', number>> & {
    readonly wgtBanks: 1 | 2;
  };
  readonly activationBits: Machine['elements']['activationBits'];
  readonly weightBits: Machine['elements']['weightBits'];
  readonly accumulatorBits: number;
  readonly multiplierBits: number;
  readonly functions: Machine['vector']['functions'];
  readonly busBytes: number;
  readonly burst: number;
  readonly queueDepth: number;
  readonly addressBits: number;
  readonly counters: Machine['counters'];
  readonly memory: MachineInput['memory'];
}

function machineInput(n: Numbers): MachineInput {
  return {
    name: 'drawn',
    array: { rows: n.rows, columns: n.columns, dataflow: n.dataflow, multiplierStages: n.multiplierStages },
    elements: {
      activationBits: n.activationBits,
      weightBits: n.weightBits,
      accumulatorBits: n.accumulatorBits,
    },
    buffers: {
      activation: { banks: n.buffers.banks, rowsPerBank: n.buffers.actRows },
      weight: { rows: n.buffers.wgtRows, banks: n.buffers.wgtRows < 4 ? 1 : n.buffers.wgtBanks },
      accumulator: { rowsPerBank: n.buffers.accRows },
      parameter: { rows: n.buffers.parRows },
    },
    vector: { lanes: n.lanes, functions: n.functions },
    requantization: { multiplierBits: n.multiplierBits },
    bus: { bytes: n.busBytes, maximumBurstBeats: n.burst, addressBits: n.addressBits },
    queueDepth: n.queueDepth,
    counters: n.counters,
    memory: n.memory,
    clockMegahertz: 100,
    target: { kind: 'asic', nodeNanometres: 28 },
  };
}
