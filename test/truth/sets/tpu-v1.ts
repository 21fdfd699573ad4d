/** Google's TPU v1: arithmetic that the paper states, and its performance counters on reconstructed workloads. */

import {
  ridgeMacsPerByte,
  type StreamedLayer,
  type StreamingCore,
  streamedCounters,
  tileCycles,
  weightSeconds,
} from '../../../models/devices/index.js';
import type { Point } from '../statistics.js';
import { numeric, type Row, type Tables } from '../tables.js';
import { type Findings, MissingTable, type TruthSet } from '../truth-set.js';

const design = 'published/tpu_v1_design.json';
const counters = 'published/tpu_v1_table3_counters.json';
const paper = 'N. P. Jouppi et al., ISCA 2017';

/** Matrix unit 256 x 256 at 700 MHz; a FIFO of four weight tiles; 4096 accumulators, half of them filling; 34 GB/s: Sections 2 and 3. */
function core(bytesPerSecond: number, extent = 256): StreamingCore {
  return {
    rows: extent,
    columns: extent,
    clockHertz: 700e6,
    bytesPerSecond,
    fifoTiles: 4,
    accumulatorVectors: 2048,
    // Two waves through the array (fill and drain), two through the activation unit: the paper gives no figure.
    handoverCycles: 4 * extent,
  };
}

const PEAK_BYTES = 34e9;
/** Bytes a second that reach the array: the weight interface of the paper's Figure 1, 30 GiB/s. */
const INTERFACE_BYTES = 30 * 2 ** 30;

export const tpuV1Exact: TruthSet = {
  name: 'TPU v1 exact checks',
  unit: 'mixed',
  measure: 'largest percent',
  target: 5,
  fit: 'none: the design as published',
  peer: `the arithmetic is the paper's own (${paper}, Sections 3 and 7)`,
  find(tables) {
    const text = JSON.stringify(tables.json(design));
    const ridge = Number(tables.json(design).find(({ param }) => param === 'roofline_ridge')?.value);
    const steps = /256x256 needs (\d+) steps=(\d+)us, 512x512 (\d+) steps=(\d+)us/.exec(text);
    if (!steps || !(ridge > 0))
      throw new MissingTable(`${design}: no ridge, or no example of 600x600 weights`);
    return {
      points: [
        {
          label: 'us, a 64 KiB tile at 34 GB/s (a step of the 600x600 example)',
          published: Number(steps[2]) / Number(steps[1]),
          predicted: (tileCycles(core(PEAK_BYTES)) / 700e6) * 1e6,
        },
        {
          label: 'us, 600x600 weights on 256x256',
          published: Number(steps[2]),
          predicted: weightSeconds(core(PEAK_BYTES), 600, 600) * 1e6,
        },
        {
          label: 'us, 600x600 weights on 512x512',
          published: Number(steps[4]),
          predicted: weightSeconds(core(PEAK_BYTES, 512), 600, 600) * 1e6,
        },
        { label: 'MACs a byte, ridge', published: ridge, predicted: ridgeMacsPerByte(core(PEAK_BYTES)) },
      ],
      notes: [`Source: ${paper}. The time of a tile is the example's time over its steps.`],
    };
  },
};

/** A workload whose layer shapes nobody published, from what is: weights, layers, batch, MACs per byte of weights. */
interface Reconstruction {
  readonly app: string;
  readonly how: string;
  readonly layers: readonly StreamedLayer[];
  /** Weights and reuse of each, for the cycles that the published share of useful MACs implies. */
  readonly macs: number;
}

function repeated(count: number, layer: StreamedLayer): readonly StreamedLayer[] {
  return new Array<StreamedLayer>(count).fill(layer);
}

