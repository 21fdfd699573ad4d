/** Operators of TensorFlow one by one, against tfjs's own implementation of them. */

import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { elementCount, float32Tensor, renderDiagnostic, type Tensor, tensor } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { importTfjs } from '../../compiler/importers/tfjs/index.js';
import { runPasses } from '../../compiler/passes/index.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});

/** An operand: computed at run time, or a constant of the file. */
interface Operand {
  readonly value: Tensor;
  readonly constant: boolean;
}

const live = (value: Tensor): Operand => ({ value, constant: false });
const ints = (...values: number[]): Operand => ({
  value: tensor('int32', [values.length], Int32Array.from(values)),
  constant: true,
});
const int = (value: number): Operand => ({
  value: tensor('int32', [], Int32Array.of(value)),
  constant: true,
});
const fixed = (value: Tensor): Operand => ({ value, constant: true });

function noise(shape: readonly number[], seed = 1, scale = 2): Tensor {
  let state = seed * 7919;
  return float32Tensor(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return (state / 2 ** 31 - 1) * scale;
    }),
  );
}

const typeNames: Readonly<Record<string, string>> = {
  float32: 'DT_FLOAT',
  int32: 'DT_INT32',
  bool: 'DT_BOOL',
};
const t = {
  type: (name: string) => ({ type: name }),
  i: (value: number) => ({ i: String(value) }),
  f: (value: number) => ({ f: value }),
  b: (value: boolean) => ({ b: value }),
  s: (value: string) => ({ s: btoa(value) }),
  list: (...values: number[]) => ({ list: { i: values.map(String) } }),
};

/** Results of one node, through a graph model that holds nothing else. */
function run(op: string, operands: readonly Operand[], attr: object = {}, results = 1): Tensor[] {
  const inputs = operands.map(({ value, constant }, i) => ({
    name: `in${i}`,
    op: constant ? 'Const' : 'Placeholder',
    attr: {
      dtype: t.type(typeNames[value.element]!),
      shape: { shape: { dim: value.shape.map((size) => ({ size: String(size) })) } },
    },
  }));
  const node = { name: 'node', op, input: inputs.map(({ name }) => name), attr };
  const stored = operands.flatMap(({ value, constant }, i) => (constant ? [{ value, name: `in${i}` }] : []));
  const bytes = Uint8Array.from(
    stored.flatMap(({ value: { data } }) => [
      ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ]),
  );
  const weights = stored.map(({ value, name }) => ({ name, shape: value.shape, dtype: value.element }));
  const names = Array.from({ length: results }, (_, i) => `node:${i}`);
  const json = {
    format: 'graph-model',
    modelTopology: { node: [...inputs, node] },
    weightsManifest: [{ paths: ['w'], weights }],
    signature: { outputs: Object.fromEntries(names.map((name) => [name, { name }])) },
  };
  const imported = importTfjs(new TextEncoder().encode(JSON.stringify(json)), () => bytes);
  if (!imported.ok) throw new Error(imported.diagnostics.map(renderDiagnostic).join('\n'));
  const graph = runPasses(imported.value);
  expect(verifyGraph(graph)).toEqual([]);
  const feeds = operands.map(({ value }, i) => [`in${i}`, value] as const);
  const found = evaluateGraph(graph, new Map(feeds.filter(([name]) => graph.inputs.includes(name))));
  return names.map((name) => found.get(name)!);
}

const numbers = ({ data }: Tensor): number[] =>
  Array.from({ length: data.length }, (_, i) => Number(data[i]));

function tfTensor(given: Tensor): tf.Tensor {
  return tf.tensor(numbers(given), [...given.shape], given.element as 'float32');
}

async function expectSame(found: Tensor, wanted: tf.Tensor, tolerance = 1e-5): Promise<void> {
  expect(found.shape).toEqual(wanted.shape);
  const values = await wanted.data();
  for (let i = 0; i < values.length; i++) {
    const [a, b] = [Number(found.data[i]), Number(values[i])];
    if (Number.isNaN(b)) expect(a).toBeNaN();
    else if (a !== b) expect(Math.abs(a - b)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b)));
  }
}

const picture = noise([2, 5, 6, 3]);
const p4 = tfTensor(picture) as tf.Tensor4D;

