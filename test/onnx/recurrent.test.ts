/** Recurrent nodes of ONNX with other functions than the usual ones: the evaluator gives what onnxruntime gives, and what is not supported is refused at the attribute. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, GraphBuilder } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { randomTensor, relativeError } from '../support/compare.js';
import { makeOnnxModel, runOnnxruntime } from '../support/onnx-model.js';

const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const;
const roles = { RNN: 1, GRU: 2, LSTM: 3 } as const;
type Operator = keyof typeof gates;

const [STEPS, SAMPLES, FEATURES, HIDDEN] = [3, 2, 4, 3];

interface Case {
  readonly operator: Operator;
  readonly functions: readonly string[];
  readonly alpha?: readonly number[];
  readonly beta?: readonly number[];
  readonly both?: boolean;
  readonly seed: number;
}

/** A file with one recurrent node, its sequence and last state. */
function modelOf({ operator, functions, alpha, beta, both = false, seed }: Case): {
  readonly bytes: Uint8Array;
  readonly sample: ReadonlyMap<string, Tensor>;
} {
  const count = both ? 2 : 1;
  const rows = gates[operator] * HIDDEN;
  const bytes = makeOnnxModel({
    nodes: [
      {
        op: operator,
        inputs: ['x', 'w', 'r', 'b'],
        outputs: ['y', 'h'],
        attributes: {
          hidden_size: HIDDEN,
          direction: both ? 'bidirectional' : 'forward',
          activations: { strings: [...functions, ...(both ? functions : [])] },
          ...(alpha && { activation_alpha: { floats: [...alpha, ...(both ? alpha : [])] } }),
          ...(beta && { activation_beta: { floats: [...beta, ...(both ? beta : [])] } }),
        },
      },
    ],
    inputs: [{ name: 'x', shape: [STEPS, SAMPLES, FEATURES] }],
    outputs: [{ name: 'y' }, { name: 'h' }],
    initializers: {
      w: randomTensor([count, rows, FEATURES], seed + 1),
      r: randomTensor([count, rows, HIDDEN], seed + 2),
      b: randomTensor([count, 2 * rows], seed + 3),
    },
  });
  return { bytes, sample: new Map([['x', randomTensor([STEPS, SAMPLES, FEATURES], seed)]]) };
}

const refusal = (c: Case): string => {
  const result = readOnnx(modelOf(c).bytes);
  return result.ok ? '' : result.diagnostics.map(({ message }) => message).join('\n');
};

