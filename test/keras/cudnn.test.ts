/**
 * CuDNNLSTM and CuDNNGRU of Keras 2 in HDF5 files that the test writes (h5wasm): they compute what PyTorch computes with the same weights
 * (`golden/make_cudnn.py`).
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import h5wasm from 'h5wasm/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { float32Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { importKerasH5 } from '../../compiler/importers/keras/index.js';
import { runPasses, unrollRecurrent } from '../../compiler/passes/index.js';

interface Layer {
  readonly kernel: readonly number[];
  readonly recurrent_kernel: readonly number[];
  readonly bias: readonly number[];
  readonly all: readonly number[];
  readonly last: readonly number[];
}

type Class = 'CuDNNLSTM' | 'CuDNNGRU';

const made = JSON.parse(readFileSync(new URL('golden/cudnn.json', import.meta.url), 'utf8')) as Readonly<
  Record<Class, Layer>
> & {
  readonly shape: readonly [number, number, number];
  readonly units: number;
  readonly x: readonly number[];
};
const [samples, steps, features] = made.shape;
const { units } = made;

beforeAll(async () => {
  await h5wasm.ready;
});

/** The layer alone, as Keras 2 saved it. */
function fileOf(className: Class, sequences: boolean, biases = 2): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'systole-cudnn-'));
  try {
    const file = new h5wasm.File(join(folder, 'model.h5'), 'w');
    const config = {
      name: 'cell',
      units,
      return_sequences: sequences,
      batch_input_shape: [null, steps, features],
    };
    const layers = [{ class_name: className, config }];
    file.create_attribute('model_config', JSON.stringify({ class_name: 'Sequential', config: { layers } }));
    file.create_attribute('keras_version', '2.2.4');
    const weights = file.create_group('model_weights');
    weights.create_attribute('layer_names', ['cell']);
    const group = weights.create_group('cell');
    const wide = (className === 'CuDNNLSTM' ? 4 : 3) * units;
    const arrays = [
      ['kernel', [features, wide]],
      ['recurrent_kernel', [units, wide]],
      ['bias', [biases * wide]],
    ] as const;
    group.create_attribute(
      'weight_names',
      arrays.map(([role]) => `cell/${role}:0`),
    );
    const inner = group.create_group('cell');
    for (const [role, shape] of arrays) {
      const data = Float32Array.from(made[className][role]).slice(
        0,
        shape.reduce((a, b) => a * b, 1),
      );
      inner.create_dataset({ name: `${role}:0`, data, shape: [...shape], dtype: '<f4' });
    }
    file.close();
    return new Uint8Array(readFileSync(join(folder, 'model.h5')));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe.each(['CuDNNLSTM', 'CuDNNGRU'] as const)('%s', (className) => {
  it.each([
    ['every state', true, 'all'],
    ['the last state', false, 'last'],
  ] as const)('%s is that of cuDNN, to 1e-6', (_, sequences, key) => {
    const graph = unwrap(importKerasH5(fileOf(className, sequences), { shapes: { cell_input: made.shape } }));
    const feeds = new Map([['cell_input', float32Tensor(made.shape, made.x)]]);
    for (const each of [graph, unrollRecurrent.run(runPasses(graph))]) {
      expect(verifyGraph(each)).toEqual([]);
      const [result] = [...evaluateGraph(each, feeds).values()];
      expect(result!.shape).toEqual(sequences ? [samples, steps, units] : [samples, units]);
      const expected = made[className][key];
      expect(result!.data.length).toBe(expected.length);
      for (const [i, value] of expected.entries())
        expect(Math.abs(Number(result!.data[i]) - value), `element ${i}`).toBeLessThan(1e-6);
    }
  });

  it('with biases of the input alone is refused at the layer', () => {
    const result = importKerasH5(fileOf(className, false, 1));
    expect(result.ok).toBe(false);
    const [{ code, message, where }] = result.diagnostics as readonly [(typeof result.diagnostics)[0]];
    expect(code).toBe('keras/unsupported-node');
    expect(JSON.stringify(where)).toContain('cell');
    expect(message).toMatch(/"cell\/bias:0" has shape \[\d+\], not \[\d+\]/);
  });
});