describe('windows', () => {
  it.each([
    [1, 'SAME'],
    [2, 'SAME'],
    [3, 'VALID'],
  ] as const)('Conv2DBackpropInput, stride %d, %s', async (stride, padding) => {
    const filter = noise([3, 3, 4, 3], 2);
    const size = (extent: number): number =>
      padding === 'SAME' ? extent * stride - (stride > 1 ? 1 : 0) : (extent - 1) * stride + 3;
    const shape = [2, size(5), size(6), 4] as [number, number, number, number];
    const attr = { strides: t.list(1, stride, stride, 1), padding: t.s(padding) };
    const [found] = run('Conv2DBackpropInput', [ints(...shape), fixed(filter), live(picture)], attr);
    const pad = padding === 'SAME' ? 'same' : 'valid';
    await expectSame(found!, tf.conv2dTranspose(p4, tfTensor(filter) as tf.Tensor4D, shape, stride, pad));
  });

  it('depthwise with a multiplier and dilation; average pooling that leaves padding out', async () => {
    const filter = noise([2, 3, 3, 2], 5);
    const attr = { strides: t.list(1, 1, 1, 1), dilations: t.list(1, 2, 2, 1), padding: t.s('SAME') };
    const [found] = run('DepthwiseConv2dNative', [live(picture), fixed(filter)], attr);
    await expectSame(found!, tf.depthwiseConv2d(p4, tfTensor(filter) as tf.Tensor4D, 1, 'same', 'NHWC', 2));
    const pool = { ksize: t.list(1, 3, 3, 1), strides: t.list(1, 2, 2, 1), padding: t.s('SAME') };
    await expectSame(run('AvgPool', [live(picture)], pool)[0]!, tf.avgPool(p4, 3, 2, 'same'));
  });

  it('fused matrix product with bias and LeakyRelu', async () => {
    const [a, b, bias] = [noise([3, 4]), noise([4, 5], 2), noise([5], 3)];
    const attr = {
      fused_ops: { list: { s: [btoa('BiasAdd'), btoa('LeakyRelu')] } },
      leakyrelu_alpha: t.f(0.3),
      num_args: t.i(1),
    };
    const [found] = run('_FusedMatMul', [live(a), fixed(b), fixed(bias)], attr);
    const sum = tf.add(tf.matMul(tfTensor(a) as tf.Tensor2D, tfTensor(b) as tf.Tensor2D), tfTensor(bias));
    await expectSame(found!, tf.leakyRelu(sum, 0.3));
  });
});

describe('resizing', () => {
  const cases = [false, true].flatMap((corners) =>
    [false, true]
      .filter((half) => !(corners && half))
      .flatMap((half) =>
        (
          [
            [10, 12],
            [7, 9],
            [3, 2],
            [1, 6],
          ] as [number, number][]
        ).map((size) => ({ corners, half, size })),
      ),
  );
  it.each(cases)('to $size, corners $corners, half pixels $half', async ({ corners, half, size }) => {
    const attr = { align_corners: t.b(corners), half_pixel_centers: t.b(half) };
    const linear = run('ResizeBilinear', [live(picture), ints(...size)], attr)[0]!;
    await expectSame(linear, tf.image.resizeBilinear(p4, size, corners, half), 1e-4);
    const nearest = run('ResizeNearestNeighbor', [live(picture), ints(...size)], attr)[0]!;
    await expectSame(nearest, tf.image.resizeNearestNeighbor(p4, size, corners, half));
  });
});

interface Entry {
  readonly begin: number;
  readonly end: number;
  readonly stride: number;
  readonly kind: 'range' | 'from start' | 'to end' | 'shrink' | 'new' | 'ellipsis';
}

/** The indices that Python's `begin:end:stride` picks of `extent` elements. */
function picked({ begin, end, stride, kind }: Entry, extent: number): number[] {
  const all = Array.from({ length: extent }, (_, i) => i);
  const position = (at: number): number => (at < 0 ? at + extent : at);
  const from = kind === 'from start' ? (stride > 0 ? 0 : extent - 1) : position(begin);
  const first = stride > 0 ? Math.max(from, 0) : Math.min(from, extent - 1);
  return (stride > 0 ? all : all.reverse()).filter((i) => {
    const before = kind === 'to end' || (stride > 0 ? i < position(end) : i > position(end));
    const after = stride > 0 ? i >= first : i <= first;
    return before && after && (i - first) % stride === 0;
  });
}

