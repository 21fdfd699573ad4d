/** Functions of one variable that follow an operator: clamps become bounds, all others 256-entry tables. */

import { clamp, integerRange } from '../../base/index.js';
import { evaluateNode, type Node } from '../graph/index.js';
import type { ActivationScale } from './types.js';

/** Operators that only narrow a range. */
export const clampOperators: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/** Operators that become a table: functions of one variable. */
export const tabledOperators: ReadonlySet<string> = new Set([
  ...['LeakyRelu', 'Elu', 'Sigmoid', 'Tanh', 'HardSwish', 'HardSigmoid'],
  ...['Exp', 'Abs', 'Neg', 'Floor', 'Ceil', 'Round', 'Sign', 'Sin', 'Cos', 'Erf', 'Gelu', 'Silu', 'Mish'],
  ...['Softplus', 'Softsign', 'Selu', 'Celu', 'ThresholdedRelu', 'Sqrt', 'Log', 'Reciprocal', 'Function'],
]);

export function isClamp(operator: string): boolean {
  return clampOperators.has(operator);
}

export function isTabled(operator: string): boolean {
  return tabledOperators.has(operator);
}

/** Inclusive bounds of a clamp's output. Of 16 bits, one that lies a step inside the range's end is the end: machines state it exactly. */
export function clampBounds(
  node: Node,
  { scale, zeroPoint }: ActivationScale,
  bits = 8,
): { min: number; max: number } {
  const range = integerRange(bits);
  const low = node.operator === 'Relu' ? 0 : Number(node.attributes.min ?? Number.NEGATIVE_INFINITY);
  const high =
    node.operator === 'Relu'
      ? Number.POSITIVE_INFINITY
      : Number(node.attributes.max ?? Number.POSITIVE_INFINITY);
  const quantized = (value: number) => clamp(Math.round(value / scale) + zeroPoint, range.min, range.max);
  const bounds = { min: quantized(low), max: quantized(high) };
  if (bits <= 8) return bounds;
  return {
    min: bounds.min === range.min + 1 ? range.min : bounds.min,
    max: bounds.max === range.max - 1 ? range.max : bounds.max,
  };
}

/** The table of a function between two scales: entry i is the result for value i - 128; results have `bits` bits, at most 8. */
export function tableOf(node: Node, from: ActivationScale, to: ActivationScale, bits = 8): number[] {
  const { min, max } = integerRange(bits);
  const data = Float32Array.from({ length: 256 }, (_, i) => from.scale * (i - 128 - from.zeroPoint));
  const type = { element: 'float32', shape: [256] } as const;
  const [result] = evaluateNode('', node, [{ ...type, data }], [type]);
  return Array.from(defined(result!.data as Float32Array), (value) =>
    clamp(Math.round(value / to.scale) + to.zeroPoint, min, max),
  );
}

/** Results with those of the nearest argument where there is none, as of a root below zero: only rounding leads there. */
function defined(results: Float32Array): Float32Array {
  const known = [...results.keys()].filter((i) => !Number.isNaN(results[i]!));
  const nearest = (i: number) =>
    known.reduce((best, k) => (Math.abs(k - i) < Math.abs(best - i) ? k : best), known[0] ?? i);
  return results.map((value, i) => (Number.isNaN(value) ? (results[nearest(i)] ?? 0) : value));
}
