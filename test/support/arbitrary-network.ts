/**
 * Random integer networks. In: fast-check's numbers (a {@link NetworkPlan}) and the Machine that bounds multipliers. Out: a Graph of the
 * operators of compiler/graph/integer.md and tensors for its inputs. Every plan builds: a size that does not fit is made to fit,
 * so shrinking any number alone gives a legal, smaller network.
 */

import fc from 'fast-check';
import { elementArrayOf, integerBits, integerRange, type Tensor, tensor } from '../../base/index.js';
import { type AttributeValue, type Graph, GraphBuilder } from '../../compiler/graph/index.js';
import {
  activationElement,
  bufferRowFormat,
  constantStep,
  type Machine,
  type MachineElement,
  weightElement,
} from '../../models/machine/index.js';
import { randomIntegers } from '../schedule/networks.js';

const operators = [
  'rescale',
  'pointwise',
  'conv',
  'add',
  'maxPool',
  'averagePool',
  'globalPool',
  'depthwise',
  'grouped',
  'concat',
  'dense',
  'slice',
  'gather',
  'join',
  'interleave',
  'product',
  'reshape',
] as const;

/** One node: which operator, how many values back its operands lie, and sizes of which each operator uses some. */
export interface NodePlan {
  readonly operator: (typeof operators)[number];
  readonly operands: readonly [number, number];
  readonly channels: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
  readonly groups: number;
  readonly table: boolean;
  /** Multipliers and biases of any size, so that results saturate; else results spread over the type. */
  readonly wild: boolean;
  /** The value is a network output although others read it. */
  readonly output: boolean;
}

export interface NetworkPlan {
  /** [N, C, H, W] of the input. */
  readonly input: readonly [number, number, number, number];
  /** A second input of the same shape. */
  readonly second: boolean;
  readonly nodes: readonly NodePlan[];
  /** Of weights, biases, scales and inputs. */
  readonly seed: number;
  /** Results stay in act for the next layer wherever that is possible. */
  readonly keepOnChip?: boolean;
  /** Only products with weights over single pixels, sums and rescalings: what an input-stationary machine computes exchanged. */
  readonly pointwise?: boolean;
}

const from = (min: number, max: number) => fc.integer({ min, max });
const pair = (min: number, max: number) => fc.tuple(from(min, max), from(min, max));

const nodePlan: fc.Arbitrary<NodePlan> = fc.record({
  operator: fc.constantFrom(...operators),
  operands: fc.tuple(fc.oneof(fc.constant(0), fc.nat(4)), fc.nat(4)),
  channels: from(1, 20),
  kernel: pair(1, 4),
  stride: fc.oneof(fc.constant([1, 1] as [number, number]), pair(1, 3)),
  dilation: fc.oneof(fc.constant([1, 1] as [number, number]), pair(1, 3)),
  pads: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  groups: from(1, 3),
  table: fc.boolean(),
  wild: fc.nat(5).map((n) => n === 5),
  output: fc.boolean(),
});

interface Scale {
  readonly multiplier: number;
  readonly shift: number;
}

/** Plans of networks of one to `nodes` nodes. */
export function arbitraryNetwork({
  nodes = 5,
  pointwise,
}: {
  readonly nodes?: number;
  readonly pointwise?: boolean;
} = {}): fc.Arbitrary<NetworkPlan> {
  return fc.record({
    input: fc.tuple(from(1, 2), from(1, 20), from(1, 8), from(1, 8)),
    second: fc.boolean(),
    nodes: fc.array(nodePlan, { minLength: 1, maxLength: nodes, size: 'max' }),
    seed: fc.nat(9999),
    keepOnChip: fc.boolean(),
    pointwise: pointwise === undefined ? fc.nat(5).map((n) => n === 5) : fc.constant(pointwise),
  });
}

/** The graph of a plan, and tensors for its inputs. Multipliers fit the machine's requantiser; tables only where it has look-up. */
export function buildNetwork(
  plan: NetworkPlan,
  machine: Machine,
): { readonly graph: Graph; readonly feed: Map<string, Tensor> } {
  const network = new NetworkMaker(plan, machine);
  return { graph: network.graph(), feed: network.feed() };
}

