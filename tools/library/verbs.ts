/**
 * The verbs of the command line as library functions: open, compile, simulate, verify, emit, compare, run. Each takes plain
 * options and returns values; printing and exit codes are the command line's.
 */

import { InternalError, unwrap } from '../../base/index.js';
import { type Instruction, initialDram } from '../../compiler/isa/index.js';
import { type Compiled, compile as compileGraph } from '../../compiler/pipeline/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import type { KernelType } from '../../models/devices/index.js';
import { type HostModel, statedHost } from '../../models/host/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine, Probe, Run } from '../../simulator/engine/index.js';
import { instructionCycles, simulateTiming } from '../../simulator/timing/index.js';
import type { ComparisonRecord, RunRecord, VerificationRecord } from '../report/index.js';
import { startArrayHelpers } from './array-helpers.js';
import { selectDevices } from './devices.js';
import { openMachine } from './machines.js';
import { measuredRows, requireMeasurable } from './measure.js';
import { openNetlistCache } from './netlist-cache.js';
import { calibrationOf, type Opened, type OpenOptions, openNetwork } from './networks.js';
import { makeRecord, ownRow as rowOfMachine } from './record.js';
import { sampleLayers } from './sample-layers.js';
import { runEverySegment, segmentInputs } from './segments.js';
import { layersOf, unverified, verifyInput } from './verify.js';
import { Tally, verifyWhole } from './verify-whole.js';

export type Progress = (message: string) => void;
export type VerifyScope = 'none' | 'sample' | 'full';

export interface CompiledNetwork {
  readonly opened: Opened;
  readonly compiled: Compiled;
}

export interface CompileRequest extends OpenOptions {
  readonly machine?: string | Machine;
  readonly onProgress?: Progress;
  /**
   * How mappings are decided: `believed`, by closed forms (the default), or `measured`, by the timing engine among the few best of each
   * layer alone (slower, and seldom much better).
   */
  readonly mapping?: 'believed' | 'measured';
  /** Results that fit in a bank of act stay there for the next layer, which does not load them, where the two are quicker so. */
  readonly keepOnChip?: boolean;
}

/** Reads a network, quantises it and compiles it for a machine. @throws DiagnosticError */
export function compile(network: string, request: CompileRequest = {}): CompiledNetwork {
  const machine = typeof request.machine === 'object' ? request.machine : openMachine(request.machine);
  request.onProgress?.(`reading ${network}`);
  const opened = openNetwork(network, request);
  request.onProgress?.(`compiling ${opened.graph.name} for ${machine.name}`);
  const measure = (instructions: readonly Instruction[]) => instructionCycles(machine, instructions);
  const schedule = {
    ...(request.mapping === 'measured' && { measure }),
    ...(request.keepOnChip === true && { keepOnChip: measure }),
  };
  const compiled = unwrap(compileGraph(opened.graph, machine, { ...calibrationOf(opened), schedule }));
  return { opened, compiled };
}

/** The engine of a name. The RTL engine is loaded on demand: it brings Yosys and binaryen with it. */
export async function engineFor(name: 'array' | 'rtl'): Promise<Engine> {
  if (name === 'array') return arrayEngine;
  const { createRtlEngine } = await import('../../simulator/rtl/index.js');
  return createRtlEngine(emitVerilog, openNetlistCache());
}

export interface VerifyOptions {
  readonly scope: VerifyScope;
  readonly engine?: 'array' | 'rtl';
  /** Inputs to run in full scope. */
  readonly inputs?: number;
  readonly onProgress?: Progress;
}

/**
 * Holds an engine's values and cycles against the integer graph and the timing engine. In full scope the whole network runs: the host
 * works on what the engine stored, and the next segment on what the host made of it.
 */
export async function verify(subject: CompiledNetwork, options: VerifyOptions): Promise<VerificationRecord> {
  const { compiled } = subject;
  const layersTotal = layersOf(compiled);
  if (options.scope === 'none' || layersTotal === 0) return unverified(layersTotal);
  const engineName = options.engine ?? 'rtl';
  const engine = await engineFor(engineName);
  const samples = subject.opened.tests.slice(0, options.inputs ?? 1);
  const say = (label: string, index: number, count: number) =>
    options.onProgress?.(`verifying ${label} (${index + 1} of ${count}) on the ${engineName} engine`);
  const tally = new Tally();
  if (options.scope === 'sample') {
    const cases = sampleLayers(compiled, samples[0]!);
    for (const [index, { subject: layer, inputs, label }] of cases.entries()) {
      say(label, index, cases.length);
      tally.add({ ...(await verifyInput(engine, layer, inputs)), layersCompared: 1 });
    }
  }
  if (options.scope === 'full')
    for (const [index, sample] of samples.entries()) {
      say(compiled.network.name, index, samples.length);
      tally.addWhole(await verifyWhole(engine, compiled, sample));
    }
  return { engine: engineName, scope: options.scope, inputs: samples.length, layersTotal, ...tally.totals };
}

