/** TF.js models that tfjs itself wrote, compared with what it predicts; graph models against its operators; damage. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { elementCount, renderDiagnostic, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importTfjs } from '../../compiler/importers/tfjs/index.js';

interface Written {
  readonly json: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
}

beforeAll(async () => {
  await tf.setBackend('cpu');
});

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** The bytes in `count` shards, cut anywhere. */
function shards(bytes: Uint8Array, count: number): Map<string, Uint8Array> {
  const size = Math.ceil(bytes.length / count);
  return new Map(
    Array.from({ length: count }, (_, i) => [
      `group1-shard${i + 1}of${count}.bin`,
      bytes.slice(i * size, (i + 1) * size),
    ]),
  );
}

/** What `model.save` gives to its handler, laid out as `model.json` and three shards. */
async function save(model: layers.LayersModel): Promise<Written> {
  let artifacts: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (given) => {
      artifacts = given;
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
    }),
  );
  const data = artifacts!.weightData as ArrayBuffer;
  const files = shards(new Uint8Array(data), 3);
  const json = {
    format: artifacts!.format,
    modelTopology: artifacts!.modelTopology,
    weightsManifest: [{ paths: [...files.keys()], weights: artifacts!.weightSpecs }],
  };
  return { json: encode(json), files };
}

const read = ({ json, files }: Written) => importTfjs(json, (name) => files.get(name));