class NetworkMaker {
  private readonly builder = new GraphBuilder('drawn');
  private readonly random: ReturnType<typeof randomIntegers>;
  /** Values that a node may read, oldest first. */
  private readonly values: string[] = [];
  private readonly read = new Set<string>();
  private readonly multiplierLimit: number;
  private readonly tables: boolean;
  /** Whether activations can take the place of weights. */
  private readonly products: boolean;
  private readonly activation: MachineElement;
  private readonly weight: MachineElement;
  /** Constants of instructions: any of `codes` times `step`. */
  private readonly step: number;
  private readonly codes: readonly [number, number];
  private constants = 0;

  constructor(
    private readonly plan: NetworkPlan,
    machine: Machine,
  ) {
    this.random = randomIntegers(plan.seed);
    this.multiplierLimit = 2 ** (machine.requantization.multiplierBits - 1) - 1;
    this.tables = machine.vector.functions.includes('lookup');
    const { rows, columns } = machine.array;
    const pitch = (buffer: 'act' | 'wgt') => bufferRowFormat(machine, buffer).pitch;
    this.products =
      machine.vector.functions.includes('depthwise') &&
      machine.elements.activationBits === machine.elements.weightBits &&
      rows % columns === 0 &&
      pitch('act') === pitch('wgt') * (rows / columns) &&
      (rows === columns || pitch('wgt') * 8 === columns * machine.elements.weightBits);
    this.activation = activationElement(machine);
    this.weight = weightElement(machine);
    this.step = constantStep(machine);
    const { min, max } = integerRange(Math.min(8, machine.elements.activationBits));
    this.codes = [min, max];
    for (const name of plan.second ? ['z', 'x'] : ['x'])
      this.values.push(this.builder.input(name, { element: this.activation, shape: plan.input }));
  }

  graph(): Graph {
    const named: string[] = [];
    for (const node of this.plan.nodes) {
      const value = this.add(node);
      this.values.push(value);
      if (node.output) named.push(value);
    }
    const inputs = this.plan.second ? 2 : 1;
    const outputs = this.values.filter((v, i) => i >= inputs && (named.includes(v) || !this.read.has(v)));
    for (const output of outputs) this.builder.output(output);
    return this.builder.build();
  }

  feed(): Map<string, Tensor> {
    const names = this.plan.second ? ['z', 'x'] : ['x'];
    return new Map(names.map((name) => [name, this.elements(this.activation, this.plan.input)]));
  }

  private add(node: NodePlan): string {
    const x = this.operand(node.operands[0]);
    const flat = this.shape(x).length === 2;
    if (this.plan.pointwise) return this.pointwise(node, x);
    if (flat && node.operator === 'product') return this.dense(node, x);
    switch (node.operator) {
      case 'rescale':
        return this.node(node, 'IntegerRescale', [x], { bias: this.random(-128, 128) }, 2);
      case 'add':
        return this.residual(node, x);
      case 'concat':
        return this.concat(node, x);
      case 'dense':
        return this.dense(node, x);
      case 'slice':
        return this.slice(node, x);
      case 'gather':
        return this.gather(node, x);
      case 'join':
        return this.join(node, x);
      case 'reshape':
        return this.reshape(node, x);
      default:
        return flat ? this.dense(node, x) : this.spatial(node, x);
    }
  }

  private spatial(node: NodePlan, x: string): string {
    const [, c] = this.shape(x) as [number, number];
    switch (node.operator) {
      case 'pointwise':
        return this.conv({ ...node, kernel: [1, 1], pads: [0, 0, 0, 0] }, x, 1);
      case 'depthwise':
        return this.conv({ ...node, channels: c }, x, c);
      case 'grouped': {
        const divisors = Array.from({ length: c }, (_, i) => i + 1).filter((n) => c % n === 0);
        const groups = divisors[(node.groups + node.channels) % divisors.length]!;
        return this.conv({ ...node, channels: Math.ceil(node.channels / groups) * groups }, x, groups);
      }
      case 'maxPool':
      case 'averagePool':
      case 'globalPool':
        return this.pool(node, x);
      case 'interleave':
        return this.interleave(node, x);
      case 'product':
        return this.products ? this.product(node, x) : this.conv(node, x, 1);
      default:
        return this.conv(node, x, 1);
    }
  }

