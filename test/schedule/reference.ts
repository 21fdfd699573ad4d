/** Naive meaning of the integer operators, straight from compiler/graph/integer.md: the twin that schedules are compared with. */

import { requantize, scaleRounded, type Tensor } from '../../base/index.js';
import type { Graph, Node } from '../../compiler/graph/index.js';

interface Picture {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Every value of the graph. */
export function referenceValues(graph: Graph, feed: ReadonlyMap<string, Tensor>): Map<string, Picture> {
  const known = new Map<string, Picture>();
  for (const [name, value] of graph.values) {
    if (value.constant) known.set(name, value.constant as unknown as Picture);
  }
  for (const [name, value] of feed) known.set(name, value as unknown as Picture);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => known.get(name)!);
    const shape = graph.values.get(node.outputs[0]!)!.type.shape;
    known.set(node.outputs[0]!, { shape, data: evaluate(node, inputs, shape) });
  }
  return known;
}

const list = (node: Node, name: string, fallback?: readonly number[]): readonly number[] =>
  (node.attributes[name] ?? fallback) as readonly number[];
const num = (node: Node, name: string): number => node.attributes[name] as number;
const per = (values: readonly number[], c: number): number => values[values.length === 1 ? 0 : c]!;

function output(node: Node, acc: number, c: number): number {
  const multiplier = per(list(node, 'multiplier'), c);
  const shift = per(list(node, 'shift'), c);
  const value = requantize(acc, {
    multiplier,
    shift,
    zeroPoint: num(node, 'zeroPoint'),
    min: num(node, 'min'),
    max: num(node, 'max'),
  });
  return node.attributes.table ? list(node, 'table')[value + 128]! : value;
}

function evaluate(node: Node, inputs: readonly Picture[], shape: readonly number[]): ArrayLike<number> {
  const x = inputs[0]!;
  switch (node.operator) {
    case 'Flatten':
    case 'Reshape':
    case 'Squeeze':
      return x.data;
    case 'IntegerMatMul':
      return matmul(node, inputs, shape);
    case 'IntegerConv':
    case 'IntegerMaxPool':
    case 'IntegerAveragePool':
      return windowed(node, inputs, shape);
    case 'IntegerAdd':
      return Array.from(x.data, (a, i) => add(node, a, inputs[1]!.data[i]!));
    case 'IntegerRescale': {
      const area = shape.slice(2).reduce((a, b) => a * b, 1);
      const channel = (i: number) => Math.floor(i / area) % shape[1]!;
      return Array.from(x.data, (v, i) => output(node, v + num(node, 'bias'), channel(i)));
    }
    case 'Concat':
      return concat(inputs, shape);
    case 'Gather': {
      // Of channels.
      const area = shape.slice(2).reduce((a, b) => a * b, 1);
      const [from, to] = [x.shape[1]! * area, shape[1]! * area];
      const at = (i: number) => Number(inputs[1]!.data[Math.floor((i % to) / area)]!) * area + (i % area);
      return Array.from({ length: shape[0]! * to }, (_, i) => x.data[Math.floor(i / to) * from + at(i)]!);
    }
    default:
      throw new Error(`no reference for ${node.operator}`);
  }
}

function add(node: Node, a: number, b: number): number {
  const left = 2 ** num(node, 'leftShift');
  const side = (v: number, p: 'a' | 'b') =>
    scaleRounded(v * left + num(node, `${p}Bias`), {
      multiplier: num(node, `${p}Multiplier`),
      shift: num(node, `${p}Shift`),
    });
  return output(node, side(a, 'a') + side(b, 'b'), 0);
}

function matmul(node: Node, [x, w, b]: readonly Picture[], [rows, outputs]: readonly number[]): number[] {
  const inputs = w!.shape[0]!;
  const result: number[] = [];
  for (let m = 0; m < rows!; m++) {
    for (let o = 0; o < outputs!; o++) {
      let acc = b!.data[o]!;
      for (let k = 0; k < inputs; k++) acc += x!.data[m * inputs + k]! * w!.data[k * outputs! + o]!;
      result.push(output(node, acc, o));
    }
  }
  return result;
}

function windowed(node: Node, [x, w, b]: readonly Picture[], shape: readonly number[]): number[] {
  const [batch, channels, height, width] = shape as readonly [number, number, number, number];
  const [, C, H, W] = x!.shape as readonly [number, number, number, number];
  const conv = node.operator === 'IntegerConv';
  const [kh, kw] = (conv ? w!.shape.slice(2) : list(node, 'kernel')) as readonly [number, number];
  const [sy, sx] = list(node, 'strides', [1, 1]) as readonly [number, number];
  const [dy, dx] = list(node, 'dilations', [1, 1]) as readonly [number, number];
  const [top, left] = list(node, 'pads', [0, 0, 0, 0]) as readonly [number, number];
  const group = conv ? num(node, 'group') : channels;
  const perGroup = C / group;
  const at = (n: number, c: number, y: number, x_: number) =>
    y < 0 || x_ < 0 || y >= H || x_ >= W ? num(node, 'padValue') : x!.data[((n * C + c) * H + y) * W + x_]!;
  const result: number[] = [];
  for (let n = 0; n < batch; n++)
    for (let o = 0; o < channels; o++)
      for (let y = 0; y < height; y++)
        for (let x_ = 0; x_ < width; x_++) {
          const first = Math.floor(o / (channels / group)) * perGroup;
          let acc = node.operator === 'IntegerMaxPool' ? Number.NEGATIVE_INFINITY : 0;
          for (let i = 0; i < perGroup; i++)
            for (let ky = 0; ky < kh; ky++)
              for (let kx = 0; kx < kw; kx++) {
                const v = at(n, first + i, y * sy + ky * dy - top, x_ * sx + kx * dx - left);
                if (conv) acc += v * w!.data[((o * perGroup + i) * kh + ky) * kw + kx]!;
                else acc = node.operator === 'IntegerMaxPool' ? Math.max(acc, v) : acc + v;
              }
          const bias = conv ? b!.data[o]! : num(node, 'bias');
          result.push(output(node, acc + bias, o));
        }
  return result;
}

function concat(inputs: readonly Picture[], shape: readonly number[]): number[] {
  const result: number[] = [];
  for (let n = 0; n < shape[0]!; n++) {
    for (const x of inputs) {
      const size = x.shape.slice(1).reduce((a, b) => a * b, 1);
      for (let i = 0; i < size; i++) result.push(x.data[n * size + i]!);
    }
  }
  return result;
}
