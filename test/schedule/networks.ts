/** Small machines and integer networks for scheduler tests, made from plain numbers. */

import { type Tensor, tensor } from '../../base/index.js';
import type { AttributeValue, Graph, Node, Value } from '../../compiler/graph/index.js';
import { type Machine, machineSchema } from '../../models/machine/index.js';

export interface MachineNumbers {
  readonly rows: number;
  readonly columns: number;
  readonly lanes: number;
  readonly dataflow?: Machine['array']['dataflow'];
  readonly banks?: number;
  readonly actRows?: number;
  readonly wgtRows?: number;
  readonly accRows?: number;
  readonly parRows?: number;
  readonly busBytes?: number;
  readonly queueDepth?: number;
  readonly functions?: Machine['vector']['functions'];
}

export function machineOf(n: MachineNumbers): Machine {
  return machineSchema.parse({
    name: 'test',
    array: { rows: n.rows, columns: n.columns, dataflow: n.dataflow ?? 'weight-stationary' },
    buffers: {
      activation: { banks: n.banks ?? 4, rowsPerBank: n.actRows ?? 1024 },
      weight: { rows: n.wgtRows ?? 1024 },
      accumulator: { rowsPerBank: n.accRows ?? 256 },
      parameter: { rows: n.parRows ?? 64 },
    },
    vector: { lanes: n.lanes, ...(n.functions && { functions: n.functions }) },
    bus: { bytes: n.busBytes ?? 16 },
    queueDepth: n.queueDepth ?? 4,
    clockMegahertz: 500,
    target: { kind: 'asic', nodeNanometres: 28 },
  });
}

/** A deterministic stream of integers. */
export function randomIntegers(seed: number): (low: number, high: number) => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return (low, high) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return low + (state % (high - low + 1));
  };
}

type Attributes = Readonly<Record<string, AttributeValue>>;

/** Builds integer graphs with random weights and plausible scales. */
export class NetworkBuilder {
  private readonly values = new Map<string, Value>();
  private readonly nodes: Node[] = [];
  private readonly inputs: string[] = [];
  readonly random: ReturnType<typeof randomIntegers>;

  constructor(seed: number) {
    this.random = randomIntegers(seed);
  }

  input(name: string, shape: readonly number[]): string {
    this.inputs.push(name);
    return this.value(name, shape);
  }

  shape(name: string): readonly number[] {
    return this.values.get(name)!.type.shape;
  }

  conv(
    x: string,
    o: {
      readonly channels: number;
      readonly kernel: readonly [number, number];
      readonly stride?: readonly [number, number];
      readonly dilation?: readonly [number, number];
      readonly pads?: readonly [number, number, number, number];
      readonly group?: number;
      readonly table?: boolean;
    },
  ): string {
    const [n, c, h, w] = this.shape(x) as readonly [number, number, number, number];
    const [sy, sx] = o.stride ?? [1, 1];
    const [dy, dx] = o.dilation ?? [1, 1];
    const pads = o.pads ?? [0, 0, 0, 0];
    const group = o.group ?? 1;
    const height = Math.floor((h + pads[0] + pads[2] - (o.kernel[0] - 1) * dy - 1) / sy) + 1;
    const width = Math.floor((w + pads[1] + pads[3] - (o.kernel[1] - 1) * dx - 1) / sx) + 1;
    const weights = this.bytes([o.channels, c / group, ...o.kernel]);
    const bias = this.biases(o.channels);
    const table = o.table ? { table: Array.from({ length: 256 }, () => this.random(-128, 127)) } : {};
    const attributes = {
      strides: [sy, sx],
      dilations: [dy, dx],
      pads,
      group,
      padValue: this.random(-8, 8),
      ...table,
    };
    return this.node('IntegerConv', [x, weights, bias], [n, o.channels, height, width], {
      ...attributes,
      ...this.requant(o.channels, (c / group) * o.kernel[0] * o.kernel[1] * 400),
    });
  }

  dense(x: string, outputs: number): string {
    const [n, k] = this.shape(x) as readonly [number, number];
    const inputs = [x, this.bytes([k, outputs]), this.biases(outputs)];
    return this.node('IntegerMatMul', inputs, [n, outputs], this.requant(outputs, k * 400));
  }

