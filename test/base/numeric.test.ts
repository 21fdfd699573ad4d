import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bitsFor,
  ceilDivide,
  clamp,
  fixedPointScale,
  greatestCommonDivisor,
  integerRange,
  requantize,
  roundHalfEven,
  scaleRounded,
} from '../../base/index.js';

const runs = { numRuns: Number(process.env.SYSTOLE_RUNS ?? 2000) };
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

describe('numeric', () => {
  it('scaleRounded is (value * multiplier + 2^(shift-1)) >> shift on unbounded integers, saturated to 32 bits', () => {
    fc.assert(
      fc.property(
        int32,
        fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        fc.integer({ min: 1, max: 63 }),
        (value, multiplier, shift) => {
          const exact = (BigInt(value) * BigInt(multiplier) + (1n << BigInt(shift - 1))) >> BigInt(shift);
          const expected = exact > 2147483647n ? 2147483647n : exact < -2147483648n ? -2147483648n : exact;
          expect(scaleRounded(value, { multiplier, shift })).toBe(Number(expected));
        },
      ),
      runs,
    );
  });

  it('scaleRounded rounds ties up, also below zero', () => {
    const half = { multiplier: 1, shift: 1 };
    expect([-3, -2, -1, 0, 1, 2, 3].map((v) => scaleRounded(v, half) + 0)).toEqual([-1, -1, 0, 0, 1, 1, 2]);
  });

  it('fixedPointScale is within half a unit of the multiplier of the real scale, and normalised', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-8, max: 8, noNaN: true }),
        fc.integer({ min: 8, max: 32 }),
        (scale, bits) => {
          const { multiplier, shift } = fixedPointScale(scale, bits);
          expect(multiplier).toBeLessThan(2 ** (bits - 1));
          expect(shift).toBeGreaterThanOrEqual(1);
          expect(shift).toBeLessThanOrEqual(63);
          expect(Math.abs(multiplier / 2 ** shift - scale)).toBeLessThanOrEqual(
            2 ** (-shift - 1) * (1 + 1e-9),
          );
          if (shift < 63) expect(multiplier).toBeGreaterThanOrEqual(2 ** (bits - 2) - 1);
        },
      ),
      runs,
    );
    expect(() => fixedPointScale(Number.NaN, 32)).toThrow(RangeError);
    expect(() => fixedPointScale(2 ** 40, 32)).toThrow(RangeError);
    expect(fixedPointScale(0, 32)).toEqual({ multiplier: 0, shift: 1 });
  });

  it('roundHalfEven takes ties to the even neighbour', () => {
    expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4999].map((v) => roundHalfEven(v) + 0)).toEqual([
      -2, -2, 0, 0, 2, 2, 2,
    ]);
  });

  it('small helpers', () => {
    expect([1, 2, 3, 4, 5, 256].map(bitsFor)).toEqual([0, 1, 2, 2, 3, 8]);
    expect(greatestCommonDivisor(12, 18)).toBe(6);
    expect([-1, 0, 2, 3, 5].map((v) => clamp(v, 0, 3))).toEqual([0, 0, 2, 3, 3]);
    expect([7, 8, 9].map((v) => ceilDivide(v, 4))).toEqual([2, 2, 3]);
    expect(integerRange(8)).toEqual({ min: -128, max: 127 });
    expect(integerRange(32)).toEqual({ min: -2147483648, max: 2147483647 });
    const q = { multiplier: 3, shift: 2, zeroPoint: -5, min: -7, max: 9 };
    expect([-9, 1, 2, 4, 99].map((v) => requantize(v, q))).toEqual([-7, -4, -3, -2, 9]);
  });
});
