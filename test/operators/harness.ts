/** A network of one operator, compiled for a small machine: its law case, what the host keeps, how far its values are from the float ones. */

import { expect } from 'vitest';
import { type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { type Compiled, compile } from '../../compiler/pipeline/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { machineOf } from '../schedule/networks.js';
import { randomTensor } from '../support/compare.js';
import type { LawCase } from '../support/law-case.js';
import { graphOf, type OperatorCase } from './cases.js';

export const machine = machineOf({ rows: 4, columns: 4, lanes: 2 });

export function sampleOf({ shape }: OperatorCase, seed: number): ReadonlyMap<string, Tensor> {
  return new Map([['x', randomTensor(shape, seed)]]);
}

export function compiledOf(subject: OperatorCase): Compiled {
  const calibration = [1, 2, 3].map((seed) => sampleOf(subject, seed));
  return unwrap(compile(graphOf(subject), machine, { calibration }));
}

export function lawCaseOf(compiled: Compiled, sample: ReadonlyMap<string, Tensor>): LawCase {
  const inputs = bodyInputs(compiled.quantized, sample);
  const { program, body: graph } = compiled;
  const reference = evaluateGraph(graph, inputs, { keep: 'all' });
  return { machine, graph, program, dram: initialDram(program, inputs), reference };
}

/** Largest difference of a result from the float network's, in steps of its quantisation. */
export function errorInSteps(compiled: Compiled, sample: ReadonlyMap<string, Tensor>): number {
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

/** The scale of a result: that of the DequantizeLinear which makes it, before the host moves what it made. */
function stepOf(compiled: Compiled, name: string): number {
  const { graph } = compiled.quantized;
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name))!;
  if (['Reshape', 'Transpose'].includes(node.operator)) return stepOf(compiled, node.inputs[0]!);
  expect(node.operator).toBe('DequantizeLinear');
  return Number(graph.values.get(node.inputs[1]!)!.constant!.data[0]);
}

/** Operators of the quantised graph that are not of the accelerator's segment, but the conversions at its ends. */
export function hostKinds(compiled: Compiled): readonly string[] {
  const kinds = new Set(compiled.quantized.graph.nodes.map(({ operator }) => operator));
  kinds.delete('QuantizeLinear');
  kinds.delete('DequantizeLinear');
  return [...kinds].filter((operator) => compiled.body.nodes.every((n) => n.operator !== operator));
}
