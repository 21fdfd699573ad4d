/** Case number N of a seed: a format, one of its files, mutated. In: seed and number. Out: the files to import, and what was done. */

import type { NetworkFiles } from '../../tools/library/formats.js';
import { type Mutation, mutations, protobufFields, truncate } from './mutate.js';
import { caseRandom, type Random } from './random.js';
import { type SeedFile, type SeedFormat, seedFormats } from './seeds.js';

export interface FuzzCase {
  readonly format: SeedFormat;
  readonly seedFile: SeedFile;
  readonly files: NetworkFiles;
  /** The only mutation, and a truncation: the file must be refused, or mean the same. */
  readonly cut: boolean;
}

const loaded = new Map<string, readonly SeedFile[]>();

/** The formats that have files here. */
export function presentFormats(): readonly SeedFormat[] {
  return seedFormats.filter((format) => seedsOf(format).length > 0);
}

function seedsOf(format: SeedFormat): readonly SeedFile[] {
  const known = loaded.get(format.name);
  if (known !== undefined) return known;
  const seeds = format.seeds();
  loaded.set(format.name, seeds);
  return seeds;
}

/** @param formats formats take turns, so that a part of a run covers all. */
export function makeCase(seed: number, index: number, formats: readonly SeedFormat[]): FuzzCase {
  const random = caseRandom(seed, index);
  const format = formats[index % formats.length]!;
  const seeds = seedsOf(format);
  const seedFile = random.pick(seeds);
  const other = random.pick(seeds);
  // Sometimes nothing is done: the real files must keep importing.
  const times = random.below(50) === 0 ? 0 : random.below(4) === 0 ? 2 + random.below(3) : 1;
  const target = seedFile.weights ?? seedFile.bytes;
  const steps = Array.from({ length: times }, () => random.pick(mutations[format.kind]));
  const bytes = apply(target, steps, random, other.weights ?? other.bytes);
  const files = seedFile.weights === undefined ? { bytes } : { bytes: seedFile.bytes, weights: bytes };
  const name = seedFile.name.split('/').at(-1)!;
  return { format, seedFile, files: { ...files, name }, cut: times === 1 && steps[0] === truncate };
}

function apply(bytes: Uint8Array, steps: readonly Mutation[], random: Random, other: Uint8Array): Uint8Array {
  let now = bytes;
  for (const step of steps) if (now.length > 0) now = step(now, random, other);
  return now;
}

/** Whether a cut file is a whole file of its format as well: text, or protobuf records cut between two of them. */
export function cutIsWhole({ format, seedFile, files }: FuzzCase): boolean {
  if (format.kind === 'text') return true;
  if (format.kind !== 'protobuf') return false;
  const length = (files.weights ?? files.bytes).length;
  const fields = protobufFields(seedFile.weights ?? seedFile.bytes);
  return fields.some(
    ({ parents, end, start }) => parents.length === 0 && (end === length || start === length),
  );
}
