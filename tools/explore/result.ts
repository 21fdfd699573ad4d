/**
 * What an exploration leaves for people and programs. In: a setup and what the search found. Out: `front.json` (a function of the setup
 * alone, so equal bit for bit however often the run was cut off) and `summary.json` (of this run: time, rate).
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError, InternalError } from '../../base/index.js';
import { fpgaTargetOf, predictMapped } from '../../models/area/index.js';
import type { Machine } from '../../models/machine/index.js';
import { estimateText } from '../report/index.js';
import { notAResult, unknownPoint } from './diagnostics.js';
import type { Exploration, FrontMember } from './explore.js';
import { type Metrics, metricsOf } from './objectives.js';
import { assignment, machineAt, pointName } from './points.js';
import { openSetup, type Setup } from './setup.js';
import { type FieldValue, weightsOf } from './space.js';
import { writeWhole } from './store.js';

export interface FrontPoint {
  /** What `--point` takes. */
  readonly id: number;
  readonly name: string;
  readonly parameters: Readonly<Record<string, FieldValue>>;
  readonly objectives: Readonly<Record<string, number>>;
  /** Weighted over the networks; null where the machine has none. */
  readonly metrics: Metrics;
  readonly networks: readonly {
    readonly network: string;
    readonly cycles: number;
    readonly latencySeconds: number;
    readonly energyJoules: number;
  }[];
  readonly machine: Machine;
}

export interface FrontRecord {
  readonly schema: 'systole.front/1';
  readonly tool: string;
  readonly space: string;
  readonly networks: readonly string[];
  readonly seed: number;
  readonly strategy: string;
  readonly objectives: readonly { readonly name: string; readonly goal: string; readonly unit: string }[];
  /** Combinations of values; points evaluated; those within every limit. */
  readonly size: number;
  readonly evaluated: number;
  readonly feasible: number;
  readonly refused: Readonly<Record<string, number>>;
  /** What the front's figures are. */
  readonly figures: string;
  readonly front: readonly FrontPoint[];
}

const FIGURES =
  'front points: cycles by the timing engine on the compiled and verified program; energy and area by the models';

/** How far the counts of an FPGA's resources were off elsewhere, where the front is of machines that have them. */
function countErrors(front: readonly FrontPoint[]): string {
  const machine = front[0]?.machine;
  const target = machine && fpgaTargetOf(machine);
  const estimate = target && predictMapped(machine, target);
  if (!estimate) return '';
  return `; resources by the area model, of the first point ${estimateText(estimate)}`;
}

export function frontRecord(setup: Setup, exploration: Exploration): FrontRecord {
  const { manifest, space } = setup;
  const refused = [...exploration.refused].sort(([a], [b]) => (a < b ? -1 : 1));
  const front = exploration.front.map((member) => frontPoint(setup, member));
  return {
    schema: 'systole.front/1',
    tool: manifest.tool,
    space: space.name,
    networks: manifest.networks.map(({ name }) => name),
    seed: manifest.seed,
    strategy: manifest.strategy,
    objectives: space.objectives.map(({ name, goal, unit }) => ({ name, goal, unit })),
    size: space.size,
    evaluated: exploration.evaluated,
    feasible: exploration.feasible,
    refused: Object.fromEntries(refused),
    figures: `${FIGURES}${countErrors(front)}`,
    front,
  };
}

function frontPoint({ space, manifest }: Setup, { id, costs, measurement }: FrontMember): FrontPoint {
  const point = machineAt(space, id);
  if (!point.ok) throw new InternalError(`point ${id} of the front has no machine: ${point.message}`);
  const names = manifest.networks.map(({ name }) => name);
  return {
    id,
    name: pointName(space, id),
    parameters: Object.fromEntries(assignment(space, id)),
    objectives: Object.fromEntries(
      space.objectives.map(({ name, goal }, i) => [name, goal === 'minimize' ? costs[i]! : -costs[i]!]),
    ),
    metrics: metricsOf(measurement, weightsOf(space, names)),
    networks: measurement.networks.map(({ cycles, joules }, i) => ({
      network: names[i]!,
      cycles,
      latencySeconds: cycles / (measurement.megahertz * 1e6),
      energyJoules: joules,
    })),
    machine: point.machine,
  };
}

export interface RunSummary {
  readonly seconds: number;
  readonly evaluated: number;
  /** Of `evaluated`, those that an earlier run had done. */
  readonly kept: number;
  readonly engine: string;
  readonly parallel: number;
}

/** @throws DiagnosticError where the folder cannot be written. */
export function writeResult({ folder }: Setup, record: FrontRecord, summary: RunSummary): void {
  writeWhole(join(folder, 'front.json'), `${JSON.stringify(record, null, 1)}\n`);
  writeWhole(join(folder, 'summary.json'), `${JSON.stringify(summary, null, 1)}\n`);
}

/** The front that a finished exploration left. @throws DiagnosticError */
export function readFront(folder: string): FrontRecord {
  const path = join(folder, 'front.json');
  if (!existsSync(path)) {
    openSetup(folder);
    throw new DiagnosticError([notAResult(folder, 'it is not finished; go on with --resume')]);
  }
  return JSON.parse(readFileSync(path, 'utf8')) as FrontRecord;
}

/** The machine of any point of an exploration's space, by id or name. @throws DiagnosticError */
export function machineOfPoint(folder: string, point: string): { machine: Machine; setup: Setup } {
  const setup = openSetup(folder);
  const { space } = setup;
  const prefix = `${space.name}-`;
  const id = Number(point.startsWith(prefix) ? point.slice(prefix.length) : point);
  if (!Number.isInteger(id) || id < 0 || id >= space.size || point.trim() === '')
    throw new DiagnosticError([
      unknownPoint(
        point,
        folder,
        `points are numbered from 0 to ${space.size - 1}; front.json has the front's`,
      ),
    ]);
  const found = machineAt(space, id);
  if (!found.ok)
    throw new DiagnosticError([unknownPoint(point, folder, `there is no machine: ${found.message}`)]);
  return { machine: found.machine, setup };
}
