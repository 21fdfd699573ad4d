/**
 * `systole synth`: a machine through the real tools, and the netlist they made run on a layer of a network in the RTL engine,
 * its stored values and every instruction's times held against the evaluation. In: a machine, a network. Out: a RunRecord.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticError, InternalError } from '../../base/index.js';
import { nothingToAccelerate } from '../../compiler/pipeline/index.js';
import { addToggles, registerBits, registerClasses, type Toggles } from '../../models/activity/index.js';
import { libraryTargetOf, predictMapped } from '../../models/area/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import { createRtlEngine, NetToggles } from '../../simulator/rtl/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import {
  estimateText,
  type NetlistCheck,
  type RunRecord,
  type SynthesisFlow,
  type SynthesisRecord,
} from '../report/index.js';
import { type NetlistSources, type SwitchingActivity, synthesize } from '../synth/index.js';
import { readLibertyFile, refusedWrite, userFolder } from './files.js';
import { makeRecord } from './record.js';
import { type LayerCase, sampleLayers } from './sample-layers.js';
import { runEverySegment } from './segments.js';
import { switchedPower } from './switched-power.js';
import { type CompiledNetwork, compile, type Progress } from './verbs.js';
import { layersOf, unverified, verifyInput } from './verify.js';

export interface SynthOptions {
  /** Default: that of the machine's target. */
  readonly flow?: SynthesisFlow;
  readonly machine?: string | Machine;
  /** What the netlist runs; default `digits`. */
  readonly network?: string;
  /** Liberty file of the asic flow. */
  readonly liberty?: string;
  /** Folder for scripts, netlists, reports and logs; default a temporary one that is removed unless a tool failed. */
  readonly out?: string;
  readonly device?: string;
  readonly mapOnly?: boolean;
  readonly seed?: number;
  readonly megahertz?: number;
  readonly activity?: SwitchingActivity;
  /** Which layers the netlist runs: the smallest one of the network, one of each kind, or none. */
  readonly check?: 'none' | 'layer' | 'layers';
  /** Stops the tools. Only they can be stopped so: the engines and Yosys inside this process leave no room for signals. */
  readonly signal?: AbortSignal;
  /** Called with true before the first tool starts and with false after the last has ended. */
  readonly onTools?: (running: boolean) => void;
  readonly onProgress?: Progress;
}

