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
  /** What was mutated: its kind, and its bytes before and after. */
  readonly kind: SeedFormat['kind'];
  readonly original: Uint8Array;
  readonly mutated: Uint8Array;
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
  const part = partOf(seedFile, random);
  const kind = part.beside === undefined ? format.kind : 'bytes';
  const steps = Array.from({ length: times }, () => random.pick(mutations[kind]));
  const mutated = apply(part.bytes, steps, random, partOf(other, random).bytes);
  const beside = new Map(seedFile.beside);
  if (part.beside !== undefined) beside.set(part.beside, mutated);
  const files = {
    ...{ bytes: part.isMain ? mutated : seedFile.bytes, name: seedFile.name.split('/').at(-1)! },
    ...(seedFile.weights && { weights: part.isMain ? seedFile.weights : mutated }),
    ...(seedFile.beside && { beside: (name: string) => beside.get(name) }),
  };
  const cut = times === 1 && steps[0] === truncate;
  return { format, seedFile, files, cut, kind, original: part.bytes, mutated };
}

interface Part {
  readonly bytes: Uint8Array;
  readonly isMain: boolean;
  /** The name of a file beside the main one. */
  readonly beside?: string;
}

/** The one of a network's files that is mutated. */
function partOf({ bytes, weights, keepsWeights, beside }: SeedFile, random: Random): Part {
  if (keepsWeights) return { bytes, isMain: true };
  if (weights !== undefined) return { bytes: weights, isMain: false };
  if (beside === undefined || random.below(2) === 0) return { bytes, isMain: true };
  const [name, content] = random.pick([...beside]);
  return { bytes: content, isMain: false, beside: name };
}

function apply(bytes: Uint8Array, steps: readonly Mutation[], random: Random, other: Uint8Array): Uint8Array {
  let now = bytes;
  for (const step of steps) if (now.length > 0) now = step(now, random, other);
  return now;
}

/** Whether a cut file is a whole file of its format as well: text, or protobuf records cut between two of them. */
export function cutIsWhole({ kind, original, mutated }: FuzzCase): boolean {
  if (kind === 'text') return true;
  if (kind !== 'protobuf') return false;
  const { length } = mutated;
  return protobufFields(original).some(
    ({ parents, end, start }) => parents.length === 0 && (end === length || start === length),
  );
}
