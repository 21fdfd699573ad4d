/** How many register bits a step switches, in plain TypeScript. In: two values and a width. Out: a count. */

/** Bits in which two values of `bits` bits (at most 32) differ. */
export function changed(before: number, after: number, bits: number): number {
  return before === after ? 0 : onesOf((before ^ after) & (bits < 32 ? 2 ** bits - 1 : -1));
}

function onesOf(word: number): number {
  let ones = 0;
  for (let rest = word >>> 0; rest > 0; rest = (rest & (rest - 1)) >>> 0) ones++;
  return ones;
}
