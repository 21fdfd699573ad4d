/**
 * Interpolation as depthwise convolutions. Along an axis resized from n to m, output q p + r (p = m / gcd) reads pixels from q t on
 * (t = n / gcd) with weights that depend on the phase r alone, as long as pixels beyond the edge are the edge's: those weights are found
 * by asking the operator itself, and checked for every output. Then: a Pad that repeats the edge, one convolution a phase, Interleave.
 */

import { tensor } from '../../../base/index.js';
import { evaluateNode, type Node } from '../../graph/index.js';
import type { Expansion } from './expansion.js';

/** More phases than this are no convolutions worth making. */
const MOST_PHASES = 36;

interface Phase {
  /** Position of the first weight at q = 0; may lie outside. */
  readonly offset: number;
  readonly weights: readonly number[];
}

interface Sampling {
  readonly phases: readonly Phase[];
  /** Pixels from one output of a phase to the next. */
  readonly step: number;
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

export function expandResize(e: Expansion, node: Node): boolean {
  const [x, output] = [node.inputs[0]!, node.outputs[0]!];
  const [shape, sizes] = [e.shape(x), e.shape(output)];
  if (shape.length !== 4 || shape[0] !== sizes[0] || shape[1] !== sizes[1]) return false;
  if (
    (node.attributes.mode ?? 'nearest') === 'nearest' ||
    node.attributes.coordinateMode === 'tf_crop_and_resize'
  )
    return false;
  const [rows, columns] = [sampling(node, shape, 2), sampling(node, shape, 3)];
  if (rows === undefined || columns === undefined || rows.phases.length * columns.phases.length > MOST_PHASES)
    return false;
  const reach = [beyond(rows, shape[2]!, sizes[2]!), beyond(columns, shape[3]!, sizes[3]!)] as const;
  const padded = edgePad(e, x, reach);
  const channels = shape[1]!;
  const parts = rows.phases.flatMap((row, i) =>
    columns.phases.map((column, j) => {
      const counts = [
        Math.ceil((sizes[2]! - i) / rows.phases.length),
        Math.ceil((sizes[3]! - j) / columns.phases.length),
      ] as const;
      const cut = (
        [axis, at, { offset, weights }, step]: readonly [number, number, Phase, number],
        value: string,
      ) =>
        e.slice(
          value,
          axis,
          offset + reach[axis - 2]!.before,
          offset + reach[axis - 2]!.before + (counts[at]! - 1) * step + weights.length,
        );
      const part = cut([3, 1, column, columns.step], cut([2, 0, row, rows.step], padded));
      const kernel = row.weights.flatMap((a) => column.weights.map((b) => a * b));
      const weights = e.floats(
        [channels, 1, row.weights.length, column.weights.length],
        Array.from({ length: channels }, () => kernel).flat(),
      );
      return e.add('Conv', [part, weights], { group: channels, strides: [rows.step, columns.step] });
    }),
  );
  e.add('Interleave', parts, { strides: [rows.phases.length, columns.phases.length] }, output);
  return true;
}

interface Reach {
  readonly before: number;
  readonly after: number;
}

function edgePad(e: Expansion, x: string, [rows, columns]: readonly [Reach, Reach]): string {
  const pads = [0, 0, rows.before, columns.before, 0, 0, rows.after, columns.after];
  return pads.some((p) => p > 0) ? e.add('Pad', [x], { pads, mode: 'edge' }) : x;
}

/** Pixels that outputs read outside an axis. */
function beyond({ phases, step }: Sampling, from: number, to: number): Reach {
  const last = phases.map(
    ({ offset, weights }, r) => offset + (Math.ceil((to - r) / phases.length) - 1) * step + weights.length,
  );
  return {
    before: Math.max(0, ...phases.map(({ offset }) => -offset)),
    after: Math.max(0, ...last.map((end) => end - from)),
  };
}

/** What the node does along an axis, undefined when it is no set of convolutions. */
function sampling(node: Node, shape: readonly number[], axis: number): Sampling | undefined {
  const [from, to] = [shape[axis]!, (node.attributes.sizes as readonly number[])[axis]!];
  const common = divisor(from, to);
  const [count, step] = [to / common, from / common];
  if (count > MOST_PHASES) return undefined;
  const matrix = matrixOf(node, shape, axis);
  const phases = Array.from({ length: count }, (_, r) => phaseOf(matrix, { r, count, step, from }));
  return phases.every((phase) => phase !== undefined) ? { phases: phases as Phase[], step } : undefined;
}

/** Weight of pixel i in output o: the node on an axis alone, for every unit vector. */
function matrixOf(node: Node, shape: readonly number[], axis: number): readonly Float32Array[] {
  const [from, to] = [shape[axis]!, (node.attributes.sizes as readonly number[])[axis]!];
  const only = (list: unknown, fill: number) =>
    (list as readonly number[] | undefined)?.length
      ? shape.map((_, i) => (i === axis ? (list as readonly number[])[i]! : fill))
      : [];
  const sizes = shape.map((_, i) => (i === axis ? to : 1));
  const alone = {
    ...node,
    attributes: { ...node.attributes, sizes, scales: only(node.attributes.scales, 1), roi: [] },
  };
  const input = shape.map((_, i) => (i === axis ? from : 1));
  const columns = Array.from({ length: from }, (_, i) => {
    const unit = new Float32Array(from);
    unit[i] = 1;
    const [result] = evaluateNode(
      '',
      alone,
      [tensor('float32', input, unit)],
      [{ element: 'float32', shape: sizes }],
    );
    return result!.data as Float32Array;
  });
  return Array.from({ length: to }, (_, o) => Float32Array.from(columns, (column) => column[o]!));
}

/** Weights of a phase from an output that reads no edge, checked on all: beyond the edge lies the edge. */
function phaseOf(
  matrix: readonly Float32Array[],
  {
    r,
    count,
    step,
    from,
  }: { readonly r: number; readonly count: number; readonly step: number; readonly from: number },
): Phase | undefined {
  const outputs = Array.from(
    { length: Math.ceil((matrix.length - r) / count) },
    (_, q) => matrix[q * count + r]!,
  );
  const used = (row: Float32Array) =>
    [row.findIndex((v) => v !== 0), row.findLastIndex((v) => v !== 0)] as const;
  const inner = outputs.findIndex((row) => used(row)[0] > 0 && used(row)[1] < from - 1);
  const candidates = inner >= 0 ? [inner] : [...outputs.keys()].slice(0, 16);
  const phases = candidates.flatMap((at) => {
    const [low, high] = used(outputs[at]!);
    return low < 0
      ? []
      : [{ offset: low - at * step, weights: Array.from(outputs[at]!.slice(low, high + 1)) }];
  });
  const fits = (phase: Phase) =>
    outputs.every((row, q) => {
      const made = new Float64Array(from);
      phase.weights.forEach((weight, k) => {
        made[Math.min(Math.max(phase.offset + q * step + k, 0), from - 1)]! += weight;
      });
      return made.every((value, i) => Math.abs(value - row[i]!) < 1e-5);
    });
  return phases.find(fits);
}
