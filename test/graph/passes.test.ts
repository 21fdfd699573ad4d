/** The float passes: each rewrites what it names, leaves what it must, and never changes the graph's meaning. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32Tensor, type Tensor, tensor } from '../../base/index.js';
import { evaluateGraph, type Graph, GraphBuilder, verifyGraph } from '../../compiler/graph/index.js';
import {
  foldBatchNormalization,
  foldConstants,
  foldPad,
  type Pass,
  passes,
  removeIdentities,
  runPasses,
} from '../../compiler/passes/index.js';
import { randomTensor, relativeError } from '../support/compare.js';

const runs = Number(process.env.SYSTOLE_RUNS ?? 100);

function operators(graph: Graph): string[] {
  return graph.nodes.map(({ operator }) => operator);
}

/** Builds a graph with one input x of shape [1, 3, 6, 6]; `body` returns the output. */
function build(body: (b: GraphBuilder, x: string) => string): Graph {
  const b = new GraphBuilder('net');
  b.output(body(b, b.input('x', { element: 'float32', shape: [1, 3, 6, 6] })));
  return b.build();
}

function positive(shape: readonly number[], seed: number): Tensor {
  return float32Tensor(
    shape,
    Array.from(randomTensor(shape, seed).data, Number).map((v) => Math.abs(v) + 0.2),
  );
}

function weights(b: GraphBuilder, shape: readonly number[], seed: number): string {
  return b.constant(b.fresh('w'), randomTensor(shape, seed));
}

function normalise(b: GraphBuilder, x: string, seed: number): string {
  const channels = b.value(x).type.shape[1]!;
  const parts = [1, 2, 3].map((offset) => weights(b, [channels], seed + offset));
  const variance = b.constant(b.fresh('variance'), positive([channels], seed));
  return b.node('BatchNormalization', [x, ...parts, variance]);
}

function same(before: Graph, after: Graph): number {
  expect(verifyGraph(after)).toEqual([]);
  expect(after.inputs).toEqual(before.inputs);
  expect(after.outputs).toEqual(before.outputs);
  const feeds = new Map(
    before.inputs.map((name) => [name, randomTensor(before.values.get(name)!.type.shape, 99)]),
  );
  const [expected, actual] = [evaluateGraph(before, feeds), evaluateGraph(after, feeds)];
  return Math.max(...[...expected].map(([name, t]) => relativeError(actual.get(name)!, t)));
}

function check(pass: Pass, graph: Graph, expected: readonly string[]): void {
  const after = pass.run(graph);
  expect(operators(after)).toEqual(expected);
  expect(same(graph, after)).toBeLessThan(1e-5);
}

describe('fold-constants', () => {
  it('computes what depends on constants alone, through several nodes', () => {
    const graph = build((b, x) => {
      const c = b.node('Relu', [b.node('Neg', [weights(b, [3, 1, 1], 1)])]);
      return b.node('Add', [x, c]);
    });
    check(foldConstants, graph, ['Add']);
  });

  it('keeps a dequantisation of stored integers', () => {
    const graph = build((b, x) => {
      const q = b.constant('q', tensor('int8', [3, 1, 1], Int8Array.of(1, 2, 3)));
      return b.node('Mul', [x, b.node('DequantizeLinear', [q, b.constant('s', float32Tensor([], [0.5]))])]);
    });
    check(foldConstants, graph, ['DequantizeLinear', 'Mul']);
  });
});

describe('remove-identities', () => {
  it('drops operators that change nothing', () => {
    const graph = build((b, x) => {
      const a = b.node('Dropout', [b.node('Identity', [x])]);
      const c = b.node('Reshape', [a], { attributes: { shape: [1, 3, 6, 6] } });
      const d = b.node('Transpose', [c], { attributes: { perm: [0, 1, 2, 3] } });
      const e = b.node('Pad', [b.node('Relu', [d])], { attributes: { pads: new Array<number>(8).fill(0) } });
      return b.node('Identity', [e]);
    });
    check(removeIdentities, graph, ['Relu']);
  });

  it('keeps what only looks like the identity', () => {
    const graph = build((b, x) => {
      const turned = b.node('Transpose', [x], { attributes: { perm: [0, 1, 3, 2] } });
      const ranges = { starts: [-1], ends: [-100], axes: [2], steps: [-1] };
      return b.node('Slice', [turned], { attributes: ranges });
    });
    check(removeIdentities, graph, ['Transpose', 'Slice']);
  });

  it('keeps an identity between a graph input and an output', () => {
    check(
      removeIdentities,
      build((b, x) => b.node('Identity', [x])),
      ['Identity'],
    );
  });
});

