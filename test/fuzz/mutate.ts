/**
 * Mutations of network files. In: the bytes of a real file (and of another of its format). Out: broken bytes. Binary formats: bits, interesting
 * numbers, truncation, splices, protobuf lengths and varints, flatbuffer offsets, repeated and swapped ranges. Text: tokens.
 */

import type { Random } from './random.js';

export type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const numbers = [0, 1, 2, 127, 128, 255, 256, 65535, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32 - 4];

function edited(bytes: Uint8Array, edit: (copy: Uint8Array) => void): Uint8Array {
  const copy = new Uint8Array(bytes);
  edit(copy);
  return copy;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const flipBits: Mutation = (bytes, random) =>
  edited(bytes, (copy) => {
    for (let n = 1 + random.below(8); n > 0; n--) copy[random.below(copy.length)]! ^= 1 << random.below(8);
  });

const setBytes: Mutation = (bytes, random) =>
  edited(bytes, (copy) => {
    for (let n = 1 + random.below(4); n > 0; n--) copy[random.below(copy.length)] = random.below(256);
  });

/** A little-endian 32-bit number, on a word as flatbuffers and HDF5 lay them out: often an offset, a length or an extent. */
const setWord: Mutation = (bytes, random) =>
  edited(bytes, (copy) => {
    if (copy.length < 8) return;
    const view = new DataView(copy.buffer);
    const at = random.below((copy.length >> 2) - 1) * 4;
    const near = view.getUint32(at, true) + random.below(17) - 8;
    view.setUint32(at, random.below(2) === 0 ? near : random.pick(numbers), true);
  });

export const truncate: Mutation = (bytes, random) => bytes.slice(0, random.below(bytes.length));

const splice: Mutation = (bytes, random, other) =>
  joined(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length)));

/** A range again, left out, or in another place: records twice, cycles, lost records. */
const moveRange: Mutation = (bytes, random) => {
  const start = random.below(bytes.length);
  const end = Math.min(bytes.length, start + 1 + random.below(64));
  const range = bytes.subarray(start, end);
  const [head, tail] = [bytes.subarray(0, start), bytes.subarray(end)];
  const kind = random.below(3);
  if (kind === 0) return joined(head, range, range, tail);
  if (kind === 1) return joined(head, tail);
  const rest = joined(head, tail);
  const at = random.below(rest.length + 1);
  return joined(rest.subarray(0, at), range, rest.subarray(at));
};

const anyBytes = [flipBits, setBytes, setWord, truncate, splice, moveRange] as const;

interface Field {
  /** Where the field's tag begins, its content begins, and it ends. */
  readonly start: number;
  readonly content: number;
  readonly end: number;
  readonly wire: number;
  /** Where the fields begin that enclose it. */
  readonly parents: readonly Field[];
}

/** Fields of a protobuf message at all depths, as far as the bytes read like messages. At most 4000. */
export function protobufFields(bytes: Uint8Array): readonly Field[] {
  const found: Field[] = [];
  walk(bytes, 0, bytes.length, [], found);
  return found;
}

function varint(
  bytes: Uint8Array,
  at: number,
  end: number,
): readonly [value: number, next: number] | undefined {
  let value = 0;
  for (let i = 0; i < 10 && at + i < end; i++) {
    value += (bytes[at + i]! & 127) * 2 ** (7 * i);
    if (bytes[at + i]! < 128) return [value, at + i + 1];
  }
  return undefined;
}

/** Whether the range is a sequence of fields; those found are added. */
function walk(
  bytes: Uint8Array,
  from: number,
  end: number,
  parents: readonly Field[],
  found: Field[],
): boolean {
  let at = from;
  const own: Field[] = [];
  while (at < end) {
    const tag = varint(bytes, at, end);
    if (tag === undefined || tag[0] < 8) return false;
    const wire = tag[0] % 8;
    const head = wire === 0 || wire === 2 ? varint(bytes, tag[1], end) : ([0, tag[1]] as const);
    if (head === undefined || ![0, 1, 2, 5].includes(wire)) return false;
    const content = wire === 0 ? tag[1] : head[1];
    const next = wire === 0 ? head[1] : content + (wire === 2 ? head[0] : wire === 1 ? 8 : 4);
    if (next > end) return false;
    own.push({ start: at, content, end: next, wire, parents });
    at = next;
  }
  if (found.length < 4000) found.push(...own);
  if (parents.length < 8 && found.length < 4000)
    for (const field of own)
      if (field.wire === 2) walk(bytes, field.content, field.end, [...parents, field], found);
  return true;
}

function varintBytes(value: bigint): Uint8Array {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, value);
  do {
    out.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(out);
}

/** The message with a field's bytes replaced and the lengths of all messages around it put right. */
function replaceField(bytes: Uint8Array, field: Field, replacement: Uint8Array): Uint8Array {
  let [start, end, inner] = [field.start, field.end, replacement];
  for (const parent of [...field.parents].reverse()) {
    const content = joined(bytes.subarray(parent.content, start), inner, bytes.subarray(end, parent.end));
    const tag = bytes.subarray(parent.start, varint(bytes, parent.start, bytes.length)![1]);
    [start, end, inner] = [
      parent.start,
      parent.end,
      joined(tag, varintBytes(BigInt(content.length)), content),
    ];
  }
  return joined(bytes.subarray(0, start), inner, bytes.subarray(end));
}

