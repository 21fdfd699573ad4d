/**
 * Sequences of which some steps do not count, as Keras 3 saved and computed them (`golden/make_masked.py`): functional, where the file says how masks
 * are computed, and sequential, where layers do. What Keras's versions do differently is refused at the layer.
 */

import { readFileSync } from 'node:fs';
import { gunzipSync, strFromU8, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { elementCount, float32Tensor, type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importKerasArchive, importKerasH5, importKerasModel } from '../../compiler/importers/keras/index.js';
import { runPasses, unrollRecurrent } from '../../compiler/passes/index.js';
import { readNpy } from '../../tools/library/npy.js';

const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`golden/${name}`, import.meta.url)));

const models = {
  masked: { s: [4, 6, 4], ids: [4, 6], state: [4, 3] },
  looked: { ids: [4, 6] },
} as const;

type Name = keyof typeof models;

function feedsOf(name: Name): Map<string, Tensor> {
  const data = readNpy(bytesOf(`${name}.input.npy`), 'input').data as Float32Array;
  const shapes: Readonly<Record<string, readonly number[]>> = models[name];
  let at = 0;
  return new Map(
    Object.entries(shapes).map(([input, shape]) => {
      const values = data.slice(at, at + elementCount(shape));
      at += values.length;
      return [input, float32Tensor(shape, values)];
    }),
  );
}

function holdToKeras(graph: Graph, name: Name, count: number, tolerance: number): void {
  expect(verifyGraph(graph)).toEqual([]);
  const expected = readNpy(bytesOf(`${name}.output.npy`), 'output').data;
  const results = evaluateGraph(graph, feedsOf(name));
  expect(graph.outputs.length).toBe(count);
  let at = 0;
  for (const output of graph.outputs) {
    const { data } = results.get(output)!;
    for (const [i, value] of data.entries())
      expect(Math.abs(Number(value) - Number(expected[at + i])), `${output}, element ${i}`).toBeLessThan(
        tolerance,
      );
    at += data.length;
  }
  expect(at).toBe(expected.length);
}

describe.each([
  ['masked', 16],
  ['looked', 1],
] as const)('%s', (name, count) => {
  const options = { shapes: models[name] };
  it.each([
    ['an archive', () => importKerasArchive(gunzipSync(bytesOf(`${name}.keras.gz`)), options)],
    ['HDF5', () => importKerasH5(gunzipSync(bytesOf(`${name}.h5.gz`)), options)],
  ] as const)('as %s computes what Keras computed, to 1e-5', (_, read) => {
    const graph = unwrap(read());
    holdToKeras(graph, name, count, 1e-5);
    holdToKeras(unrollRecurrent.run(runPasses(graph)), name, count, 2e-5);
  });
});

/** The refusal of a sequential model whose archive is changed. */
function refusal(
  change: (config: string, version: string) => readonly [string, string],
  shape = [4, 6],
): string {
  const members = unzipSync(gunzipSync(bytesOf('looked.keras.gz')));
  const [config, version] = change(strFromU8(members['config.json']!), '3.15.0');
  const metadata = strToU8(JSON.stringify({ keras_version: version }));
  const archive = zipSync({ ...members, 'config.json': strToU8(config), 'metadata.json': metadata });
  const result = importKerasArchive(archive, { shapes: { ids: shape } });
  if (result.ok) throw new Error('it was read');
  const [{ code, message, where }] = result.diagnostics as readonly [(typeof result.diagnostics)[0]];
  return `${code} ${JSON.stringify(where)}: ${message}`;
}

/** The refusal of a functional model of Keras 2 without weights: layers by name, class, configuration and what they read. */
function refusalOf(
  layers: readonly (readonly [string, string, Readonly<Record<string, unknown>>, ...string[]])[],
): string {
  const inbound = (reads: readonly string[]) =>
    reads.length === 0 ? [] : [reads.map((name) => [name, 0, 0, {}])];
  const config = {
    class_name: 'Model',
    config: {
      layers: layers.map(([name, class_name, own, ...reads]) => ({
        ...{ name, class_name, config: { name, ...own }, inbound_nodes: inbound(reads) },
      })),
      input_layers: [['x', 0, 0]],
      output_layers: [[layers.at(-1)![0], 0, 0]],
    },
  };
  const result = importKerasModel({ config, weights: new Map(), version: '2.11.0' });
  if (result.ok) throw new Error('it was read');
  const [{ code, message, where }] = result.diagnostics as readonly [(typeof result.diagnostics)[0]];
  return `${code} ${JSON.stringify(where)}: ${message}`;
}

const sequence = ['x', 'InputLayer', { batch_input_shape: [null, 4, 3] }] as const;
const shown = ['shown', 'Masking', { mask_value: 0 }, 'x'] as const;

describe('masks that are refused, at the layer', () => {
  it('in both directions before Keras 3', () => {
    const text = refusal((config) => [config, '2.15.0']);
    expect(text).toMatch(/^keras\/unsupported-node .*"operator":"LSTM"/);
    expect(text).toContain('what masked steps give in both directions depends on the version');
  });

  it('zeros behind steps that do not count', () => {
    const zero = '"zero_output_for_mask": ';
    const text = refusal((config, version) => [config.replaceAll(`${zero}false`, `${zero}true`), version]);
    expect(text).toMatch(/^keras\/unsupported-node .*"node":"gru/);
    expect(text).toContain('"zero_output_for_mask" is not supported');
  });

  it('more steps than are laid out', () => {
    expect(refusal((config, version) => [config, version], [1, 600])).toContain(
      'with a mask, more than 1024 steps are not supported',
    );
  });

  it.each([
    ['joined in time', 'Concatenate', { axis: 1 }, ['shown', 'shown']],
    ['of one of two tensors', 'Add', {}, ['shown', 'x']],
  ] as const)('%s, where a layer would heed it', (_, className, own, reads) => {
    const joined = ['joined', className, own, ...reads] as const;
    const mean = ['mean', 'GlobalAveragePooling1D', {}, 'joined'] as const;
    expect(refusalOf([sequence, shown, joined, mean])).toMatch(
      /^keras\/unsupported-node .*"node":"mean".*the mask of its input is not known: "joined" joins tensors whose masks differ/,
    );
    // A maximum heeds none.
    expect(() => refusalOf([sequence, shown, joined, ['most', 'GlobalMaxPooling1D', {}, 'joined']])).toThrow(
      'it was read',
    );
  });

  it('below a softmax', () => {
    expect(refusalOf([sequence, shown, ['soft', 'Softmax', {}, 'shown']])).toMatch(
      /^keras\/unsupported-node .*"node":"soft".*a softmax of a sequence with a mask is not supported/,
    );
  });

  it('of pictures', () => {
    const pictures = ['x', 'InputLayer', { batch_input_shape: [null, 4, 3, 2] }] as const;
    expect(refusalOf([pictures, shown])).toMatch(/^keras\/unsupported-node .*"node":"shown".*rank 4, not 3/);
  });

  it('together with initial states before Keras 3', () => {
    const members = unzipSync(gunzipSync(bytesOf('masked.keras.gz')));
    const metadata = strToU8(JSON.stringify({ keras_version: '2.15.0' }));
    const result = importKerasArchive(zipSync({ ...members, 'metadata.json': metadata }), {
      shapes: models.masked,
    });
    expect(result.diagnostics.map(({ message }) => message).join()).toContain(
      'a mask together with initial states is not supported',
    );
  });
});
