/** An exploration for the terminal. */

import { si } from '../report/index.js';
import type { ExploreProgress } from './explore.js';
import type { FrontRecord } from './result.js';

/** Lines of progress: how far, how fast, how long still, how large the front. */
export function progressLine({ evaluated, total, front, kept }: ExploreProgress, seconds: number): string {
  const fresh = evaluated - kept;
  const rate = fresh / Math.max(seconds, 1e-3);
  const left = rate > 0 ? `${duration((total - evaluated) / rate)} left` : 'reading what is there';
  return `${evaluated} of ${total} machines, ${rate.toPrecision(3)} a second, ${left}, front ${front}`;
}

export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

const ROWS = 40;

/** The front as a table. @param folder where it lies. */
export function renderFront(record: FrontRecord, folder: string): string {
  const { objectives, front } = record;
  const parameters = Object.keys(front[0]?.parameters ?? {});
  const heads = ['point', ...objectives.map(({ name }) => name), ...parameters];
  const rows = front
    .slice(0, ROWS)
    .map((point) => [
      String(point.id),
      ...objectives.map(({ name, unit }) => inUnit(point.objectives[name]!, unit)),
      ...parameters.map((path) => String(point.parameters[path])),
    ]);
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) => cells.map((cell, i) => cell.padStart(widths[i]!)).join('  ');
  const more = front.length > ROWS ? [`... ${front.length - ROWS} more in front.json`] : [];
  const refused = Object.entries(record.refused)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 5)
    .map(([reason, count]) => `  ${count} fell out: ${reason}`);
  return [
    `${record.space}: ${record.size} combinations, ${record.evaluated} evaluated, ${record.feasible} feasible, ${front.length} on the front (${record.strategy}, seed ${record.seed})`,
    ...refused,
    '',
    line(heads),
    ...rows.map(line),
    ...more,
    '',
    `${record.figures}.`,
    `Verilog of a point: systole emit --from ${folder} --point ${front[0]?.id ?? 'ID'} --out hw`,
  ].join('\n');
}

/** Prefixes belong to plain units: mm2 has its own already. */
function inUnit(value: number, unit: string): string {
  return unit === 'mm2' ? `${value.toPrecision(4)} mm2` : si(value, unit);
}
