/**
 * Models within models, wrappers, states and channels in front, as Keras 3 saved and computed them (`golden/make_nested.py`), as archive and as HDF5;
 * and the same functions of the HDF5 models of the shared data (`golden/make_recorded.py`).
 */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { elementCount, float32Tensor, type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importKerasArchive, importKerasH5 } from '../../compiler/importers/keras/index.js';
import { runPasses, unrollRecurrent } from '../../compiler/passes/index.js';
import { readNpy } from '../../tools/library/npy.js';

const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`golden/${name}`, import.meta.url)));

const models = {
  pictures: { a: [2, 8, 8, 3], b: [2, 8, 8, 3] },
  steps: { s: [2, 6, 5], ids: [2, 6], frames: [2, 3, 6, 6, 2] },
  fronts: { front: [2, 3, 8, 6], line: [2, 3, 8] },
} as const;

type Name = keyof typeof models;

function feedsOf(name: Name): Map<string, Tensor> {
  const data = readNpy(bytesOf(`${name}.input.npy`), 'input').data as Float32Array;
  const shapes: Readonly<Record<string, readonly number[]>> = models[name];
  const feeds = new Map<string, Tensor>();
  let at = 0;
  for (const [input, shape] of Object.entries(shapes)) {
    const count = elementCount(shape);
    feeds.set(input, float32Tensor(shape, data.slice(at, at + count)));
    at += count;
  }
  return feeds;
}

/** Name and largest difference of each output. */
function differences(graph: Graph, name: Name): readonly (readonly [string, number])[] {
  const expected = readNpy(bytesOf(`${name}.output.npy`), 'output').data;
  const results = evaluateGraph(graph, feedsOf(name));
  let at = 0;
  const rows = graph.outputs.map((output): [string, number] => {
    const { data } = results.get(output)!;
    const largest = Math.max(
      ...Array.from(data as ArrayLike<number>, (v, i) => Math.abs(v - Number(expected[at + i]))),
    );
    at += data.length;
    return [output, largest];
  });
  expect(at).toBe(expected.length);
  return rows;
}

describe.each([
  ['pictures', 4],
  ['steps', 31],
  ['fronts', 16],
] as const)('%s', (name, count) => {
  const options = { shapes: models[name] };
  it.each([
    ['an archive', () => importKerasArchive(bytesOf(`${name}.keras`), options)],
    ['HDF5', () => importKerasH5(new Uint8Array(gunzipSync(bytesOf(`${name}.h5.gz`))), options)],
  ] as const)('as %s computes what Keras computed, to 1e-5', (_, read) => {
    const graph = unwrap(read());
    expect(verifyGraph(graph)).toEqual([]);
    const rows = differences(graph, name);
    expect(rows.length).toBe(count);
    for (const [output, difference] of rows) expect(difference, output).toBeLessThan(1e-5);
    const passed = runPasses(graph);
    for (const [output, difference] of [
      ...differences(passed, name),
      ...differences(unrollRecurrent.run(passed), name),
    ])
      expect(difference, `${output}, behind the passes`).toBeLessThan(2e-5);
  });
});

interface Recorded {
  readonly count: number;
  readonly values: readonly number[];
}
const networks = resolve(import.meta.dirname, '../../../shared/data/networks');
const recorded = JSON.parse(new TextDecoder().decode(bytesOf('recorded.json'))) as Readonly<
  Record<string, readonly Recorded[]>
>;
const STEPS = 4;
const LARGEST = 4000;
const KEPT = 64;

/** The input of make_recorded.py. */
const pattern = (shape: readonly number[]): Tensor =>
  float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(0.7 * i + 0.3)),
  );

/** The model, unknown steps bound. */
function imported(bytes: Uint8Array): Graph {
  const first = importKerasH5(bytes);
  if (first.ok) return first.value;
  const [{ where, message }] = first.diagnostics as readonly [(typeof first.diagnostics)[0]];
  const name = where?.kind === 'value' ? where.value : '';
  const stated = /\[(.*)\] is no concrete shape/.exec(message)?.[1]?.split(', ') ?? [];
  const shape = stated.map((extent, axis) => (extent !== 'null' ? Number(extent) : axis === 0 ? 1 : STEPS));
  return unwrap(importKerasH5(bytes, { shapes: { [name]: shape } }));
}

describe.skipIf(!existsSync(networks))(
  'HDF5 models of the shared data (skipped when ../shared/data is absent)',
  () => {
    it.each(Object.keys(recorded))('%s computes what Keras 3 computes of it, to 1e-5', (file) => {
      const graph = imported(new Uint8Array(readFileSync(resolve(networks, file))));
      expect(verifyGraph(graph)).toEqual([]);
      const feeds = new Map(
        graph.inputs.map((name) => [name, pattern(graph.values.get(name)!.type.shape)] as const),
      );
      const results = evaluateGraph(graph, feeds);
      expect(graph.outputs.length).toBe(recorded[file]!.length);
      for (const [i, { count, values }] of recorded[file]!.entries()) {
        const { data } = results.get(graph.outputs[i]!)!;
        expect(data.length).toBe(count);
        const step = Math.max(1, Math.floor(count / LARGEST));
        const kept = Array.from(data, Number).filter((_, at) => at % step === 0);
        expect(values.length).toBe(Math.min(KEPT, kept.length));
        const scale = Math.max(1, ...values.map(Math.abs));
        for (const [at, value] of values.entries())
          expect(Math.abs(kept[at]! - value) / scale, `element ${at}`).toBeLessThan(1e-5);
      }
    });
  },
);
