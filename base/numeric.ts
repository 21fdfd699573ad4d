/**
 * Integer arithmetic of the whole system: saturation, rounding and requantisation, defined here once. The graph
 * evaluator, the engines and the Verilog all mean these functions.
 *
 * Requantisation takes an accumulator (two's complement, at most 32 bits) to a narrower integer:
 *
 *     scaled = (accumulator * multiplier + 2^(shift-1)) >> shift        (round half up; shift >= 1)
 *
 * with `0 <= multiplier < 2^(multiplierBits-1)`, `1 <= shift <= 63` and an exact 64-bit product.
 * Example: 100 * 1610612736 >> 31 with the half added = 75 (a scale of 0.75).
 */

/** Smallest and largest value of a two's complement integer of `bits` bits (1 to 32). */
export function integerRange(bits: number): { readonly min: number; readonly max: number } {
  return { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 };
}

export function clamp(value: number, min: number, max: number): number {
  return value < min ? min : value > max ? max : value;
}

/** Nearest integer, ties to even: the rounding of ONNX QuantizeLinear and of IEEE 754. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const fraction = value - floor;
  if (fraction < 0.5) return floor;
  if (fraction > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** A fixed-point scale: `value * multiplier / 2^shift`. */
export interface FixedPointScale {
  /** 0 <= multiplier < 2^(multiplierBits - 1). */
  readonly multiplier: number;
  /** 1 to 63. */
  readonly shift: number;
}

/**
 * The fixed-point scale nearest to the real `scale`, normalised so that the multiplier uses its top bit
 * (2^(bits-2) <= multiplier < 2^(bits-1)) unless the shift limit 63 or 1 stops it.
 * @param scale real scale, 0 <= scale < 2^(multiplierBits-2).
 * @param multiplierBits width of the signed multiplier, 4 to 32; its value is never negative.
 */
export function fixedPointScale(scale: number, multiplierBits: number): FixedPointScale {
  if (!(scale >= 0) || !Number.isFinite(scale))
    throw new RangeError(`scale ${scale} is not a finite non-negative number`);
  if (scale === 0) return { multiplier: 0, shift: 1 };
  const limit = 2 ** (multiplierBits - 1);
  let shift = multiplierBits - 2 - Math.floor(Math.log2(scale));
  shift = clamp(shift, 1, 63);
  let multiplier = Math.round(scale * 2 ** shift);
  while (multiplier >= limit) {
    shift -= 1;
    multiplier = Math.round(scale * 2 ** shift);
  }
  if (shift < 1) throw new RangeError(`scale ${scale} is too large for a ${multiplierBits}-bit multiplier`);
  return { multiplier, shift };
}

/**
 * `(value * multiplier + 2^(shift-1)) >> shift`, exactly, as a number (the result of a 32-bit value and a 31-bit
 * multiplier can have 63 bits before the shift; the result is saturated to 32 bits).
 */
export function scaleRounded(value: number, { multiplier, shift }: FixedPointScale): number {
  const product = value * multiplier;
  if (Number.isSafeInteger(product) && shift <= 52) {
    return clamp32(Math.floor((product + 2 ** (shift - 1)) / 2 ** shift));
  }
  if (shift > 16) return clamp32(scaleWide(value, multiplier, shift));
  const exact = (BigInt(value) * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift);
  return clamp32(Number(exact));
}

/** The same for shifts above 16, in two 16-bit steps whose terms all stay below 2^53: floor(floor(p / 2^16) / 2^(shift-16)). */
function scaleWide(value: number, multiplier: number, shift: number): number {
  const high = Math.floor(value / 65536);
  const low = value - high * 65536;
  const upper = high * multiplier + Math.floor((low * multiplier) / 65536);
  return Math.floor((upper + 2 ** (shift - 17)) / 2 ** (shift - 16));
}

function clamp32(value: number): number {
  return clamp(value, -2147483648, 2147483647);
}

/** How a 32-bit accumulator becomes an output element. */
export interface Requantization extends FixedPointScale {
  readonly zeroPoint: number;
  /** Inclusive bounds of the result, inside the element type: a fused ReLU or ReLU6 narrows them. */
  readonly min: number;
  readonly max: number;
}

/** `clamp(zeroPoint + scaleRounded(accumulator), min, max)`. */
export function requantize(accumulator: number, q: Requantization): number {
  return clamp(q.zeroPoint + scaleRounded(accumulator, q), q.min, q.max);
}

/** Smallest integer `n` with `n * divisor >= dividend`. */
export function ceilDivide(dividend: number, divisor: number): number {
  return Math.ceil(dividend / divisor);
}

/** Bits needed to count `count` states: `ceil(log2(count))`, 0 for one state. */
export function bitsFor(count: number): number {
  return count <= 1 ? 0 : Math.ceil(Math.log2(count));
}

export function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