describe('recurrent nodes with other functions', () => {
  it('property: give what onnxruntime gives', async () => {
    const plain = fc.constantFrom('Sigmoid', 'Tanh', 'Relu', 'Softsign', 'Softplus');
    const drawn = fc.record({
      operator: fc.constantFrom<Operator>('RNN', 'GRU', 'LSTM'),
      list: fc.array(plain, { minLength: 3, maxLength: 3 }),
      both: fc.boolean(),
      seed: fc.integer({ min: 1, max: 1e6 }),
    });
    await fc.assert(
      fc.asyncProperty(drawn, async ({ list, ...rest }) => {
        const c = { ...rest, functions: list.slice(0, roles[rest.operator]) };
        const { bytes, sample } = modelOf(c);
        const graph = unwrap(readOnnx(bytes));
        const own = evaluateGraph(graph, sample);
        for (const [name, theirs] of await runOnnxruntime(bytes, sample))
          expect(relativeError(own.get(name)!, theirs), `${name} of ${JSON.stringify(c)}`).toBeLessThan(1e-5);
      }),
      { numRuns: Number(process.env.SYSTOLE_RUNS ?? 40) },
    );
  });

  it('take the slope of a hard sigmoid from activation_alpha, in the order of the functions that have one', async () => {
    const c: Case = {
      ...{ operator: 'LSTM', functions: ['HardSigmoid', 'Elu', 'Softsign'], both: true, seed: 5 },
      ...{ alpha: [0.3, 1], beta: [0.5] },
    };
    const { bytes, sample } = modelOf(c);
    const own = evaluateGraph(unwrap(readOnnx(bytes)), sample);
    for (const [name, theirs] of await runOnnxruntime(bytes, sample))
      expect(relativeError(own.get(name)!, theirs), name).toBeLessThan(1e-5);
  });

  it.each([
    [
      'a function that it has not',
      { operator: 'RNN', functions: ['LeakyRelu'] },
      'has LeakyRelu for its new function (alpha 0.01, beta 0)',
    ],
    [
      'a hard sigmoid that does not go through 1/2',
      { operator: 'GRU', functions: ['HardSigmoid', 'Tanh'], alpha: [0.2], beta: [0.4] },
      'has HardSigmoid for its gate function (alpha 0.2, beta 0.4)',
    ],
    ['too few functions', { operator: 'LSTM', functions: ['Sigmoid'] }, 'has 1 functions, not 3'],
    ['no function at all', { operator: 'RNN', functions: ['Mystery'] }, 'has Mystery for its new function'],
  ] as const)('refuse %s', (_, c, expected) => {
    expect(refusal({ seed: 1, ...c } as Case)).toContain(expected);
  });

  it('refuse other functions backwards than forwards', () => {
    const { bytes } = modelOf({ operator: 'RNN', functions: ['Tanh', 'Relu'], seed: 1 });
    const result = readOnnx(bytes);
    expect(result.ok ? '' : result.diagnostics[0]!.message).toContain('has 2 functions, not 1');
    const count = 2;
    const both = makeOnnxModel({
      nodes: [
        {
          op: 'RNN',
          inputs: ['x', 'w', 'r'],
          outputs: ['y'],
          attributes: {
            hidden_size: HIDDEN,
            direction: 'bidirectional',
            activations: { strings: ['Tanh', 'Relu'] },
          },
        },
      ],
      inputs: [{ name: 'x', shape: [STEPS, SAMPLES, FEATURES] }],
      outputs: [{ name: 'y' }],
      initializers: {
        w: randomTensor([count, HIDDEN, FEATURES], 1),
        r: randomTensor([count, HIDDEN, HIDDEN], 2),
      },
    });
    const refused = readOnnx(both);
    expect(refused.ok ? '' : refused.diagnostics[0]!.message).toContain(
      'are Tanh, Relu: others backwards than forwards',
    );
  });

  it.each(['RNN', 'GRU', 'LSTM'] as const)(
    '%s with samples in front gives the other layout turned',
    (operator) => {
      const rows = gates[operator] * HIDDEN;
      const names = operator === 'LSTM' ? ['y', 'h', 'c'] : ['y', 'h'];
      const initial = operator === 'LSTM' ? ['h0', 'c0'] : ['h0'];
      const turned = ({ element, shape, data }: Tensor, perm: readonly number[]): Tensor => {
        const b = new GraphBuilder('turn');
        b.output(
          b.node('Transpose', [b.input('x', { element, shape })], { attributes: { perm: [...perm] } }),
        );
        return [...evaluateGraph(b.build(), new Map([['x', { element, shape, data }]])).values()][0]!;
      };
      const sample = new Map([
        ['x', randomTensor([STEPS, SAMPLES, FEATURES], 7)],
        ...initial.map((name, i) => [name, randomTensor([1, SAMPLES, HIDDEN], 8 + i)] as const),
      ]);
      const resultsOf = (layout: 0 | 1, fed: ReadonlyMap<string, Tensor>) => {
        const bytes = makeOnnxModel({
          nodes: [
            {
              op: operator,
              inputs: ['x', 'w', 'r', '', '', ...initial],
              outputs: names,
              attributes: { hidden_size: HIDDEN, layout },
            },
          ],
          inputs: [...fed].map(([name, { shape }]) => ({ name, shape: [...shape] })),
          outputs: names.map((name) => ({ name })),
          initializers: {
            w: randomTensor([1, rows, FEATURES], 1),
            r: randomTensor([1, rows, HIDDEN], 2),
          },
        });
        return evaluateGraph(unwrap(readOnnx(bytes)), fed);
      };
      const usual = resultsOf(0, sample);
      const front = resultsOf(
        1,
        new Map([...sample].map(([name, value]) => [name, turned(value, [1, 0, 2])])),
      );
      // [T, D, N, H] as [N, T, D, H]; states [D, N, H] as [N, D, H].
      for (const name of names)
        expect(front.get(name)).toEqual(turned(usual.get(name)!, name === 'y' ? [2, 0, 1, 3] : [1, 0, 2]));
    },
  );
});