/** @throws DiagnosticError for unreadable inputs, absent or failing tools, and when cancelled. */
export async function synth(options: SynthOptions): Promise<RunRecord> {
  if (options.out !== undefined) userFolder(options.out);
  const network = options.network ?? 'digits';
  const subject = compile(network, {
    ...(options.machine !== undefined && { machine: options.machine }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  });
  const liberty = options.liberty === undefined ? undefined : readLibertyFile(options.liberty);
  const flow = options.flow ?? flowOf(subject.compiled.machine);
  const activity = await activityOf(subject, flow, options);
  const { record, netlist, cells } = await withFolder(options, (folder) =>
    synthesize({
      machine: subject.compiled.machine,
      flow,
      folder,
      ...(liberty && { liberty }),
      ...pick(options),
      ...(activity && { activity }),
    }),
  );
  const nets = cells && new NetToggles(cells.flatMap((cell) => cell.nets.map(({ word }) => word)));
  const checked =
    options.check === 'none' ? null : await checkNetlist(netlist, subject, options, nets ?? undefined);
  const notes = [...record.notes, ...prediction(subject.compiled.machine, record)];
  const counted = checked && nets && { subject: checked.check.subject, layers: checked.layers, nets };
  const switched = cells && (await switchedPower(subject.compiled.machine, cells, activity!, counted));
  const power = record.power && { ...record.power, switched };
  return recordOf(subject, { ...record, power, netlist: checked && checked.check, notes });
}

/** Failures whose message names a log of the folder. */
const LOGGED: ReadonlySet<string> = new Set(['synth/tool-failed', 'synth/too-large', 'synth/report']);

/** Runs the tools in the user's folder, or in one that is removed afterwards unless a message names its logs. */
async function withFolder<T>(
  { out, onTools }: SynthOptions,
  run: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = out ?? mkdtempSync(join(tmpdir(), 'systole-synth-'));
  let keep = out !== undefined;
  onTools?.(true);
  try {
    return await run(folder);
  } catch (error) {
    keep ||= error instanceof DiagnosticError && error.diagnostics.some(({ code }) => LOGGED.has(code));
    const refused = refusedWrite(error, folder);
    throw refused === undefined ? error : new DiagnosticError([refused]);
  } finally {
    onTools?.(false);
    if (!keep) rmSync(folder, { recursive: true, force: true });
  }
}

/** Of the asic flow: as given, or counted. Without a library it is refused before anything is counted. */
async function activityOf(
  subject: CompiledNetwork,
  flow: SynthesisFlow,
  { activity, liberty, onProgress }: SynthOptions,
): Promise<SwitchingActivity | undefined> {
  if (activity !== undefined || flow !== 'asic' || liberty === undefined) return activity;
  return countedActivity(subject, onProgress);
}

/** What the area model says of the same machine, beside what the tools made of it, and how far it was off elsewhere. */
function prediction(machine: Machine, { flow, target, power }: SynthesisRecord): readonly string[] {
  const of = flow === 'asic' ? libraryTargetOf(target) : flow;
  const estimate = of === undefined ? undefined : predictMapped(machine, of);
  if (estimate === undefined) return [];
  return [`the area model predicts ${estimateText(estimate, power ?? undefined)}`];
}

/**
 * Mean switching activity of the array's register bits while the network runs, from the array engine's toggles: the one figure that OpenSTA
 * takes, stated for all nets.
 */
export async function countedActivity(
  { compiled, opened }: CompiledNetwork,
  onProgress?: Progress,
): Promise<SwitchingActivity> {
  onProgress?.('counting toggles on the array engine');
  const { machine, segments } = compiled;
  if (segments.length === 0) throw new DiagnosticError([nothingToAccelerate(compiled.network)]);
  const runs = await runEverySegment(compiled, opened.tests[0]!, (index, dram) =>
    arrayEngine.run({ machine, program: segments[index]!.program, dram, toggles: true }),
  );
  const bits = registerBits(machine);
  const sum = (counts: Toggles) => registerClasses.reduce((total, name) => total + counts[name], 0);
  const cycles = runs.reduce((total, run) => total + run.cycles, 0);
  const counts = runs
    .map(({ activity: { toggles } }) => {
      if (toggles === undefined) throw new InternalError('the array engine counted no toggles');
      return toggles;
    })
    .reduce(addToggles);
  return {
    mean: sum(counts) / (sum(bits) * cycles),
    toggles: { counts, cycles },
    basis: `mean of the array's register bits while ${compiled.network.name} runs (toggles of the array engine), taken for all nets`,
  };
}

/** The flow of a machine's target. */
export function flowOf({ target }: Machine): SynthesisFlow {
  if (target.kind === 'asic') return 'asic';
  return target.family === 'xilinx7' || target.family === 'ultrascale+' ? 'xilinx' : target.family;
}

function pick({ device, mapOnly, seed, megahertz, signal, onProgress }: SynthOptions) {
  return {
    ...(device !== undefined && { device }),
    ...(mapOnly !== undefined && { mapOnly }),
    ...(seed !== undefined && { seed }),
    ...(megahertz !== undefined && { megahertz }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  };
}

/**
 * The mapped netlist in place of the Verilog, on real layers with the activations that they really get.
 * @param nets counts the changes of its words in all of them.
 */
export async function checkNetlist(
  netlist: NetlistSources,
  { compiled, opened }: CompiledNetwork,
  { check, onProgress }: Pick<SynthOptions, 'check' | 'onProgress'>,
  nets?: NetToggles,
): Promise<{ readonly check: NetlistCheck; readonly layers: readonly LayerCase[] }> {
  if (compiled.segments.length === 0) throw new DiagnosticError([nothingToAccelerate(compiled.network)]);
  const all = sampleLayers(compiled, opened.tests[0]!);
  const layers = check === 'layers' ? all : [chooseLayer(all, nets !== undefined)];
  const engine = createRtlEngine(() => netlist, undefined, nets);
  const total = {
    valuesCompared: 0,
    mismatches: 0,
    cyclesPredicted: 0,
    cyclesSimulated: 0,
    instructionsCompared: 0,
    timeMismatches: 0,
  };
  let firstMismatch: string | null = null;
  for (const { subject, inputs, label } of layers) {
    onProgress?.(`simulating the mapped netlist: ${label}`);
    const result = await verifyInput(engine, subject, inputs);
    total.valuesCompared += result.valuesCompared;
    total.mismatches += result.mismatches;
    total.cyclesPredicted += result.predicted.cycles;
    total.cyclesSimulated += result.run.cycles;
    total.instructionsCompared += result.predicted.trace.length;
    total.timeMismatches += result.timeMismatches;
    firstMismatch ??= result.firstMismatch;
  }
  const subject = `${compiled.network.name}: ${layers.map(({ label }) => label).join(', ')}`;
  return { check: { engine: 'rtl', subject, ...total, firstMismatch }, layers };
}

/** Cycles that a layer may take when power is asked for, as a multiple of the shortest layer's. */
const LONGEST = 10;

/** The shortest layer; for power the one that keeps the array busiest of those that are not much longer. */
function chooseLayer(layers: readonly LayerCase[], forPower: boolean): LayerCase {
  const timed = layers.map((layer) => {
    const { machine, program } = layer.subject;
    const { cycles, activity } = simulateTiming(machine, program);
    return { layer, cycles, busy: activity.usefulMacs / cycles };
  });
  const shortest = timed.reduce((best, next) => (next.cycles < best.cycles ? next : best));
  if (!forPower) return shortest.layer;
  const short = timed.filter(({ cycles }) => cycles <= LONGEST * shortest.cycles);
  return short.reduce((best, next) => (next.busy > best.busy ? next : best), shortest).layer;
}

function recordOf({ compiled, opened }: CompiledNetwork, synthesis: SynthesisRecord): RunRecord {
  const runs = compiled.segments.map(({ machine, program }) => simulateTiming(machine, program));
  const record = makeRecord({
    compiled,
    runs,
    verification: unverified(layersOf(compiled)),
    format: opened.format,
    batch: 1,
    deviceNames: [],
    notes: opened.notes,
  });
  return { ...record, synthesis };
}
