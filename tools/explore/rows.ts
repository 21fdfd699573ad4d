/** An exploration's points as rows of a table. In: a results folder. Out: every point whose chunk is whole, once, in order of its id. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Diagnostic } from '../../base/index.js';
import { type Chunk, ChunkStore } from './chunks.js';
import type { Outcome } from './evaluate.js';
import { judgeOf } from './judge.js';
import { metricNames, metricsOf } from './objectives.js';
import { assignment, pointName } from './points.js';
import { readFront } from './result.js';
import type { Setup } from './setup.js';
import { weightsOf } from './space.js';
import { readSealed } from './store.js';

export type Cell = number | string | boolean | null;

export interface Column {
  readonly name: string;
  readonly type: 'BIGINT' | 'DOUBLE' | 'VARCHAR' | 'BOOLEAN';
}

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

/** @param warn hears of damaged chunks, which are left where they are. */
export function pointsTable(setup: Setup, warn: (diagnostic: Diagnostic) => void): Table {
  const { space, manifest } = setup;
  const names = manifest.networks.map(({ name }) => name);
  const front = new Set(readFront(setup.folder).front.map(({ id }) => id));
  const judge = judgeOf(setup);
  const weights = weightsOf(space, names);
  const row = (id: number, outcome: Outcome): readonly Cell[] => {
    const metrics = outcome.ok ? metricsOf(outcome.measurement, weights) : undefined;
    const parameters = assignment(space, id).map(([, value]) => cellOf(value));
    const parts = names.flatMap((_, i) => {
      const part = outcome.ok ? outcome.measurement.networks[i] : undefined;
      return [part?.cycles ?? null, part?.joules ?? null];
    });
    return [
      ...[id, pointName(space, id), ...parameters],
      ...metricNames.map((name) => metrics?.[name] ?? null),
      ...(names.length > 1 ? parts : []),
      ...[judge.reason(outcome) === undefined, judge.reason(outcome) ?? null, front.has(id)],
    ];
  };
  const outcomes = [...allOutcomes(setup.folder, warn)].sort(([a], [b]) => a - b);
  return { columns: columnsOf(setup), rows: outcomes.map(([id, outcome]) => row(id, outcome)) };
}

function columnsOf({ space, manifest }: Setup): readonly Column[] {
  const parameters = space.parameters.map(({ path, values }): Column => {
    const numeric = values.every((value) => typeof value === 'number');
    const truth = values.every((value) => typeof value === 'boolean');
    return { name: path, type: numeric ? 'DOUBLE' : truth ? 'BOOLEAN' : 'VARCHAR' };
  });
  const parts = manifest.networks.flatMap(({ name }) => [`cycles.${name}`, `energy.${name}`]);
  const doubles = [...metricNames, ...(manifest.networks.length > 1 ? parts : [])];
  return [
    { name: 'id', type: 'BIGINT' },
    { name: 'name', type: 'VARCHAR' },
    ...parameters,
    ...doubles.map((name): Column => ({ name, type: 'DOUBLE' })),
    { name: 'feasible', type: 'BOOLEAN' },
    { name: 'reason', type: 'VARCHAR' },
    { name: 'front', type: 'BOOLEAN' },
  ];
}

function cellOf(value: unknown): Cell {
  return typeof value === 'number' || typeof value === 'string' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);
}

function allOutcomes(folder: string, warn: (diagnostic: Diagnostic) => void): ReadonlyMap<number, Outcome> {
  const store = new ChunkStore(folder);
  const files = readdirSync(join(folder, 'chunks')).filter((name) => name.endsWith('.json'));
  const found = new Map<number, Outcome>();
  for (const file of files.sort()) {
    const hash = file.slice(0, -'.json'.length);
    const sealed = readSealed(store.path({ hash, ids: [] }));
    const ids = sealed.kind === 'whole' ? (sealed.value as Chunk).ids : [];
    const outcomes = store.read({ hash, ids }, warn);
    if (outcomes !== undefined) for (const [i, id] of ids.entries()) found.set(id, outcomes[i]!);
  }
  return found;
}
