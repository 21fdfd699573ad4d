/** What `npm run power` measured, and the prices that follow from it. */

import { existsSync, readFileSync } from 'node:fs';
import type { Toggles } from '../../models/activity/index.js';
import { nonNegativeFit } from '../../models/area/least-squares.js';
import type { ArrayPrices } from '../../models/data/index.js';
import { arrayFeatures } from '../../models/energy/index.js';
import type { Machine } from '../../models/machine/index.js';
import { machineOf } from '../schedule/networks.js';

/** Gate-level power of one array under one distribution of operands. */
export interface GatePoint {
  readonly library: string;
  /** Rows and columns. */
  readonly side: number;
  /** Whether prices are fitted on it or judged on it. */
  readonly use: 'fit' | 'judged';
  readonly operands: string;
  readonly megahertz: number;
  readonly cycles: number;
  /** Of all these cycles. */
  readonly toggles: Toggles;
  /** Dynamic energy of a cycle. */
  readonly picojoules: number;
  readonly leakageWatts: number;
}

export const pointsFile = new URL('points.json', import.meta.url);

export function readPoints(): readonly GatePoint[] {
  return existsSync(pointsFile) ? (JSON.parse(readFileSync(pointsFile, 'utf8')) as GatePoint[]) : [];
}

export function machineOfPoint({ side }: GatePoint): Machine {
  return machineOf({ rows: side, columns: side, lanes: side });
}

/** Femtojoules by feature, of non-negative least squares over the points to fit on, by relative error. */
export function fitPrices(points: readonly GatePoint[]): ArrayPrices {
  const samples = points
    .filter(({ use }) => use === 'fit')
    .map((point) => {
      const features = arrayFeatures(machineOfPoint(point), point.toggles, point.cycles);
      const value = 1000 * point.picojoules;
      return { features: Object.values(features), value, scale: value };
    });
  const names = Object.keys(
    arrayFeatures(machineOfPoint(points[0]!), points[0]!.toggles, 1),
  ) as (keyof ArrayPrices)[];
  const weights = nonNegativeFit(samples, 1e-5);
  return Object.fromEntries(names.map((name, i) => [name, weights[i]!])) as unknown as ArrayPrices;
}
