/** Seeded randomness: a stream is a function of its seed alone (sfc32 by C. Doty-Humphrey, public domain, seeded by splitmix32). */

export interface Random {
  /** In [0, 1), 32 bits of it. */
  next(): number;
  /** Integer in [0, limit). */
  below(limit: number): number;
}

export function seededRandom(seed: number): Random {
  const mix = splitMix(seed);
  let [a, b, c, d] = [mix(), mix(), mix(), 1];
  const step = () => {
    const sum = (a + b + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  // The first outputs still show the seed.
  for (let i = 0; i < 12; i++) step();
  const next = () => step() / 2 ** 32;
  return { next, below: (limit) => Math.floor(((step() * 2 ** 21 + (step() >>> 11)) / 2 ** 53) * limit) };
}

function splitMix(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state ^ (state >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z ^= z >>> 15;
    z = Math.imul(z, 0x735a2d97);
    return z ^ (z >>> 15);
  };
}
