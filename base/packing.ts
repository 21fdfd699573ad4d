/**
 * Rows of two's complement elements of 4, 8 or 16 bits in bytes, as the machine's buffers and DRAM hold them: element i of a row takes
 * bits i * bits to (i + 1) * bits - 1, little-endian. Two 4-bit elements share a byte, the first one in its low half.
 */

import { invariant } from './assert.js';
import type { ElementType } from './tensor.js';

/** Writes element `index` of the row at byte `row`; the neighbour in its byte keeps its value. */
export function writeElement(
  bytes: Uint8Array,
  { row, index, bits }: { readonly row: number; readonly index: number; readonly bits: number },
  value: number,
): void {
  if (bits === 8) {
    bytes[row + index] = value;
    return;
  }
  const at = row + Math.floor((index * bits) / 8);
  if (bits === 4) {
    const shift = (index & 1) * 4;
    bytes[at] = (bytes[at]! & ~(15 << shift)) | ((value & 15) << shift);
    return;
  }
  invariant(bits === 16, `elements of ${bits} bits`);
  bytes[at] = value;
  bytes[at + 1] = value >> 8;
}

/** Element `index` of the row at byte `row`. */
export function readElement(
  bytes: Uint8Array,
  { row, index, bits }: { readonly row: number; readonly index: number; readonly bits: number },
): number {
  if (bits === 8) return (bytes[row + index]! << 24) >> 24;
  const at = row + Math.floor((index * bits) / 8);
  if (bits === 4) return (bytes[at]! << (index & 1 ? 24 : 28)) >> 28;
  invariant(bits === 16, `elements of ${bits} bits`);
  return ((bytes[at]! | (bytes[at + 1]! << 8)) << 16) >> 16;
}

/** Elements of a whole row as an array of their own: `Int16Array` where they have more than 8 bits. */
export function elementArray(bits: number, count: number): ElementArray {
  return bits > 8 ? new Int16Array(count) : new Int8Array(count);
}

/** An array for elements of an integer tensor type of at most 16 bits. */
export function elementArrayOf(element: ElementType, count: number): ElementArray {
  return elementArray(integerBits(element), count);
}

/** Bits of a signed integer element type, at most 16. */
export function integerBits(element: ElementType): number {
  const bits = integerElements.get(element);
  invariant(bits !== undefined, `${element} is no signed integer of at most 16 bits`);
  return bits;
}

const integerElements: ReadonlyMap<ElementType, number> = new Map([
  ['int4', 4],
  ['int8', 8],
  ['int16', 16],
]);

/** One number an element. */
export type ElementArray = Int8Array | Int16Array;
