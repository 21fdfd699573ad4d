/** Every float operator against onnxruntime: one small ONNX file per row, imported, evaluated and compared. */

import { describe, expect, it } from 'vitest';
import { float32Tensor, type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, GraphBuilder, operatorTable, verifyGraph } from '../../compiler/graph/index.js';
import { integerOperators } from '../../compiler/graph/integer/index.js';
import { onnxMappings, readOnnx } from '../../compiler/importers/onnx/index.js';
import { randomTensor, relativeError } from '../support/compare.js';
import { inConformance } from '../support/in-conformance.js';
import { makeOnnxModel, type OnnxAttributeValue, runOnnxruntime } from '../support/onnx-model.js';

interface Case {
  readonly op: string;
  readonly attributes?: Readonly<Record<string, OnnxAttributeValue>>;
  /** Run-time inputs (by position) and constants; '' is an absent one. */
  readonly inputs: readonly (Tensor | '' | { readonly constant: Tensor })[];
  readonly outputs?: number;
  readonly opset?: number;
  readonly note?: string;
}

const f = (shape: readonly number[], seed = 1): Tensor => randomTensor(shape, seed);
const int8 = (shape: readonly number[], seed = 2): Tensor => randomTensor(shape, seed, 'int8');
/** Weights of which onnxruntime's kernels of x86 without VNNI, which add pairs of products in 16 bits, saturate no sum. */
const small = (shape: readonly number[], seed = 2): Tensor => randomTensor(shape, seed, 'int8', [-63, 63]);
const uint8 = (shape: readonly number[], seed = 3): Tensor => randomTensor(shape, seed, 'uint8');
const positive = (shape: readonly number[], seed = 4): Tensor =>
  float32Tensor(
    shape,
    Array.from(f(shape, seed).data, Number).map((v) => Math.abs(v) + 0.1),
  );
const scalar = (value: number): Tensor => float32Tensor([], [value]);
const byte = (element: 'int8' | 'uint8', value: number): Tensor =>
  tensor(element, [], element === 'int8' ? Int8Array.of(value) : Uint8Array.of(value));
const ints = (...values: readonly number[]): { readonly constant: Tensor } => ({
  constant: tensor('int64', [values.length], BigInt64Array.from(values, BigInt)),
});
const k = (constant: Tensor): { readonly constant: Tensor } => ({ constant });

const image = f([2, 4, 7, 9]);
const matrix = f([3, 5]);