it('StridedSlice with any masks picks what Python picks', () => {
  const x = noise([4, 3, 5]);
  const entry: fc.Arbitrary<Entry> = fc.record({
    begin: fc.integer({ min: -6, max: 5 }),
    end: fc.integer({ min: -6, max: 6 }),
    stride: fc.constantFrom(1, 2, -1, -2),
    kind: fc.constantFrom('range', 'from start', 'to end', 'shrink', 'new', 'ellipsis'),
  });
  const property = fc.property(fc.array(entry, { minLength: 1, maxLength: 4 }), (given) => {
    const ellipsis = given.findIndex(({ kind }) => kind === 'ellipsis');
    const entries = given.filter(({ kind }, i) => kind !== 'ellipsis' || i === ellipsis);
    const named = entries.filter(({ kind }) => kind !== 'new' && kind !== 'ellipsis').length;
    fc.pre(named <= 3);
    const axes: number[][] = [];
    const shape: number[] = [];
    const begins = entries.map((e) => (e.kind === 'shrink' ? Math.abs(e.begin) % 3 : e.begin));
    const whole = (): void => {
      const extent = x.shape[axes.length]!;
      axes.push(Array.from({ length: extent }, (_, i) => i));
      shape.push(extent);
    };
    entries.forEach((e, i) => {
      if (e.kind === 'ellipsis') for (let n = named; n < 3; n++) whole();
      else if (e.kind === 'new') shape.push(1);
      else if (e.kind === 'shrink') axes.push([begins[i]!]);
      else {
        axes.push(picked(e, x.shape[axes.length]!));
        shape.push(axes.at(-1)!.length);
      }
    });
    while (axes.length < 3) whole();
    const wanted = axes[0]!.flatMap((a) =>
      axes[1]!.flatMap((b) => axes[2]!.map((c) => x.data[(a * 3 + b) * 5 + c])),
    );
    const mask = (kind: string): number =>
      entries.reduce((bits, e, i) => (e.kind === kind ? bits | (1 << i) : bits), 0);
    const kinds = {
      begin: 'from start',
      end: 'to end',
      ellipsis: 'ellipsis',
      new_axis: 'new',
      shrink_axis: 'shrink',
    };
    const attr = Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => [`${name}_mask`, t.i(mask(kind))]),
    );
    const [ends, strides] = [
      entries.map((e) => e.end),
      entries.map((e) => (e.kind === 'shrink' ? 1 : e.stride)),
    ];
    const [found] = run('StridedSlice', [live(x), ints(...begins), ints(...ends), ints(...strides)], attr);
    expect(found!.shape).toEqual(shape);
    expect([...numbers(found!)]).toEqual(wanted);
  });
  fc.assert(property, { numRuns: Number(process.env.SYSTOLE_RUNS ?? 150) });
});

