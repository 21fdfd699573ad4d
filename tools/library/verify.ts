/**
 * The proof: a compiled network's program runs on an engine, and everything it stores is held against the integer
 * graph's evaluation, and its cycles against the timing engine's prediction. In: a Compiled and samples. Out: a
 * VerificationRecord; every difference is counted, the first is located.
 */

import type { Tensor } from '../../base/index.js';
import { evaluateGraph, type Graph } from '../../compiler/graph/index.js';
import { initialDram, type Program, readSegment } from '../../compiler/isa/index.js';
import type { Compiled } from '../../compiler/pipeline/index.js';
import type { Machine } from '../../models/machine/index.js';
import {
  type Engine,
  type InstructionTiming,
  interpretProgram,
  type Run,
} from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import type { VerificationRecord } from '../report/index.js';

/** One program with the integer graph that it implements. */
export interface Subject {
  readonly machine: Machine;
  readonly program: Program;
  readonly body: Graph;
}

export interface Comparison {
  readonly valuesCompared: number;
  readonly mismatches: number;
  readonly firstMismatch: string | null;
  readonly layersCompared: number;
}

export interface VerifiedRun extends Comparison {
  readonly run: Run;
  /** What the timing engine predicted. */
  readonly predicted: Run;
  readonly timeMismatches: number;
  /** Every integer tensor of the reference evaluation, by graph value. */
  readonly reference: ReadonlyMap<string, Tensor>;
}

/** Runs one input through an engine; compares every layer's stored tensor and every instruction's times. */
export async function verifyInput(
  engine: Engine,
  subject: Subject,
  inputs: ReadonlyMap<string, Tensor>,
  onProgress?: (cycle: number) => void,
): Promise<VerifiedRun> {
  const { machine, program, body } = subject;
  const reference = evaluateGraph(body, inputs, { keep: 'all' });
  const dram = initialDram(program, inputs);
  const run = await engine.run({ machine, program, dram, ...(onProgress && { onProgress }) });
  const predicted = simulateTiming(machine, program);
  const values = compareStored(subject, withInternalTensors(subject, reference, dram), run.dram!);
  const times = compareTimes(program, predicted, run);
  return {
    ...values,
    timeMismatches: times.mismatches,
    firstMismatch: values.firstMismatch ?? times.firstMismatch,
    run,
    predicted,
    reference,
  };
}

/**
 * Tensors that only the schedule knows (a first layer's packed input) have no node in the network; what they must hold comes
 * from the interpreter, which executes the program instruction by instruction.
 */
function withInternalTensors(
  { machine, program }: Subject,
  reference: ReadonlyMap<string, Tensor>,
  dram: Uint8Array,
): ReadonlyMap<string, Tensor> {
  const internal = program.layers.map((layer) => layer.output).filter((output) => !reference.has(output));
  if (internal.length === 0) return reference;
  const twin = interpretProgram(machine, program, dram);
  return new Map([
    ...reference,
    ...internal.map((output) => [output, readSegment(program, twin, output)] as const),
  ]);
}

/** Compares every layer's stored tensor with the reference, element by element. */
export function compareStored(
  { program }: Subject,
  reference: ReadonlyMap<string, Tensor>,
  dram: Uint8Array,
): Comparison {
  let valuesCompared = 0;
  let mismatches = 0;
  let layersCompared = 0;
  let firstMismatch: string | null = null;
  for (const layer of program.layers) {
    const expected = reference.get(layer.output);
    if (expected === undefined) continue;
    layersCompared++;
    const actual = readSegment(program, dram, layer.output);
    valuesCompared += expected.data.length;
    for (let i = 0; i < expected.data.length; i++) {
      if (Number(expected.data[i]) === Number(actual.data[i])) continue;
      mismatches++;
      firstMismatch ??= `layer ${layer.name} (${layer.operator}), element ${i} of [${expected.shape.join(',')}]: ${actual.data[i]} instead of ${expected.data[i]}`;
    }
  }
  return { valuesCompared, mismatches, firstMismatch, layersCompared };
}

/** Dispatch, accept and end of every instruction; a missing or extra one counts as a difference. */
export function compareTimes(
  program: Program,
  predicted: Run,
  run: Run,
): { readonly mismatches: number; readonly firstMismatch: string | null } {
  let mismatches = 0;
  let firstMismatch: string | null = null;
  for (let i = 0; i < Math.max(predicted.trace.length, run.trace.length); i++) {
    const [p, r] = [predicted.trace[i], run.trace[i]];
    const keys = ['index', 'dispatch', 'accept', 'end'] as const;
    if (p !== undefined && r !== undefined && keys.every((key) => p[key] === r[key])) continue;
    mismatches++;
    const index = (p ?? r)!.index;
    firstMismatch ??= `instruction ${index} (${program.instructions[index]!.mnemonic}): ${times(r)} instead of ${times(p)}`;
  }
  return { mismatches, firstMismatch };
}

function times(t: InstructionTiming | undefined): string {
  return t === undefined ? 'never' : `dispatched ${t.dispatch}, accepted ${t.accept}, ended ${t.end}`;
}

/** Layers of all segments. */
export function layersOf({ segments }: Compiled): number {
  return segments.reduce((sum, { program }) => sum + program.layers.length, 0);
}

/** Nothing was verified. */
export function unverified(layersTotal: number): VerificationRecord {
  return {
    engine: 'none',
    scope: 'none',
    inputs: 0,
    layersCompared: 0,
    layersTotal,
    valuesCompared: 0,
    mismatches: 0,
    firstMismatch: null,
    cyclesPredicted: 0,
    cyclesSimulated: 0,
    instructionsCompared: 0,
    timeMismatches: 0,
  };
}
