/**
 * The identity of a machine: a hash of everything that defines it. The Verilog, the MACHINE_HASH register and the driver
 * carry it, so that a program meets the machine it was made for. In: a Machine. Out: 16 hexadecimal digits.
 */

import type { Machine } from './machine.js';

const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;
const MASK = 0xffffffffffffffffn;

/**
 * 64-bit FNV-1a over the machine's canonical JSON (keys sorted, UTF-8), as 16 lower-case hexadecimal digits. Every field
 * counts, except the description.
 */
export function machineHash(machine: Machine): string {
  const { description: _, ...defining } = machine;
  let hash = FNV_OFFSET;
  for (const byte of utf8Bytes(canonicalJson(defining))) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK;
  return hash.toString(16).padStart(16, '0');
}

/** The first 32 bits of {@link machineHash}: what register MACHINE_HASH holds. */
export function machineHashWord(machine: Machine): number {
  return Number.parseInt(machineHash(machine).slice(0, 8), 16);
}

/** JSON with the keys of every object in order, without spaces. */
function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** encodeURIComponent is UTF-8 in every JavaScript host. */
function utf8Bytes(text: string): readonly number[] {
  const escaped = encodeURIComponent(text);
  const bytes: number[] = [];
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] === '%') {
      bytes.push(Number.parseInt(escaped.slice(i + 1, i + 3), 16));
      i += 2;
    } else bytes.push(escaped.charCodeAt(i));
  }
  return bytes;
}
