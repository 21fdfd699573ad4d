/** Cell parameters and initial values, which Yosys writes as strings of binary digits. */

import { type Bits, type Flat, ONE } from './flatten.js';
import type { NetCell } from './netlist.js';

/** A parameter as a number; 0 when absent. Digits x and z count as 0. */
export function integerParameter(cell: NetCell, name: string): number {
  const text = cell.parameters[name];
  if (text === undefined) return 0;
  const value = wordOf(text);
  const signed = text.length === 32 ? BigInt.asIntN(32, value) : value;
  return Number(signed);
}

/** A parameter as an unsigned word of any width; 0 when absent. */
export function wordParameter(cell: NetCell, name: string): bigint {
  return wordOf(cell.parameters[name] ?? '');
}

function wordOf(digits: string): bigint {
  return digits === '' ? 0n : BigInt(`0b${digits.replace(/[^01]/g, '0')}`);
}

/** A parameter of `count` words of `width` bits, word 0 in the last digits, up to the last word that is not 0. */
export function wordsParameter(cell: NetCell, name: string, width: number, count: number): bigint[] {
  const digits = cell.parameters[name] ?? '';
  const words: bigint[] = [];
  // Digits that are missing, and x, are 0: the first 1 ends the last word that counts.
  const first = digits.indexOf('1');
  const used = first < 0 ? 0 : Math.min(count, Math.ceil((digits.length - first) / width));
  for (let word = 0; word < used; word++) {
    const end = digits.length - word * width;
    words.push(wordOf(digits.slice(Math.max(0, end - width), end)));
  }
  return words;
}

const cache = new WeakMap<Flat, { valueOf: (bits: Bits) => bigint }>();

/** Values that `initial` blocks and declarations give to registers: the attribute `init` of wires. */
export function initialValues(flat: Flat): { valueOf: (bits: Bits) => bigint } {
  const known = cache.get(flat);
  if (known) return known;
  const ones = new Set<number>();
  for (const { module, map } of flat.scopes.values()) {
    for (const { bits, attributes } of Object.values(module.netnames)) {
      const init = attributes['init'];
      if (init === undefined) continue;
      bits.forEach((bit, i) => {
        if (typeof bit === 'number' && init[init.length - 1 - i] === '1' && map[bit]! > ONE)
          ones.add(flat.bits.find(map[bit]!));
      });
    }
  }
  const values = {
    valueOf: (bits: Bits) => {
      let value = 0n;
      if (ones.size > 0)
        bits.forEach((bit, i) => {
          if (ones.has(flat.bits.find(bit))) value |= 1n << BigInt(i);
        });
      return value;
    },
  };
  cache.set(flat, values);
  return values;
}
