/**
 * Counts the multiplications that a program really executes with weights of the network. In: machine and graph. The graph is compiled
 * anew with every zero weight replaced by 1, so that in the weight buffer a zero stands only where the compiler put it: lanes and
 * columns past the last channel, other groups' channels of a grouped convolution made dense, kernel columns that folding rounds up.
 * Out: products with non-zero weights for each layer.
 */

import fc from 'fast-check';
import { elementArrayOf, type Tensor, tensor, unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { type InstructionOf, initialDram, type Program } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import { type BufferState, interpretProgram } from '../../simulator/engine/index.js';

export interface ExecutedLayer {
  readonly name: string;
  readonly operator: string;
  /** Multiply-accumulates of the network that the layer says it computes. */
  readonly declared: number;
  /** Products with non-zero weights that its instructions executed. */
  readonly executed: number;
}

/** Every layer of the graph's program. A graph whose changed weights no longer fit the accumulator counts as a skipped case. */
export function executedMacs(machine: Machine, graph: Graph): readonly ExecutedLayer[] {
  const dense = withoutZeroWeights(graph);
  const scheduled = schedule(dense, machine);
  // A zero that became 1 can raise a layer's bound past a narrow accumulator; nothing else may refuse it.
  if (!scheduled.ok && scheduled.diagnostics.some(({ code }) => code === 'schedule/accumulator-overflow'))
    fc.pre(false);
  const { dataflow, image } = unwrap(scheduled);
  const program = unwrap(lower(dataflow, machine, image));
  const executed = count(machine, program, dense);
  return program.layers.map(({ name, operator, macs }, i) => ({
    name,
    operator,
    declared: macs,
    executed: executed[i]!,
  }));
}

function count(machine: Machine, program: Program, graph: Graph): number[] {
  const executed = program.layers.map(() => 0);
  const zeros = new Map(graph.inputs.map((name) => [name, zeroTensor(graph, name)]));
  interpretProgram(machine, program, initialDram(program, zeros), {
    onInstruction: (index, instruction, { wgt }) => {
      const layer = program.layerOf[index]!;
      if (instruction.mnemonic === 'matmul')
        executed[layer]! += matmulProducts(machine, instruction.fields, wgt);
      if (instruction.mnemonic === 'dwconv')
        executed[layer]! += depthwiseProducts(machine, instruction.fields, wgt);
    },
  });
  return executed;
}

/** Each tile multiplies every weight of its R x C once with each of the ny * nx vectors. */
function matmulProducts(
  { array: { rows, columns } }: Machine,
  f: InstructionOf<'matmul'>['fields'],
  wgt: BufferState['wgt'],
): number {
  const tiles = f.nkb * f.nky * f.nkx;
  const weights = wgt.subarray(f.wgt * columns, (f.wgt + tiles * rows) * columns);
  let products = 0;
  for (const weight of weights) if (weight !== 0) products++;
  return products * f.ny * f.nx;
}

/** Slice s multiplies V lanes of weight row (block of s, tap) with every pixel. */
function depthwiseProducts(
  { array: { columns }, vector: { lanes } }: Machine,
  f: InstructionOf<'dwconv'>['fields'],
  wgt: BufferState['wgt'],
): number {
  const [taps, slicesPerRow] = [f.nky * f.nkx, columns / lanes];
  let products = 0;
  for (let s = 0; s < f.slices; s++) {
    for (let tap = 0; tap < taps; tap++) {
      const row = f.wgt + Math.floor(s / slicesPerRow) * taps + tap;
      const first = row * columns + (s % slicesPerRow) * lanes;
      for (let l = 0; l < lanes; l++) if (wgt[first + l] !== 0) products++;
    }
  }
  return products * f.ny * f.nx;
}

/** The graph with 1 for every 0 in the weights of its convolutions and matrix products. */
function withoutZeroWeights(graph: Graph): Graph {
  const values = new Map(graph.values);
  for (const { operator, inputs } of graph.nodes) {
    const value = graph.values.get(inputs[1] ?? '');
    if (!['IntegerConv', 'IntegerMatMul'].includes(operator) || value?.constant === undefined) continue;
    const { element, shape, data } = value.constant;
    const weights = elementArrayOf(element, data.length);
    for (let i = 0; i < weights.length; i++) weights[i] = Number(data[i]) || 1;
    const constant = tensor(element, shape, weights);
    values.set(value.name, { ...value, constant });
  }
  return { ...graph, values };
}

function zeroTensor(graph: Graph, input: string): Tensor {
  const { element, shape } = graph.values.get(input)!.type;
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(element, shape, elementArrayOf(element, count));
}
