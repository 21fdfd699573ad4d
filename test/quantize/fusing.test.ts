/** What quantisation fuses, shares and warns of, on float networks of a few nodes. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic, type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { bodyOf, type QuantizeOptions, quantize } from '../../compiler/quantize/index.js';
import { randomTensor } from '../support/compare.js';

const float = (...shape: number[]) => ({ element: 'float32', shape }) as const;

function build(body: (b: GraphBuilder) => string | readonly string[]): Graph {
  const b = new GraphBuilder('net');
  for (const output of [body(b)].flat()) b.output(output);
  return b.build();
}

const samplesOf = (graph: Graph, count = 8): Map<string, Tensor>[] =>
  Array.from(
    { length: count },
    (_, i) =>
      new Map(
        graph.inputs.map((name, k) => [
          name,
          randomTensor(graph.values.get(name)!.type.shape, 100 * i + k + 1),
        ]),
      ),
  );

const operators = (graph: Graph, samples = samplesOf(graph)) =>
  bodyOf(unwrap(quantize(graph, samples))).nodes.map((node) => node.operator);

const messages = (graph: Graph, samples = samplesOf(graph), options: QuantizeOptions = {}) =>
  quantize(graph, samples, options).diagnostics.map(renderDiagnostic).join('\n');

/** Largest difference of int8 and float outputs over the calibration samples, in steps of the output's scale. */
function steps(graph: Graph): number {
  const samples = samplesOf(graph);
  const integer = unwrap(quantize(graph, samples)).graph;
  const [output] = graph.outputs as [string];
  const producer = integer.nodes.find((node) => node.outputs[0] === output)!;
  const scale = integer.values.get(producer.inputs[0]!)!.quantization!.scale[0]!;
  const differences = samples.flatMap((sample) => {
    const [a, b] = [graph, integer].map((g) => evaluateGraph(g, sample).get(output)!.data as Float32Array);
    return Array.from(a!, (v, i) => Math.abs(v - b![i]!));
  });
  return Math.max(...differences) / scale;
}

describe('fusing', () => {
  it('a max pool takes over the ReLU behind it', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 3, 8, 8));
      const c = b.node('Conv', [x, b.constant('w', randomTensor([5, 3, 3, 3], 1))]);
      return b.node('Relu', [b.node('MaxPool', [c], { attributes: { kernel: [2, 2], strides: [2, 2] } })]);
    });
    expect(operators(graph)).toEqual(['IntegerConv', 'IntegerMaxPool']);
    expect(steps(graph)).toBeLessThan(4);
  });

  it('clamps behind one another compose, also where they do not overlap', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 4));
      const y = b.node('MatMul', [x, b.constant('w', randomTensor([4, 4], 2))]);
      const high = b.node('Clip', [y], { attributes: { min: 0.5, max: 2 } });
      return b.node('Clip', [high], { attributes: { min: -1, max: 0.25 } });
    });
    expect(operators(graph)).toEqual(['IntegerMatMul']);
    for (const sample of samplesOf(graph)) {
      const integer = unwrap(quantize(graph, samplesOf(graph))).graph;
      const result = evaluateGraph(integer, sample).get(graph.outputs[0]!)!.data as Float32Array;
      for (const value of result) expect(value).toBeCloseTo(0.25, 2);
    }
  });

  it('a bias behind a matrix product of rank 3 lies along the last axis', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 3, 4));
      const y = b.node('MatMul', [x, b.constant('w', randomTensor([4, 3], 2))]);
      return b.node('Add', [y, b.constant('b', tensor('float32', [3], Float32Array.of(-5, 0, 5)))]);
    });
    expect(operators(graph)).toEqual(['IntegerMatMul']);
    expect(steps(graph)).toBeLessThan(2);
  });

  it('the inputs of a Concat get one scale, through pooling and along a chain', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 2, 6, 6));
      const conv = (from: string, name: string, inputs: number, seed: number) =>
        b.node('Conv', [from, b.constant(name, randomTensor([4, inputs, 1, 1], seed))]);
      const first = b.node('Concat', [conv(x, 'w1', 2, 1), conv(x, 'w2', 2, 2)], { attributes: { axis: 1 } });
      const pooled = b.node('MaxPool', [conv(x, 'w3', 2, 3)], {
        attributes: { kernel: [3, 3], pads: [1, 1, 1, 1] },
      });
      return conv(b.node('Concat', [first, pooled], { attributes: { axis: 1 } }), 'w4', 12, 4);
    });
    expect(operators(graph).filter((name) => name === 'IntegerRescale')).toEqual([]);
    expect(steps(graph)).toBeLessThan(6);
  });

  it('an input of a Concat with a much finer scale keeps it', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 2, 4, 4));
      const conv = (name: string, scale: number) => {
        const w = randomTensor([3, 2, 1, 1], name.length);
        const data = (w.data as Float32Array).map((v) => v * scale);
        return b.node('Conv', [x, b.constant(name, { ...w, data })]);
      };
      return b.node('Concat', [conv('w', 1), conv('ww', 0.01)], { attributes: { axis: 1 } });
    });
    expect(operators(graph)).toEqual(['IntegerConv', 'IntegerConv', 'IntegerRescale', 'Concat']);
    expect(steps(graph)).toBeLessThan(2);
  });

  it('a channel whose weights are almost zero keeps its bias', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 2, 3, 3));
      const w = b.constant('w', tensor('float32', [2, 2, 1, 1], Float32Array.of(1, -1, 1e-20, -1e-19)));
      return b.node('Conv', [x, w, b.constant('b', tensor('float32', [2], Float32Array.of(0.5, -1.5)))]);
    });
    expect(steps(graph)).toBeLessThan(2);
  });

  it('per-channel factors and offsets become depthwise convolutions', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 3, 4, 4));
      const scale = b.constant('s', tensor('float32', [3, 1, 1], Float32Array.of(2, 0, -0.5)));
      const shifted = b.node('Sub', [b.constant('o', tensor('float32', [], Float32Array.of(1))), x]);
      return b.node('Mul', [shifted, scale]);
    });
    expect(operators(graph)).toEqual(['IntegerConv', 'IntegerConv']);
    expect(steps(graph)).toBeLessThan(3);
  });

  it('a normalisation that no convolution can take becomes one, and takes the ReLU behind it', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 3, 4, 4));
      const list = (name: string, ...values: number[]) =>
        b.constant(name, tensor('float32', [3], Float32Array.from(values)));
      const parts = [
        list('g', 2, -1, 0.5),
        list('b', 0, 0.5, -0.1),
        list('m', 0.2, 0, -1),
        list('v', 1, 4, 0.25),
      ];
      return b.node('Relu', [b.node('BatchNormalization', [x, ...parts])]);
    });
    expect(operators(graph)).toEqual(['IntegerConv']);
    expect(steps(graph)).toBeLessThan(2);
  });

  it('names that the network uses itself are not taken', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 4));
      const y = b.node('MatMul', [x, b.constant('x.q', randomTensor([4, 4], 1))], {
        name: 'x.quantize',
        outputs: ['x.scale'],
      });
      return b.node('Relu', [b.node('Abs', [y], { outputs: ['x.scale.q'] })], {
        outputs: ['x.quantize.weights'],
      });
    });
    expect(steps(graph)).toBeLessThan(3);
  });

  it('every int8 value, weight and bias says what it means', () => {
    const graph = build((b) => {
      const x = b.input('x', float(1, 2, 6, 6));
      const c = b.node('Conv', [x, b.constant('w', randomTensor([3, 2, 3, 3], 1))]);
      const mean = b.node('ReduceMean', [b.node('Tanh', [c])], {
        attributes: { axes: [2, 3], keepDims: false },
      });
      return b.node('MatMul', [mean, b.constant('m', randomTensor([3, 2], 2))]);
    });
    const { values } = bodyOf(unwrap(quantize(graph, samplesOf(graph))));
    expect([...values.values()].filter((v) => v.quantization === undefined).map((v) => v.name)).toEqual([]);
  });
});