  private pointwise(node: NodePlan, x: string): string {
    switch (node.operator) {
      case 'rescale':
        return this.node(node, 'IntegerRescale', [x], { bias: this.random(-128, 128) }, 2);
      case 'add':
      case 'concat':
      case 'join':
        return this.residual(node, x);
      default: {
        const [, , height = 1, width = 1] = this.shape(x);
        const point = { kernel: [1, 1], stride: [1, 1], pads: [0, 0, 0, 0] } as const;
        const dense = this.shape(x).length === 2 || (height * width === 1 && node.operator === 'dense');
        return dense ? this.dense(node, x) : this.conv({ ...node, ...point }, x, 1);
      }
    }
  }

  private operand(back: number): string {
    const value = this.values[this.values.length - 1 - (back % this.values.length)]!;
    this.read.add(value);
    return value;
  }

  /** The newest of the earlier values (from `back` on) that `fits`; the value itself where none does. */
  private partner(x: string, back: number, fits: (shape: readonly number[]) => boolean): string {
    const others = this.values.filter((v) => v !== x && fits(this.shape(v)));
    const value = others[others.length - 1 - (back % Math.max(1, others.length))] ?? x;
    this.read.add(value);
    return value;
  }

  private shape(value: string): readonly number[] {
    return this.builder.value(value).type.shape;
  }

  private conv(node: NodePlan, x: string, group: number): string {
    const [, c, ...extent] = this.shape(x) as [number, number, number, number];
    const window = fitted(node, extent);
    const terms = (c / group) * window.kernel[0] * window.kernel[1];
    const weights = this.constant(this.elements(this.weight, [node.channels, c / group, ...window.kernel]));
    const attributes = {
      strides: node.stride,
      dilations: window.dilation,
      pads: node.pads,
      group,
      padValue: this.random(...this.codes) * this.step,
    };
    return this.node(
      node,
      'IntegerConv',
      [x, weights, this.biases(node)],
      attributes,
      terms * this.weightReach,
      node.channels,
    );
  }

  private dense(node: NodePlan, x: string): string {
    const shape = this.shape(x);
    const flat = shape.length === 2 ? x : this.builder.node('Flatten', [x], { attributes: { axis: 1 } });
    const k = this.shape(flat)[1]!;
    const weights = this.constant(this.elements(this.weight, [k, node.channels]));
    return this.node(
      node,
      'IntegerMatMul',
      [flat, weights, this.biases(node)],
      {},
      k * this.weightReach,
      node.channels,
    );
  }

  private pool(node: NodePlan, x: string): string {
    const [, , h, w] = this.shape(x) as [number, number, number, number];
    const global = node.operator === 'globalPool';
    const maximum = node.operator === 'maxPool';
    const plan = global ? { ...node, kernel: [h, w] as const, pads: [0, 0, 0, 0] as const } : node;
    const window = fitted({ ...plan, dilation: maximum ? node.dilation : [1, 1] }, [h, w]);
    const attributes = {
      kernel: window.kernel,
      strides: node.stride,
      pads: plan.pads,
      ...(maximum && { dilations: window.dilation }),
      padValue: (maximum && this.random(0, 1) === 0 ? this.codes[0] : this.random(...this.codes)) * this.step,
      bias: this.random(-500, 500),
    };
    const terms = maximum ? 1 : window.kernel[0] * window.kernel[1];
    const operator = maximum ? 'IntegerMaxPool' : 'IntegerAveragePool';
    return this.node(node, operator, [x], attributes, terms);
  }

