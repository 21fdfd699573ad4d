/** Float networks become integers: close to the float result, and clear about what they cannot do. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic, type Tensor, tensor } from '../../base/index.js';
import { evaluateGraph, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { bodyOf, partitionHost, quantize } from '../../compiler/quantize/index.js';
import { randomTensor } from '../support/compare.js';

const runs = Number(process.env.SYSTOLE_RUNS ?? 60);
const float = (shape: readonly number[]) => ({ element: 'float32', shape }) as const;

function samplesOf(graph: Graph, count: number): Map<string, Tensor>[] {
  return Array.from(
    { length: count },
    (_, i) =>
      new Map(
        graph.inputs.map((name, k) => [
          name,
          randomTensor(graph.values.get(name)!.type.shape, 100 * i + k + 1),
        ]),
      ),
  );
}

/** A convolution, an activation, a pool, a second convolution with residual, a mean and a dense layer. */
function network(channels: number, activation: string, average: boolean, seed: number): Graph {
  const b = new GraphBuilder('net');
  const x = b.input('x', float([1, 3, 6, 6]));
  const pads = { pads: [1, 1, 1, 1] };
  const w1 = b.constant('w1', randomTensor([channels, 3, 3, 3], seed));
  const b1 = b.constant('b1', randomTensor([channels], seed + 1));
  const c1 = b.node('Conv', [x, w1, b1], { attributes: pads });
  const a1 = b.node(activation, [c1], { attributes: activation === 'Clip' ? { min: 0, max: 6 } : {} });
  const pooled = b.node(average ? 'AveragePool' : 'MaxPool', [a1], {
    attributes: { kernel: [2, 2], strides: [2, 2] },
  });
  const w2 = b.constant('w2', randomTensor([channels, channels, 3, 3], seed + 2));
  const c2 = b.node('Conv', [pooled, w2], { attributes: pads });
  const sum = b.node('Add', [c2, pooled]);
  const mean = b.node('GlobalAveragePool', [sum]);
  const flat = b.node('Flatten', [mean], { attributes: { axis: 1 } });
  const w3 = b.constant('w3', randomTensor([channels, 5], seed + 3));
  const y = b.node('MatMul', [flat, w3]);
  b.output(b.node('Softmax', [y]));
  return b.build();
}