describe('elements that move', () => {
  it('MirrorPad, ReverseV2, DepthToSpace, Tile', async () => {
    const pads: [number, number][] = [
      [0, 0],
      [2, 1],
      [1, 3],
      [0, 2],
    ];
    for (const mode of ['REFLECT', 'SYMMETRIC'] as const) {
      const operand = fixed(tensor('int32', [4, 2], Int32Array.from(pads.flat())));
      const [found] = run('MirrorPad', [live(picture), operand], { mode: t.s(mode) });
      await expectSame(found!, tf.mirrorPad(p4, pads, mode.toLowerCase() as 'reflect'));
    }
    await expectSame(run('ReverseV2', [live(picture), ints(1, -1)])[0]!, tf.reverse(p4, [1, 3]));
    const deep = noise([2, 3, 2, 8]);
    const [spread] = run('DepthToSpace', [live(deep)], { block_size: t.i(2) });
    await expectSame(spread!, tf.depthToSpace(tfTensor(deep) as tf.Tensor4D, 2));
    await expectSame(run('Tile', [live(picture), ints(1, 2, 1, 3)])[0]!, tf.tile(p4, [1, 2, 1, 3]));
  });

  it('SpaceToBatchND and BatchToSpaceND with padding and crops', async () => {
    const x = noise([2, 3, 6, 2]);
    const pads = [
      [1, 0],
      [2, 0],
    ];
    const operand = fixed(tensor('int32', [2, 2], Int32Array.from(pads.flat())));
    const [apart] = run('SpaceToBatchND', [live(x), ints(2, 4), operand]);
    const wanted = tf.spaceToBatchND(tfTensor(x), [2, 4], pads);
    await expectSame(apart!, wanted);
    const [back] = run('BatchToSpaceND', [live(apart!), ints(2, 4), operand]);
    await expectSame(back!, tf.batchToSpaceND(wanted, [2, 4], pads));
  });

  it('Gather, GatherNd, ScatterNd, OneHot', async () => {
    const indices = tensor('int32', [2, 2], Int32Array.of(2, 0, 1, 2));
    const [found] = run('GatherV2', [live(picture), live(indices), int(3)]);
    await expectSame(found!, tf.gather(p4, tfTensor(indices), 3));
    const tuples = tensor('int32', [3, 2], Int32Array.of(0, 4, 1, 1, 1, 0));
    await expectSame(run('GatherNd', [live(picture), live(tuples)])[0]!, tf.gatherND(p4, tfTensor(tuples)));
    const rows = tensor('int32', [3, 1], Int32Array.of(1, 3, 1));
    const updates = noise([3, 2]);
    const [sums] = run('ScatterNd', [live(rows), live(updates), ints(5, 2)]);
    await expectSame(sums!, tf.scatterND(tfTensor(rows), tfTensor(updates), [5, 2]));
    const hot = [live(indices), int(3), fixed(float32Tensor([], [2])), fixed(float32Tensor([], [-1]))];
    await expectSame(run('OneHot', hot, { axis: t.i(-1) })[0]!, tf.oneHot(tfTensor(indices), 3, 2, -1));
  });

  it('Unpack, SplitV, Pack', async () => {
    const unpacked = run('Unpack', [live(picture)], { num: t.i(5), axis: t.i(1) }, 5);
    for (const [i, wanted] of tf.unstack(p4, 1).entries()) await expectSame(unpacked[i]!, wanted);
    const split = run('SplitV', [live(picture), ints(1, -1, 2), int(2)], {}, 3);
    for (const [i, wanted] of tf.split(p4, [1, 3, 2], 2).entries()) await expectSame(split[i]!, wanted);
    const packed = run('Pack', [live(picture), live(picture)], { axis: t.i(-1) });
    await expectSame(packed[0]!, tf.stack([p4, p4], 4));
  });
});

describe('reductions and scans', () => {
  it('ArgMax, TopK, Cumsum, Prod, All, EuclideanNorm', async () => {
    const attr = { output_type: t.type('DT_INT32') };
    for (const axis of [0, 3])
      await expectSame(run('ArgMax', [live(picture), int(axis)], attr)[0]!, tf.argMax(p4, axis));
    const [values, positions] = run('TopKV2', [live(picture), int(2)], {}, 2);
    const wanted = tf.topk(p4, 2);
    await expectSame(values!, wanted.values);
    await expectSame(positions!, wanted.indices);
    const scan = { exclusive: t.b(true), reverse: t.b(true) };
    await expectSame(run('Cumsum', [live(picture), int(2)], scan)[0]!, tf.cumsum(p4, 2, true, true));
    await expectSame(
      run('Prod', [live(picture), ints(1, 3)], { keep_dims: t.b(true) })[0]!,
      tf.prod(p4, [1, 3], true),
    );
    const flags = tensor('bool', [2, 3], Uint8Array.of(1, 1, 0, 1, 1, 1));
    await expectSame(run('All', [live(flags), ints(1)])[0]!, tf.all(tfTensor(flags), 1));
    await expectSame(run('EuclideanNorm', [live(picture), ints(1, 2)])[0]!, tf.euclideanNorm(p4, [1, 2]));
  });

  it('LRN, LogSoftmax', async () => {
    const attr = { depth_radius: t.i(1), bias: t.f(1.5), alpha: t.f(0.3), beta: t.f(0.6) };
    await expectSame(
      run('LRN', [live(picture)], attr)[0]!,
      tf.localResponseNormalization(p4, 1, 1.5, 0.3, 0.6),
    );
    await expectSame(run('LogSoftmax', [live(picture)])[0]!, tf.logSoftmax(p4));
  });
});

