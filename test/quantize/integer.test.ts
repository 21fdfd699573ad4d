/** Every integer operator against its naive twin. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Tensor, tensor } from '../../base/index.js';
import { evaluateGraph, GraphBuilder } from '../../compiler/graph/index.js';
import { randomTensor } from '../support/compare.js';
import { type Attributes, twin } from './twin.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 150);

const small = fc.integer({ min: 1, max: 4 });
const seed = fc.integer({ min: 1, max: 2 ** 30 });
const byte = fc.integer({ min: -128, max: 127 });
const multiplier = fc.oneof(
  fc.integer({ min: 2 ** 30, max: 2 ** 31 - 1 }),
  fc.integer({ min: 0, max: 2 ** 31 - 1 }),
);

/** An output stage for `channels` channels: shared or per channel, any clamp, with or without a table. */
function stage(channels: number): fc.Arbitrary<Attributes> {
  const count = fc.constantFrom(1, channels);
  return fc
    .record({
      scales: count.chain((n) =>
        fc.array(fc.tuple(multiplier, fc.integer({ min: 28, max: 45 })), { minLength: n, maxLength: n }),
      ),
      zeroPoint: byte,
      bounds: fc.tuple(byte, byte),
      table: fc.option(fc.array(byte, { minLength: 256, maxLength: 256 }), { nil: undefined }),
    })
    .map(({ scales, zeroPoint, bounds, table }) => ({
      multiplier: scales.map(([m]) => m),
      shift: scales.map(([, s]) => s),
      zeroPoint,
      min: Math.min(...bounds),
      max: Math.max(...bounds),
      ...(table && { table }),
    }));
}

const pair = (most: number) => fc.tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }));
const pads = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 });

interface Case {
  readonly operator: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
}

/** A picture that the window fits in. */
const window = fc
  .record({ kernel: pair(3), strides: pair(3), dilations: pair(2), pads, room: pair(5) })
  .map(({ kernel, dilations, room, ...rest }) => ({
    window: { ...rest, dilations },
    kernel,
    extents: kernel.map((k, i) => (k - 1) * dilations[i as 0 | 1] + room[i as 0 | 1]),
  }));

const conv: fc.Arbitrary<Case> = fc
  .record({
    groups: small,
    perGroup: small,
    outputs: small,
    batch: fc.integer({ min: 1, max: 2 }),
    window,
    seed,
  })
  .chain(({ groups, perGroup, outputs, batch, window: { window: w, kernel, extents }, seed: s }) => {
    const channels = groups * outputs;
    return fc.tuple(stage(channels), byte).map(([output, padValue]) => ({
      operator: 'IntegerConv',
      inputs: [
        randomTensor([batch, groups * perGroup, ...extents], s, 'int8'),
        randomTensor([channels, perGroup, ...kernel], s + 1, 'int8'),
        randomTensor([channels], s + 2, 'int32', [-(2 ** 20), 2 ** 20]),
      ],
      attributes: { ...w, ...output, padValue, group: groups },
    }));
  });

const matmul: fc.Arbitrary<Case> = fc
  .record({ lead: fc.array(small, { minLength: 1, maxLength: 2 }), k: small, n: small, seed })
  .chain(({ lead, k, n, seed: s }) =>
    stage(n).map((attributes) => ({
      operator: 'IntegerMatMul',
      inputs: [
        randomTensor([...lead, k], s, 'int8'),
        randomTensor([k, n], s + 1, 'int8'),
        randomTensor([n], s + 2, 'int32', [-(2 ** 28), 2 ** 28]),
      ],
      attributes,
    })),
  );

const operand = fc.record({ bias: byte, multiplier, shift: fc.integer({ min: 30, max: 40 }) });

const add: fc.Arbitrary<Case> = fc
  .record({ left: fc.integer({ min: 0, max: 20 }), a: operand, b: operand, stage: stage(1), seed })
  .map(({ left, a, b, stage: output, seed: s }) => ({
    operator: 'IntegerAdd',
    inputs: [randomTensor([1, 2, 3, 2], s, 'int8'), randomTensor([1, 2, 3, 2], s + 1, 'int8')],
    attributes: {
      ...output,
      leftShift: left,
      aBias: -a.bias * 2 ** left,
      aMultiplier: a.multiplier,
      aShift: a.shift,
      bBias: -b.bias * 2 ** left,
      bMultiplier: b.multiplier,
      bShift: b.shift,
    },
  }));

const pool: fc.Arbitrary<Case> = fc
  .record({ channels: small, window, seed, bias: fc.integer({ min: -2000, max: 2000 }), padValue: byte })
  .chain(({ channels, window: { window: w, kernel, extents }, seed: s, bias, padValue }) =>
    fc
      .tuple(stage(channels), fc.constantFrom('IntegerMaxPool', 'IntegerAveragePool'))
      .map(([output, operator]) => ({
        operator,
        inputs: [randomTensor([1, channels, ...extents], s, 'int8')],
        attributes: { ...w, ...output, kernel: [...kernel], bias, padValue },
      })),
  );

const rescale: fc.Arbitrary<Case> = fc
  .record({ shape: fc.array(small, { minLength: 1, maxLength: 4 }), seed, bias: byte })
  .chain(({ shape, seed: s, bias }) =>
    stage(shape[1] ?? 1).map((output) => ({
      operator: 'IntegerRescale',
      inputs: [randomTensor(shape, s, 'int8')],
      attributes: { ...output, bias },
    })),
  );

function evaluate({ operator, inputs, attributes }: Case): Tensor {
  const b = new GraphBuilder('twin');
  // Inputs, not constants: the operators must not care.
  const names = inputs.map((t, i) => b.input(`i${i}`, { element: t.element, shape: t.shape }));
  b.output(b.node(operator, names, { name: 'y', attributes }));
  return evaluateGraph(b.build(), new Map(names.map((name, i) => [name, inputs[i]!]))).get('y')!;
}

it.each([
  ['IntegerConv', conv],
  ['IntegerMatMul', matmul],
  ['IntegerAdd', add],
  ['IntegerMaxPool and IntegerAveragePool', pool],
  ['IntegerRescale', rescale],
])('%s is integer.md on unbounded integers', (_, cases) => {
  fc.assert(
    fc.property(cases, (given) => {
      const result = evaluate(given);
      const expected = twin(given.operator, given.inputs, given.attributes, result.shape);
      expect(result).toEqual(tensor('int8', result.shape, Int8Array.from(expected)));
    }),
    { numRuns },
  );
});
