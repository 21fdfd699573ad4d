/**
 * Checks a law on drawn machines and networks. Settings from the environment: SYSTOLE_RUNS (cases), SYSTOLE_SEED and SYSTOLE_PATH
 * (replay). Out: one printed line per law; a failure shows the shrunk machine and network and the command that replays them.
 */

import fc from 'fast-check';
import { printGraph } from '../../compiler/graph/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arbitraryMachine, type MachineBounds } from './arbitrary-machine.js';
import { arbitraryNetwork, buildNetwork, type NetworkPlan } from './arbitrary-network.js';
import { type LawCase, prepareCase } from './law-case.js';

export interface LawOptions {
  /** First word of the test's title, which the replay command selects. */
  readonly law: string;
  /** Cases, when SYSTOLE_RUNS does not say. */
  readonly runs: number;
  /** Share of SYSTOLE_RUNS that this law gets (slow engines take less). */
  readonly share?: number;
  readonly machines?: MachineBounds;
  readonly nodes?: number;
  /** Only networks that an input-stationary machine computes exchanged. */
  readonly pointwise?: boolean;
  /** The test file that a replay runs; that of the laws when absent. */
  readonly file?: string;
}

type Drawn = [Machine, NetworkPlan];

/** @throws Error with the shrunk case when `law` throws on any. Refused cases are drawn again, and counted. */
export async function checkLaw(
  options: LawOptions,
  law: (c: LawCase) => Promise<void> | void,
): Promise<void> {
  const property = fc.asyncProperty(
    arbitraryMachine(options.machines),
    arbitraryNetwork({
      ...(options.nodes && { nodes: options.nodes }),
      ...(options.pointwise !== undefined && { pointwise: options.pointwise }),
    }),
    async (machine, plan) => {
      const prepared = prepareCase(machine, plan);
      fc.pre(prepared !== undefined);
      await law(prepared);
    },
  );
  const found = await fc.check(property, settings(options));
  console.log(
    `${options.law}: seed ${found.seed}, ${found.numRuns} cases, ${found.numSkips} refused by the scheduler`,
  );
  if (found.failed) throw new Error(report(options, found as fc.RunDetails<Drawn>));
}

function settings({ runs, share = 1 }: LawOptions): fc.Parameters<Drawn> {
  const { SYSTOLE_RUNS, SYSTOLE_SEED, SYSTOLE_PATH } = process.env;
  return {
    numRuns: SYSTOLE_RUNS ? Math.max(1, Math.round(Number(SYSTOLE_RUNS) * share)) : runs,
    ...(SYSTOLE_SEED && { seed: Number(SYSTOLE_SEED) }),
    ...(SYSTOLE_PATH && { path: SYSTOLE_PATH, endOnFailure: true }),
  };
}

function report(
  { law, file = 'test/property/laws.test.ts' }: LawOptions,
  found: fc.RunDetails<Drawn>,
): string {
  const replay = `SYSTOLE_SEED=${found.seed} SYSTOLE_PATH=${found.counterexamplePath} npx vitest run ${file} -t '${law}:'`;
  if (found.counterexample === null) return `too many cases were refused (seed ${found.seed})`;
  const [machine, plan] = found.counterexample;
  const error = found.errorInstance;
  return [
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    `after ${found.numRuns} cases and ${found.numShrinks} shrinks; replay:`,
    `  ${replay}`,
    `machine ${JSON.stringify(machine)}`,
    `network ${JSON.stringify(plan)}`,
    printedNetwork(plan, machine),
  ].join('\n');
}

function printedNetwork(plan: NetworkPlan, machine: Machine): string {
  try {
    return printGraph(buildNetwork(plan, machine).graph);
  } catch (error) {
    return `(does not build: ${error})`;
  }
}
