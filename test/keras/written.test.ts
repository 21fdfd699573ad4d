/**
 * Keras files that the test itself writes (h5wasm, fflate): they mean what a plain computation says, and hostile ones are refused with a place before
 * they cost anything.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { unzlibSync, zipSync, zlibSync } from 'fflate';
import h5wasm, { type Group } from 'h5wasm/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { float32Tensor, type Result, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importKerasArchive, importKerasH5 } from '../../compiler/importers/keras/index.js';

const runs = Number(process.env.SYSTOLE_RUNS ?? 30);

beforeAll(async () => {
  await h5wasm.ready;
});

/** The bytes of an HDF5 file that `fill` fills: h5wasm writes a real file. */
function written(fill: (root: Group) => void): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'systole-keras-'));
  try {
    const path = join(folder, 'written.h5');
    const file = new h5wasm.File(path, 'w');
    fill(file);
    file.close();
    return new Uint8Array(readFileSync(path));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

interface Layer {
  readonly name: string;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
  readonly inputs: number;
  readonly units: number;
  readonly activation: 'relu' | 'linear';
}

/** Storage of an array: in one piece, or in chunks that are compressed or not. */
type Storage = 'whole' | 'chunks' | 'deflated' | 'deflated-whole';

function store(group: Group, name: string, data: Float32Array, shape: number[], storage: Storage): void {
  const chunks =
    storage === 'whole'
      ? {}
      : { chunks: shape.map((extent) => (storage === 'deflated-whole' ? extent : Math.min(extent, 3))) };
  const packed = storage.startsWith('deflated')
    ? { compression: 'gzip' as const, compression_opts: [6] }
    : {};
  group.create_dataset({ name, data, shape, dtype: '<f4', ...chunks, ...packed });
}

const configOf = (layers: readonly Layer[]) => ({
  class_name: 'Sequential',
  config: {
    name: 'written',
    layers: layers.map(({ name, units, activation, inputs }, i) => ({
      class_name: 'Dense',
      config: {
        ...{ name, units, activation, use_bias: true },
        ...(i === 0 && { batch_input_shape: [null, inputs] }),
      },
    })),
  },
});

function h5Of(layers: readonly Layer[], storage: Storage): Uint8Array {
  return written((root) => {
    root.create_attribute('model_config', JSON.stringify(configOf(layers)));
    root.create_attribute('keras_version', '2.11.0');
    const weights = root.create_group('model_weights');
    weights.create_attribute(
      'layer_names',
      layers.map(({ name }) => name),
    );
    for (const { name, kernel, bias, inputs, units } of layers) {
      const group = weights.create_group(name);
      group.create_attribute('weight_names', [`${name}/kernel:0`, `${name}/bias:0`]);
      const inner = group.create_group(name);
      store(inner, 'kernel:0', kernel, [inputs, units], storage);
      store(inner, 'bias:0', bias, [units], storage);
    }
  });
}

function archiveOf(layers: readonly Layer[], storage: Storage): Uint8Array {
  const weights = written((root) => {
    const held = root.create_group('layers');
    for (const [i, { name, kernel, bias, inputs, units }] of layers.entries()) {
      const vars = held.create_group(i === 0 ? 'dense' : `dense_${i}`).create_group('vars');
      vars.create_attribute('name', name);
      store(vars, '0', kernel, [inputs, units], storage);
      store(vars, '1', bias, [units], storage);
    }
  });
  return zipSync({
    'config.json': text(configOf(layers)),
    'metadata.json': text({ keras_version: '3.15.0' }),
    'model.weights.h5': weights,
  });
}

/** What the layers compute, straight from their definition. */
function plain(layers: readonly Layer[], x: readonly number[]): number[] {
  return layers.reduce<number[]>(
    (before, { kernel, bias, units, activation }) =>
      Array.from({ length: units }, (_, u) => {
        const sum = before.reduce((s, v, i) => s + v * kernel[i * units + u]!, bias[u]!);
        return activation === 'relu' ? Math.max(0, sum) : sum;
      }),
    [...x],
  );
}

function computed(graph: Graph, x: readonly number[]): number[] {
  expect(verifyGraph(graph)).toEqual([]);
  const feeds = new Map([[graph.inputs[0]!, float32Tensor([1, x.length], x)]]);
  return Array.from([...evaluateGraph(graph, feeds).values()][0]!.data, Number);
}

const value = fc.integer({ min: -64, max: 64 }).map((v) => v / 32);
const network = fc
  .array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 4 })
  .chain((sizes) =>
    fc.tuple(
      fc.tuple(
        ...sizes.slice(1).map((units, i) =>
          fc.record({
            kernel: fc.array(value, { minLength: sizes[i]! * units, maxLength: sizes[i]! * units }),
            bias: fc.array(value, { minLength: units, maxLength: units }),
            activation: fc.constantFrom('relu' as const, 'linear' as const),
          }),
        ),
      ),
      fc.array(value, { minLength: sizes[0]!, maxLength: sizes[0]! }),
      fc.constant(sizes),
    ),
  )
  .map(([parts, x, sizes]) => ({
    x,
    layers: parts.map(
      ({ kernel, bias, activation }, i): Layer => ({
        ...{ name: `layer_${i}`, inputs: sizes[i]!, units: sizes[i + 1]!, activation },
        kernel: Float32Array.from(kernel),
        bias: Float32Array.from(bias),
      }),
    ),
  }));