function noise(count: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Every weight drawn anew, variances positive: fresh models have zeros and ones that hide mistakes. */
function drawWeights(model: layers.LayersModel): void {
  model.weights.forEach((weight, i) => {
    const shape = weight.shape as number[];
    const values = noise(elementCount(shape), i + 7).map((x) =>
      weight.name.includes('variance') ? Math.abs(x) + 0.5 : x * 0.7,
    );
    weight.write(tf.tensor(values, shape));
  });
}

function evaluate(graph: Graph, values: Float32Array): ArrayLike<number> {
  expect(verifyGraph(graph)).toEqual([]);
  const [input, output] = [graph.inputs[0]!, graph.outputs[0]!];
  const { shape } = graph.values.get(input)!.type;
  const results = evaluateGraph(graph, new Map([[input, tensor('float32', shape, values)]]));
  return results.get(output)!.data as Float32Array;
}

function agree(a: ArrayLike<number>, b: ArrayLike<number>, tolerance = 1e-5): void {
  expect(a.length).toBe(b.length);
  for (let i = 0; i < a.length; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThanOrEqual(tolerance);
}

async function roundTrip(model: layers.LayersModel, shape: readonly number[]): Promise<void> {
  drawWeights(model);
  const input = noise(elementCount(shape), 3);
  const predicted = model.predict(tf.tensor(input, [...shape])) as tf.Tensor;
  agree(evaluate(unwrap(read(await save(model))), input), await predicted.data());
}

describe('a layers model that tfjs wrote predicts what tfjs predicts', () => {
  const l = layers.layers;

  it('Sequential: convolutions, normalisation, pooling, dense', async () => {
    const model = layers.sequential({
      layers: [
        l.conv2d({ inputShape: [9, 8, 3], filters: 5, kernelSize: 3, padding: 'same', activation: 'relu' }),
        l.batchNormalization(),
        l.depthwiseConv2d({ kernelSize: [3, 2], strides: 2, padding: 'valid' }),
        l.maxPooling2d({ poolSize: 2, strides: 1 }),
        l.flatten(),
        l.dense({ units: 6, activation: 'tanh' }),
        l.dropout({ rate: 0.5 }),
        l.dense({ units: 4, activation: 'softmax' }),
      ],
    });
    await roundTrip(model, [1, 9, 8, 3]);
  });

  it.each(['valid', 'same'] as const)('1-D pooling, padding %s', async (padding) => {
    for (const [poolSize, strides] of [
      [2, 2],
      [3, 2],
      [3, 1],
    ] as const) {
      const given = { poolSize, strides, padding };
      const input = layers.input({ shape: [11, 3] });
      const max = l.maxPooling1d(given).apply(input) as layers.SymbolicTensor;
      const mean = l.averagePooling1d(given).apply(input) as layers.SymbolicTensor;
      const joined = l.concatenate().apply([max, mean]) as layers.SymbolicTensor;
      const ends = [l.globalMaxPooling1d({}), l.globalAveragePooling1d({})].map((end) => end.apply(joined));
      const all = l
        .concatenate()
        .apply([
          l.flatten().apply(joined) as layers.SymbolicTensor,
          ...(ends as layers.SymbolicTensor[]),
        ]) as layers.SymbolicTensor;
      await roundTrip(layers.model({ inputs: input, outputs: all }), [1, 11, 3]);
    }
  });

  it('RepeatVector before a recurrent layer', async () => {
    const model = layers.sequential({
      layers: [
        l.dense({ inputShape: [5], units: 3, activation: 'tanh' }),
        l.repeatVector({ n: 4 }),
        l.lstm({
          units: 2,
          returnSequences: true,
          recurrentActivation: 'sigmoid',
          // The default, orthogonal, needs tfjs's chained operators.
          recurrentInitializer: 'glorotNormal',
        }),
      ],
    });
    await roundTrip(model, [1, 5]);
  });

  it('a model within a model, called twice, beside another', async () => {
    const inner = layers.sequential({ name: 'inner' });
    inner.add(layers.layers.conv2d({ inputShape: [6, 6, 3], filters: 3, kernelSize: 3, padding: 'same' }));
    inner.add(layers.layers.batchNormalization());
    const x = layers.input({ shape: [6, 6, 3] });
    const twice = inner.apply(inner.apply(x)) as layers.SymbolicTensor;
    const head = layers.sequential({ name: 'head' });
    head.add(layers.layers.flatten({ inputShape: [6, 6, 3] }));
    head.add(layers.layers.dense({ units: 4, activation: 'tanh' }));
    const y = head.apply(twice) as layers.SymbolicTensor;
    await roundTrip(layers.model({ inputs: x, outputs: y }), [1, 6, 6, 3]);
  });

  it.each(['concat', 'sum', 'mul', 'ave'] as const)('Bidirectional, merged by %s', async (mergeMode) => {
    const x = layers.input({ shape: [5, 3] });
    const both = layers.layers.bidirectional({
      layer: layers.layers.lstm({
        units: 3,
        returnSequences: true,
        recurrentInitializer: 'glorotNormal',
      }) as layers.RNN,
      mergeMode,
    });
    const last = layers.layers.bidirectional({
      layer: layers.layers.gru({
        units: 2,
        recurrentActivation: 'sigmoid',
        recurrentInitializer: 'glorotNormal',
      }) as layers.RNN,
      mergeMode,
    });
    const y = last.apply(both.apply(x)) as layers.SymbolicTensor;
    await roundTrip(layers.model({ inputs: x, outputs: y }), [1, 5, 3]);
  });

  it('TimeDistributed over pictures, and ReLU in a recurrent layer', async () => {
    const x = layers.input({ shape: [3, 4, 4, 2] });
    const each = layers.layers.timeDistributed({
      layer: layers.layers.conv2d({ filters: 2, kernelSize: 3 }),
    });
    const flat = layers.layers.timeDistributed({ layer: layers.layers.flatten() });
    const state = layers.layers.simpleRNN({
      units: 3,
      activation: 'relu',
      recurrentInitializer: 'glorotNormal',
    });
    const y = state.apply(flat.apply(each.apply(x))) as layers.SymbolicTensor;
    await roundTrip(layers.model({ inputs: x, outputs: y }), [1, 3, 4, 4, 2]);
  });

  it('Functional: branches that meet', async () => {
    const input = layers.input({ shape: [8, 8, 2] });
    const left = l.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }).apply(input);
    const right = l.conv2d({ filters: 4, kernelSize: 1, useBias: false }).apply(input);
    const sum = l.add().apply([left as layers.SymbolicTensor, right as layers.SymbolicTensor]);
    const joined = l.concatenate().apply([sum as layers.SymbolicTensor, left as layers.SymbolicTensor]);
    const mean = l.globalAveragePooling2d({}).apply(joined);
    const output = l.dense({ units: 3, activation: 'sigmoid' }).apply(mean) as layers.SymbolicTensor;
    await roundTrip(layers.model({ inputs: input, outputs: output }), [1, 8, 8, 2]);
  });
});

