/** A transformer's block: its products with constant weights run on the accelerator, what lies between them on the host. */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import { flattenProducts } from '../../compiler/passes/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { hostWork } from '../../compiler/quantize/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import { openMachine } from '../../tools/library/index.js';
import { verifyWhole } from '../../tools/library/verify-whole.js';
import { relativeError } from '../support/compare.js';
import { randomTensor, sampleOf } from './networks.js';

/** One head of attention and a perceptron, with residual sums, over [batch, length, width]. */
function block(batch: number, length: number, width: number): Graph {
  const b = new GraphBuilder('block');
  let seed = 1;
  const constant = (...shape: number[]) => {
    const name = `c${seed}`;
    return b.constant(name, randomTensor(shape, seed++));
  };
  const linear = (x: string, inputs: number, outputs: number) =>
    b.node('Add', [b.node('MatMul', [x, constant(inputs, outputs)]), constant(outputs)]);
  const normal = (x: string) => b.node('LayerNormalization', [x, constant(width), constant(width)]);
  const x = b.input('x', { element: 'float32', shape: [batch, length, width] });
  const seen = normal(x);
  const [q, k, v] = [linear(seen, width, width), linear(seen, width, width), linear(seen, width, width)];
  const scores = b.node('MatMul', [q, b.node('Transpose', [k], { attributes: { perm: [0, 2, 1] } })]);
  const mixed = b.node('MatMul', [b.node('Softmax', [scores], { attributes: { axis: 2 } }), v]);
  const attended = b.node('Add', [x, linear(mixed, width, width)]);
  const hidden = b.node('Gelu', [linear(normal(attended), width, 2 * width)]);
  b.output(b.node('Add', [attended, linear(hidden, 2 * width, width)]));
  return b.build();
}

describe('products over more than two axes', () => {
  it('flattening keeps the meaning, and puts no reshape between products behind one another', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 5 }), (batch, length) => {
        const graph = block(batch, length, 4);
        const flat = flattenProducts.run(graph);
        for (const { operator, inputs } of flat.nodes) {
          const constant = flat.values.get(inputs[1] ?? '')?.constant;
          if (operator === 'MatMul' && constant !== undefined)
            expect(flat.values.get(inputs[0]!)!.type.shape).toHaveLength(2);
        }
        const sample = sampleOf(graph, 5);
        const [a, b] = [graph, flat].map((g) => [...evaluateGraph(g, sample).values()][0]!);
        expect(b!.shape).toEqual(a!.shape);
        expect(relativeError(b!, a!)).toBeLessThan(1e-6);
        // Three of q, k and v, two around the attention's result and one behind the second normalisation; none within the perceptron.
        expect(flat.nodes.filter(({ operator }) => operator === 'Reshape').length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 20 },
    );
  });

  it('run on the accelerator, and with the host give the integer reference', async () => {
    const graph = block(1, 6, 8);
    const machine = openMachine('edge8');
    const result = compile(graph, machine, { calibration: [sampleOf(graph, 1), sampleOf(graph, 2)] });
    const compiled = unwrap(result);
    const products = compiled.segments.flatMap(({ body }) =>
      body.nodes.filter(({ operator }) => operator === 'IntegerMatMul'),
    );
    expect(products).toHaveLength(6);
    const said = result.diagnostics.map(renderDiagnostic).join('\n');
    for (const operator of ['LayerNormalization', 'Softmax', 'MatMul', 'Reshape'])
      expect(said).toContain(`host-between]: ${operator} has no integer form here`);
    const found = await verifyWhole(arrayEngine, compiled, sampleOf(graph, 3));
    expect(found.firstMismatch).toBeNull();
    expect(found.cyclesSimulated).toBe(found.cyclesPredicted);
    // int8 against float: close, and not by accident.
    const [real, integer] = [graph, compiled.quantized.graph].map(
      (g) => [...evaluateGraph(g, sampleOf(graph, 3)).values()][0]!,
    );
    expect(relativeError(integer!, real!)).toBeLessThan(0.1);
  });

  it('get their rows from the host, for which a change of shape is no work', () => {
    // A sequence first and its batch of one second, as torch's encoder has it: no channel would be left on the accelerator.
    const b = new GraphBuilder('sequence');
    const x = b.input('x', { element: 'float32', shape: [1, 10, 16] });
    const sequence = b.node('Transpose', [x], { attributes: { perm: [1, 0, 2] } });
    b.output(b.node('MatMul', [sequence, b.constant('w', randomTensor([16, 8], 1))]));
    const graph = b.build();
    const compiled = unwrap(
      compile(graph, openMachine('edge8'), { calibration: [sampleOf(graph, 1), sampleOf(graph, 2)] }),
    );
    const [body] = compiled.segments.map((segment) => segment.body);
    expect(body!.inputs.map((name) => body!.values.get(name)!.type.shape)).toEqual([[10, 16]]);
    const work = hostWork(compiled.quantized).flatMap(({ nodes }) => nodes);
    const reshape = work.find(({ node }) => node.operator === 'Reshape');
    expect(reshape).toMatchObject({ operations: 0, bytes: 0 });
    const transpose = work.find(({ node }) => node.operator === 'Transpose');
    expect(transpose).toMatchObject({ operations: 160, bytes: 2 * 4 * 160 });
  });
});
