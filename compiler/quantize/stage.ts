/** Attributes of the integer operators' output stage. */

import { fixedPointScale } from '../../base/index.js';
import type { Node } from '../graph/index.js';
import type { ActivationScale } from './types.js';

interface Bounds {
  readonly scale: ActivationScale;
  readonly min: number;
  readonly max: number;
  readonly table?: readonly number[] | undefined;
}

/** @param ratios accumulator scale / output scale, one a channel or one for all. */
export function stageAttributes(
  ratios: readonly number[],
  bounds: Bounds,
  multiplierBits: number,
): Node['attributes'] {
  const scales = ratios.map((ratio) => fixedPointScale(ratio, multiplierBits));
  return {
    multiplier: scales.map((s) => s.multiplier),
    shift: scales.map((s) => s.shift),
    zeroPoint: bounds.scale.zeroPoint,
    min: bounds.min,
    max: bounds.max,
    ...(bounds.table !== undefined && { table: bounds.table }),
  };
}

/** An output stage and bias that change nothing (same scale) or only the scale. */
export function rescaleAttributes(
  from: ActivationScale,
  bounds: Bounds,
  multiplierBits: number,
): Node['attributes'] {
  return {
    ...stageAttributes([from.scale / bounds.scale.scale], bounds, multiplierBits),
    bias: -from.zeroPoint,
  };
}