/** A Const of the topology; its value is in the weights. */
const constant = (name: string, dtype = 'DT_FLOAT') => ({
  name,
  op: 'Const',
  attr: { dtype: { type: dtype } },
});
const list = (...i: number[]) => ({ list: { i: i.map(String) } });
const text = (value: string) => ({ s: btoa(value) });

const graphTopology = {
  node: [
    constant('kernel'),
    constant('bias'),
    constant('shape', 'DT_INT32'),
    {
      name: 'image',
      op: 'Placeholder',
      attr: {
        dtype: { type: 'DT_FLOAT' },
        shape: { shape: { dim: [{ size: '-1' }, { size: '6' }, { size: '5' }, { size: '2' }] } },
      },
    },
    {
      name: 'conv',
      op: '_FusedConv2D',
      input: ['image', 'kernel', 'bias'],
      attr: {
        strides: list(1, 2, 1, 1),
        padding: text('SAME'),
        fused_ops: { list: { s: [btoa('BiasAdd'), btoa('Relu6')] } },
        num_args: { i: '1' },
      },
    },
    { name: 'flat', op: 'Reshape', input: ['conv', 'shape'], attr: {} },
    {
      name: 'call',
      op: 'PartitionedCall',
      input: ['flat', 'conv'],
      attr: { f: { func: { name: 'tail' } } },
    },
  ],
  library: {
    function: [
      {
        signature: {
          name: 'tail',
          inputArg: [{ name: 'x' }, { name: 'unused' }],
          outputArg: [{ name: 'y' }],
        },
        nodeDef: [{ name: 'soft', op: 'Softmax', input: ['x'] }],
        ret: { y: 'soft:softmax:0' },
      },
    ],
  },
  versions: { producer: 1 },
};

const kernel = noise(3 * 3 * 2 * 4, 5);
const bias = noise(4, 6);

interface Packed {
  readonly bytes: Uint8Array;
  readonly spec: Readonly<Record<string, unknown>>;
}

function plain(name: string, shape: readonly number[], values: Float32Array): Packed {
  return { bytes: new Uint8Array(values.slice().buffer), spec: { name, shape, dtype: 'float32' } };
}

/** The values as steps between their ends, as the converter quantises. */
function quantised(
  name: string,
  shape: readonly number[],
  values: Float32Array,
  dtype: 'uint8' | 'uint16',
): Packed {
  const [min, max] = [Math.min(...values), Math.max(...values)];
  const scale = (max - min) / (dtype === 'uint8' ? 255 : 65535);
  const steps = Array.from(values, (v) => Math.round((v - min) / scale));
  const packed = dtype === 'uint8' ? Uint8Array.from(steps) : Uint16Array.from(steps);
  const quantization = { dtype, min, scale };
  return { bytes: new Uint8Array(packed.buffer), spec: { name, shape, dtype: 'float32', quantization } };
}

