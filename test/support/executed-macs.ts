/**
 * Counts the multiplications that a program really executes with weights of the network. In: machine and graph. The graph is compiled
 * anew with every zero weight replaced by 1, so that in the weight buffer a zero stands only where the compiler put it: lanes and
 * columns past the last channel, other groups' channels of a grouped convolution made dense, kernel columns that folding rounds up.
 * Out: products with non-zero weights for each layer.
 */

import fc from 'fast-check';
import { elementArrayOf, type Tensor, tensor, unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import {
  actBank,
  actRow,
  channelRows,
  type InstructionOf,
  initialDram,
  type Program,
} from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { bufferRowFormat, type Machine } from '../../models/machine/index.js';
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
  const resting = new RestingPixels(machine, program);
  const zeros = new Map(graph.inputs.map((name) => [name, zeroTensor(graph, name)]));
  interpretProgram(machine, program, initialDram(program, zeros), {
    onInstruction: (index, instruction, { act, wgt }) => {
      const layer = program.layerOf[index]!;
      if (instruction.mnemonic === 'load' && instruction.fields.buffer === 1)
        resting.load(instruction.fields);
      if (instruction.mnemonic === 'matmul')
        executed[layer]! +=
          resting.products(instruction.fields, act) ?? matmulProducts(machine, instruction.fields, wgt);
      if (instruction.mnemonic === 'dwconv')
        executed[layer]! += depthwiseProducts(machine, instruction.fields, wgt);
    },
  });
  return executed;
}

/**
 * Activations in the weights' place: how many pixels each row of wgt holds. The weights are the streamed rows then: each non-zero one is multiplied
 * with every pixel of the row of its lane.
 */
class RestingPixels {
  /** Pixels of a wgt row, -1 where it holds weights. */
  private readonly pixels: Int32Array;

  constructor(
    private readonly machine: Machine,
    private readonly program: Program,
  ) {
    this.pixels = new Int32Array(machine.buffers.weight.rows).fill(-1);
  }

  load(f: InstructionOf<'load'>['fields']): void {
    for (let plane = 0; plane < f.planes; plane++) {
      for (let run = 0; run < f.runs; run++) {
        for (let row = 0; row < f.rows; row++) {
          const pitch = bufferRowFormat(this.machine, 'wgt').pitch;
          const from = f.dram + plane * f.planeDramStride + run * f.runDramStride + row * pitch;
          this.pixels[f.address + plane * f.planeStride + run * f.runStride + row] = this.pixelsAt(from);
        }
      }
    }
  }

  /** Products of a matmul whose tiles are activations. */
  products(f: InstructionOf<'matmul'>['fields'], act: BufferState['act']): number | undefined {
    if (this.pixels[f.wgt]! < 0) return undefined;
    const { rows: R } = this.machine.array;
    const first = actBank(f.act) * this.machine.buffers.activation.rowsPerBank + actRow(f.act);
    let products = 0;
    for (let tile = 0; tile < f.nkb; tile++) {
      for (let x = 0; x < f.nx; x++) {
        const row = first + tile * f.strideKb + x * f.strideX;
        for (let lane = 0; lane < R; lane++)
          if (act[row * R + lane] !== 0) products += this.pixels[f.wgt + tile * R + lane]!;
      }
    }
    return products;
  }

  /** Pixels in the row of weights at a DRAM address: C of them, fewer in the last block. */
  private pixelsAt(address: number): number {
    const segment = this.program.segments.find((s) => address >= s.address && address < s.address + s.bytes);
    const layout = segment?.layout;
    if (segment === undefined || layout === undefined) return -1;
    if (!layout.exchanged) return -1;
    const { columns } = this.machine.array;
    const offset = address - segment.address;
    const block = Math.floor(offset / layout.pitch / channelRows(layout));
    const part = (offset % layout.pitch) / bufferRowFormat(this.machine, 'wgt').pitch;
    const left = layout.batch * layout.height * layout.width - block * layout.lanes - part * columns;
    return Math.max(0, Math.min(columns, left));
  }
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
