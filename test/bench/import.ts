/**
 * How long a large ONNX file takes to import, and how much memory: a file of 50 MB made here, read by a process of its own
 * (`import-once.mjs`) that runs the built package, as users do. In: nothing. Out: two figures.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onnxMessage } from '../../compiler/importers/wire/index.js';
import { measured, median, type Result, skipped } from './result.js';

const FILE_MB = 50;
const CHANNELS = 448;

/** Convolutions of 3x3 with 448 channels, each with a normalisation and a rectifier, until their weights fill the file. */
export function largeOnnx(): Uint8Array {
  const weights = CHANNELS * CHANNELS * 9;
  const layers = Math.ceil((FILE_MB * 1e6) / (4 * weights));
  const node: object[] = [];
  const initializer: object[] = [];
  const raw = (name: string, dims: readonly number[], data: Float32Array) =>
    initializer.push({ name, dims, dataType: 1, rawData: new Uint8Array(data.buffer) });
  let x = 'x';
  for (let layer = 0; layer < layers; layer++) {
    raw(`w${layer}`, [CHANNELS, CHANNELS, 3, 3], draw(weights, layer));
    for (const name of ['scale', 'shift', 'mean', 'variance'])
      raw(`${name}${layer}`, [CHANNELS], new Float32Array(CHANNELS).fill(1));
    const pads = { name: 'pads', type: 7, ints: [1, 1, 1, 1] };
    node.push({ opType: 'Conv', input: [x, `w${layer}`], output: [`c${layer}`], attribute: [pads] });
    const statistics = ['scale', 'shift', 'mean', 'variance'].map((name) => `${name}${layer}`);
    node.push({ opType: 'BatchNormalization', input: [`c${layer}`, ...statistics], output: [`n${layer}`] });
    x = layer === layers - 1 ? 'y' : `r${layer}`;
    node.push({ opType: 'Relu', input: [`n${layer}`], output: [x] });
  }
  const value = (name: string) => ({
    name,
    type: {
      tensorType: { elemType: 1, shape: { dim: [1, CHANNELS, 14, 14].map((dimValue) => ({ dimValue })) } },
    },
  });
  const graph = { name: 'large', node, initializer, input: [value('x')], output: [value('y')] };
  const model = onnxMessage('Model');
  return model
    .encode(model.fromObject({ irVersion: 8, graph, opsetImport: [{ domain: '', version: 17 }] }))
    .finish();
}

function draw(count: number, seed: number): Float32Array {
  let state = seed + 1;
  return Float32Array.from({ length: count }, () => {
    state = Math.imul(state, 1664525) + 1013904223;
    return state / 2 ** 36;
  });
}

interface Once {
  readonly seconds: number;
  readonly peakMib: number;
  readonly idleMib: number;
}

export function benchImport(quick: boolean): Result[] {
  const root = join(import.meta.dirname, '../..');
  const build = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (build.status !== 0) return [skipped('import: a large ONNX file', `the build failed: ${build.stdout}`)];
  const folder = mkdtempSync(join(tmpdir(), 'systole-bench-'));
  try {
    const bytes = largeOnnx();
    const file = join(folder, 'large.onnx');
    writeFileSync(file, bytes);
    const runs = Array.from({ length: quick ? 1 : 5 }, () => importOnce(file));
    const failed = runs.find((run) => typeof run === 'string');
    if (failed !== undefined) return [skipped('import: a large ONNX file', failed)];
    return figures(bytes.length / 1e6, runs as Once[]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function importOnce(file: string): Once | string {
  const script = join(import.meta.dirname, 'import-once.mjs');
  const run = spawnSync(process.execPath, [script, file], { encoding: 'utf8' });
  return run.status === 0 ? (JSON.parse(run.stdout) as Once) : `the import failed: ${run.stderr.slice(-300)}`;
}

function figures(megabytes: number, runs: readonly Once[]): Result[] {
  const seconds = median(runs.map((run) => run.seconds));
  const peak = median(runs.map(({ peakMib }) => peakMib * 1.048576));
  const idle = median(runs.map(({ idleMib }) => idleMib * 1.048576));
  const what = `ONNX file of ${Math.round(megabytes)} MB`;
  return [
    measured({
      name: `import: ${what}: time`,
      ratio: 1 / seconds,
      target: 1,
      measured: `${seconds.toFixed(3)} s from opening the file to the verified graph`,
      reference: '1 s, the target',
      bound: 'reading the file and one copy of the weights',
    }),
    measured({
      name: `import: ${what}: peak memory`,
      ratio: (4 * megabytes) / peak,
      target: 1,
      measured: `${Math.round(peak)} MB resident at the peak, ${Math.round(idle)} MB of it before the file was opened`,
      reference: '4 times the file, the target',
      bound: 'Node itself, the bytes of the file and one copy of the weights',
    }),
  ];
}