const bigNumbers = [
  0n,
  1n,
  2n,
  3n,
  7n,
  -1n,
  -2n,
  255n,
  65536n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  2n ** 62n,
  -(2n ** 63n),
];

/** Well-formed messages with other content: huge and negative numbers, fields twice or lost or exchanged, names of other nodes (cycles). */
const protobufContent: Mutation = (bytes, random) => {
  const fields = protobufFields(bytes);
  if (fields.length === 0) return flipBits(bytes, random, bytes);
  const field = random.pick(fields);
  const whole = bytes.subarray(field.start, field.end);
  const kind = random.below(4);
  if (kind === 0) return replaceField(bytes, field, joined(whole, whole));
  if (kind === 1) return replaceField(bytes, field, new Uint8Array(0));
  if (field.wire === 0)
    return replaceField(
      bytes,
      field,
      joined(bytes.subarray(field.start, field.content), varintBytes(random.pick(bigNumbers))),
    );
  const alike = fields.filter(
    (other) => other.wire === field.wire && other.parents.length === field.parents.length,
  );
  const other = random.pick(alike);
  const tag = bytes.subarray(field.start, varint(bytes, field.start, bytes.length)![1]);
  const tagOfOther = varint(bytes, other.start, bytes.length)![1];
  return replaceField(bytes, field, joined(tag, bytes.subarray(tagOfOther, other.end)));
};

/** A length of a field that is not what follows. */
const protobufLength: Mutation = (bytes, random) => {
  const fields = protobufFields(bytes).filter(({ wire }) => wire === 2);
  if (fields.length === 0) return flipBits(bytes, random, bytes);
  const field = random.pick(fields);
  const tag = bytes.subarray(0, varint(bytes, field.start, bytes.length)![1]);
  return joined(tag, varintBytes(random.pick(bigNumbers)), bytes.subarray(field.content));
};

const tokenPattern = /[A-Za-z_][\w]*|"[^"\n]*"|-?[\d.]+(e[-+]?\d+)?|[{}:<>#]|\s+|./g;
const strangeTokens = [
  '0',
  '-1',
  '1',
  '2',
  '3',
  '1e9',
  '4294967295',
  '99999999999999999999',
  '2147483647',
  '0.5',
  'nan',
  '{',
  '}',
  ':',
  '"',
  '"data"',
  '#',
  'layer',
  'layers',
  'input_dim',
  'true',
  'MAX',
  '\u0000',
  '\\',
];

/** Tokens replaced by others of the text or by strange ones, left out, or repeated. */
const textTokens: Mutation = (bytes, random, other) => {
  const tokens = new TextDecoder().decode(bytes).match(tokenPattern) ?? [''];
  const pool = new TextDecoder().decode(other.subarray(0, 4096)).match(tokenPattern) ?? [''];
  for (let n = 1 + random.below(3); n > 0; n--) {
    const at = random.below(tokens.length);
    const kind = random.below(5);
    if (kind === 0) tokens.splice(at, 1);
    else if (kind === 1) tokens.splice(at, 0, tokens[at]!);
    else if (kind === 2) tokens[at] = random.pick(pool);
    else if (kind === 3) tokens[at] = random.pick(tokens);
    else tokens[at] = random.pick(strangeTokens);
  }
  return new TextEncoder().encode(tokens.join(''));
};

/** Numbers only: shapes with huge or negative extents, groups and strides that do not divide. */
const textNumbers: Mutation = (bytes, random) => {
  const tokens = new TextDecoder().decode(bytes).match(tokenPattern) ?? [''];
  const at = tokens.flatMap((token, index) => (/^-?\d/.test(token) ? [index] : []));
  if (at.length > 0) tokens[random.pick(at)] = random.pick(strangeTokens.slice(0, 11));
  return new TextEncoder().encode(tokens.join(''));
};

const textLines: Mutation = (bytes, random) => {
  const lines = new TextDecoder().decode(bytes).split('\n');
  const at = random.below(lines.length);
  const kind = random.below(3);
  if (kind === 0) lines.splice(at, 1 + random.below(6));
  else if (kind === 1) lines.splice(at, 0, ...lines.slice(random.below(lines.length)).slice(0, 12));
  else [lines[at], lines[random.below(lines.length)]] = [random.pick(lines), lines[at]!];
  return new TextEncoder().encode(lines.join('\n'));
};

/** What is done to a kind of file, commonest first where a kind is listed more than once. */
export const mutations: Readonly<Record<'bytes' | 'protobuf' | 'text', readonly Mutation[]>> = {
  bytes: [...anyBytes, setWord, setWord, flipBits],
  protobuf: [...anyBytes, protobufContent, protobufContent, protobufContent, protobufContent, protobufLength],
  text: [textTokens, textTokens, textTokens, textNumbers, textNumbers, textLines, truncate, splice, flipBits],
};
