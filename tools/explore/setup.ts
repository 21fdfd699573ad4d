/**
 * What an exploration is, written into its folder before anything is evaluated: space, networks, seed, strategy. In: opened networks and
 * a space's text. Out: a {@link Setup}, from the folder as from the start, so that a resumed run, a thread and a cluster's task see the
 * same.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { z } from 'zod';
import { DiagnosticError, unwrap } from '../../base/index.js';
import type { PreparedNetwork } from '../../compiler/pipeline/index.js';
import { makeFolder, packageVersion, userFolder } from '../library/index.js';
import { notAResult, otherExploration } from './diagnostics.js';
import { parseSpace, type Space } from './space.js';
import { sha256, writeWhole } from './store.js';

export const strategyNames = ['exhaustive', 'random', 'nsga2'] as const;

const manifest = z.strictObject({
  schema: z.literal('systole.explore/1'),
  /** Version whose figures the chunks hold. */
  tool: z.string(),
  spaceFile: z.string(),
  /** What `systole verify` opens, and the file that holds the network as it was prepared. */
  networks: z.array(z.strictObject({ name: z.string(), source: z.string(), hash: z.string() })).min(1),
  seed: z.number().int(),
  strategy: z.enum(strategyNames),
  /** Evaluations at most; exhaustive ignores it. */
  budget: z.number().int().positive(),
  /** Points of an NSGA-II generation. */
  population: z.number().int().positive(),
  /** Points of a chunk. */
  chunk: z.number().int().positive(),
});

export type Manifest = z.infer<typeof manifest>;

export interface Setup {
  readonly folder: string;
  readonly manifest: Manifest;
  readonly space: Space;
  /** Everything that an outcome depends on besides the point's id: names of chunks start from it. */
  readonly identity: string;
}

export interface NamedNetwork {
  readonly name: string;
  readonly source: string;
  readonly prepared: PreparedNetwork;
}

export interface SetupRequest extends Omit<Manifest, 'schema' | 'tool' | 'networks'> {
  readonly folder: string;
  readonly networks: readonly NamedNetwork[];
  readonly spaceText: string;
}

/** Writes a new exploration's folder, or finds the same one there. @throws DiagnosticError */
export function createSetup(request: SetupRequest): Setup {
  const { folder, networks, spaceText, ...options } = request;
  // Checked before anything is written.
  unwrap(
    parseSpace(
      spaceText,
      request.spaceFile,
      networks.map(({ name }) => name),
    ),
  );
  userFolder(folder);
  for (const part of ['chunks', 'networks']) makeFolder(join(folder, part));
  const files = networks.map(({ name, source, prepared }) => {
    const bytes = serialize(prepared);
    return { entry: { name, source, hash: sha256(bytes).slice(0, 32) }, bytes };
  });
  const made: Manifest = {
    schema: 'systole.explore/1',
    tool: packageVersion(),
    ...options,
    networks: files.map(({ entry }) => entry),
  };
  refuseOther(folder, made, spaceText);
  for (const { entry, bytes } of files) {
    const path = networkPath(folder, entry.hash);
    if (!existsSync(path)) writeWhole(path, bytes);
  }
  writeWhole(join(folder, 'space.yaml'), spaceText);
  writeWhole(join(folder, 'explore.json'), `${JSON.stringify(made, null, 2)}\n`);
  return openSetup(folder);
}

/** A folder with another exploration is left alone. */
function refuseOther(folder: string, made: Manifest, spaceText: string): void {
  if (!existsSync(join(folder, 'explore.json'))) return;
  const there = openSetup(folder);
  if (there.space.text !== spaceText) throw new DiagnosticError([otherExploration(folder, 'space')]);
  for (const key of Object.keys(made) as (keyof Manifest)[]) {
    if (JSON.stringify(there.manifest[key]) !== JSON.stringify(made[key]))
      throw new DiagnosticError([otherExploration(folder, key)]);
  }
}

/** The exploration that a folder holds. @throws DiagnosticError where it holds none. */
export function openSetup(folder: string): Setup {
  const parsed = manifest.safeParse(readJson(folder, 'explore.json'));
  if (!parsed.success)
    throw new DiagnosticError([notAResult(folder, `explore.json: ${parsed.error.issues[0]?.message}`)]);
  const { networks, spaceFile } = parsed.data;
  const text = readPart(folder, 'space.yaml');
  const space = unwrap(
    parseSpace(
      text,
      spaceFile,
      networks.map(({ name }) => name),
    ),
  );
  return { folder, manifest: parsed.data, space, identity: identityOf(parsed.data, space) };
}

/** Objectives, limits and weights judge outcomes; they change none. */
function identityOf({ tool, networks }: Manifest, space: Space): string {
  const { base, parameters, derived, constraints } = space;
  return sha256(
    JSON.stringify([
      tool,
      networks.map(({ hash }) => hash),
      space.name,
      base,
      parameters,
      derived.map(({ path, expression }) => [path, expression.text]),
      constraints.map(({ text }) => text),
    ]),
  );
}

/** The networks as they were prepared, in the order of the manifest. @throws DiagnosticError */
export function readNetworks({ folder, manifest: { networks } }: Setup): readonly PreparedNetwork[] {
  return networks.map(({ name, hash }) => {
    const path = networkPath(folder, hash);
    const bytes = existsSync(path) ? readFileSync(path) : undefined;
    if (bytes === undefined || sha256(bytes).slice(0, 32) !== hash)
      throw new DiagnosticError([notAResult(folder, `the file of network ${name} is missing or damaged`)]);
    return deserialize(bytes) as PreparedNetwork;
  });
}

function networkPath(folder: string, hash: string): string {
  return join(folder, 'networks', `${hash}.bin`);
}

function readPart(folder: string, name: string): string {
  try {
    return readFileSync(join(folder, name), 'utf8');
  } catch (error) {
    throw new DiagnosticError([
      notAResult(folder, `${name}: ${(error as NodeJS.ErrnoException).code ?? String(error)}`),
    ]);
  }
}

function readJson(folder: string, name: string): unknown {
  const text = readPart(folder, name);
  try {
    return JSON.parse(text);
  } catch {
    throw new DiagnosticError([notAResult(folder, `${name} is no JSON`)]);
  }
}
