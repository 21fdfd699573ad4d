/** Quantised files with int16 activations: their own integers on machines of that width, refused on others. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic, scaleRounded, type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { bodyOf, importQuantized } from '../../compiler/quantize/index.js';
import { twoRoundings } from '../../compiler/quantize/two-roundings.js';
import { randomTensor } from '../support/compare.js';
import { makeOnnxModel, type OnnxModelSpec, type OnnxNodeSpec } from '../support/onnx-model.js';

const scalar = (value: number) => tensor('float32', [], Float32Array.of(value));
const zero = tensor('int16', [], Int16Array.of(0));

function pair(name: string, scale: string): readonly OnnxNodeSpec[] {
  return [
    { op: 'QuantizeLinear', inputs: [name, scale, 'zero'], outputs: [`${name}q`] },
    { op: 'DequantizeLinear', inputs: [`${name}q`, scale, 'zero'], outputs: [`${name}d`] },
  ];
}

/** Convolution, leaky ReLU and a mean, int16 between them. */
function network(channels: number, zeroPoint: Tensor = zero): OnnxModelSpec {
  return {
    opset: 21,
    nodes: [
      ...pair('x', 'xs'),
      { op: 'DequantizeLinear', inputs: ['w', 'ws'], outputs: ['wd'] },
      { op: 'Conv', inputs: ['xd', 'wd'], outputs: ['c'], attributes: { pads: [1, 1, 1, 1] } },
      ...pair('c', 'cs'),
      { op: 'LeakyRelu', inputs: ['cd'], outputs: ['l'], attributes: { alpha: { f: 0.3 } } },
      { op: 'QuantizeLinear', inputs: ['l', 'ls', 'lz'], outputs: ['lq'] },
      { op: 'DequantizeLinear', inputs: ['lq', 'ls', 'lz'], outputs: ['y'] },
    ],
    initializers: {
      ...{
        xs: scalar(1 / 32000),
        cs: scalar(0.0002),
        ls: scalar(0.00017),
        ws: scalar(0.004),
        zero,
        lz: zeroPoint,
      },
      w: randomTensor([4, channels, 3, 3], 5, 'int8', [-127, 127]),
    },
    inputs: [{ name: 'x', element: 'float32', shape: [1, channels, 5, 5] }],
    outputs: [{ name: 'y', element: 'float32', shape: [1, 4, 5, 5] }],
  };
}

const read = (spec: OnnxModelSpec) => runPasses(unwrap(readOnnx(makeOnnxModel(spec), { name: 'test' })));
const refusal = (spec: OnnxModelSpec, options = {}) =>
  importQuantized(read(spec), options).diagnostics.map(renderDiagnostic).join('\n');

describe('int16 activations of a quantised file', () => {
  it('become int16 integers, within a step of what the file means', () => {
    const graph = read(network(8));
    const quantized = unwrap(importQuantized(graph, { activationBits: 16 }));
    expect(quantized.summary).toBe('int16 as the network file was quantised');
    expect(bodyOf(quantized).nodes.map(({ operator }) => operator)).toEqual([
      'IntegerConv',
      'IntegerRescale',
      'IntegerRescale',
      'IntegerAdd',
    ]);
    const feed = new Map([['x', randomTensor([1, 8, 5, 5], 3, 'float32', [-1, 1])]]);
    const [ours, theirs] = [quantized.graph, graph].map(
      (g) => evaluateGraph(g, feed).get('y')!.data as Float32Array,
    );
    const steps = Array.from(theirs!, (v, i) => Math.abs(v - ours![i]!) / 0.00017);
    expect(Math.max(...steps)).toBeLessThan(1.01);
    expect(steps.filter((s) => s < 0.01).length).toBeGreaterThan(0.98 * steps.length);
  });

  it('are refused by machines of another width, with the preset that has it', () => {
    expect(refusal(network(8), { activationBits: 8 })).toMatchInlineSnapshot(`
      "error[quantize/other-width]: the network was quantised to 16-bit activations, the machine has 8-bit ones
        --> test, tensor "x"
        = hint: take a machine with elements.activationBits: 16 (the preset signal8), or quantise the float network for this one"
    `);
  });

  it('are refused where other activations have 8 bits, and where they count from a zero point', () => {
    expect(refusal(network(8, tensor('int8', [], Int8Array.of(0))))).toMatchInlineSnapshot(`
      "error[quantize/unsupported-scale]: an activation is int8, not int16
        --> test, node "QuantizeLinear_7" (QuantizeLinear)
        = hint: activations need one constant scale and zero point in int8, uint8 or int16"
    `);
    expect(refusal(network(8, tensor('int16', [], Int16Array.of(5))))).toMatchInlineSnapshot(`
      "error[quantize/unsupported-scale]: an activation of 16 bits has the zero point 5, not 0
        --> test, node "QuantizeLinear_7" (QuantizeLinear)
        = hint: activations need one constant scale and zero point in int8, uint8 or int16"
    `);
  });

  it('are refused where a sum of products might need more than 32 bits', () => {
    expect(refusal(network(300))).toMatchInlineSnapshot(`
      "error[quantize/accumulator-overflow]: the accumulator can reach 5666111488, beyond 32 bits
        --> test, node "Conv_3" (Conv)
        = hint: split the layer’s input channels"
    `);
  });
});

describe('two roundings', () => {
  // MultiplyByQuantizedMultiplier of TFLite: a doubling high product, rounded, then a power of two, halves away from zero.
  const naive = (value: number, ratio: number): number => {
    const exponent = Math.floor(Math.log2(ratio)) + 1;
    const multiplier = BigInt(Math.round(ratio * 2 ** (31 - exponent)));
    const high = Number((BigInt(value) * multiplier + 2n ** 30n) >> 31n);
    const exact = high / 2 ** -exponent;
    return Math.sign(exact) * Math.floor(Math.abs(exact) + 0.5);
  };

  it.each([0.4999, 0.3, 0.25, 0.1, 0.0123, 1 / 1024])(
    '%f: two stages are the kernel for every value',
    (ratio) => {
      const [first, second] = twoRoundings(ratio, { multiplierBits: 32, activationBits: 16 })!;
      for (let value = -32768; value <= 32767; value += 7) {
        const found = scaleRounded(scaleRounded(value, first), second);
        if (found !== naive(value, ratio)) expect([value, found]).toEqual([value, naive(value, ratio)]);
      }
      expect(twoRoundings(ratio, { multiplierBits: 16, activationBits: 16 })).toBeUndefined();
    },
  );

  it('one stage is enough from a half on', () => {
    expect(twoRoundings(0.5, { multiplierBits: 32, activationBits: 16 })).toBeUndefined();
    expect(twoRoundings(1.7, { multiplierBits: 32, activationBits: 16 })).toBeUndefined();
  });
});