describe('element by element', () => {
  const [a, b] = [noise([3, 4], 3, 6), noise([4], 4, 3)];
  const [ta, tb] = [tfTensor(a), tfTensor(b)];
  const whole = (values: number[]): Tensor => tensor('int32', [values.length], Int32Array.from(values));

  it.each([
    ['FloorDiv', tf.floorDiv],
    ['FloorMod', tf.mod],
    ['SquaredDifference', tf.squaredDifference],
    ['Maximum', tf.maximum],
    ['NotEqual', tf.notEqual],
    ['GreaterEqual', tf.greaterEqual],
  ] as const)('%s', async (op, f) => {
    await expectSame(run(op, [live(a), live(b)])[0]!, (f as typeof tf.add)(ta, tb));
  });

  it('FloorDiv and FloorMod of negative integers', async () => {
    const [x, y] = [whole([7, -7, 7, -7, 6]), whole([2, 2, -2, -2, 3])];
    expect([...run('FloorDiv', [live(x), live(y)])[0]!.data]).toEqual([3, -4, -4, 3, 2]);
    expect([...run('FloorMod', [live(x), live(y)])[0]!.data]).toEqual([1, 1, -1, -1, 0]);
  });

  it('DivNoNan gives 0 where it divides by 0', () => {
    const divisor = float32Tensor([3], [0, 2, 0]);
    expect([...run('DivNoNan', [live(float32Tensor([3], [1, 3, 0])), live(divisor)])[0]!.data]).toEqual([
      0, 1.5, 0,
    ]);
  });

  it('Select of the first version chooses rows, SelectV2 broadcasts', async () => {
    const c = tensor('bool', [3], Uint8Array.of(1, 0, 1));
    const [found] = run('Select', [live(c), live(a), live(noise([3, 4], 9))]);
    const rows = tf.tile(tf.reshape(tfTensor(c), [3, 1]), [1, 4]);
    await expectSame(found!, tf.where(rows, ta, tfTensor(noise([3, 4], 9))));
    const c4 = tensor('bool', [4], Uint8Array.of(1, 0, 0, 1));
    const [wide] = run('SelectV2', [live(c4), live(a), live(b)]);
    await expectSame(wide!, tf.where(tfTensor(c4), ta, tb));
  });

  it.each([
    ['Log1p', tf.log1p, 0.4],
    ['Expm1', tf.expm1, 1],
    ['Rsqrt', (x: tf.Tensor) => tf.rsqrt(tf.abs(x)), 1],
    ['Softplus', tf.softplus, 1],
    ['Selu', tf.selu, 1],
    ['Elu', tf.elu, 1],
    ['Erf', tf.erf, 0.3],
    ['Rint', tf.round, 2],
    ['Square', tf.square, 1],
    ['Relu6', tf.relu6, 3],
  ] as const)('%s', async (op, f, scale) => {
    const x = noise([3, 4], 8, scale);
    const given = op === 'Rsqrt' ? float32Tensor(x.shape, numbers(x).map(Math.abs)) : x;
    // tfjs approximates erf to 1.5e-7.
    await expectSame(run(op, [live(given)])[0]!, (f as typeof tf.relu)(tfTensor(given)));
  });

  it('Einsum, BatchMatMulV2 with adjoints, ClipByValue', async () => {
    const [x, y] = [noise([2, 3, 4]), noise([2, 5, 4], 2)];
    const [tx, ty] = [tfTensor(x), tfTensor(y)];
    const equation = 'bij,bkj->bik';
    await expectSame(
      run('Einsum', [live(x), live(y)], { equation: t.s(equation) })[0]!,
      tf.einsum(equation, tx, ty),
    );
    await expectSame(
      run('BatchMatMulV2', [live(x), live(y)], { adj_y: t.b(true) })[0]!,
      tf.matMul(tx, ty, false, true),
    );
    const ends = [fixed(float32Tensor([], [-1])), fixed(float32Tensor([], [0.5]))];
    await expectSame(run('ClipByValue', [live(x), ...ends])[0]!, tf.clipByValue(tx, -1, 0.5));
  });
});
