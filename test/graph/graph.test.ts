/** The graph itself: its text, its sizes, its verifier's diagnostics, and the evaluator's treatment of bad feeds. */

import { describe, expect, it } from 'vitest';
import { DiagnosticError, float32Tensor, InternalError, renderDiagnostic, tensor } from '../../base/index.js';
import {
  evaluateGraph,
  type Graph,
  GraphBuilder,
  graphMacs,
  graphParameters,
  inferShapes,
  type Node,
  operatorTable,
  printGraph,
  verifyGraph,
} from '../../compiler/graph/index.js';
import { randomTensor } from '../support/compare.js';

function tiny(): Graph {
  const b = new GraphBuilder('tiny');
  const x = b.input('x', { element: 'float32', shape: [1, 2, 4, 4] });
  const w = b.constant('w', randomTensor([4, 1, 3, 3], 1));
  const y = b.node('Conv', [x, w], {
    name: 'conv',
    outputs: ['a'],
    attributes: { group: 2, pads: [1, 1, 1, 1] },
  });
  const flat = b.node('Flatten', [b.node('Relu', [y])]);
  b.output(b.node('Gemm', [flat, b.constant('v', randomTensor([64, 3], 2))], { name: 'fc', outputs: ['y'] }));
  return b.build();
}

function withNode(graph: Graph, name: string, edit: Partial<Node>): Graph {
  return { ...graph, nodes: graph.nodes.map((node) => (node.name === name ? { ...node, ...edit } : node)) };
}

function rendered(graph: Graph): string {
  return verifyGraph(graph).map(renderDiagnostic).join('\n');
}

describe('graphs', () => {
  it('print as text', () => {
    expect(printGraph(tiny())).toMatchInlineSnapshot(`
      "graph tiny (x: float32[1, 2, 4, 4]) -> (y)
        const w: float32[4, 1, 3, 3]
        const v: float32[64, 3]
        a: float32[1, 4, 4, 4] = Conv(x, w) group=2 pads=[1, 1, 1, 1]
        Relu: float32[1, 4, 4, 4] = Relu(a)
        Flatten: float32[1, 64] = Flatten(Relu)
        y: float32[1, 3] = Gemm(Flatten, v)
      "
    `);
  });

  it('count multiply-accumulates and parameters', () => {
    // 4 x 4 x 4 outputs of 9 products, and 3 outputs of 64.
    expect(graphMacs(tiny())).toBe(64 * 9 + 3 * 64);
    expect(graphParameters(tiny())).toBe(4 * 9 + 64 * 3);
  });

  it('infer the shapes that they state', () => {
    const graph = tiny();
    const bare = { ...graph, values: new Map([...graph.values].filter(([n, v]) => n === 'x' || v.constant)) };
    const inferred = inferShapes(bare);
    expect(inferred.ok && printGraph(inferred.value)).toBe(printGraph(graph));
  });

  it('keep every value of an evaluation on request', () => {
    const graph = tiny();
    const inputs = new Map([['x', randomTensor([1, 2, 4, 4], 3)]]);
    expect([...evaluateGraph(graph, inputs).keys()]).toEqual(['y']);
    const all = evaluateGraph(graph, inputs, { keep: 'all' });
    expect([...all.keys()]).toEqual(['x', 'a', 'Relu', 'Flatten', 'y']);
    expect(all.get('y')).toEqual(evaluateGraph(graph, inputs).get('y'));
  });

  it('give constants and inputs as outputs', () => {
    const b = new GraphBuilder('ends');
    b.output(b.input('x', { element: 'float32', shape: [1] }));
    b.output(b.constant('c', float32Tensor([1], [7])));
    const result = evaluateGraph(b.build(), new Map([['x', float32Tensor([1], [3])]]));
    expect([...result.values()].map(({ data }) => data[0])).toEqual([3, 7]);
  });
});

