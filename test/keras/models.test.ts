/**
 * Real Keras files of the shared data: outputs that Keras recorded, and the TFLite twins of the same trained networks.
 * Skipped, and reported so, where ../shared/data is absent.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Dataset, File, Group } from 'jsfive';
import { describe, expect, it } from 'vitest';
import { elementCount, float32Tensor, type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importKerasH5 } from '../../compiler/importers/keras/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { randomTensor } from '../support/compare.js';

const networks = resolve(import.meta.dirname, '../../../shared/data/networks');
const recorded = join(networks, 'dl4j-test-resources/src/main/resources/modelimport/keras/examples');
const tiny = join(networks, 'mlcommons-tiny/benchmark/training');
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

/** The only dataset of a group. */
function single(
  file: File,
  group: string,
): { readonly shape: readonly number[]; readonly values: ArrayLike<number> } {
  const folder = file.get(group);
  if (!(folder instanceof Group)) throw new Error(`no group ${group}`);
  const found = folder.get(folder.keys[0]!);
  if (!(found instanceof Dataset)) throw new Error(`no data in ${group}`);
  return { shape: found.shape, values: found.value };
}

function evaluate(graph: Graph, input: Tensor): Tensor {
  return [...evaluateGraph(graph, new Map([[graph.inputs[0]!, input]])).values()][0]!;
}

function largestDifference(a: Tensor, b: Tensor['data'] | ArrayLike<number>): number {
  expect(a.data.length).toBe(b.length);
  let largest = 0;
  for (let i = 0; i < a.data.length; i++)
    largest = Math.max(largest, Math.abs(Number(a.data[i]) - Number(b[i])));
  return largest;
}

describe.skipIf(!existsSync(recorded))(
  'outputs that Keras recorded (skipped when ../shared/data is absent)',
  () => {
    it.each([
      ...['activations/ELU_0', 'activations/ReLU_1', 'activations/ReLU_3', 'activations/ThresholdReLU_0'],
      ...['k2_s1_d1', 'k3_s1_d1', 'k3_s1_d2', 'k3_s2_d1', 'k3_s3_d1'].map(
        (name) => `causal_conv1d/causal_conv1d_${name}_cl`,
      ),
      'simple_flatten_lstm/simple_flatten_lstm_tf_keras_2',
    ])('%s to 1e-4', (stem) => {
      const bytes = bytesOf(join(recorded, `${stem}_model.h5`));
      const file = new File(
        new Uint8Array(bytesOf(join(recorded, `${stem}_inputs_and_outputs.h5`))).buffer,
        stem,
      );
      const [input, output] = [single(file, 'inputs'), single(file, 'predictions')];
      const name = unwrap(importKerasH5(bytes)).inputs[0]!;
      const graph = unwrap(importKerasH5(bytes, { shapes: { [name]: input.shape } }));
      expect(verifyGraph(graph)).toEqual([]);
      expect(
        largestDifference(evaluate(graph, float32Tensor(input.shape, input.values)), output.values),
      ).toBeLessThan(1e-4);
    });

    it('a file of weights alone says so', () => {
      const result = importKerasH5(bytesOf(join(recorded, 'activations/ELU_0_weights.h5')), { name: 'w.h5' });
      expect(result.diagnostics[0]).toMatchObject({
        code: 'keras/no-model',
        where: { kind: 'file', file: 'w.h5' },
      });
    });

    it('a truncated file is refused at any length', () => {
      const bytes = bytesOf(join(recorded, 'activations/ELU_0_model.h5'));
      for (const length of [0, 1, 8, 100, 1000, 3000, Math.floor(bytes.length / 2)]) {
        const result = importKerasH5(bytes.slice(0, length), { name: 'short.h5' });
        expect(result.ok, `${length} bytes`).toBe(false);
        expect(result.diagnostics[0]!.where).toBeDefined();
      }
    });
  },
);

/** The counts that docs/formats.md states. */
it.skipIf(!existsSync(networks))(
  'every HDF5 file at hand imports or is refused for a known reason',
  () => {
    const files = (readdirSync(networks, { recursive: true }) as string[]).filter((name) =>
      /\.(h5|hdf5)$/.test(name),
    );
    const counts: Record<string, number> = {};
    for (const file of files) {
      const result = importKerasH5(bytesOf(join(networks, file)), { name: file });
      if (result.ok) expect(verifyGraph(result.value)).toEqual([]);
      const outcome = result.ok ? 'imported' : result.diagnostics[0]!.code;
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    // Every model is read; of ten the number of steps is to be stated (nested.test.ts states it).
    expect(counts).toEqual({ imported: 64, 'keras/no-model': 24, 'keras/bad-value': 10 });
  },
  60_000,
);

/**
 * The graph with the biases of dense layers zeroed where a normalisation follows: the converter that made the TFLite file of ad01
 * left them out (its biases are beta - mean * scale to the last bit, without the dense layer's own), so that file is the twin of this graph.
 */
function withoutNormalisedBiases(graph: Graph): Graph {
  const normalised = new Set(
    graph.nodes.filter((n) => n.operator === 'BatchNormalization').map((n) => n.inputs[0]),
  );
  const biases = graph.nodes
    .filter((n) => n.operator === 'Gemm' && normalised.has(n.outputs[0]))
    .map((n) => n.inputs[2]);
  expect(biases.length).toBeGreaterThan(0);
  const values = new Map(graph.values);
  for (const name of biases) {
    const value = values.get(name!)!;
    const { shape } = value.type;
    values.set(name!, { ...value, constant: float32Tensor(shape, new Float32Array(elementCount(shape))) });
  }
  return { ...graph, values };
}

const same = (graph: Graph): Graph => graph;

const twins = [
  [
    'anomaly_detection/trained_models/ad01.h5',
    'anomaly_detection/trained_models/ad01_fp32.tflite',
    withoutNormalisedBiases,
  ],
  [
    'image_classification/trained_models/pretrainedResnet.h5',
    'image_classification/trained_models/pretrainedResnet.tflite',
    same,
  ],
] as const;

describe.skipIf(!existsSync(tiny))(
  'MLPerf Tiny, Keras beside TFLite (skipped when ../shared/data is absent)',
  () => {
    it.each(twins)('%s and %s agree to 1e-4', (h5, tflite, twinOf) => {
      const keras = twinOf(unwrap(importKerasH5(bytesOf(join(tiny, h5)))));
      const lite = unwrap(importTflite(bytesOf(join(tiny, tflite))));
      const { shape } = keras.values.get(keras.inputs[0]!)!.type;
      const input = randomTensor(shape, 5);
      expect(elementCount(shape)).toBe(elementCount(lite.values.get(lite.inputs[0]!)!.type.shape));
      const expected = evaluate(lite, input);
      for (const graph of [keras, runPasses(keras)]) {
        expect(verifyGraph(graph)).toEqual([]);
        expect(largestDifference(evaluate(graph, input), expected.data)).toBeLessThan(1e-4);
      }
      expect(runPasses(keras).nodes.map(({ operator }) => operator)).not.toContain('BatchNormalization');
    });
  },
);