  private residual(node: NodePlan, x: string): string {
    const shape = this.shape(x).join();
    const other = this.partner(x, node.operands[1], (s) => s.join() === shape);
    const leftShift = this.random(0, 12);
    const [a, b] = [0, 0].map(() => (node.wild ? this.wildScale() : this.scale(2 ** leftShift))) as [
      Scale,
      Scale,
    ];
    const attributes = {
      leftShift,
      aBias: this.random(-1000, 1000),
      aMultiplier: a.multiplier,
      aShift: a.shift,
      bBias: this.random(-1000, 1000),
      bMultiplier: b.multiplier,
      bShift: b.shift,
    };
    return this.node(node, 'IntegerAdd', [x, other], attributes, 2, 1);
  }

  private concat(node: NodePlan, x: string): string {
    const rest = (shape: readonly number[]) => [shape[0], ...shape.slice(2)].join();
    const wanted = rest(this.shape(x));
    const other = this.partner(x, node.operands[1], (s) => rest(s) === wanted);
    return this.builder.node('Concat', [x, other], { attributes: { axis: 1 } });
  }

  /** Some of the elements along every axis. */
  private slice(node: NodePlan, x: string): string {
    const shape = this.shape(x);
    const lists = shape.map((extent, axis) => {
      const start = Math.min(node.pads[axis % 4]!, extent - 1);
      const step = axis === 0 ? 1 : node.stride[axis % 2]!;
      const end = Math.max(start + 1, extent - node.groups + 1);
      return { start, end, step };
    });
    const attributes = {
      starts: lists.map(({ start }) => start),
      ends: lists.map(({ end }) => end),
      axes: shape.map((_, axis) => axis),
      steps: lists.map(({ step }) => step),
    };
    return this.builder.node('Slice', [x], { attributes });
  }

  private gather(node: NodePlan, x: string): string {
    const channels = this.shape(x)[1]!;
    const any = Array.from({ length: node.channels }, () => this.random(0, channels - 1));
    const picked = node.table ? this.exchanged(channels) : any;
    const indices = this.constant(tensor('int64', [picked.length], BigInt64Array.from(picked, BigInt)));
    return this.builder.node('Gather', [x, indices], { attributes: { axis: 1 } });
  }