describe('verifyGraph', () => {
  it('accepts a legal graph', () => {
    expect(verifyGraph(tiny())).toEqual([]);
  });

  it('graph/unknown-operator, even one named like a member of Object', () => {
    expect(rendered(withNode(tiny(), 'fc', { operator: 'constructor' }))).toMatchInlineSnapshot(`
      "error[graph/unknown-operator]: operator constructor is not in the operator table
        --> tiny, node "fc" (Gemm)"
    `);
  });

  it('graph/bad-attribute: missing, unknown, of another kind', () => {
    const graph = tiny();
    expect(rendered(withNode(graph, 'fc', { attributes: { gamma: 2, alpha: 'x' } }))).toMatchInlineSnapshot(`
      "error[graph/bad-attribute]: Gemm: attribute "gamma" is unknown
        --> tiny, node "fc" (Gemm)
      error[graph/bad-attribute]: Gemm: attribute "alpha" is not a number
        --> tiny, node "fc" (Gemm)"
    `);
    expect(
      rendered(withNode(graph, 'Relu', { operator: 'Transpose', attributes: { perm: [0] } })),
    ).toMatchInlineSnapshot(`
      "error[graph/bad-inputs]: Transpose: perm 0 is not a permutation of 4 axes
        --> tiny, node "Relu" (Relu)"
    `);
    expect(rendered(withNode(graph, 'Flatten', { operator: 'Reshape' }))).toMatchInlineSnapshot(`
      "error[graph/bad-attribute]: Reshape: attribute "shape" is missing
        --> tiny, node "Flatten" (Flatten)"
    `);
  });

  it('graph/bad-arity', () => {
    expect(rendered(withNode(tiny(), 'fc', { inputs: ['Flatten'] }))).toMatchInlineSnapshot(`
      "error[graph/bad-arity]: Gemm takes 2 to 3 inputs, not 1
        --> tiny, node "fc" (Gemm)"
    `);
    expect(rendered(withNode(tiny(), 'fc', { inputs: ['Flatten', ''] }))).toMatchInlineSnapshot(`
      "error[graph/bad-arity]: Gemm takes 2 to 3 inputs, and a required one is absent
        --> tiny, node "fc" (Gemm)"
    `);
    expect(rendered(withNode(tiny(), 'fc', { outputs: ['y', 'z'] }))).toMatchInlineSnapshot(`
      "error[graph/bad-arity]: Gemm gives 1 outputs at most, not 2
        --> tiny, node "fc" (Gemm)"
    `);
  });

  it('graph/bad-inputs', () => {
    expect(rendered(withNode(tiny(), 'conv', { attributes: { group: 3 } }))).toMatchInlineSnapshot(`
      "error[graph/bad-inputs]: Conv: 2 input and 4 output channels do not split into 3 groups
        --> tiny, node "conv" (Conv)"
    `);
  });

  it('graph/undefined-value', () => {
    const graph = tiny();
    expect(rendered({ ...graph, nodes: [...graph.nodes.slice(1), graph.nodes[0]!] })).toMatchInlineSnapshot(`
      "error[graph/undefined-value]: input "a" is not defined by an earlier node, an input or a constant
        --> tiny, node "Relu" (Relu)"
    `);
  });

  it('graph/redefined-value and graph/duplicate-node', () => {
    const graph = tiny();
    expect(rendered({ ...graph, nodes: [...graph.nodes, graph.nodes[3]!] })).toMatchInlineSnapshot(`
      "error[graph/duplicate-node]: two nodes are called "fc"
        --> tiny, node "fc" (Gemm)
      error[graph/redefined-value]: "y" is defined twice
        --> tiny, node "fc" (Gemm)"
    `);
  });

  it('graph/type-mismatch', () => {
    const graph = tiny();
    const a = { name: 'a', type: { element: 'float32', shape: [1, 4, 4, 5] } } as const;
    expect(rendered({ ...graph, values: new Map([...graph.values, ['a', a]]) })).toMatchInlineSnapshot(`
      "error[graph/type-mismatch]: stated as float32[1, 4, 4, 5], but the operator gives float32[1, 4, 4, 4]
        --> tiny, tensor "a"
      error[graph/type-mismatch]: stated as float32[1, 4, 4, 4], but the operator gives float32[1, 4, 4, 5]
        --> tiny, tensor "Relu""
    `);
  });

  it('graph/bad-constant', () => {
    const graph = tiny();
    const constant = { ...float32Tensor([2], [1, 2]), shape: [4, 1, 3, 3] };
    const w = { ...graph.values.get('w')!, constant };
    expect(rendered({ ...graph, values: new Map([...graph.values, ['w', w]]) })).toMatchInlineSnapshot(`
      "error[graph/bad-constant]: 2 elements for a shape of [4, 1, 3, 3]
        --> tiny, tensor "w""
    `);
  });

  it('graph/missing-value', () => {
    const graph = tiny();
    expect(rendered({ ...graph, outputs: ['nothing'] })).toMatchInlineSnapshot(`
      "error[graph/missing-value]: the graph's output "nothing" is not among its values
        --> tiny, tensor "nothing""
    `);
  });
});

describe('evaluateGraph', () => {
  it('graph/bad-feed: a missing tensor, and one of another type', () => {
    const feed = (inputs: Parameters<typeof evaluateGraph>[1]): string => {
      try {
        evaluateGraph(tiny(), inputs);
      } catch (error) {
        if (error instanceof DiagnosticError) return error.diagnostics.map(renderDiagnostic).join('\n');
      }
      return 'accepted';
    };
    expect(feed(new Map())).toMatchInlineSnapshot(`
      "error[graph/bad-feed]: no tensor was given for the input
        --> tiny, tensor "x""
    `);
    expect(feed(new Map([['x', tensor('int8', [1, 2, 4, 4], new Int8Array(32))]]))).toMatchInlineSnapshot(`
      "error[graph/bad-feed]: the input is float32[1, 2, 4, 4], the tensor int8[1, 2, 4, 4]
        --> tiny, tensor "x""
    `);
  });
});

describe('the builder', () => {
  it('refuses nodes that do not fit, with the diagnostic of inference', () => {
    const b = new GraphBuilder('net');
    const x = b.input('x', { element: 'float32', shape: [2, 3] });
    expect(() => b.node('MatMul', [x, x])).toThrow(DiagnosticError);
    expect(() => b.node('Relu', ['ghost'])).toThrow(DiagnosticError);
    expect(() => b.input('x', { element: 'float32', shape: [] })).toThrow(InternalError);
  });
});

describe('the operator table', () => {
  it('describes every operator and attribute under its own name', () => {
    for (const [name, spec] of Object.entries(operatorTable)) {
      expect(spec.name).toBe(name);
      expect(spec.summary).not.toBe('');
      for (const row of Object.values(spec.attributes)) expect(row.summary).not.toBe('');
    }
  });
});