export interface RunOptions extends CompileRequest {
  readonly verify?: VerifyScope;
  readonly engine?: 'array' | 'rtl';
  readonly inputs?: number;
  /** Devices, kinds, machines, files of devices: see {@link selectDevices}. */
  readonly compare?: readonly string[];
  /** Numbers that other devices compute in where they can; int8 by default. */
  readonly type?: KernelType;
  /** Run the network on this computer as well, with onnxruntime. */
  readonly measure?: boolean;
  /** Count the array's register toggles: the whole program on the array engine, with the first input's values. */
  readonly toggles?: boolean;
  /** Rates of the host; what is left out is the default's. Stated: the record has the host's work even of a single segment. */
  readonly host?: Partial<Pick<HostModel, 'operationsPerSecond' | 'bytesPerSecond'>>;
}

export interface RunResult extends CompiledNetwork {
  readonly record: RunRecord;
  /** Of every segment, in order. */
  readonly runs: readonly Run[];
}

/** The main job: compile, predict, verify, compare. Small programs are verified in full, larger ones layer by layer. */
export async function run(network: string, options: RunOptions = {}): Promise<RunResult> {
  // A misspelt device is told before minutes of work, not after.
  const { machines } = selectDevices(options.compare);
  if (options.measure) requireMeasurable(network);
  const subject = compile(network, options);
  const { compiled, opened } = subject;
  const predicted = compiled.segments.map(({ machine, program }) => simulateTiming(machine, program));
  const runs = options.toggles ? await withToggles(subject, predicted, options.onProgress) : predicted;
  const cycles = runs.reduce((sum, timed) => sum + timed.cycles, 0);
  const scope = options.verify ?? (cycles <= FULL_VERIFICATION_CYCLES ? 'full' : 'sample');
  const verification = await verify(subject, { scope, ...pick(options) });
  const others = machines.filter(({ name }) => name !== compiled.machine.name);
  const record = makeRecord({
    compiled,
    runs,
    rows: [
      ...others.map((machine) => ownRow(network, { ...options, machine })),
      ...(options.measure ? await measuredRows(network, compiled.network, options) : []),
    ],
    type: options.type ?? 'int8',
    ...(options.host && { host: statedHost(options.host) }),
    verification,
    format: opened.format,
    batch: options.batch ?? 1,
    deviceNames: options.compare,
    notes: opened.notes,
  });
  return { ...subject, record, runs };
}

/** The network on another machine of the project's own: compiled for it and simulated. */
function ownRow(network: string, options: RunOptions): ComparisonRecord {
  const { compiled } = compile(network, options);
  const runs = compiled.segments.map(({ machine, program }) => simulateTiming(machine, program));
  return rowOfMachine({ compiled, runs, batch: options.batch ?? 1 });
}

/** The timing engine's runs, with what the array engine counts on the first input. */
async function withToggles(
  { compiled, opened }: CompiledNetwork,
  timed: readonly Run[],
  onProgress?: Progress,
): Promise<readonly Run[]> {
  onProgress?.('counting toggles on the array engine');
  const counted = await runEverySegment(compiled, opened.tests[0]!, (index, dram) => {
    const { machine, program } = compiled.segments[index]!;
    return arrayEngine.run({ machine, program, dram, toggles: true });
  });
  return timed.map((run, index) => {
    const { cycles, activity, layerToggles } = counted[index]!;
    if (cycles !== run.cycles)
      throw new InternalError(`the array engine takes ${cycles} cycles, the timing engine ${run.cycles}`);
    if (!activity.toggles || !layerToggles) throw new InternalError('the array engine counted no toggles');
    return { ...run, activity: { ...run.activity, toggles: activity.toggles }, layerToggles };
  });
}

/** Programs up to this many cycles are verified whole unless the user says otherwise. */
export const FULL_VERIFICATION_CYCLES = 2_000_000;

function pick(options: RunOptions): Omit<VerifyOptions, 'scope'> {
  return {
    ...(options.engine && { engine: options.engine }),
    ...(options.inputs !== undefined && { inputs: options.inputs }),
    ...(options.onProgress && { onProgress: options.onProgress }),
  };
}

export type EngineName = 'timing' | 'array' | 'rtl';

/**
 * Runs a compiled network of one segment on one engine, with its first test input where values are computed. @param threads how many
 * share the work of the array engine; the others run on one. @throws DiagnosticError for a network of several segments.
 */
export async function simulate(
  subject: CompiledNetwork,
  engine: EngineName,
  probe?: Probe,
  threads = 1,
): Promise<Run> {
  const { machine, program } = subject.compiled;
  if (engine === 'timing') return simulateTiming(machine, program);
  return simulateSegment(subject, engine, { index: 0, threads, ...(probe && { probe }) });
}

/** One segment, with the inputs that the evaluation of the network gives it. */
export async function simulateSegment(
  { opened, compiled }: CompiledNetwork,
  engine: EngineName,
  options: { readonly index: number; readonly probe?: Probe; readonly threads?: number },
): Promise<Run> {
  const { index, probe, threads = 1 } = options;
  const { machine, program } = compiled.segments[index]!;
  if (engine === 'timing') return simulateTiming(machine, program);
  const dram = initialDram(program, segmentInputs(compiled, opened.tests[0]!)[index]!);
  const request = { machine, program, dram, ...(probe && { probe }) };
  if (engine !== 'array' || threads < 2) return (await engineFor(engine)).run(request);
  const helped = await startArrayHelpers(machine, threads - 1);
  try {
    return await helped.engine.run(request);
  } finally {
    await helped.stop();
  }
}