const cases: readonly Case[] = [
  {
    op: 'Conv',
    inputs: [image, k(f([6, 4, 3, 3], 2)), k(f([6], 3))],
    attributes: { pads: [1, 0, 2, 1], strides: [2, 1] },
  },
  {
    op: 'Conv',
    inputs: [image, k(f([8, 2, 3, 2], 2))],
    attributes: { group: 2, dilations: [2, 3] },
    note: 'groups',
  },
  {
    op: 'Conv',
    inputs: [image, k(f([4, 1, 3, 3], 2))],
    attributes: { group: 4, auto_pad: 'SAME_UPPER', strides: [2, 2] },
  },
  {
    op: 'Conv',
    inputs: [image, k(f([3, 4, 2, 4], 2))],
    attributes: { auto_pad: 'SAME_LOWER' },
    note: 'lower',
  },
  {
    op: 'Conv',
    inputs: [f([2, 3, 11]), k(f([4, 3, 3], 2))],
    attributes: { pads: [2, 1], strides: [2] },
    note: '1-D',
  },
  { op: 'Conv', inputs: [image, k(f([3, 4, 1, 1], 2))], note: '1x1' },
  {
    op: 'MaxPool',
    inputs: [image],
    attributes: { kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1] },
  },
  { op: 'MaxPool', inputs: [image], attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  { op: 'MaxPool', inputs: [image], attributes: { kernel_shape: [2, 2], dilations: [2, 3] } },
  { op: 'MaxPool', inputs: [uint8([1, 2, 5, 5])], attributes: { kernel_shape: [2, 2] }, note: 'uint8' },
  {
    op: 'AveragePool',
    inputs: [image],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  {
    op: 'AveragePool',
    inputs: [image],
    attributes: { kernel_shape: [3, 3], pads: [1, 1, 0, 2], count_include_pad: 1 },
  },
  { op: 'AveragePool', inputs: [image], attributes: { kernel_shape: [3, 2], strides: [2, 3], ceil_mode: 1 } },
  { op: 'AveragePool', inputs: [image], opset: 19, attributes: { kernel_shape: [2, 2], dilations: [2, 2] } },
  { op: 'GlobalAveragePool', inputs: [image] },
  { op: 'GlobalMaxPool', inputs: [image] },
  ...[
    'Relu',
    'Sigmoid',
    'Tanh',
    'HardSigmoid',
    'HardSwish',
    'LeakyRelu',
    'Elu',
    'Abs',
    'Neg',
    'Exp',
    'Floor',
    'Ceil',
  ].map((op): Case => ({ op, inputs: [image] })),
  ...['Log', 'Sqrt', 'Reciprocal'].map((op): Case => ({ op, inputs: [positive([3, 4])] })),
  ...['Sin', 'Cos', 'Celu', 'Erf', 'Softplus', 'Softsign', 'Round', 'Sign', 'Selu', 'ThresholdedRelu'].map(
    (op): Case => ({ op, inputs: [image] }),
  ),
  ...['ReduceL1', 'ReduceLogSum', 'ReduceLogSumExp'].map(
    (op): Case => ({ op, inputs: [positive([3, 4])], attributes: { axes: [1] } }),
  ),
  { op: 'LeakyRelu', inputs: [image], attributes: { alpha: { f: 0.3 } } },
  { op: 'PRelu', inputs: [image, k(f([4, 1, 1], 5))] },
  { op: 'Clip', inputs: [image, k(scalar(-0.25)), k(scalar(0.5))] },
  { op: 'Clip', inputs: [image, '', k(scalar(0.5))], note: 'no minimum' },
  { op: 'Clip', inputs: [image], opset: 7, attributes: { min: { f: 0 }, max: { f: 0.6 } } },
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min'].flatMap((op): Case[] => [
    { op, inputs: [image, positive([4, 1, 9], 7)], note: 'broadcast' },
    { op, inputs: [f([3, 1]), positive([1, 4], 7)], note: 'both broadcast' },
  ]),
  { op: 'Sum', inputs: [f([3]), f([2, 1]), f([1])] },
  { op: 'Sum', inputs: [f([3])], note: 'one operand' },
  { op: 'Gemm', inputs: [matrix, k(f([5, 4], 2)), k(f([4], 3))] },
  {
    op: 'Gemm',
    inputs: [f([5, 3]), k(f([4, 5], 2)), k(f([3, 1], 3))],
    attributes: { transA: 1, transB: 1, alpha: { f: 0.5 }, beta: { f: 2 } },
  },
  { op: 'Gemm', inputs: [matrix, k(f([5, 4], 2))], note: 'without C' },
  { op: 'MatMul', inputs: [f([2, 1, 3, 5]), f([4, 5, 2], 2)], note: 'batched' },
  { op: 'MatMul', inputs: [f([5]), f([4, 5, 2], 2)], note: 'vector left' },
  { op: 'MatMul', inputs: [f([4, 2, 5]), f([5], 2)], note: 'vector right' },
  {
    op: 'BatchNormalization',
    inputs: [image, ...[1, 2, 3].map((seed) => k(f([4], seed))), k(positive([4]))],
    attributes: { epsilon: { f: 0.01 } },
  },
  { op: 'Softmax', inputs: [f([2, 3, 4])], attributes: { axis: 1 } },
  { op: 'Softmax', inputs: [f([2, 3, 4])], note: 'default axis' },
  { op: 'Softmax', inputs: [f([2, 3, 4])], opset: 11, attributes: { axis: 1 }, note: 'all axes from 1 on' },
  {
    op: 'LRN',
    inputs: [image],
    attributes: { size: 3, alpha: { f: 0.2 }, beta: { f: 0.6 }, bias: { f: 1.5 } },
  },
  { op: 'Identity', inputs: [image] },
  { op: 'Dropout', inputs: [image] },
  { op: 'Dropout', inputs: [image], opset: 11, attributes: { ratio: { f: 0.5 } } },
  { op: 'Reshape', inputs: [image, ints(0, -1, 3)] },
  { op: 'Flatten', inputs: [image], attributes: { axis: 2 } },
  { op: 'Flatten', inputs: [image], attributes: { axis: -1 }, note: 'negative axis' },
  { op: 'Squeeze', inputs: [f([1, 3, 1, 2]), ints(0, 2)] },
  { op: 'Squeeze', inputs: [f([1, 3, 1, 2])], opset: 11, attributes: { axes: [-2] } },
  { op: 'Unsqueeze', inputs: [f([3, 2]), ints(0, -1)] },
  { op: 'Unsqueeze', inputs: [f([3, 2])], opset: 11, attributes: { axes: [1, 2] } },
  { op: 'Transpose', inputs: [image], attributes: { perm: [0, 2, 3, 1] } },
  { op: 'Transpose', inputs: [f([2, 3, 4])], note: 'reversed' },
  { op: 'Expand', inputs: [f([3, 1]), ints(2, 1, 4)] },
  { op: 'Concat', inputs: [f([2, 3, 2]), f([2, 1, 2], 2), f([2, 4, 2], 3)], attributes: { axis: 1 } },
  { op: 'Concat', inputs: [f([2, 3]), f([2, 1], 2)], attributes: { axis: -1 } },
  { op: 'Split', inputs: [f([2, 7]), ints(3, 4)], outputs: 2, attributes: { axis: 1 } },
  { op: 'Split', inputs: [f([6, 2])], outputs: 3, opset: 11, note: 'equal parts' },
  { op: 'Split', inputs: [f([7, 2])], outputs: 3, opset: 18, attributes: { num_outputs: 3 } },
  { op: 'Slice', inputs: [image, ints(1, 0), ints(-1, 100), ints(2, 3), ints(2, 3)] },
  { op: 'Slice', inputs: [f([9, 4]), ints(-1), ints(-100), ints(0), ints(-2)], note: 'backwards' },
  { op: 'Slice', inputs: [image], opset: 9, attributes: { starts: [1], ends: [3], axes: [1] } },
  {
    op: 'Gather',
    inputs: [f([4, 3, 2]), k(tensor('int64', [2, 2], BigInt64Array.of(0n, -1n, 2n, 1n)))],
    attributes: { axis: 1 },
  },
  { op: 'Pad', inputs: [image, ints(0, 0, 1, 2, 0, 1, 0, 3), k(scalar(1.5))] },
  { op: 'Pad', inputs: [f([4, 4]), ints(-1, 0, 2, -2)], note: 'cropping' },
  { op: 'Pad', inputs: [f([3, 4]), ints(1, 2), k(scalar(-1)), ints(-1)], opset: 18, note: 'axes' },
  { op: 'Pad', inputs: [f([3, 4])], opset: 9, attributes: { pads: [1, 0, 0, 2], value: { f: 3 } } },
  ...['ReduceMean', 'ReduceMax'].flatMap((op): Case[] => [
    { op, inputs: [image], attributes: { axes: [2, 3] } },
    { op, inputs: [image], attributes: { axes: [-3], keepdims: 0 } },
    { op, inputs: [image, ints(1, 2)], opset: 18, note: 'axes as input' },
  ]),
  { op: 'ReduceSum', inputs: [image, ints(0, 2)], attributes: { keepdims: 0 } },
  { op: 'ReduceSum', inputs: [image], note: 'all axes' },
  { op: 'Cast', inputs: [float32Tensor([4], [-2.7, -0.5, 0, 3.9])], attributes: { to: 6 } },
  { op: 'Cast', inputs: [float32Tensor([3], [-2.7, 0, 3.9])], attributes: { to: 9 } },
  { op: 'Cast', inputs: [uint8([5])], attributes: { to: 1 } },
  { op: 'QuantizeLinear', inputs: [image, k(scalar(0.0123)), k(byte('int8', -7))] },
  { op: 'QuantizeLinear', inputs: [image, k(scalar(0.0043))], note: 'uint8, no zero point' },
  {
    op: 'QuantizeLinear',
    inputs: [float32Tensor([6], [-1.5, -0.5, 0.5, 1.5, 2.5, 900]), k(scalar(1)), k(byte('uint8', 3))],
  },
  {
    op: 'QuantizeLinear',
    inputs: [image, k(positive([4])), k(tensor('int8', [4], Int8Array.of(0, 5, -9, 100)))],
    attributes: { axis: 1 },
  },
  { op: 'DequantizeLinear', inputs: [int8([2, 3]), k(scalar(0.02)), k(byte('int8', 11))] },
  { op: 'DequantizeLinear', inputs: [randomTensor([7], 1, 'int32', [-99999, 99999]), k(scalar(0.001))] },
  {
    op: 'DequantizeLinear',
    inputs: [uint8([3, 4]), k(positive([3])), k(uint8([3], 9))],
    attributes: { axis: 0 },
  },
  {
    op: 'QLinearConv',
    inputs: [
      ...[uint8([2, 4, 6, 6]), k(scalar(0.02)), k(byte('uint8', 120)), k(small([6, 2, 3, 3]))],
      ...[
        k(positive([6], 8)),
        k(tensor('int8', [6], new Int8Array(6))),
        k(scalar(9.5)),
        k(byte('uint8', 131)),
      ],
      k(randomTensor([6], 4, 'int32', [-4000, 4000])),
    ],
    attributes: { group: 2, pads: [1, 1, 1, 1], strides: [2, 1] },
  },
  {
    op: 'QLinearMatMul',
    inputs: [
      ...[uint8([2, 3, 8]), k(scalar(0.02)), k(byte('uint8', 120)), k(uint8([8, 5], 6))],
      ...[k(scalar(0.03)), k(byte('uint8', 99)), k(scalar(0.9)), k(byte('uint8', 131))],
    ],
  },
];