  flatten(x: string): string {
    const [n, ...rest] = this.shape(x);
    return this.node('Flatten', [x], [n!, rest.reduce((a, b) => a * b, 1)], { axis: 1 });
  }

  pool(
    x: string,
    kind: 'IntegerMaxPool' | 'IntegerAveragePool',
    kernel: readonly [number, number],
    stride: readonly [number, number],
    pads: readonly [number, number, number, number] = [0, 0, 0, 0],
  ): string {
    const [n, c, h, w] = this.shape(x) as readonly [number, number, number, number];
    const height = Math.floor((h + pads[0] + pads[2] - kernel[0]) / stride[0]) + 1;
    const width = Math.floor((w + pads[1] + pads[3] - kernel[1]) / stride[1]) + 1;
    const average = kind === 'IntegerAveragePool';
    const scale = average ? this.requant(1, kernel[0] * kernel[1] * 2) : copyScale;
    const dilations = average ? {} : { dilations: [1, 1] };
    const geometry = {
      kernel,
      strides: stride,
      pads,
      padValue: average ? 3 : -128,
      bias: average ? -7 : 0,
    };
    return this.node(kind, [x], [n, c, height, width], { ...geometry, ...dilations, ...scale });
  }

  add(a: string, b: string): string {
    const scales = {
      aBias: 5,
      aMultiplier: 1400000000,
      aShift: 35,
      bBias: -9,
      bMultiplier: 1200000000,
      bShift: 34,
    };
    const attributes = { leftShift: 8, ...scales, ...this.requant(1, 40) };
    return this.node('IntegerAdd', [a, b], this.shape(a), attributes);
  }

  rescale(x: string): string {
    const attributes = { bias: this.random(-10, 10), ...this.requant(this.shape(x)[1]!, 3) };
    return this.node('IntegerRescale', [x], this.shape(x), attributes);
  }

  concat(parts: readonly string[]): string {
    const [n, , ...rest] = this.shape(parts[0]!);
    const channels = parts.reduce((sum, part) => sum + this.shape(part)[1]!, 0);
    return this.node('Concat', parts, [n!, channels, ...rest], { axis: 1 });
  }

  build(...outputs: readonly string[]): Graph {
    return { name: 'net', inputs: this.inputs, outputs, values: this.values, nodes: this.nodes };
  }

  feed(): Map<string, Tensor> {
    const tensors = this.inputs.map((name) => {
      const shape = this.shape(name);
      const data = Int8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => this.random(-128, 127));
      return [name, tensor('int8', shape, data)] as const;
    });
    return new Map(tensors);
  }

  private value(name: string, shape: readonly number[]): string {
    this.values.set(name, { name, type: { element: 'int8', shape } });
    return name;
  }

  private node(
    operator: string,
    inputs: readonly string[],
    shape: readonly number[],
    attributes: Attributes,
  ): string {
    const name = `${operator}_${this.nodes.length}`;
    const output = this.value(`${name}_y`, shape);
    this.nodes.push({ name, operator, inputs, outputs: [output], attributes, origin: { name, operator } });
    return output;
  }

  private bytes(shape: readonly number[]): string {
    const name = `w${this.values.size}`;
    const data = Int8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => this.random(-127, 127));
    this.values.set(name, { name, type: { element: 'int8', shape }, constant: tensor('int8', shape, data) });
    return name;
  }

  private biases(count: number): string {
    const name = `b${this.values.size}`;
    const data = Int32Array.from({ length: count }, () => this.random(-3000, 3000));
    const type = { element: 'int32', shape: [count] } as const;
    this.values.set(name, { name, type, constant: tensor('int32', [count], data) });
    return name;
  }

  /** Scales that bring accumulators of about `reach` to int8, differing from channel to channel. */
  private requant(channels: number, reach: number): Attributes {
    const shift = 31 + Math.max(0, Math.ceil(Math.log2(reach / 64)));
    const multiplier = Array.from({ length: channels }, () => this.random(1073741824, 2147483647));
    const relu = this.random(0, 1) === 1;
    const zeroPoint = this.random(-20, 20);
    return {
      multiplier,
      shift: Array(channels).fill(shift),
      zeroPoint,
      min: relu ? zeroPoint : -128,
      max: 127,
    };
  }
}

const copyScale = { multiplier: [2], shift: [1], zeroPoint: 0, min: -128, max: 127 };