describe('fold-pad', () => {
  it('merges zero padding into a convolution with its own padding', () => {
    const graph = build((b, x) => {
      const padded = b.node('Pad', [x], { attributes: { pads: [0, 0, 1, 0, 0, 0, 2, 1] } });
      return b.node('Conv', [padded, weights(b, [2, 3, 3, 3], 1)], { attributes: { pads: [0, 1, 0, 1] } });
    });
    check(foldPad, graph, ['Conv']);
    expect(foldPad.run(graph).nodes[0]!.attributes.pads).toEqual([1, 1, 2, 2]);
  });

  it('merges zero padding into an average pool, which then counts it', () => {
    const graph = build((b, x) => {
      const padded = b.node('Pad', [x], { attributes: { pads: [0, 0, 1, 1, 0, 0, 1, 1] } });
      return b.node('AveragePool', [padded], { attributes: { kernel: [3, 3] } });
    });
    check(foldPad, graph, ['AveragePool']);
  });

  it('leaves mirrored padding', () => {
    const graph = build((b, x) => {
      const attributes = { pads: [0, 0, 1, 1, 0, 0, 1, 1], mode: 'reflect' };
      return b.node('Conv', [b.node('Pad', [x], { attributes }), weights(b, [2, 3, 3, 3], 1)]);
    });
    check(foldPad, graph, ['Pad', 'Conv']);
  });

  it('leaves padding of channels, with other values, and before a max pool', () => {
    const attributes = { pads: [0, 0, 1, 1, 0, 0, 1, 1] };
    const value = { ...attributes, value: 0.5 };
    const conv = (b: GraphBuilder, x: string, channels: number) =>
      b.node('Conv', [x, weights(b, [2, channels, 3, 3], 1)]);
    check(
      foldPad,
      build((b, x) => conv(b, b.node('Pad', [x], { attributes: value }), 3)),
      ['Pad', 'Conv'],
    );
    const channels = { pads: [0, 1, 0, 0, 0, 0, 0, 0] };
    check(
      foldPad,
      build((b, x) => conv(b, b.node('Pad', [x], { attributes: channels }), 4)),
      ['Pad', 'Conv'],
    );
    const pool = (b: GraphBuilder, x: string) =>
      b.node('MaxPool', [b.node('Pad', [x], { attributes })], { attributes: { kernel: [2, 2] } });
    check(foldPad, build(pool), ['Pad', 'MaxPool']);
  });
});

describe('fold-batch-normalization', () => {
  it('merges normalisation, scale and offset into a grouped convolution', () => {
    const graph = build((b, x) => {
      const y = b.node('Conv', [x, weights(b, [6, 1, 3, 3], 1)], { attributes: { group: 3 } });
      const scaled = b.node('Mul', [weights(b, [1, 6, 1, 1], 7), normalise(b, y, 2)]);
      return b.node('Add', [scaled, weights(b, [6, 1, 1], 8)]);
    });
    check(foldBatchNormalization, graph, ['Conv']);
  });

  it('merges into a Gemm of either orientation, beta included', () => {
    for (const transB of [false, true]) {
      const graph = build((b, x) => {
        const flat = b.node('Flatten', [x]);
        const inputs = [flat, weights(b, transB ? [5, 108] : [108, 5], 1), weights(b, [5], 2)];
        return normalise(b, b.node('Gemm', inputs, { attributes: { transB, beta: 0.5, alpha: 2 } }), 3);
      });
      check(foldBatchNormalization, graph, ['Flatten', 'Gemm']);
    }
  });

  it('leaves a convolution whose result is read twice, and operands that are no channel vector', () => {
    const twice = build((b, x) => {
      const y = b.node('Conv', [x, weights(b, [3, 3, 1, 1], 1)]);
      return b.node('Add', [normalise(b, y, 2), y]);
    });
    check(foldBatchNormalization, twice, ['Conv', 'BatchNormalization', 'Add']);
    const rows = build((b, x) =>
      b.node('Mul', [b.node('Conv', [x, weights(b, [3, 3, 1, 1], 1)]), weights(b, [6], 2)]),
    );
    check(foldBatchNormalization, rows, ['Conv', 'Mul']);
    const square = build((b, x) => {
      const y = b.node('Conv', [x, weights(b, [3, 3, 1, 1], 1)]);
      return b.node('Mul', [y, y]);
    });
    check(foldBatchNormalization, square, ['Conv', 'Mul']);
  });
});

type Step = (b: GraphBuilder, x: string, seed: number) => string;

/** Steps that keep the shape [1, 3, 6, 6]. */
const steps: readonly Step[] = [
  (b, x) => b.node('Identity', [x]),
  (b, x) => b.node('Relu', [x]),
  (b, x) => b.node('Dropout', [x]),
  (b, x, seed) => normalise(b, x, seed),
  (b, x, seed) => b.node('Mul', [x, weights(b, [3, 1, 1], seed)]),
  (b, x, seed) => b.node('Add', [weights(b, seed % 2 ? [1] : [1, 3, 1, 1], seed), x]),
  (b, x, seed) => b.node('Conv', [x, weights(b, [3, 3, 1, 1], seed)]),
  (b, x, seed) =>
    b.node('Conv', [x, weights(b, [3, 1, 3, 3], seed)], { attributes: { group: 3, pads: [1, 1, 1, 1] } }),
  (b, x, seed) => {
    const padded = b.node('Pad', [x], {
      attributes: { pads: [0, 0, 1, 0, 0, 0, 1, 2], value: seed % 3 === 0 ? 1 : 0 },
    });
    return b.node('Conv', [padded, weights(b, [3, 3, 3, 3], seed), weights(b, [3], seed + 1)]);
  },
  (b, x) => b.node('Add', [x, b.node('Relu', [x])]),
];

describe('all passes', () => {
  it('never change what a graph computes', () => {
    const network = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(1000)), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(network, (choices) => {
        const graph = build((b, x) =>
          choices.reduce((value, [step, seed]) => steps[step]!(b, value, seed + 1), b.node('Neg', [x])),
        );
        // One value of each kind is shared, so that passes meet graph outputs inside chains.
        const inner = graph.nodes[Math.floor(graph.nodes.length / 2)]!.outputs[0]!;
        const open = { ...graph, outputs: [...new Set([...graph.outputs, inner])] };
        expect(verifyGraph(open)).toEqual([]);
        expect(same(open, runPasses(open))).toBeLessThan(1e-4);
        for (const pass of passes) expect(same(graph, pass.run(graph)), pass.name).toBeLessThan(1e-4);
      }),
      { numRuns: runs },
    );
  });

  it('have unique names and one-sentence summaries', () => {
    expect(new Set(passes.map(({ name }) => name)).size).toBe(passes.length);
    for (const { summary } of passes) expect(summary).toMatch(/^[a-z][^.]*$/);
  });
});