function build(test: Case): { readonly bytes: Uint8Array; readonly inputs: Map<string, Tensor> } {
  const inputs = new Map<string, Tensor>();
  const initializers: Record<string, Tensor> = {};
  const names = test.inputs.map((input, index) => {
    if (input === '') return '';
    if ('constant' in input) initializers[`c${index}`] = input.constant;
    else inputs.set(`x${index}`, input);
    return 'constant' in input ? `c${index}` : `x${index}`;
  });
  const outputs = Array.from({ length: test.outputs ?? 1 }, (_, index) => `y${index}`);
  const { op, attributes = {} } = test;
  const bytes = makeOnnxModel({
    nodes: [{ op, inputs: names, outputs, attributes, name: 'node' }],
    inputs: [...inputs].map(([name, { element, shape }]) => ({ name, element, shape })),
    outputs: outputs.map((name) => ({ name, element: elementOut(test) })),
    initializers,
    opset: test.opset ?? 17,
  });
  return { bytes, inputs };
}

/** The element type that the file states for the outputs. */
function elementOut({ op, inputs, attributes }: Case): Tensor['element'] {
  if (op === 'Cast') return attributes!.to === 1 ? 'float32' : attributes!.to === 9 ? 'bool' : 'int32';
  if (op === 'DequantizeLinear') return 'float32';
  const states = { QuantizeLinear: 2, QLinearConv: 7, QLinearMatMul: 7 } as Record<string, number>;
  const stating = inputs[states[op] ?? 0];
  if (stating === undefined) return 'uint8';
  if (stating === '') throw new Error('the first input is never absent');
  return 'constant' in stating ? stating.constant.element : stating.element;
}

