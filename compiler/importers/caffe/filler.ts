/** Weights for layers that no file gives any: seeded, so that the same network is the same every time. */

/** More weights than any published Caffe network has (VGG-19: 144 million): a stated extent beyond it is a mistake. */
export const MOST_DRAWN = 192e6;

/** Draws weights and remembers for which layers. */
export class Filler {
  readonly layers = new Set<string>();
  private drawn = 0;

  constructor(private readonly seed: number) {}

  /** Whether so many more may be drawn. */
  hasRoom(count: number): boolean {
    return this.drawn + count <= MOST_DRAWN;
  }

  /**
   * `count` numbers uniform in +-sqrt(3 / fanIn), Caffe's `xavier` filler, which keeps the variance of activations; zeros for fanIn 0.
   * They depend on seed, layer and count alone.
   */
  draw(layer: string, count: number, fanIn: number): Float32Array {
    this.layers.add(layer);
    this.drawn += count;
    const values = new Float32Array(count);
    if (fanIn === 0) return values;
    const bound = Math.sqrt(3 / fanIn);
    let state = hash(`${this.seed} ${layer} ${count}`);
    for (let i = 0; i < count; i++) {
      // xorshift32 (Marsaglia 2003).
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      values[i] = (state / 2 ** 31) * bound;
    }
    return values;
  }
}

/** FNV-1a, never 0. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value || 1;
}
