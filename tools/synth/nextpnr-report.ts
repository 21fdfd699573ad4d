/** nextpnr's `--report`: clock, utilisation and the critical path of the clock that limits. In: JSON text. Out: figures. */

import { z } from 'zod';
import type { CriticalPath } from '../report/index.js';
import { partOfPath } from './parts.js';

const reportSchema = z.object({
  fmax: z.record(z.string(), z.object({ achieved: z.number().positive(), constraint: z.number() })),
  utilization: z.record(z.string(), z.object({ used: z.number().int(), available: z.number().int() })),
  critical_paths: z
    .array(
      z.object({
        from: z.string(),
        to: z.string(),
        path: z.array(
          z.object({
            delay: z.number(),
            from: z.object({ cell: z.string() }),
            to: z.object({ cell: z.string() }),
          }),
        ),
      }),
    )
    .default([]),
});

export interface RouteReport {
  readonly fmaxMegahertz: number;
  readonly utilization: Readonly<Record<string, { readonly used: number; readonly available: number }>>;
  readonly criticalPath: CriticalPath | null;
}

/** Undefined when the report has no clock. @throws ZodError when it is not a report of nextpnr. */
export function readNextpnrReport(text: string): RouteReport | undefined {
  const { fmax, utilization, critical_paths } = reportSchema.parse(JSON.parse(text));
  const clocks = Object.values(fmax).map(({ achieved }) => achieved);
  if (clocks.length === 0) return undefined;
  const within = critical_paths.filter(({ from, to }) => from.startsWith('posedge') && from === to);
  const paths = within.map(({ path }): CriticalPath | null => {
    const first = path[0];
    const last = path.at(-1);
    if (first === undefined || last === undefined) return null;
    const nanoseconds = path.reduce((sum, { delay }) => sum + delay, 0);
    const to = last.to.cell;
    return { from: first.from.cell, to, nanoseconds, part: partOfPath(to) };
  });
  const longest = paths
    .filter((path) => path !== null)
    .reduce<CriticalPath | null>(
      (best, p) => (best === null || p.nanoseconds > best.nanoseconds ? p : best),
      null,
    );
  return { fmaxMegahertz: Math.min(...clocks), utilization, criticalPath: longest };
}
