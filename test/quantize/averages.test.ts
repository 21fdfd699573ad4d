/** Averages of a framework's integers: exact halves go away from the framework's zero, on a requantiser that rounds half up. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { importQuantized } from '../../compiler/quantize/index.js';

type Byte = 'int8' | 'uint8';
const bytes = (element: Byte, values: readonly number[]) =>
  element === 'int8' ? Int8Array.from(values) : Uint8Array.from(values);

/** One average over the whole picture of a quantised input, quantised alike. */
function average(element: Byte, height: number, width: number, zero: number): Graph {
  const b = new GraphBuilder('average');
  const constants = [
    b.constant('s', tensor('float32', [], Float32Array.of(0.037))),
    b.constant('z', tensor(element, [], bytes(element, [zero]))),
  ];
  const x = b.node('QuantizeLinear', [
    b.input('x', { element: 'float32', shape: [1, 1, height, width] }),
    ...constants,
  ]);
  const mean = b.node('AveragePool', [b.node('DequantizeLinear', [x, ...constants])], {
    attributes: { kernel: [height, width] },
  });
  b.output(b.node('DequantizeLinear', [b.node('QuantizeLinear', [mean, ...constants]), ...constants]));
  return b.build();
}

/** As TFLite divides: towards zero, half the divisor away from zero added before. */
function divided(sum: number, count: number): number {
  const half = Math.floor(count / 2);
  // Adding 0 makes -0 a 0.
  return Math.trunc((sum > 0 ? sum + half : sum - half) / count) + 0;
}

const least = { int8: -128, uint8: 0 };

describe('averages of stored integers', () => {
  it('are the quotient rounded half away from zero, for any window, zero point and width of the multiplier that is exact', () => {
    const drawn = fc.record({
      element: fc.constantFrom<Byte>('int8', 'uint8'),
      height: fc.integer({ min: 1, max: 8 }),
      width: fc.integer({ min: 1, max: 8 }),
      zero: fc.integer({ min: 0, max: 255 }),
      multiplierBits: fc.constantFrom(24, 28, 32),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      centre: fc.integer({ min: 0, max: 255 }),
    });
    fc.assert(
      fc.property(drawn, ({ element, height, width, zero, multiplierBits, seed, centre }) => {
        const low = least[element];
        const count = height * width;
        // Values near each other, so that halves are frequent.
        const near = (i: number) => Math.min(255, Math.max(0, centre + ((seed >> (i % 29)) & 3) - 1));
        const values = Array.from({ length: count }, (_, i) => near(i) + low);
        const graph = average(element, height, width, zero + low);
        const integer = unwrap(importQuantized(graph, { multiplierBits })).graph;
        const real = Float32Array.from(values, (value) => (value - zero - low) * Math.fround(0.037));
        const x = tensor('float32', [1, 1, height, width], real);
        const found = evaluateGraph(integer, new Map([['x', x]]), { keep: 'all' });
        const node = integer.nodes.find(({ operator }) => operator === 'IntegerAveragePool')!;
        const raw = Number(found.get(node.outputs[0]!)!.data[0]) + (element === 'uint8' ? 128 : 0);
        const sum = values.reduce((total, value) => total + value, 0);
        expect(raw).toBe(divided(sum, count));
      }),
      { numRuns: Number(process.env.SYSTOLE_RUNS ?? 300) },
    );
  });
});
