/** Attributes of the integer operators' output stage. */

import { type FixedPointScale, fixedPointScale } from '../../base/index.js';
import type { Node } from '../graph/index.js';
import type { ActivationScale } from './types.js';

interface Bounds {
  readonly scale: ActivationScale;
  readonly min: number;
  readonly max: number;
  readonly table?: readonly number[] | undefined;
}

/**
 * @param ratios accumulator scale / output scale, one a channel or one for all.
 * @param fixedPoint how a ratio becomes a multiplier and a shift: the nearest one when absent.
 */
export function stageAttributes(
  ratios: readonly number[],
  bounds: Bounds,
  multiplierBits: number,
  fixedPoint: (ratio: number, multiplierBits: number) => FixedPointScale = fixedPointScale,
): Node['attributes'] {
  return {
    ...scaleAttributes(ratios.map((ratio) => fixedPoint(ratio, multiplierBits))),
    ...clampAttributes(bounds),
  };
}

/** An output stage of a scale that is known already. */
export function scaledStage(scale: FixedPointScale, bounds: Bounds): Node['attributes'] {
  return { ...scaleAttributes([scale]), ...clampAttributes(bounds) };
}

function scaleAttributes(scales: readonly FixedPointScale[]) {
  return { multiplier: scales.map((s) => s.multiplier), shift: scales.map((s) => s.shift) };
}

function clampAttributes({ scale, min, max, table }: Bounds) {
  return { zeroPoint: scale.zeroPoint, min, max, ...(table !== undefined && { table }) };
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