/** Values that half precision holds exactly: -1 to 1 in steps of 1/256. */
function halves(name: string, shape: readonly number[], values: Float32Array): Packed {
  const bits = Uint16Array.from(values, (v) => {
    if (v === 0) return 0;
    const exponent = Math.floor(Math.log2(Math.abs(v)));
    return (v < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((Math.abs(v) / 2 ** exponent - 1) * 1024);
  });
  const quantization = { dtype: 'float16' };
  return { bytes: new Uint8Array(bits.buffer), spec: { name, shape, dtype: 'float32', quantization } };
}

function graphModel(weights: readonly Packed[], topology: unknown = graphTopology): Written {
  const shape: Packed = {
    bytes: new Uint8Array(Int32Array.of(-1, 60).buffer),
    spec: { name: 'shape', shape: [2], dtype: 'int32' },
  };
  const all = [...weights, shape];
  const files = shards(Uint8Array.from(all.flatMap(({ bytes }) => [...bytes])), 2);
  const json = {
    format: 'graph-model',
    modelTopology: topology,
    weightsManifest: [{ paths: [...files.keys()], weights: all.map(({ spec }) => spec) }],
    signature: { inputs: { picture: { name: 'image:0' } }, outputs: { classes: { name: 'call:0' } } },
  };
  return { json: encode(json), files };
}

const floatModel = graphModel([plain('kernel', [3, 3, 2, 4], kernel), plain('bias', [4], bias)]);

/** The same with the operators of tfjs. */
async function expected(k: Float32Array, input: Float32Array): Promise<ArrayLike<number>> {
  const image = tf.tensor4d(input, [1, 6, 5, 2]);
  const conv = tf.conv2d(image, tf.tensor4d(k, [3, 3, 2, 4]), [2, 1], 'same');
  return tf.softmax(tf.reshape(tf.clipByValue(tf.add(conv, tf.tensor1d(bias)), 0, 6), [1, 60])).data();
}

describe('a graph model computes what the operators of tfjs compute', () => {
  const input = noise(60, 9);

  it('float weights in two shards, a fused convolution, a function', async () => {
    const graph = unwrap(read(floatModel));
    expect([graph.inputs, graph.outputs]).toEqual([['picture'], ['classes']]);
    agree(evaluate(graph, input), await expected(kernel, input), 1e-6);
  });

  it.each(['uint8', 'uint16'] as const)(
    '%s shards stand for the numbers that scale and minimum give',
    async (dtype) => {
      const packed = quantised('kernel', [3, 3, 2, 4], kernel, dtype);
      const { min, scale } = packed.spec.quantization as { min: number; scale: number };
      const steps = dtype === 'uint8' ? packed.bytes : new Uint16Array(packed.bytes.slice().buffer);
      const stands = Float32Array.from(steps, (q) => q * scale + min);
      const graph = unwrap(read(graphModel([packed, plain('bias', [4], bias)])));
      agree(evaluate(graph, input), await expected(stands, input), 1e-6);
    },
  );

  it('float16 shards', async () => {
    const coarse = kernel.map((v) => Math.round(v * 256) / 256);
    const packed = halves('kernel', [3, 3, 2, 4], coarse);
    agree(
      evaluate(unwrap(read(graphModel([packed, plain('bias', [4], bias)]))), input),
      await expected(coarse, input),
      1e-6,
    );
  });
});

describe('a damaged model is refused where the damage is', () => {
  const refusal = (written: Written): string => {
    const result = read(written);
    if (result.ok) throw new Error('it was read');
    for (const { where } of result.diagnostics) expect(where).toBeDefined();
    return result.diagnostics.map(renderDiagnostic).join('\n');
  };

  it('missing, short and long shards', () => {
    const { json, files } = floatModel;
    const [first, second] = [...files.keys()] as [string, string];
    expect(refusal({ json, files: new Map([[first, files.get(first)!]]) })).toContain(second);
    const short = new Map(files).set(second, files.get(second)!.subarray(0, 3));
    expect(refusal({ json, files: short })).toMatch(/weight "(bias|kernel)": it needs/);
    const long = new Map(files).set(second, Uint8Array.from([...files.get(second)!, 0]));
    expect(refusal({ json, files: long })).toContain('1 bytes follow the last weight');
  });

  it('text that is no model, unknown operators, functions that are not there', () => {
    expect(refusal({ json: encode({ modelTopology: 3 }), files: new Map() })).toContain('modelTopology');
    const odd = graphTopology.node.map((n) => (n.name === 'flat' ? { ...n, op: 'Levitate' } : n));
    const weights = [plain('kernel', [3, 3, 2, 4], kernel), plain('bias', [4], bias)];
    expect(refusal(graphModel(weights, { ...graphTopology, node: odd }))).toContain('Levitate');
    expect(refusal(graphModel(weights, { ...graphTopology, library: {} }))).toContain('"tail"');
  });

  it('any mutation gives a graph that verifies or located errors, never a crash', () => {
    const mutation = fc.array(fc.tuple(fc.nat(4000), fc.integer({ min: 32, max: 126 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(mutation, (flips) => {
        const json = floatModel.json.slice();
        for (const [at, value] of flips) json[at % json.length] = value;
        const result = read({ json, files: floatModel.files });
        if (result.ok) expect(verifyGraph(result.value)).toEqual([]);
        else for (const { where } of result.diagnostics) expect(where).toBeDefined();
      }),
      { numRuns: Number(process.env.SYSTOLE_RUNS ?? 300) },
    );
  });
});
