/**
 * The verbs of the command line as library functions: open, compile, simulate, verify, emit, compare, run. Each takes plain
 * options and returns values; printing and exit codes are the command line's.
 */

import { InternalError, type Tensor, unwrap } from '../../base/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { type Compiled, compile as compileGraph } from '../../compiler/pipeline/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine, Probe, Run } from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import type { RunRecord, VerificationRecord } from '../report/index.js';
import { startArrayHelpers } from './array-helpers.js';
import { openMachine } from './machines.js';
import { openNetlistCache } from './netlist-cache.js';
import { type Opened, type OpenOptions, openNetwork } from './networks.js';
import { makeRecord, selectDevices } from './record.js';
import { sampleLayers } from './sample-layers.js';
import type { Sample } from './samples.js';
import { type Subject, unverified, verifyInput } from './verify.js';

export type Progress = (message: string) => void;
export type VerifyScope = 'none' | 'sample' | 'full';

export interface CompiledNetwork {
  readonly opened: Opened;
  readonly compiled: Compiled;
}

export interface CompileRequest extends OpenOptions {
  readonly machine?: string | Machine;
  readonly onProgress?: Progress;
}

/** Reads a network, quantises it and compiles it for a machine. @throws DiagnosticError */
export function compile(network: string, request: CompileRequest = {}): CompiledNetwork {
  const machine = typeof request.machine === 'object' ? request.machine : openMachine(request.machine);
  request.onProgress?.(`reading ${network}`);
  const opened = openNetwork(network, request);
  request.onProgress?.(`compiling ${opened.graph.name} for ${machine.name}`);
  const compiled = unwrap(compileGraph(opened.graph, machine, { calibration: opened.calibration }));
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

/** Holds an engine's values and cycles against the integer graph and the timing engine. */
export async function verify(
  { opened, compiled }: CompiledNetwork,
  options: VerifyOptions,
): Promise<VerificationRecord> {
  const layersTotal = compiled.program.layers.length;
  if (options.scope === 'none') return unverified(layersTotal);
  const engineName = options.engine ?? 'rtl';
  const engine = await engineFor(engineName);
  const samples = opened.tests.slice(0, options.inputs ?? 1);
  const cases =
    options.scope === 'full'
      ? samples.map((sample) => fullCase(compiled, sample))
      : sampleLayers(compiled, bodyInputs(compiled.quantized, samples[0]!));
  const totals = {
    layersCompared: 0,
    valuesCompared: 0,
    mismatches: 0,
    cyclesPredicted: 0,
    cyclesSimulated: 0,
    instructionsCompared: 0,
    timeMismatches: 0,
  };
  let firstMismatch: string | null = null;
  for (const [index, { subject, inputs, label }] of cases.entries()) {
    options.onProgress?.(`verifying ${label} (${index + 1} of ${cases.length}) on the ${engineName} engine`);
    const result = await verifyInput(engine, subject, inputs);
    totals.valuesCompared += result.valuesCompared;
    totals.mismatches += result.mismatches;
    totals.cyclesPredicted += result.predicted.cycles;
    totals.instructionsCompared += result.predicted.trace.length;
    totals.timeMismatches += result.timeMismatches;
    totals.cyclesSimulated += result.run.cycles;
    totals.layersCompared = options.scope === 'full' ? result.layersCompared : totals.layersCompared + 1;
    firstMismatch ??= result.firstMismatch;
  }
  return {
    engine: engineName,
    scope: options.scope,
    inputs: samples.length,
    layersTotal,
    ...totals,
    firstMismatch,
  };
}

interface Case {
  readonly subject: Subject;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly label: string;
}

function fullCase(compiled: Compiled, sample: Sample): Case {
  return { subject: compiled, inputs: bodyInputs(compiled.quantized, sample), label: compiled.network.name };
}

export interface RunOptions extends CompileRequest {
  readonly verify?: VerifyScope;
  readonly engine?: 'array' | 'rtl';
  readonly inputs?: number;
  readonly compare?: readonly string[];
  /** Count the array's register toggles: the whole program on the array engine, with the first input's values. */
  readonly toggles?: boolean;
}

export interface RunResult extends CompiledNetwork {
  readonly record: RunRecord;
  readonly run: Run;
}

/** The main job: compile, predict, verify, compare. Small programs are verified in full, larger ones layer by layer. */
export async function run(network: string, options: RunOptions = {}): Promise<RunResult> {
  // A misspelt device is told before minutes of work, not after.
  selectDevices(options.compare);
  const subject = compile(network, options);
  const { compiled, opened } = subject;
  const predicted = simulateTiming(compiled.machine, compiled.program);
  const timed = options.toggles ? await withToggles(subject, predicted, options.onProgress) : predicted;
  const scope = options.verify ?? (timed.cycles <= FULL_VERIFICATION_CYCLES ? 'full' : 'sample');
  const verification = await verify(subject, { scope, ...pick(options) });
  const record = makeRecord({
    compiled,
    run: timed,
    verification,
    format: opened.format,
    batch: options.batch ?? 1,
    deviceNames: options.compare,
    notes: opened.notes,
  });
  return { ...subject, record, run: timed };
}

/** The timing engine's run, with what the array engine counts on the first input. */
async function withToggles(subject: CompiledNetwork, timed: Run, onProgress?: Progress): Promise<Run> {
  const { machine, program, quantized } = subject.compiled;
  onProgress?.('counting toggles on the array engine');
  const dram = initialDram(program, bodyInputs(quantized, subject.opened.tests[0]!));
  const { cycles, activity, layerToggles } = await arrayEngine.run({ machine, program, dram, toggles: true });
  if (cycles !== timed.cycles)
    throw new InternalError(`the array engine takes ${cycles} cycles, the timing engine ${timed.cycles}`);
  if (!activity.toggles || !layerToggles) throw new InternalError('the array engine counted no toggles');
  return { ...timed, activity: { ...timed.activity, toggles: activity.toggles }, layerToggles };
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

/**
 * Runs a compiled network on one engine, with its first test input where values are computed. @param threads how many share the work of
 * the array engine; the others run on one.
 */
export async function simulate(
  { opened, compiled }: CompiledNetwork,
  engine: 'timing' | 'array' | 'rtl',
  probe?: Probe,
  threads = 1,
): Promise<Run> {
  const { machine, program, quantized } = compiled;
  if (engine === 'timing') return simulateTiming(machine, program);
  const dram = initialDram(program, bodyInputs(quantized, opened.tests[0]!));
  const request = { machine, program, dram, ...(probe && { probe }) };
  if (engine !== 'array' || threads < 2) return (await engineFor(engine)).run(request);
  const helped = await startArrayHelpers(machine, threads - 1);
  try {
    return await helped.engine.run(request);
  } finally {
    await helped.stop();
  }
}
