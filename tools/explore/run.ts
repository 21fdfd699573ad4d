/** `explore` as a library function. In: networks by name or file, a space's file, options. Out: the front's record, and its folder. */

import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, extname, resolve } from 'node:path';
import { type Diagnostic, unwrap } from '../../base/index.js';
import { prepare } from '../../compiler/pipeline/index.js';
import { calibrationOf, openNetwork, readUserText } from '../library/index.js';
import type { ChunkEngine } from './engines/engine.js';
import { startLocalEngine } from './engines/local.js';
import { Evaluator } from './evaluate.js';
import { type Exploration, type ExploreProgress, explore } from './explore.js';
import { machineAt } from './points.js';
import { seededRandom } from './random.js';
import { type FrontRecord, frontRecord, writeResult } from './result.js';
import { createSetup, type Manifest, type NamedNetwork, openSetup, type Setup } from './setup.js';
import { parseSpace, type Space } from './space.js';
import { drawer } from './strategies/random.js';

export interface ExploreRequest {
  /** Files or names of shipped examples. */
  readonly networks: readonly string[];
  readonly space: string;
  /** Results folder; `NAME.explore` where nothing is said. */
  readonly out?: string;
  readonly seed?: number;
  readonly strategy?: Manifest['strategy'];
  readonly budget?: number;
  readonly population?: number;
  readonly chunk?: number;
  /** Instead of `chunk`: how long a chunk should take, measured here on a few points. */
  readonly chunkSeconds?: number;
}

export interface RunExploreOptions {
  readonly threads?: number;
  readonly onProgress?: (progress: ExploreProgress) => void;
  readonly warn?: (diagnostic: Diagnostic) => void;
  readonly say?: (message: string) => void;
  /** Other than this computer's threads. */
  readonly engine?: (setup: Setup) => ChunkEngine;
}

/** Spaces up to this size are enumerated unless another strategy is named. */
const ENUMERABLE = 2000;

/** Opens networks and space and writes the folder's first files. @throws DiagnosticError */
export function setupExploration(
  request: ExploreRequest,
  say: (message: string) => void = () => undefined,
): Setup {
  const text = readUserText(request.space);
  const names = uniqueNames(request.networks);
  const space = unwrap(parseSpace(text, request.space, names));
  const networks = request.networks.map((source, i): NamedNetwork => {
    say(`reading and calibrating ${source}`);
    const opened = openNetwork(source);
    return {
      name: names[i]!,
      // A result is used from other folders too.
      source: existsSync(source) ? resolve(source) : source,
      prepared: unwrap(prepare(opened.graph, calibrationOf(opened))),
    };
  });
  const strategy = request.strategy ?? (space.size <= ENUMERABLE ? 'exhaustive' : 'nsga2');
  return createSetup({
    folder: request.out ?? `${space.name}.explore`,
    networks,
    spaceText: text,
    spaceFile: request.space,
    seed: request.seed ?? 1,
    strategy,
    budget: request.budget ?? Math.max(500, Math.ceil(space.size / 20)),
    population: request.population ?? 64,
    chunk: request.chunk ?? (request.chunkSeconds ? chunkLasting(request.chunkSeconds, space, networks) : 16),
  });
}

/** Points that take about so long, from a few drawn ones; whoever computes them may be some times faster or slower. */
function chunkLasting(seconds: number, space: Space, networks: readonly NamedNetwork[]): number {
  const evaluator = new Evaluator(networks.map(({ prepared }) => prepared));
  const draw = drawer(space, seededRandom(1));
  const times: number[] = [];
  for (let i = 0; i < 9; i++) {
    const id = draw();
    const point = id === undefined ? undefined : machineAt(space, id);
    if (point?.ok !== true) continue;
    const started = performance.now();
    evaluator.evaluate(point.machine);
    times.push((performance.now() - started) / 1e3);
  }
  // The first ones warm up; the median leaves them aside.
  const typical = times.sort((a, b) => a - b)[times.length >> 1] ?? 0.1;
  return Math.min(20_000, Math.max(1, Math.round(seconds / Math.max(typical, 1e-4))));
}

/** Runs a new exploration, or what is left of one. @throws DiagnosticError */
export async function runExploration(
  setup: Setup,
  options: RunExploreOptions = {},
): Promise<{ readonly record: FrontRecord; readonly exploration: Exploration }> {
  const threads = options.threads ?? availableParallelism();
  const engine = options.engine?.(setup) ?? startLocalEngine(setup.folder, threads);
  const started = performance.now();
  try {
    const exploration = await explore(setup, engine, options);
    const record = frontRecord(setup, exploration);
    const seconds = (performance.now() - started) / 1e3;
    const { evaluated, kept } = exploration;
    const { name, parallel } = engine;
    writeResult(setup, record, { seconds, evaluated, kept, engine: name, parallel });
    return { record, exploration };
  } finally {
    await engine.stop();
  }
}

/** An exploration that was cut off. @throws DiagnosticError where the folder holds none. */
export function resumeSetup(folder: string): Setup {
  return openSetup(folder);
}

/** File names without folder and ending; the second of the same name gets a number. */
function uniqueNames(networks: readonly string[]): readonly string[] {
  const names: string[] = [];
  for (const network of networks) {
    const stem = basename(network, extname(network));
    let name = stem;
    for (let i = 2; names.includes(name); i++) name = `${stem}_${i}`;
    names.push(name);
  }
  return names;
}
