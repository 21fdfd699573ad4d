/**
 * Networks that came quantised get the passes of float networks that change no rounding: blocks of ShuffleNet, MobileNetV3, EfficientNet and a decoder as a quantiser writes
 * them, beside onnxruntime and on the array engine.
 */

import { describe, expect, it } from 'vitest';
import { type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { bodyOf, importQuantized } from '../../compiler/quantize/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import { openMachine } from '../../tools/library/index.js';
import { verifyWhole } from '../../tools/library/verify-whole.js';
import { randomTensor } from '../support/compare.js';
import {
  makeOnnxModel,
  type OnnxModelSpec,
  type OnnxNodeSpec,
  runOnnxruntime,
} from '../support/onnx-model.js';
import { quantizedModel } from '../support/qdq-model.js';

const node = (op: string, inputs: readonly string[], output: string, attributes = {}): OnnxNodeSpec => ({
  ...{ op, inputs, outputs: [output], attributes },
});
const list = (...numbers: number[]) => tensor('int64', [numbers.length], BigInt64Array.from(numbers, BigInt));
const one = (value: number) => tensor('float32', [], Float32Array.of(value));
const weights = (seed: number, ...shape: number[]) => randomTensor(shape, seed, 'float32', [-0.5, 0.5]);

/** Two branches joined and shuffled in two groups, then a convolution that reads the shuffled channels. */
const shuffled: OnnxModelSpec = {
  nodes: [
    node('Conv', ['x', 'w0'], 'a'),
    node('Relu', ['a'], 'ar'),
    node('Conv', ['x', 'w1', 'b1'], 'b', { group: 8, pads: [1, 1, 1, 1] }),
    node('Concat', ['ar', 'b'], 'c', { axis: 1 }),
    node('Reshape', ['c', 's5'], 'c5'),
    node('Transpose', ['c5'], 't', { perm: [0, 2, 1, 3, 4] }),
    node('Reshape', ['t', 's4'], 'u'),
    node('Conv', ['u', 'w2'], 'y', { group: 2 }),
  ],
  initializers: {
    ...{
      w0: weights(1, 8, 8, 1, 1),
      w1: weights(2, 8, 1, 3, 3),
      b1: weights(3, 8),
      w2: weights(4, 16, 8, 1, 1),
    },
    ...{ s5: list(1, 2, 8, 6, 6), s4: list(1, 16, 6, 6) },
  },
  inputs: [{ name: 'x', shape: [1, 8, 6, 6] }],
  outputs: [{ name: 'y', shape: [1, 16, 6, 6] }],
};

/** SiLU as two nodes, HardSwish as four. */
const curved: OnnxModelSpec = {
  nodes: [
    node('Conv', ['x', 'w0'], 'a', { pads: [1, 1, 1, 1] }),
    node('Sigmoid', ['a'], 's'),
    node('Mul', ['a', 's'], 'silu'),
    node('Conv', ['silu', 'w1'], 'b'),
    node('Add', ['b', 'three'], 'b3'),
    node('Clip', ['b3', 'zero', 'six'], 'bc'),
    node('Mul', ['bc', 'sixth'], 'gate'),
    node('Mul', ['b', 'gate'], 'swish'),
    node('Conv', ['swish', 'w2'], 'y'),
  ],
  initializers: {
    ...{ w0: weights(5, 8, 4, 3, 3), w1: weights(6, 8, 8, 1, 1), w2: weights(7, 4, 8, 1, 1) },
    ...{ three: one(3), zero: one(0), six: one(6), sixth: one(1 / 6) },
  },
  inputs: [{ name: 'x', shape: [1, 4, 7, 7] }],
  outputs: [{ name: 'y', shape: [1, 4, 7, 7] }],
};

/** A transposed convolution with a ReLU, the larger of two, the maximum of a plane of 400 pixels, a pool over one axis. */
const decoded: OnnxModelSpec = {
  nodes: [
    node('ConvTranspose', ['x', 'w0', 'b0'], 't', {
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      output_padding: [1, 1],
    }),
    node('Conv', ['t', 'w1'], 'c'),
    node('Max', ['t', 'c'], 'm'),
    node('GlobalMaxPool', ['m'], 'y'),
  ],
  initializers: { w0: weights(8, 4, 8, 3, 3), b0: weights(9, 8), w1: weights(10, 8, 8, 1, 1) },
  inputs: [{ name: 'x', shape: [1, 4, 10, 10] }],
  outputs: [{ name: 'y', shape: [1, 8, 1, 1] }],
};

const machine = openMachine('edge8');

async function block(float: OnnxModelSpec) {
  const spec = { opset: 17, ...float };
  const feed = (seed: number): ReadonlyMap<string, Tensor> =>
    new Map([['x', randomTensor(spec.inputs[0]!.shape as number[], seed, 'float32', [-1, 1])]]);
  const quantised = quantizedModel(spec, feed(11));
  const bytes = makeOnnxModel(quantised);
  const graph = unwrap(readOnnx(bytes, { name: 'test' }));
  const compiled = unwrap(compile(graph, machine));
  const name = quantised.outputs[0]!.name;
  const sample = feed(12);
  const [ours, meant] = [compiled.quantized.graph, graph].map(
    (g) => evaluateGraph(g, sample).get(name)!.data as Float32Array,
  ) as [Float32Array, Float32Array];
  const theirs = (await runOnnxruntime(bytes, sample)).get(name)!.data as Float32Array;
  const scale = (quantised.initializers![`${float.outputs[0]!.name}_s`]!.data as Float32Array)[0]!;
  const apart = (other: Float32Array) =>
    Array.from(other, (v, i) => Math.round(Math.abs(v - ours[i]!) / scale));
  return { compiled, sample, meant: apart(meant), theirs: apart(theirs) };
}

/** The array engine gives what the integer graph says, in one program. */
async function expectVerified({ compiled, sample }: Awaited<ReturnType<typeof block>>): Promise<void> {
  expect(compiled.segments.length).toBe(1);
  const found = await verifyWhole(arrayEngine, compiled, sample);
  expect([found.mismatches, found.cyclesPredicted]).toEqual([0, found.cyclesSimulated]);
}

const share = (steps: readonly number[]) => steps.filter((s) => s === 0).length / steps.length;
const operators = ({ compiled }: Awaited<ReturnType<typeof block>>) =>
  bodyOf(compiled.quantized).nodes.map(({ operator }) => operator);

describe('blocks as a quantiser writes them', () => {
  it('a channel shuffle is a Gather of channels', async () => {
    const made = await block(shuffled);
    expect(operators(made)).toContain('Gather');
    expect(operators(made)).not.toContain('Transpose');
    await expectVerified(made);
    for (const steps of [made.meant, made.theirs]) {
      expect(Math.max(...steps)).toBeLessThanOrEqual(1);
      expect(share(steps)).toBeGreaterThan(0.98);
    }
  });

  it('functions of one value written as several nodes are one table each', async () => {
    const made = await block(curved);
    expect(operators(made).filter((o) => o === 'IntegerRescale').length).toBe(2);
    expect(operators(made)).not.toContain('IntegerMul');
    await expectVerified(made);
    for (const steps of [made.meant, made.theirs]) {
      expect(Math.max(...steps)).toBeLessThanOrEqual(1);
      expect(share(steps)).toBeGreaterThan(0.95);
    }
  });

  it('a transposed convolution, the larger of two and the maximum of a large plane', async () => {
    const made = await block(decoded);
    expect(operators(made)).toContain('IntegerInterleave');
    await expectVerified(made);
    for (const steps of [made.meant, made.theirs]) {
      expect(Math.max(...steps)).toBeLessThanOrEqual(1);
      expect(share(steps)).toBeGreaterThan(0.8);
    }
  });
});

describe('tables of several nodes', () => {
  it('give for every integer exactly what the nodes give one after another', () => {
    const x = tensor(
      'float32',
      [1, 1, 16, 16],
      Float32Array.from({ length: 256 }, (_, i) => (i - 110) * 0.03),
    );
    const spec: OnnxModelSpec = {
      ...{
        opset: 17,
        inputs: [{ name: 'x', shape: [1, 1, 16, 16] }],
        outputs: [{ name: 'y', shape: [1, 1, 16, 16] }],
      },
      nodes: curved.nodes.slice(4, 8).map((n) => ({
        ...n,
        inputs: n.inputs.map((name) => (name === 'b' ? 'x' : name)),
        outputs: n.outputs.map((name) => (name === 'swish' ? 'y' : name)),
      })),
      initializers: curved.initializers!,
    };
    const bytes = makeOnnxModel(quantizedModel(spec, new Map([['x', x]])));
    const graph = runPasses(unwrap(readOnnx(bytes, { name: 'test' })));
    const integer = unwrap(importQuantized(graph)).graph;
    expect(integer.nodes.map(({ operator }) => operator)).toEqual([
      'QuantizeLinear',
      'IntegerRescale',
      'DequantizeLinear',
    ]);
    const [ours, meant] = [integer, graph].map(
      (g) => [...evaluateGraph(g, new Map([['x', x]])).values()][0]!,
    );
    expect(Array.from(ours!.data, Number)).toEqual(Array.from(meant!.data, Number));
  });
});