describe('diagnostics of quantisation', () => {
  const layer = (b: GraphBuilder) =>
    b.node('MatMul', [b.input('x', float(1, 4)), b.constant('w', randomTensor([4, 4], 1))], {
      name: 'dense',
    });

  it('warns of what an unknown operator takes to the host', () => {
    const graph = build((b) => b.node('Relu', [b.node('Softmax', [layer(b)], { name: 'odd' })]));
    expect(messages(graph)).toMatchInlineSnapshot(`
      "warning[quantize/on-host]: Softmax has no integer form here (the operator is not known to the accelerator): it and 1 operator behind it run in float on the host
        --> net, node "odd" (Softmax)"
    `);
  });

  it('does not warn of a last operator that is at home on the host', () => {
    expect(messages(build((b) => b.node('Softmax', [layer(b)])))).toBe('');
  });

  it('warns of layers that stay on the host: weights or bias are computed, or a bias varies by row', () => {
    const graph = build((b) => {
      const x = b.input('x', float(2, 2));
      const w = b.constant('w', randomTensor([2, 2], 1));
      const first = b.node('MatMul', [x, x], { name: 'square' });
      const second = b.node('Gemm', [x, w, x], { name: 'computed' });
      const rows = b.constant('rows', randomTensor([2, 2], 2));
      return [first, second, b.node('Gemm', [x, w, rows], { name: 'varying' })];
    });
    expect(messages(graph)).toMatchInlineSnapshot(`
      "warning[quantize/on-host]: MatMul has no integer form here (its weights are not constant): it runs in float on the host
        --> net, node "square" (MatMul)
      warning[quantize/on-host]: Gemm has no integer form here (its bias is not constant): it runs in float on the host
        --> net, node "computed" (Gemm)
      warning[quantize/on-host]: Gemm has no integer form here (its bias has shape [2, 2], not one number a channel): it runs in float on the host
        --> net, node "varying" (Gemm)"
    `);
  });

  it('refuses samples that are not finite, with every tensor that suffers', () => {
    const graph = build(layer);
    const bad = new Map([['x', tensor('float32', [1, 4], Float32Array.of(0, Number.NaN, 1, 2))]]);
    expect(messages(graph, [bad, ...samplesOf(graph)])).toMatchInlineSnapshot(`
      "error[quantize/not-finite]: tensor "x" is not finite on the calibration samples
        --> net, tensor "x"
        = hint: check the normalisation of the samples"
    `);
  });

  it('warns of a tensor that never changes', () => {
    const graph = build((b) => b.node('Relu', [b.node('Clip', [layer(b)], { attributes: { max: -3 } })]));
    expect(messages(graph)).toMatchInlineSnapshot(`
      "warning[quantize/constant-activation]: tensor "Clip" was -3 in every calibration sample
        --> net, tensor "Clip"
      warning[quantize/constant-activation]: tensor "Relu" was 0 in every calibration sample
        --> net, tensor "Relu""
    `);
  });

  it('refuses options out of range', () => {
    const graph = build(layer);
    expect(
      messages(graph, samplesOf(graph), { observer: 'percentile', percentile: 0, multiplierBits: 40 }),
    ).toMatchInlineSnapshot(`
      "error[quantize/option]: percentile is 0, not above 50 and at most 100
        --> percentile
      error[quantize/option]: multiplierBits is 40, not an integer from 8 to 32
        --> multiplierBits"
    `);
  });
});
