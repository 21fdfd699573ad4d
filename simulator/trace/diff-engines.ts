/**
 * Two engines, one program: where do they part, and why. In: a RunRequest and two engines. Out: the first divergence in times and in
 * stored values, narrowed to the first differing signal and the instruction that was at work there.
 */

import { type Program, type UnitName, unitNames, unitOf } from '../../compiler/isa/index.js';
import { type Engine, EngineStop, type Run, type RunRequest } from '../engine/index.js';
import { type Divergence, diffRuns, type TimeDivergence, type ValueDivergence } from './diff.js';
import { lockStep, type SignalDivergence } from './lock-step.js';
import { formatPlace, type InstructionPlace, placesOf } from './place.js';

export interface EngineDivergence extends Divergence {
  /** Engines that stopped, by position. */
  readonly stops: readonly [a: EngineStop | undefined, b: EngineStop | undefined];
  /** First signal that differs, with the instruction of its unit in that cycle. */
  readonly signal?: SignalDivergence & { readonly place?: InstructionPlace };
  /** Signals that both engines have; 0: no lock step was possible. */
  readonly signalsCompared: number;
}

/**
 * Undefined when the engines agree. Errors other than EngineStop pass through. `signals`: patterns that the lock step is
 * limited to; with a large array that saves reruns.
 */
export async function diffEngines(
  request: RunRequest,
  engines: readonly [a: Engine, b: Engine],
  signals: readonly string[] = [],
): Promise<EngineDivergence | undefined> {
  const { machine, program } = request;
  const [a, b] = [await attempt(engines[0], request), await attempt(engines[1], request)];
  const stops = [stopOf(a), stopOf(b)] as const;
  const stopped = stops[0] !== undefined || stops[1] !== undefined;
  if (stops[0] && stops[1] && stops[0].cycle === stops[1].cycle && stops[0].reason === stops[1].reason)
    return undefined;
  const runs = a instanceof EngineStop || b instanceof EngineStop ? undefined : ([a, b] as const);
  const divergence = runs && diffRuns(machine, program, ...runs);
  if (!divergence && !stopped) return undefined;
  const run = runs?.[0] ?? [a, b].find((r): r is Run => !(r instanceof EngineStop));
  const { compared, divergence: signal } = await lockStep(request, engines, {
    ...windowOf(program, divergence, run, stops),
    signals,
  });
  const place = signal && run && placeOfSignal(program, run, signal);
  return {
    ...divergence,
    stops,
    signalsCompared: compared,
    ...(signal && { signal: { ...signal, ...(place && { place }) } }),
  };
}

async function attempt(engine: Engine, request: RunRequest): Promise<Run | EngineStop> {
  try {
    return await engine.run(request);
  } catch (error) {
    if (error instanceof EngineStop) return error;
    throw error;
  }
}

const stopOf = (result: Run | EngineStop) => (result instanceof EngineStop ? result : undefined);

/**
 * Up to the cycle in which the fault has shown: its cause lies before. Where only values differ, from the first instruction of the
 * layer that stored them: what earlier layers stored is equal.
 */
function windowOf(
  program: Program,
  divergence: Divergence | undefined,
  run: Run | undefined,
  stops: EngineDivergence['stops'],
): { from: number; to: number } {
  const store = divergence?.value?.place?.index;
  const stored = run?.trace.find(({ index }) => index === store);
  const ends = [divergence?.time?.cycle, stored?.end, stops[0]?.cycle, stops[1]?.cycle];
  const known = ends.filter((cycle) => cycle !== undefined);
  const to = known.length > 0 ? Math.min(...known) : (run?.cycles ?? 0);
  if (store === undefined || divergence?.time || !run) return { from: 0, to };
  const layer = program.layerOf[store];
  const own = run.trace.filter(({ index }) => program.layerOf[index] === layer);
  return { from: own.reduce((first, { accept }) => Math.min(first, accept), to), to };
}

/** The instruction that the signal's unit took last, up to that cycle. */
function placeOfSignal(
  program: Program,
  run: Run,
  { signal, cycle }: SignalDivergence,
): InstructionPlace | undefined {
  const unit = unitOfSignal(signal);
  if (!unit) return undefined;
  const taken = run.trace
    .filter(({ index, accept }) => accept <= cycle && unitOf(program.instructions[index]!) === unit)
    .at(-1);
  return taken && placesOf(program)(taken.index);
}

/** `u_compute.u_matmul.u_array...` and `u_matmul_shell.running_q` belong to matmul. */
function unitOfSignal(path: string): UnitName | undefined {
  return unitNames.find((unit) =>
    path.split('.').some((part) => part === `u_${unit}` || part === `u_${unit}_shell`),
  );
}

/** The report as text; `names` are those of the engines. */
export function formatDivergence(found: EngineDivergence, names: readonly [a: string, b: string]): string {
  const lines = [`${names[0]} and ${names[1]} differ`];
  found.stops.forEach((stop, i) => {
    if (stop) lines.push(`  ${names[i]} stopped in cycle ${stop.cycle}, unit ${stop.unit}: ${stop.message}`);
  });
  if (found.time) lines.push(...formatTime(found.time, names));
  if (found.value) lines.push(...formatValue(found.value, names));
  const { signal } = found;
  if (signal) {
    lines.push(`  first signal:  cycle ${signal.cycle}, ${signal.signal}`);
    lines.push(`    ${names[0]} ${signal.values[0]}, ${names[1]} ${signal.values[1]}`);
    if (signal.place) lines.push(`    ${formatPlace(signal.place)}`, `    ${signal.place.text}`);
  } else if (found.signalsCompared === 0) lines.push('  no signals to compare: only times and values were');
  else lines.push(`  the ${found.signalsCompared} signals that both engines show are equal up to there`);
  return lines.join('\n');
}

function formatTime(time: TimeDivergence, names: readonly [string, string]): string[] {
  const at = (cycle: number | undefined) => (cycle === undefined ? 'never' : `cycle ${cycle}`);
  return [
    `  first event:   cycle ${time.cycle}, ${time.signal}: ${names[0]} ${time.values[0]}, ${names[1]} ${time.values[1]}`,
    `    ${time.event} in ${names[0]}: ${at(time.cycles[0])}, in ${names[1]}: ${at(time.cycles[1])}`,
    ...(time.place ? [`    ${formatPlace(time.place)}`, `    ${time.place.text}`] : []),
  ];
}

function formatValue(value: ValueDivergence, names: readonly [string, string]): string[] {
  const { segment, element } = value;
  const where = segment
    ? `, ${segment.name}${element ? ` element (${element.join(', ')})` : ' (padding or constant)'}`
    : '';
  return [
    `  first value:   DRAM address ${value.address}${where}: ${names[0]} ${value.values[0]}, ${names[1]} ${value.values[1]} (${value.differing} bytes differ)`,
    ...(value.place ? [`    written by ${formatPlace(value.place)}`, `    ${value.place.text}`] : []),
  ];
}
