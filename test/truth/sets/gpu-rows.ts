/** Softmax, layer normalisation and GELU on an A100 (LLMCompass): each shape predicted with constants fitted to the operator's other shapes. */

import { gpuDevices } from '../../../models/data/index.js';
import { gpuRowsSeconds } from '../../../models/devices/index.js';
import { leaveOneOut } from '../fit.js';
import type { Row, Tables } from '../tables.js';
import { type Findings, MissingTable, type TruthSet } from '../truth-set.js';

const path = 'published/gpu_gemm_llmcompass.json';
const operators = ['softmax', 'layernorm', 'gelu'] as const;
const devices: Readonly<Record<string, string>> = { A100: 'a100-sxm-80gb', MI210: 'mi210' };
const HALF_BYTES = 2;

interface Shape {
  readonly label: string;
  readonly device: (typeof gpuDevices)[number];
  readonly rows: number;
  readonly length: number;
  readonly seconds: number;
}

export const a100Rows: TruthSet = {
  name: 'GPU softmax, layer norm and GELU, LLMCompass, leave-shapes-out',
  unit: 'ms',
  measure: 'mean percent',
  target: 11,
  fit: 'three constants of an operator and a device, fitted to its other shapes',
  peer: 'LLMCompass (ISCA 2024): 10.9 % mean over its operators, these among them',
  find,
};

function find(tables: Tables): Findings {
  const groups = new Map<string, Shape[]>();
  for (const row of tables.json(path)) {
    const key = `${row.op} ${row.device}`;
    const shape = operators.some((op) => op === row.op) ? shapeOf(row) : undefined;
    if (shape !== undefined) groups.set(key, [...(groups.get(key) ?? []), shape]);
  }
  const points = [...groups.values()].flatMap((shapes) =>
    leaveOneOut(
      shapes.map((shape) => [shape]),
      {
        measured: ({ seconds }: Shape) => seconds,
        model: ([callSeconds, memoryShare, longestRow], { device, rows, length }) =>
          gpuRowsSeconds(
            device,
            { callSeconds: callSeconds!, memoryShare: memoryShare!, longestRow: longestRow! },
            rows,
            length,
            HALF_BYTES,
          ),
        starts: [
          [20e-6, 0.8, 10_000],
          [20e-6, 0.8, 1e6],
        ],
        iterations: 0,
        sweeps: 24,
      },
    ).map(({ row, predicted }) => ({
      label: row.label,
      published: row.seconds * 1e3,
      predicted: predicted * 1e3,
    })),
  );
  return {
    points,
    notes: [
      'Half types; the source gives elements a second, of which these times are. The call includes what PyTorch takes.',
    ],
  };
}

/** `raw` is rows, length, thousand million elements a second; GELU has one extent. */
function shapeOf(row: Row): Shape | undefined {
  const device = gpuDevices.find(({ name }) => name === devices[String(row.device)]);
  if (device === undefined) return undefined;
  const raw = (Array.isArray(row.raw) ? row.raw : []).map(Number);
  if (raw.length < 2 || raw.some((value) => !(value > 0)))
    throw new MissingTable(`${path}: ${JSON.stringify(row.raw)} for "raw" is no list of numbers above zero`);
  const [rows, length, rate] = raw.length === 2 ? [1, raw[0]!, raw[1]!] : (raw as [number, number, number]);
  // An activation has no rows: any number of blocks shares its one extent.
  const extents = raw.length === 2 ? { rows: length, length: 1 } : { rows, length };
  const seconds = (rows * length) / (rate * 1e9);
  return { device, ...extents, seconds, label: `${row.op}, ${row.device}: ${raw.slice(0, -1).join(' x ')}` };
}
