/**
 * Operators that were of the host: each runs on the accelerator alone, gives the float operator's values to the quantisation's
 * precision, and the same bits and cycles on every engine.
 */

import { describe, expect, it } from 'vitest';
import { type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { type Compiled, compile } from '../../compiler/pipeline/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { machineOf } from '../schedule/networks.js';
import { randomTensor } from '../support/compare.js';
import type { LawCase } from '../support/law-case.js';
import { sameCycles, sameInIcarus, sameInVerilog, sameValues } from '../support/laws.js';
import { hasTool } from '../verilog/support.js';
import { computingCases, graphOf, movingCases, type OperatorCase } from './cases.js';

const machine = machineOf({ rows: 4, columns: 4, lanes: 2 });

function sampleOf({ shape }: OperatorCase, seed: number): ReadonlyMap<string, Tensor> {
  return new Map([['x', randomTensor(shape, seed)]]);
}

function compiledOf(subject: OperatorCase): Compiled {
  const calibration = [1, 2, 3].map((seed) => sampleOf(subject, seed));
  return unwrap(compile(graphOf(subject), machine, { calibration }));
}

function lawCaseOf(compiled: Compiled, sample: ReadonlyMap<string, Tensor>): LawCase {
  const inputs = bodyInputs(compiled.quantized, sample);
  const { program, body: graph } = compiled;
  const reference = evaluateGraph(graph, inputs, { keep: 'all' });
  return { machine, graph, program, dram: initialDram(program, inputs), reference };
}

/** Largest difference of a result from the float network's, in steps of its quantisation. */
function errorInSteps(compiled: Compiled, sample: ReadonlyMap<string, Tensor>): number {
  const { quantized, network } = compiled;
  const found = evaluateGraph(quantized.graph, sample);
  const expected = evaluateGraph(network, sample);
  const errors = network.outputs.map((name) => {
    const [a, b] = [found.get(name)!, expected.get(name)!];
    expect(a.shape).toEqual(b.shape);
    const scale = stepOf(compiled, name);
    return Math.max(...Array.from(a.data as Float32Array, (v, i) => Math.abs(v - Number(b.data[i])) / scale));
  });
  return Math.max(...errors);
}

/** The scale of a result: that of the DequantizeLinear which makes it. */
function stepOf({ quantized: { graph } }: Compiled, name: string): number {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name))!;
  expect(node.operator).toBe('DequantizeLinear');
  return Number(graph.values.get(node.inputs[1]!)!.constant!.data[0]);
}

const cases = [...movingCases, ...computingCases].map((c) => [c.what, c] as const);

describe('operators on the accelerator', () => {
  it.each(cases)('%s: nothing is left on the host, values are the float ones, and engines agree', (_, c) => {
    const compiled = compiledOf(c);
    const kinds = new Set(compiled.quantized.graph.nodes.map(({ operator }) => operator));
    kinds.delete('QuantizeLinear');
    kinds.delete('DequantizeLinear');
    expect(
      [...kinds].filter((operator) => compiled.body.nodes.every((n) => n.operator !== operator)),
    ).toEqual([]);
    // A move rounds its input once; a mean of rounded numbers is rounded once more.
    const most = movingCases.includes(c) ? 0.51 : 1.51;
    expect(errorInSteps(compiled, sampleOf(c, 3))).toBeLessThan(most);
    const subject = lawCaseOf(compiled, sampleOf(c, 2));
    sameValues(subject);
    sameCycles(subject);
  });

  it.each(cases)('%s: the emitted Verilog gives those values and cycles', async (_, c) => {
    await sameInVerilog(lawCaseOf(compiledOf(c), sampleOf(c, 4)));
  });

  it
    .skipIf(!hasTool('iverilog'))
    .each(cases.filter(([what]) => /mirrors|channel first|not counted/.test(what)))(
    '%s: Icarus Verilog agrees (skipped where it is not installed)',
    (_, c) => sameInIcarus(lawCaseOf(compiledOf(c), sampleOf(c, 4))),
  );
});
