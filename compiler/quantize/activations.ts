/** Functions of one variable that follow an operator: clamps become bounds, all others 256-entry tables. */

import { clamp } from '../../base/index.js';
import { evaluateNode, type Node } from '../graph/index.js';
import type { ActivationScale } from './types.js';

/** Operators that only narrow a range. */
export const clampOperators: ReadonlySet<string> = new Set(['Relu', 'Clip']);

/** Operators that become a table: functions of one variable, finite everywhere. */
export const tabledOperators: ReadonlySet<string> = new Set([
  ...['LeakyRelu', 'Elu', 'Sigmoid', 'Tanh', 'HardSwish', 'HardSigmoid'],
  ...['Exp', 'Abs', 'Neg', 'Floor', 'Ceil'],
]);

export function isClamp(operator: string): boolean {
  return clampOperators.has(operator);
}

export function isTabled(operator: string): boolean {
  return tabledOperators.has(operator);
}

/** Inclusive int8 bounds of a clamp's output. */
export function clampBounds(node: Node, { scale, zeroPoint }: ActivationScale): { min: number; max: number } {
  const low = node.operator === 'Relu' ? 0 : Number(node.attributes.min ?? Number.NEGATIVE_INFINITY);
  const high =
    node.operator === 'Relu'
      ? Number.POSITIVE_INFINITY
      : Number(node.attributes.max ?? Number.POSITIVE_INFINITY);
  const quantized = (value: number) => clamp(Math.round(value / scale) + zeroPoint, -128, 127);
  return { min: quantized(low), max: quantized(high) };
}

/** The table of a function between two scales: entry i is the result for int8 value i - 128. */
export function tableOf(node: Node, from: ActivationScale, to: ActivationScale): number[] {
  const data = Float32Array.from({ length: 256 }, (_, i) => from.scale * (i - 128 - from.zeroPoint));
  const type = { element: 'float32', shape: [256] } as const;
  const [result] = evaluateNode('', node, [{ ...type, data }], [type]);
  return Array.from(result!.data as Float32Array, (value) =>
    clamp(Math.round(value / to.scale) + to.zeroPoint, -128, 127),
  );
}