  /** Every number below `count` once. */
  private exchanged(count: number): readonly number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const other = this.random(0, i);
      [order[i], order[other]] = [order[other]!, order[i]!];
    }
    return order;
  }

  /** Pictures or pixels one after another. */
  private join(node: NodePlan, x: string): string {
    const axis = [0, 2, 3][node.groups - 1]! % this.shape(x).length;
    const rest = (shape: readonly number[]) => shape.map((extent, i) => (i === axis ? '' : extent)).join();
    const wanted = rest(this.shape(x));
    const other = this.partner(x, node.operands[1], (s) => rest(s) === wanted);
    return this.builder.node('Concat', node.table ? [other, x] : [x, other], { attributes: { axis } });
  }

  /** The same pixels in rows of another length. */
  private reshape(node: NodePlan, x: string): string {
    const [n, c, h = 1, w = 1] = this.shape(x);
    const shapes = [
      [n!, c!, w, h],
      [n!, c!, 1, h * w],
      [n!, c!, h * w, 1],
    ];
    return this.builder.node('Reshape', [x], { attributes: { shape: shapes[node.groups - 1]! } });
  }

  private interleave(node: NodePlan, x: string): string {
    const shape = this.shape(x).join();
    const [rows, columns] = node.stride;
    const parts = Array.from({ length: rows * columns }, (_, i) =>
      i === 0 ? x : this.partner(x, node.operands[1] + i, (s) => s.join() === shape),
    );
    return this.builder.node('IntegerInterleave', parts, { attributes: { strides: [rows, columns] } });
  }

  /** Of two tensors, or of one with its own mean of each channel. */
  private product(node: NodePlan, x: string): string {
    const shape = this.shape(x);
    const factor = node.table
      ? this.pool({ ...node, operator: 'globalPool' }, x)
      : this.partner(x, node.operands[1], (s) => s.join() === shape.join());
    if (node.table) this.read.add(factor);
    const reach = 2 ** (integerBits(this.activation) - 1) / 2;
    return this.node(node, 'IntegerMul', [x, factor], {}, reach, 1);
  }

  /** A requantising node; `reach` is about how large its accumulators get, in units of one activation. */
  private node(
    plan: NodePlan,
    operator: string,
    inputs: readonly string[],
    own: Readonly<Record<string, AttributeValue>>,
    reach: number,
    channels = this.shape(inputs[0]!)[1]!,
  ): string {
    const perChannel = this.random(0, 3) > 0 && operator !== 'IntegerAdd';
    const scales = Array.from({ length: perChannel ? channels : 1 }, () =>
      plan.wild ? this.wildScale() : this.scale(reach),
    );
    const bound = [this.random(...this.codes), this.random(...this.codes)].sort((a, b) => a - b);
    const clamped = this.random(0, 2) === 0;
    const attributes = {
      ...own,
      multiplier: scales.map((s) => s.multiplier),
      shift: scales.map((s) => s.shift),
      zeroPoint: plan.wild ? this.random(-128, 127) : this.random(-20, 20),
      min: (clamped ? bound[0]! : this.codes[0]) * this.step,
      max: ((clamped ? bound[1]! : this.codes[1]) + 1) * this.step - 1,
      ...(plan.table &&
        this.tables && { table: Array.from({ length: 256 }, () => this.random(...this.codes)) }),
    };
    return this.builder.node(operator, inputs, { attributes });
  }

  /** About how large a weight is. */
  private get weightReach(): number {
    return 2 ** (integerBits(this.weight) - 1) / 2;
  }

  /** Takes numbers of about `reach` activations to one activation, give or take a factor of two; rarely 0. */
  private scale(reach: number): Scale {
    const top = this.multiplierLimit;
    const multiplier = this.random(0, 19) === 0 ? 0 : this.random(Math.ceil(top / 2), top);
    const shift = Math.round(Math.log2((top + 1) * Math.max(reach, 0.5)));
    return { multiplier, shift: Math.min(63, Math.max(1, shift)) };
  }

  private wildScale(): Scale {
    return { multiplier: this.random(0, this.multiplierLimit), shift: this.random(1, 63) };
  }

  private biases({ channels, wild }: NodePlan): string {
    const limit = wild ? 2 ** 31 - 1 : 3000;
    const data = Int32Array.from({ length: channels }, () => this.random(-limit, limit));
    return this.constant(tensor('int32', [channels], data));
  }

  private constant(value: Tensor): string {
    this.constants++;
    return this.builder.constant(`constant${this.constants}`, value);
  }

  /** Any values of the type; every fourth tensor holds only the extremes. */
  private elements(element: MachineElement, shape: readonly number[]): Tensor {
    const extreme = this.random(0, 3) === 0;
    const { min, max } = integerRange(integerBits(element));
    const data = elementArrayOf(
      element,
      shape.reduce((a, b) => a * b, 1),
    );
    for (let i = 0; i < data.length; i++)
      data[i] = extreme ? (this.random(0, 1) === 0 ? min : max) : this.random(min, max);
    return tensor(element, shape, data);
  }
}

/** Kernel and dilation of which the window fits the padded picture. */
function fitted(
  { kernel, dilation, pads }: Pick<NodePlan, 'kernel' | 'dilation' | 'pads'>,
  extent: readonly number[],
): { readonly kernel: readonly [number, number]; readonly dilation: readonly [number, number] } {
  const axes = [0, 1].map((axis) => {
    const padded = extent[axis]! + pads[axis]! + pads[axis + 2]!;
    const step = (kernel[axis]! - 1) * dilation[axis]! < padded ? dilation[axis]! : 1;
    return { kernel: Math.min(kernel[axis]!, padded), dilation: step };
  });
  return {
    kernel: [axes[0]!.kernel, axes[1]!.kernel],
    dilation: [axes[0]!.dilation, axes[1]!.dilation],
  };
}
