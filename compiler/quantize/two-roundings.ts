/**
 * Scales of TFLite's kernels for int16 activations, which are not those of its int8 kernels. Sums of 64 bits (biases of 64 bits say so) are multiplied by the upper
 * 16 bits of the multiplier and rounded once (`MultiplyByQuantizedMultiplier(int64_t, ...)` of kernels/internal/common). Single values are multiplied
 * in 32 bits and rounded twice: to an integer by the multiplier's fraction, then by the power of two that is left, halves away from zero.
 */

import { type FixedPointScale, fixedPointScale } from '../../base/index.js';

/** Bits of the multiplier of a 64-bit sum, its sign included. */
const REDUCED_BITS = 16;

/** The scale of a 64-bit sum; at fewer than 16 bits what the machine's multiplier can hold. */
export function reducedScale(ratio: number, multiplierBits: number): FixedPointScale {
  if (ratio === 0 || multiplierBits < REDUCED_BITS) return fixedPointScale(ratio, multiplierBits);
  const { multiplier, shift } = fixedPointScale(ratio, 32);
  const drop = 2 ** (32 - REDUCED_BITS);
  // Rounded, but never up to the next power of two.
  const reduced = Math.min(Math.floor((multiplier + drop / 2) / drop), 2 ** (REDUCED_BITS - 1) - 1);
  return { multiplier: reduced, shift: shift - (32 - REDUCED_BITS) };
}

/**
 * Two output stages that round as one 32-bit kernel of a ratio does; undefined where one stage alone does (ratios of a half and more), or where the multiplier has
 * too few bits to tell a half from its neighbours. What the first one gives is no larger than the value that it scales, so it fits the activations' type.
 */
export function twoRoundings(
  ratio: number,
  { multiplierBits, activationBits }: { readonly multiplierBits: number; readonly activationBits: number },
): readonly [FixedPointScale, FixedPointScale] | undefined {
  const { multiplier, shift } = fixedPointScale(ratio, multiplierBits);
  const behind = shift - (multiplierBits - 1);
  // A multiplier just above 1 takes halves away from zero; the excess is below the distance of any other value from a half.
  const unit = activationBits;
  if (behind < 1 || multiplierBits < unit + 2) return undefined;
  return [
    { multiplier, shift: multiplierBits - 1 },
    { multiplier: 2 ** unit + 1, shift: unit + behind },
  ];
}