const reconstructions: readonly Reconstruction[] = [
  {
    app: 'MLP0',
    how: 'five dense layers of 2000 x 2000 (20 M weights), batch 200, 8-bit',
    layers: repeated(5, { k: 2000, n: 2000, vectors: 200, cyclesPerVector: 1 }),
    macs: 5 * 2000 * 2000 * 200,
  },
  {
    app: 'LSTM0',
    how: '24 matrices of 1472 x 1472 (52 M weights), batch 64, 16-bit activations at half speed: at full speed the published 8.2 % of active cycles would need 59 GB/s of weights, and 3.7 TOPS are half of 8.2 % of the peak',
    layers: repeated(24, { k: 1472, n: 1472, vectors: 64, cyclesPerVector: 2 }),
    macs: 24 * 1472 * 1472 * 64 * 2,
  },
  {
    app: 'CNN0',
    how: 'sixteen convolutions on 19 x 19 maps, batch 8: 361 * 8 is the published 2888 MACs a byte; a 3x3 of 48 to 256 channels, thirteen 3x3 of 256, two 1x1 of 256 (8 M weights)',
    layers: [
      { k: 9 * 48, n: 256, vectors: 2888, cyclesPerVector: 1 },
      ...repeated(13, { k: 9 * 256, n: 256, vectors: 2888, cyclesPerVector: 1 }),
      ...repeated(2, { k: 256, n: 256, vectors: 2888, cyclesPerVector: 1 }),
    ],
    macs: 2888 * 256 * (9 * 48 + 13 * 9 * 256 + 2 * 256),
  },
];

const shares = [
  ['array_active_pct', 'active'],
  ['weight_stall_pct', 'weightStall'],
  ['weight_shift_pct', 'weightShift'],
  ['non_matrix_pct', 'nonMatrix'],
] as const;

function reconstructed(tables: Tables, each: (row: Row, work: Reconstruction) => readonly Point[]): Findings {
  const rows = tables.json(counters);
  const points = reconstructions.flatMap((work) => {
    const row = rows.find(({ app }) => app === work.app);
    return row ? each(row, work) : [];
  });
  return {
    points,
    notes: [
      'Layer shapes were never published. Reconstructed from Table 1 (layers, weights, batch, MACs per byte):',
      ...reconstructions.map(({ app, how }) => `- ${app}: ${how}.`),
      '',
      'Weights arrive at the 30 GiB/s of the weight interface (Figure 1). Two assumptions that the paper does not state: the sums of a block of columns are',
      'activated before the next block begins, and the pipeline between them takes four waves of 256 cycles. Were blocks overlapped, as the doubled',
      'accumulators allow, cycles without a matrix instruction would be 8 % of CNN0 instead of the published 21.8 %, and none of MLP0 and LSTM0.',
    ],
  };
}

export const tpuV1Counters: TruthSet = {
  name: 'TPU v1 counters on reconstructed workloads',
  unit: 'percentage points of all cycles',
  measure: 'largest difference',
  target: 10,
  fit: 'none: the design as published; a pipeline depth and serial blocks of columns are assumed, with these rows in sight',
  peer: "Google's own model: 8 % mean on cycles (Table 7); no tool publishes the counters",
  find: (tables) =>
    reconstructed(tables, (row, { app, layers }) => {
      const run = streamedCounters(core(INTERFACE_BYTES), layers);
      return shares.map(([field, name]) => ({
        label: `${app} ${name}`,
        published: numeric(counters, row, field),
        predicted: (100 * run[name]) / run.cycles,
      }));
    }),
};

export const tpuV1Cycles: TruthSet = {
  name: 'TPU v1 cycles on reconstructed workloads',
  unit: 'cycles',
  measure: 'mean percent',
  target: 10,
  fit: 'none: the design as published; a pipeline depth and serial blocks of columns are assumed, with these rows in sight',
  peer: "Google's own model, on the real workloads: 8 % mean (Table 7)",
  find: (tables) =>
    reconstructed(tables, (row, { app, layers, macs }) => [
      {
        label: `${app}, from its useful MACs`,
        published: macs / 65536 / (numeric(counters, row, 'useful_macs_pct') / 100),
        predicted: streamedCounters(core(INTERFACE_BYTES), layers).cycles,
      },
    ]),
};
