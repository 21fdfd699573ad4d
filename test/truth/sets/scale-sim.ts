/** SCALE-Sim's stall-free cycles, every recorded row; beside them our own count of the same products and why it differs. */

import {
  chunksOf,
  MATMUL_FIXED,
  matmulCycles,
  type ScaleSimDataflow,
  scaleSimCycles,
  weightStationaryDifferences,
} from '../../../models/analytic/index.js';
import { type Machine, machinePresets, waveCycles } from '../../../models/machine/index.js';
import { positive, type Row, type Tables } from '../tables.js';
import { type Findings, MissingTable, type TruthSet } from '../truth-set.js';

const path = 'peers/scalesim/results/per_layer_measured.csv';
const dataflows: readonly string[] = ['ws', 'os', 'is'];

export const scaleSim: TruthSet = {
  name: 'SCALE-Sim stall-free cycles, WS, OS and IS',
  unit: 'cycles',
  measure: 'largest difference',
  target: 0,
  fit: 'none: the definitions of SCALE-Sim',
  peer: 'SCALE-Sim v3 itself',
  find,
};

function find(tables: Tables): Findings {
  const rows = tables.csv(path).filter((row) => row.mode === 'CALC');
  const points = rows.map((row) => ({
    label: `${row.network} ${row.layer}, ${row.array} ${row.dataflow}`,
    published: positive(path, row, 'total_cycles'),
    predicted: scaleSimCycles(dataflowOf(row), product(row), arrayOf(row)),
  }));
  return { points, notes: ownCounts(rows) };
}

function dataflowOf(row: Row): ScaleSimDataflow {
  if (dataflows.includes(String(row.dataflow))) return row.dataflow as ScaleSimDataflow;
  throw new MissingTable(`${path}: no dataflow ${JSON.stringify(row.dataflow)}`);
}

function product(row: Row) {
  return { m: positive(path, row, 'M'), n: positive(path, row, 'N'), k: positive(path, row, 'K') };
}

function arrayOf(row: Row) {
  const [rows, columns] = String(row.array).split('x').map(Number);
  if (!rows || !columns) throw new MissingTable(`${path}: no array "${row.array}"`);
  return { rows, columns };
}

/** Ours, where the array has our dataflow. IS rows have none: the machine schema refuses input-stationary. */
function ownCounts(rows: readonly Row[]): readonly string[] {
  const lines = rows.flatMap((row) => {
    const dataflow = dataflowOf(row);
    if (dataflow === 'is') return [];
    const size = arrayOf(row);
    const machine = machineOf(size, dataflow);
    const { m, n, k } = product(row);
    const vectors = machine.buffers.accumulator.rowsPerBank;
    const tiles = Math.ceil(k / size.rows);
    const each = (pixels: number) => matmulCycles(machine, tiles, pixels);
    const ours =
      Math.ceil(n / size.columns) * chunksOf(m, vectors).reduce((sum, pixels) => sum + each(pixels), 0);
    const theirs = scaleSimCycles(dataflow, { m, n, k }, size);
    const fixed = MATMUL_FIXED + waveCycles(machine);
    const why =
      dataflow === 'os'
        ? 'sums of a block drain while the next block streams; a block takes whole folds of R channels'
        : weightStationaryDifferences({ m, n, k }, size, { vectors, fixed })
            .filter(({ cycles }) => Math.round(cycles) !== 0)
            .map(({ reason, cycles }) => `${cycles > 0 ? '+' : ''}${cycles} ${reason}`)
            .join('; ');
    return [`| ${row.network} ${row.layer} | ${row.array} ${dataflow} | ${theirs} | ${ours} | ${why} |`];
  });
  return [
    'Beside each row the running cycles of our own matmul unit for the same product (the closed form that the Verilog is held to), its acc',
    `buffer ${machineOf({ rows: 1, columns: 1 }, 'ws').buffers.accumulator.rowsPerBank} rows deep. SCALE-Sim counts partial sums out of the array for every fold; ours stay in the acc buffer. IS is our weight-stationary array with the operands exchanged, so it has no row of ours.`,
    '',
    '| layer | array | SCALE-Sim | ours | SCALE-Sim less ours |',
    '| --- | --- | ---: | ---: | --- |',
    ...lines,
  ];
}

function machineOf({ rows, columns }: { rows: number; columns: number }, dataflow: 'ws' | 'os'): Machine {
  const base = machinePresets.get('cloud128')!;
  const stationary = dataflow === 'ws' ? 'weight-stationary' : 'output-stationary';
  return { ...base, array: { ...base.array, rows, columns, dataflow: stationary } };
}
