/**
 * Two engines held against one another signal by signal. In: two ways to run one program and a window of cycles. Out: the first
 * signal that both know and that differs. Windows are taken in pieces, so that memory stays bounded however long they are.
 */

import { type Engine, EngineStop, type Probe, type RunRequest, type Signal } from '../engine/index.js';
import { selectSignals } from './signal-filter.js';

export interface SignalDivergence {
  readonly cycle: number;
  /** Path below `systole_core`. */
  readonly signal: string;
  /** Unsigned values in the two engines. */
  readonly values: readonly [a: number | bigint, b: number | bigint];
}

/** Samples of one engine kept at once. */
const SAMPLES = 2 ** 23;

/** What {@link lockStep} found. `compared`: signals that both engines have; 0 means that they could not be compared. */
export interface LockStepResult {
  readonly compared: number;
  readonly divergence?: SignalDivergence;
}

export interface LockStepWindow {
  /** Cycles, both ends included. */
  readonly from: number;
  readonly to: number;
  /** Patterns of `selectSignals`; none: every signal that both engines have. */
  readonly signals?: readonly string[];
}

/**
 * Runs both engines over the window [from, to]. Signals that differ in the same cycle are named in the first engine's order.
 * An engine that stops on its way ends its record there.
 */
export async function lockStep(
  request: RunRequest,
  engines: readonly [a: Engine, b: Engine],
  window: LockStepWindow,
): Promise<LockStepResult> {
  const common = await commonPaths(request, engines, window.signals ?? []);
  if (common.length === 0) return { compared: 0 };
  const step = Math.max(1, Math.floor(SAMPLES / common.length));
  for (let from = window.from; from <= window.to; from += step) {
    const to = Math.min(window.to, from + step - 1);
    const [a, b] = [new Recorder(common, from, to), new Recorder(common, from, to)];
    await runUpTo(engines[0], request, a);
    await runUpTo(engines[1], request, b);
    const divergence = firstDifference(common, a, b);
    if (divergence) return { compared: common.length, divergence };
  }
  return { compared: common.length };
}

/** Thrown by a probe that has seen enough. */
class SeenEnough extends Error {}

async function runUpTo(engine: Engine, request: RunRequest, probe: Probe): Promise<void> {
  try {
    await engine.run({ ...request, probe });
  } catch (error) {
    if (!(error instanceof SeenEnough || error instanceof EngineStop)) throw error;
  }
}

async function commonPaths(
  request: RunRequest,
  engines: readonly [Engine, Engine],
  patterns: readonly string[],
): Promise<string[]> {
  const [a, b] = [new Names(), new Names()];
  await runUpTo(engines[0], request, a);
  await runUpTo(engines[1], request, b);
  const widths = new Map(b.signals.map(({ path, bits }) => [path, bits]));
  const common = a.signals.filter(({ path, bits }) => widths.get(path) === bits);
  return (common.length === 0 ? [] : selectSignals(common, patterns)).map(({ path }) => path);
}

/** Learns the signals and ends the run in cycle 0. */
class Names implements Probe {
  readonly from = 0;
  readonly to = 0;
  signals: readonly Signal[] = [];

  attach(signals: readonly Signal[]): void {
    this.signals = signals;
  }

  sample(): void {
    throw new SeenEnough();
  }
}

/** Values of the window, cycle by cycle. */
class Recorder implements Probe {
  readonly cycles: (number | bigint | undefined)[][] = [];
  private readonly wanted: ReadonlyMap<string, number>;
  private signals: readonly { readonly signal: Signal; readonly at: number }[] = [];

  constructor(
    paths: readonly string[],
    readonly from: number,
    readonly to: number,
  ) {
    this.wanted = new Map(paths.map((path, at) => [path, at]));
  }

  attach(signals: readonly Signal[]): void {
    this.signals = signals.flatMap((signal) => {
      const at = this.wanted.get(signal.path);
      return at === undefined ? [] : [{ signal, at }];
    });
  }

  sample(cycle: number, phase: Signal['phase']): void {
    if (phase === 'registers') this.cycles.push(new Array(this.wanted.size));
    const row = this.cycles[cycle - this.from]!;
    for (const { signal, at } of this.signals) if (signal.phase === phase) row[at] = signal.read();
    if (cycle === this.to && phase === 'outputs') throw new SeenEnough();
  }
}

function firstDifference(paths: readonly string[], a: Recorder, b: Recorder): SignalDivergence | undefined {
  const cycles = Math.min(a.cycles.length, b.cycles.length);
  for (let i = 0; i < cycles; i++) {
    for (const [at, signal] of paths.entries()) {
      const [x, y] = [a.cycles[i]![at], b.cycles[i]![at]];
      if (x === undefined || y === undefined || x === y) continue;
      // Engines may give narrow values as numbers or bigints alike.
      if (typeof x !== typeof y && BigInt(x) === BigInt(y)) continue;
      return { cycle: a.from + i, signal, values: [x, y] };
    }
  }
  return undefined;
}