describe('float operators against onnxruntime', () => {
  it.each(cases.map((test) => [label(test), test] as const))('%s', async (_, test) => {
    const { bytes, inputs } = build(test);
    const graph = unwrap(readOnnx(bytes));
    expect(verifyGraph(graph)).toEqual([]);
    const expected = await runOnnxruntime(bytes, inputs);
    const actual = evaluateGraph(graph, inputs);
    expect(actual.size).toBe(test.outputs ?? 1);
    for (const [name, t] of actual)
      expect(relativeError(t, expected.get(name)!), name).toBeLessThanOrEqual(1e-5);
  });

  it('covers every float operator of the table', () => {
    const tested = new Set(
      cases.flatMap((test) => unwrap(readOnnx(build(test).bytes)).nodes.map((node) => node.operator)),
    );
    const float = Object.keys(operatorTable).filter((name) => !Object.hasOwn(integerOperators, name));
    const elsewhere = new Set<string>([...inConformance, ...logical, ...inControl]);
    expect(float.filter((name) => !tested.has(name) && !elsewhere.has(name))).toEqual([]);
  });

  it('covers every mapping of the ONNX importer except those that only make constants', () => {
    const tested = new Set(cases.map(({ op }) => op));
    const elsewhere = new Set<string>([
      ...[...inConformance, ...logical, ...inControl],
      ...['Constant', 'ConstantOfShape', 'Shape'],
    ]);
    const untested = Object.keys(onnxMappings).filter((name) => !tested.has(name) && !elsewhere.has(name));
    expect(untested).toEqual([]);
  });
});