describe('quantize', () => {
  it('the int8 network stays within a few steps of the float one', () => {
    const activations = fc.constantFrom(
      'Relu',
      'Clip',
      'LeakyRelu',
      'Sigmoid',
      'Tanh',
      'HardSwish',
      'HardSigmoid',
      ...['Erf', 'Gelu', 'Silu', 'Mish', 'Softplus', 'Softsign', 'Selu', 'Celu'],
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        activations,
        fc.boolean(),
        fc.integer({ min: 1, max: 1e6 }),
        (channels, activation, average, seed) => {
          const graph = network(channels, activation, average, seed);
          const samples = samplesOf(graph, 8);
          const result = quantize(graph, samples);
          if (!result.ok) throw new Error(result.diagnostics.map(renderDiagnostic).join('\n'));
          const output = graph.nodes.at(-2)!.outputs[0]!;
          const [real] = samples.map(
            (s) => evaluateGraph(graph, s, { keep: 'all' }).get(output)!.data as Float32Array,
          );
          const integer = evaluateGraph(result.value.graph, samples[0]!, { keep: 'all' }).get(output)!
            .data as Float32Array;
          const range = samples.flatMap((s) => [
            ...(evaluateGraph(graph, s, { keep: 'all' }).get(output)!.data as Float32Array),
          ]);
          const span = Math.max(...range, 0) - Math.min(...range, 0);
          // Errors of the layers add up; 10 % of the output's range is some 25 of its 255 steps. Where the mean cancels most of what it
          // averages, the output's range is small beside the steps of the sum in front, two of which may reach each weight.
          const sum = result.value.graph.nodes.find((n) => n.operator === 'IntegerAdd')!.outputs[0]!;
          const step = result.value.graph.values.get(sum)!.quantization!.scale[0]!;
          for (let i = 0; i < real!.length; i++)
            expect(Math.abs(real![i]! - integer[i]!)).toBeLessThan(0.1 * span + 2 * step * channels);
        },
      ),
      { numRuns: runs },
    );
  });

  it('fuses activations, keeps Softmax on the host, and folds a bias that follows', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', float([1, 4]));
    const w = b.constant('w', randomTensor([4, 3], 1));
    const bias = b.constant('bias', randomTensor([3], 2));
    const product = b.node('MatMul', [x, w]);
    const sum = b.node('Add', [product, bias]);
    b.output(b.node('Softmax', [b.node('Sigmoid', [sum])]));
    const result = quantize(b.build(), samplesOf(b.build(), 4));
    if (!result.ok) throw new Error('failed');
    expect(bodyOf(result.value).nodes.map((n) => n.operator)).toEqual(['IntegerMatMul']);
    expect(bodyOf(result.value).nodes[0]!.attributes.table).toHaveLength(256);
    expect(partitionHost(result.value).epilogue.map((n) => n.operator)).toEqual([
      'DequantizeLinear',
      'Softmax',
    ]);
  });

  it('a value that two layers read is quantised once', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', float([1, 2, 4, 4]));
    const w = (name: string) => b.constant(name, randomTensor([2, 2, 1, 1], name.length));
    const left = b.node('Conv', [x, w('w')]);
    const right = b.node('Conv', [x, w('ww')]);
    b.output(b.node('Add', [left, right]));
    const result = quantize(b.build(), samplesOf(b.build(), 2));
    if (!result.ok) throw new Error('failed');
    expect(result.value.graph.nodes.filter((n) => n.operator === 'QuantizeLinear')).toHaveLength(1);
  });

  it('an operator without integer form between two convolutions runs on the host, which is said', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', float([1, 2, 4, 4]));
    const first = b.node('Conv', [x, b.constant('w1', randomTensor([2, 2, 1, 1], 1))], { name: 'first' });
    const odd = b.node('Softmax', [first], { name: 'odd' });
    b.output(b.node('Conv', [odd, b.constant('w2', randomTensor([2, 2, 1, 1], 2))], { name: 'second' }));
    const result = quantize(b.build(), samplesOf(b.build(), 1));
    expect(result.diagnostics.map(renderDiagnostic).join('\n')).toMatchInlineSnapshot(`
      "warning[quantize/host-between]: Softmax has no integer form here (the operator is not known to the accelerator): it runs in float on the host, and the accelerator waits
        --> net, node "odd" (Softmax)"
    `);
  });

  it('no samples, no scales', () => {
    const graph = network(2, 'Relu', false, 1);
    expect(quantize(graph, []).diagnostics.map(renderDiagnostic).join('\n')).toMatchInlineSnapshot(`
      "error[quantize/no-calibration]: a float network needs calibration samples to become integers
        --> net, tensor "x"
        = hint: give at least one sample of the inputs (--calibration samples.npy)"
    `);
  });

  it('an accumulator that could pass 32 bits is refused', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', float([1, 140000]));
    b.output(
      b.node(
        'MatMul',
        [x, b.constant('w', tensor('float32', [140000, 1], new Float32Array(140000).fill(1)))],
        { name: 'huge' },
      ),
    );
    const result = quantize(b.build(), samplesOf(b.build(), 1));
    expect(result.diagnostics.map(renderDiagnostic).join('\n')).toMatchInlineSnapshot(`
      "error[quantize/accumulator-overflow]: the accumulator can reach 2293620000, beyond 32 bits
        --> net, node "huge" (MatMul)
        = hint: split the layer’s input channels"
    `);
  });

  it('percentile calibration clips outliers, min-max does not', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', float([1, 10000]));
    b.output(b.node('Relu', [x]));
    const data = Float32Array.from({ length: 10000 }, (_, i) => (i === 0 ? 1000 : (i % 100) / 100));
    const sample = new Map([['x', tensor('float32', [1, 10000], data)]]);
    const scaleOf = (observer: 'min-max' | 'percentile') => {
      const result = quantize(b.build(), [sample], { observer, percentile: 99.9 });
      if (!result.ok) throw new Error('failed');
      return result.value.graph.values.get('x.q')!.quantization!.scale[0]!;
    };
    expect(scaleOf('min-max')).toBeCloseTo(1000 / 255, 4);
    expect(scaleOf('percentile')).toBeLessThan(0.01);
  });
});
