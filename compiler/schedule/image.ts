/**
 * Contents of constant tensors, packed when somebody reads them: a search over machines asks how long a schedule takes, which needs
 * their sizes alone. In: bytes, or how many there will be and how to make them. Out: a DataImage.
 */

import { InternalError } from '../../base/index.js';
import type { DataImage } from '../dataflow/index.js';

/** Contents that are made on demand, once. */
export interface Deferred {
  readonly length: number;
  readonly make: () => Uint8Array;
}

export class DeferredImage implements DataImage {
  private readonly contents = new Map<string, Uint8Array | Deferred>();

  set(name: string, contents: Uint8Array | Deferred): void {
    this.contents.set(name, contents);
  }

  get size(): number {
    return this.contents.size;
  }

  has(name: string): boolean {
    return this.contents.has(name);
  }

  get(name: string): Uint8Array | undefined {
    const found = this.contents.get(name);
    if (found === undefined || found instanceof Uint8Array) return found;
    const made = found.make();
    if (made.length !== found.length)
      throw new InternalError(`tensor ${name} has ${made.length} bytes, ${found.length} were declared`);
    this.contents.set(name, made);
    return made;
  }

  keys(): MapIterator<string> {
    return this.contents.keys();
  }

  *entries(): MapIterator<[string, Uint8Array]> {
    for (const name of [...this.contents.keys()]) yield [name, this.get(name)!];
  }

  *values(): MapIterator<Uint8Array> {
    for (const [, bytes] of this.entries()) yield bytes;
  }

  [Symbol.iterator](): MapIterator<[string, Uint8Array]> {
    return this.entries();
  }

  forEach(visit: (value: Uint8Array, key: string, map: DataImage) => void): void {
    for (const [name, bytes] of this.entries()) visit(bytes, name, this);
  }
}