/** Operators that the tests below evaluate without onnxruntime. */
const logical = ['Not', 'Xor', 'IsNaN', 'Silu', 'Function', 'Interleave'];

/** What test/onnx/control.test.ts holds against onnxruntime, or against its branches written out. */
const inControl = ['ConvInteger', 'If', 'Loop'];

describe('operators tested by their truth', () => {
  const run = (operator: string, inputs: readonly Tensor[]): number[] => {
    const b = new GraphBuilder('truth');
    const names = inputs.map(({ element, shape }, i) => b.input(`x${i}`, { element, shape }));
    b.output(b.node(operator, names, { outputs: ['y'] }));
    const fed = new Map(inputs.map((t, i) => [`x${i}`, t]));
    return Array.from(evaluateGraph(b.build(), fed).get('y')!.data, Number);
  };
  const bits = (...values: number[]): Tensor => tensor('bool', [values.length], Uint8Array.from(values));
  const floats = (...values: number[]): Tensor =>
    tensor('float32', [values.length], Float32Array.from(values));

  it('Not and Xor', () => {
    expect(run('Not', [bits(0, 1)])).toEqual([1, 0]);
    expect(run('Xor', [bits(0, 0, 1, 1), bits(0, 1, 0, 1)])).toEqual([0, 1, 1, 0]);
  });

  it('IsNaN', () => {
    expect(run('IsNaN', [floats(Number.NaN, 1, Number.POSITIVE_INFINITY)])).toEqual([1, 0, 0]);
  });

  it('Function is what its term says, and refuses what is none', () => {
    const b = new GraphBuilder('term');
    const x = b.input('x', { element: 'float32', shape: [4] });
    const term = 'Max(Mul(x,Elu{alpha=0.5}(Sub(x,3))),-0.25)';
    b.output(b.node('Function', [x], { outputs: ['y'], attributes: { term } }));
    const y = evaluateGraph(b.build(), new Map([['x', floats(-1, 0, 3, 5)]])).get('y')!;
    expect(Array.from(y.data, Number)).toEqual(
      [Math.fround(-0.5 * Math.fround(Math.expm1(-4))), 0, 0, 10].map((v) => expect.closeTo(v, 6)),
    );
    for (const wrong of ['Mul(x', 'Mul(x)', 'y', 'Conv(x,x)', 'Elu{alpha}(x)', 'x x'])
      expect(() => b.node('Function', [x], { attributes: { term: wrong } }), wrong).toThrow(
        'is no term of one variable',
      );
  });

  it('Interleave weaves rows and columns, and refuses phases that do not fit', () => {
    const part = (width: number, ...values: number[]): Tensor =>
      tensor('float32', [1, 1, 1, width], Float32Array.from(values));
    const weave = (...parts: readonly Tensor[]) => {
      const b = new GraphBuilder('weave');
      const names = parts.map(({ element, shape }, i) => b.input(`x${i}`, { element, shape }));
      b.output(b.node('Interleave', names, { outputs: ['y'], attributes: { strides: [1, parts.length] } }));
      return Array.from(
        evaluateGraph(b.build(), new Map(parts.map((t, i) => [`x${i}`, t]))).get('y')!.data,
        Number,
      );
    };
    expect(weave(part(2, 1, 3), part(2, 2, 4))).toEqual([1, 2, 3, 4]);
    expect(weave(part(2, 1, 3), part(1, 2))).toEqual([1, 2, 3]);
    expect(() => weave(part(1, 1), part(2, 2, 3))).toThrow('phase 0 of 3 has extent 1, not 2');
  });

  it('Silu is x * Sigmoid(x)', () => {
    const x = floats(-3, -0.5, 0, 0.5, 3);
    const sigmoid = run('Sigmoid', [x]);
    const silu = run('Silu', [x]);
    for (const [i, value] of x.data.entries()) expect(silu[i]).toBeCloseTo(Number(value) * sigmoid[i]!, 6);
  });
});

function label({ op, opset, note, attributes, inputs }: Case): string {
  const details = note ?? Object.keys(attributes ?? {}).join(' ');
  return `${op}${opset === undefined ? '' : ` (opset ${opset})`} ${details} (${inputs.length} inputs)`;
}
