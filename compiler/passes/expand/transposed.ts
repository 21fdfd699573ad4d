/**
 * Transposed convolution as one convolution per phase of the output. With o = s q + r (stride s, phase r), an axis has
 *
 *     y[s q + r] = sum of w[k] x[q + (r + p - k d) / s]      over the k for which s divides r + p - k d
 *
 * These k lie a fixed step apart, so a phase is a convolution with those taps, reversed, dilated by d / gcd(s, d). No zero is multiplied.
 */

import type { Node } from '../../graph/index.js';
import type { Expansion } from './expansion.js';

interface Phase {
  /** Taps of the kernel, from the smallest offset to the largest. */
  readonly taps: readonly number[];
  readonly dilation: number;
  /** Input position of the first tap at q = 0. */
  readonly offset: number;
  /** Positions of the output. */
  readonly count: number;
}

interface AxisOf {
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  readonly kernel: number;
  readonly result: number;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

function phasesOf({ stride, dilation, pad, kernel, result }: AxisOf): readonly Phase[] {
  return Array.from({ length: stride }, (_, r) => {
    const all = Array.from({ length: kernel }, (_x, k) => kernel - 1 - k);
    const taps = all.filter((k) => (r + pad - k * dilation) % stride === 0);
    const offset = taps.length === 0 ? 0 : (r + pad - taps[0]! * dilation) / stride;
    return {
      taps,
      dilation: dilation / divisor(stride, dilation),
      offset,
      count: Math.ceil((result - r) / stride),
    };
  });
}

/** @returns false for what has more than two spatial axes or fewer outputs than phases. */
export function expandConvTranspose(e: Expansion, node: Node): boolean {
  const [x, w, b = ''] = node.inputs as [string, string, string?];
  const weights = e.numbers(w);
  const rank = e.shape(x).length - 2;
  if (weights === undefined || rank > 2 || (b !== '' && e.numbers(b) === undefined)) return false;
  const [n, c, ...extents] = e.shape(x) as [number, number, ...number[]];
  const result = e.shape(node.outputs[0]!);
  const list = (name: string, fill: number): readonly number[] => {
    const given = node.attributes[name] as readonly number[] | undefined;
    return given?.length ? given : new Array<number>(name === 'pads' ? 2 * rank : rank).fill(fill);
  };
  const [strides, dilations, pads] = [list('strides', 1), list('dilations', 1), list('pads', 0)];
  const axes = extents.map((_, a) => ({
    ...{ stride: strides[a]!, dilation: dilations[a]!, pad: pads[a]! },
    ...{ kernel: e.shape(w)[a + 2]!, result: result[a + 2]! },
  }));
  // A row of pixels is a picture of one row.
  if (rank === 1) axes.unshift({ stride: 1, dilation: 1, pad: 0, kernel: 1, result: 1 });
  if (axes.some(({ stride, result: extent }) => extent < stride)) return false;
  const picture = e.reshape(x, rank === 1 ? [n, c, 1, extents[0]!] : e.shape(x));
  const [rows, columns] = axes.map(phasesOf) as [readonly Phase[], readonly Phase[]];
  const kernel = {
    data: weights,
    shape: [c, e.shape(w)[1]!, axes[0]!.kernel, axes[1]!.kernel] as const,
    group: Number(node.attributes.group ?? 1),
  };
  const parts = rows.flatMap((row) =>
    columns.map((column) => phase(e, { picture, kernel, bias: b }, row, column)),
  );
  const output = node.outputs[0]!;
  const strides2 = [rows.length, columns.length];
  if (rank === 1) e.reshape(e.add('Interleave', parts, { strides: strides2 }), result, output);
  else e.add('Interleave', parts, { strides: strides2 }, output);
  return true;
}

interface Operands {
  readonly picture: string;
  readonly kernel: {
    readonly data: Float32Array;
    readonly shape: readonly [number, number, number, number];
    readonly group: number;
  };
  readonly bias: string;
}

function phase(e: Expansion, { picture, kernel, bias }: Operands, row: Phase, column: Phase): string {
  let [x, top, left] = [picture, 0, 0];
  const ends: number[] = [];
  const offsets = [row, column].map(({ taps, dilation, offset, count }, a) => {
    const axis = a + 2;
    const extent = e.shape(x)[axis]!;
    const last = offset + (Math.max(taps.length, 1) - 1) * dilation + count - 1;
    // What lies before the first tap or behind the last one is cut off, what lies outside is padding.
    const start = Math.min(Math.max(offset, 0), extent - 1);
    const end = Math.max(Math.min(last, extent - 1), start) + 1;
    x = e.slice(x, axis, start, end);
    ends.push(last + 1 - end);
    return start - offset;
  });
  [top, left] = offsets as [number, number];
  const pads = [top, left, ends[0]!, ends[1]!];
  const [weights, shape] = kernelOf(kernel, row.taps, column.taps);
  const inputs = [x, e.floats(shape, weights), ...(bias === '' ? [] : [bias])];
  return e.add('Conv', inputs, { pads, dilations: [row.dilation, column.dilation], group: kernel.group });
}

/** The taps of a phase as weights [O, C / group, rows, columns]; a phase without taps has one that is 0. */
function kernelOf(
  { data, shape: [inputs, perGroup, height, width], group }: Operands['kernel'],
  rows: readonly number[],
  columns: readonly number[],
): [Float32Array, readonly number[]] {
  const [kh, kw] = [Math.max(rows.length, 1), Math.max(columns.length, 1)];
  const depth = inputs / group;
  const shape = [perGroup * group, depth, kh, kw];
  const result = new Float32Array(perGroup * group * depth * kh * kw);
  for (let o = 0; o < perGroup * group; o++) {
    const first = Math.floor(o / perGroup) * depth;
    for (let i = 0; i < depth; i++) {
      const plane = ((first + i) * perGroup + (o % perGroup)) * height * width;
      rows.forEach((ky, y) => {
        columns.forEach((kx, x) => {
          result[((o * depth + i) * kh + y) * kw + x] = data[plane + ky * width + kx]!;
        });
      });
    }
  }
  return [result, shape];
}