describe('files that the test writes', () => {
  it.each([
    ['.h5', h5Of, importKerasH5],
    ['.keras', archiveOf, importKerasArchive],
  ] as const)(
    '%s: what is imported computes what was written, however its arrays are stored',
    (_, write, read) => {
      fc.assert(
        fc.property(network, fc.constantFrom('whole', 'chunks', 'deflated'), ({ layers, x }, storage) => {
          const results = computed(unwrap(read(write(layers, storage))), x);
          for (const [i, expected] of plain(layers, x).entries()) expect(results[i]).toBeCloseTo(expected, 3);
        }),
        { numRuns: runs },
      );
    },
  );
});

/** The refusal of a hostile file: located, and without the memory that it asks for. */
function refusal(read: () => Result<Graph>): string {
  const before = process.memoryUsage().rss;
  const result = read();
  expect(process.memoryUsage().rss - before, 'bytes taken').toBeLessThan(700 * 2 ** 20);
  if (result.ok) throw new Error('it was read');
  for (const { where } of result.diagnostics) expect(where).toBeDefined();
  return result.diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n');
}

const one: Layer = {
  ...{ name: 'a', inputs: 2, units: 2, activation: 'linear' as const },
  kernel: Float32Array.of(1, 2, 3, 4),
  bias: Float32Array.of(5, 6),
};

/** A model of one layer whose group the hostile part fills. */
function withGroup(fill: (group: Group, root: Group) => void, layer: Layer = one): Uint8Array {
  return written((root) => {
    root.create_attribute('model_config', JSON.stringify(configOf([layer])));
    const weights = root.create_group('model_weights');
    weights.create_attribute('layer_names', [layer.name]);
    const group = weights.create_group(layer.name);
    group.create_attribute('weight_names', ['kernel:0', 'bias:0']);
    fill(group, root);
  });
}

const bias = (group: Group) => store(group, 'bias:0', one.bias, [2], 'whole');
const zeros = (group: Group, name: string, shape: number[], chunks: number[]) =>
  group.create_dataset({
    ...{ name, shape, chunks, dtype: '<f4', compression: 'gzip', compression_opts: [9] },
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });

/** Of a stream of zlib; none where there is none. */
function inflatedLength(bytes: Uint8Array): number | undefined {
  try {
    return unzlibSync(bytes).length;
  } catch {
    return undefined;
  }
}

