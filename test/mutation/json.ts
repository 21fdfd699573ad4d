/** Typed arrays in JSON: what the parent tells the child of the engine oracle. */

const arrays = { Uint8Array, Int32Array } as const;

/** JSON in which typed arrays are their bytes in base 64. */
export function freeze(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (!(item instanceof Uint8Array || item instanceof Int32Array)) return item;
    const bytes = Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('base64');
    return { typed: item instanceof Uint8Array ? 'Uint8Array' : 'Int32Array', bytes };
  });
}

/** The value of {@link freeze}'s text. */
export function revive(text: string): unknown {
  return JSON.parse(text, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || !('typed' in item)) return item;
    const { typed, bytes } = item as unknown as { typed: keyof typeof arrays; bytes: string };
    return new arrays[typed](Uint8Array.from(Buffer.from(bytes, 'base64')).buffer);
  });
}