describe('hostile HDF5 files', () => {
  it('a soft link to itself, and two to each other', () => {
    const itself = withGroup((group) => {
      group.create_soft_link('/model_weights/a/kernel:0', 'kernel:0');
      bias(group);
    });
    expect(refusal(() => importKerasH5(itself))).toMatch(/^keras\//);
    const mutual = withGroup((group) => {
      group.create_soft_link('/model_weights/a/other', 'kernel:0');
      group.create_soft_link('/model_weights/a/kernel:0', 'other');
      bias(group);
    });
    expect(refusal(() => importKerasH5(mutual))).toMatch(/^keras\//);
  });

  it('a group that contains itself', () => {
    const cyclic = withGroup((group, root) => {
      root.create_hard_link('/model_weights', 'kernel:0');
      group.create_hard_link('/model_weights/a', 'kernel:0');
      bias(group);
    });
    expect(refusal(() => importKerasH5(cyclic))).toContain('is no dataset');
  });

  it.each([1024, 16])('many links to one array in chunks of %s squared: all within one budget', (chunk) => {
    const bytes = written((root) => {
      const layers = Array.from({ length: 40 }, (_, i) => ({
        ...one,
        name: `l${i}`,
        inputs: 1024,
        units: 1024,
      }));
      root.create_attribute('model_config', JSON.stringify(configOf(layers)));
      const weights = root.create_group('model_weights');
      weights.create_attribute(
        'layer_names',
        layers.map(({ name }) => name),
      );
      zeros(weights, 'big', [1024, 1024], [chunk, chunk]);
      for (const { name } of layers) {
        const group = weights.create_group(name);
        group.create_attribute('weight_names', ['kernel:0', 'bias:0']);
        group.create_hard_link('/model_weights/big', 'kernel:0');
        store(group, 'bias:0', new Float32Array(1024), [1024], 'whole');
      }
    });
    expect(bytes.length).toBeLessThan(2 ** 20);
    expect(refusal(() => importKerasH5(bytes))).toContain('more numbers than the file can hold');
  });

  it('an array of other extents than its layer has is not read', () => {
    const bytes = withGroup((group) => {
      zeros(group, 'kernel:0', [4096, 4096], [4096, 512]);
      bias(group);
    });
    expect(bytes.length).toBeLessThan(2 ** 18);
    expect(refusal(() => importKerasH5(bytes))).toContain('has shape [4096, 4096], not [2, 2]');
  });

  it('a layer and an array that are huge alike', () => {
    const wide = { ...one, inputs: 2 ** 20, units: 2 ** 10 };
    const bytes = withGroup((group) => {
      // Nothing of it is written: only its extents are stated.
      group.create_dataset({
        ...{ name: 'kernel:0', data: new Float32Array(0), shape: [0, 2 ** 10], dtype: '<f4' },
        ...{ maxshape: [2 ** 20, 2 ** 10], chunks: [2 ** 10, 2 ** 10] },
      });
      const dataset = group.get('kernel:0');
      if (!(dataset instanceof h5wasm.Dataset)) throw new Error('no dataset');
      dataset.resize([2 ** 20, 2 ** 10]);
      bias(group);
    }, wide);
    expect(refusal(() => importKerasH5(bytes))).toContain('more numbers than the file can hold');
  });

  it('a small array in huge chunks', () => {
    const bytes = withGroup((group) => {
      group.create_dataset({
        ...{ name: 'kernel:0', data: new Float32Array(4), shape: [2, 2], dtype: '<f4' },
        ...{
          maxshape: [2 ** 14, 2 ** 14],
          chunks: [2 ** 13, 2 ** 13],
          compression: 'gzip',
          compression_opts: [9],
        },
      });
      bias(group);
    });
    expect(bytes.length).toBeLessThan(2 ** 20);
    expect(refusal(() => importKerasH5(bytes))).toContain('more numbers than the file can hold');
  });

  it('numbers that were never written', () => {
    const bytes = withGroup((group) => {
      group.create_dataset({
        ...{ name: 'kernel:0', data: new Float32Array(0), shape: [0, 2], dtype: '<f4' },
        ...{ maxshape: [2, 2], chunks: [2, 2] },
      });
      const dataset = group.get('kernel:0');
      if (!(dataset instanceof h5wasm.Dataset)) throw new Error('no dataset');
      dataset.resize([2, 2]);
      bias(group);
    });
    expect(refusal(() => importKerasH5(bytes))).toMatch(/is cut short|is not all there/);
  });

  it('a chunk that inflates to more than it has room for', () => {
    const long = { ...one, inputs: 600, units: 1 };
    const noise = Float32Array.from({ length: 600 }, (_, i) => Math.sin(i * i));
    const bytes = withGroup((group) => {
      store(group, 'kernel:0', noise, [600, 1], 'deflated-whole');
      store(group, 'bias:0', Float32Array.of(1), [1], 'whole');
    }, long);
    expect(computed(unwrap(importKerasH5(bytes)), new Array<number>(600).fill(0))).toEqual([1]);
    // In place of the compressed numbers: zeros, four hundred times as many bytes.
    const bomb = zlibSync(new Uint8Array(10 ** 6), { level: 9 });
    const at = bytes.findIndex((byte, i) => byte === 0x78 && inflatedLength(bytes.subarray(i)) === 2400);
    expect(bomb.length).toBeLessThan(1800);
    expect(at).toBeGreaterThan(0);
    bytes.set(bomb, at);
    expect(refusal(() => importKerasH5(bytes))).toContain('inflates to more than its extents have room for');
  });
});

describe('hostile archives', () => {
  const parts = (weights: Uint8Array, config: Uint8Array = text(configOf([one]))) => ({
    'config.json': config,
    'metadata.json': text({ keras_version: '3.15.0' }),
    'model.weights.h5': weights,
  });

  it('weights and configurations that unpack a thousandfold', () => {
    const bomb = zipSync(parts(new Uint8Array(2 ** 27 + 1)), { level: 9 });
    expect(bomb.length).toBeLessThan(2 ** 18);
    expect(refusal(() => importKerasArchive(bomb))).toContain('would unpack to 134217729 bytes');
    const spaces = zipSync(parts(new Uint8Array(8), new Uint8Array(2 ** 23 + 1).fill(32)), { level: 9 });
    expect(refusal(() => importKerasArchive(spaces))).toContain('config.json would unpack');
  });

  it('models within models without end, and ones that multiply', () => {
    const nest = (depth: number, calls: number): unknown => ({
      class_name: 'Functional',
      name: `m${depth}`,
      config: {
        name: `m${depth}`,
        layers: [
          {
            class_name: 'InputLayer',
            name: 'in',
            config: { name: 'in', batch_input_shape: [null, 2] },
            inbound_nodes: [],
          },
          depth === 0
            ? { class_name: 'ReLU', name: 'r', config: { name: 'r' }, inbound_nodes: callsOf('in', calls) }
            : { ...(nest(depth - 1, calls) as object), name: 'r', inbound_nodes: callsOf('in', calls) },
        ],
        input_layers: [['in', 0, 0]],
        output_layers: [['r', calls - 1, 0]],
      },
    });
    // Call i reads the result of the one before.
    const callsOf = (first: string, calls: number) =>
      Array.from({ length: calls }, (_, i) => [[i === 0 ? first : 'r', Math.max(0, i - 1), 0, {}]]);
    const archive = (config: unknown) => zipSync(parts(h5Of([one], 'whole'), text(config)));
    const weightless = written((root) => root.create_group('layers'));
    const read = (config: unknown) =>
      importKerasArchive(zipSync({ ...parts(weightless), 'config.json': text(config) }));
    expect(read(nest(3, 2)).ok).toBe(true);
    expect(refusal(() => read(nest(40, 1)))).toContain('nested more than');
    expect(refusal(() => read(nest(9, 10)))).toContain('call more than');
    expect(refusal(() => importKerasArchive(archive(nest(40, 1))))).toMatch(/^keras\//);
  });
});
