/**
 * One case of the laws: a drawn machine and network, compiled down to a program. Out: all that the engines need and
 * what they must give, or the diagnostics that refused it.
 */

import { expect } from 'vitest';
import { type Diagnostic, renderDiagnostic, type Tensor, unwrap } from '../../base/index.js';
import { verifyDataflow, verifyProgram } from '../../compiler/dataflow/index.js';
import { evaluateGraph, type Graph } from '../../compiler/graph/index.js';
import { initialDram, type Program, readSegment } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { InstructionTiming } from '../../simulator/engine/index.js';
import { buildNetwork, type NetworkPlan } from './arbitrary-network.js';

export interface LawCase {
  readonly machine: Machine;
  readonly graph: Graph;
  readonly program: Program;
  /** DRAM before the run. */
  readonly dram: Uint8Array;
  /** Every value of the graph, evaluated. */
  readonly reference: ReadonlyMap<string, Tensor>;
}

/** The case of a drawn pair; undefined when the scheduler refuses it, which it must do with located diagnostics. */
export function prepareCase(machine: Machine, plan: NetworkPlan): LawCase | undefined {
  const { graph, feed } = buildNetwork(plan, machine);
  const scheduled = schedule(graph, machine, { keepOnChip: plan.keepOnChip ?? false });
  if (!scheduled.ok) {
    requireReasons(scheduled.diagnostics);
    return undefined;
  }
  const { dataflow, image } = scheduled.value;
  expectNoErrors(verifyDataflow(dataflow, machine));
  const program = unwrap(lower(dataflow, machine, image));
  expectNoErrors(verifyProgram(program, machine));
  const reference = evaluateGraph(graph, feed, { keep: 'all' });
  return { machine, graph, program, dram: initialDram(program, feed), reference };
}

/** What a machine may lack for a network of the operators of integer.md; any other refusal is a fault. */
const legalRefusals = [
  'schedule/buffer-too-small',
  'schedule/missing-function',
  'schedule/accumulator-overflow',
  'schedule/sum-overflow',
];

function requireReasons(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  expect(errors.length).toBeGreaterThan(0);
  for (const error of errors) {
    expect(legalRefusals, renderDiagnostic(error)).toContain(error.code);
    expect(error.where?.kind, renderDiagnostic(error)).toBe('node');
  }
}

function expectNoErrors(diagnostics: readonly Diagnostic[]): void {
  const errors = diagnostics.filter((d) => d.severity === 'error');
  expect(errors.slice(0, 3).map(renderDiagnostic)).toEqual([]);
}

/** Every layer's stored tensor in `dram` is the reference's, element by element; layers of the scheduler's own hold none. */
export function expectStored({ program, reference }: LawCase, dram: Uint8Array, engine: string): void {
  let compared = 0;
  for (const layer of program.layers) {
    const expected = reference.get(layer.output);
    if (expected === undefined) continue;
    compared++;
    const found = readSegment(program, dram, layer.output);
    const at = found.data.findIndex((value, i) => Number(value) !== Number(expected.data[i]));
    if (at >= 0 || found.data.length !== expected.data.length) {
      throw new Error(
        `${engine}: layer ${layer.name} (${layer.operator}), element ${at} of [${expected.shape}]: ${found.data[at]} instead of ${expected.data[at]}`,
      );
    }
  }
  expect(compared, 'layers compared').toBeGreaterThan(0);
}

interface Timed {
  readonly cycles: number;
  readonly trace: readonly InstructionTiming[];
}

/** Cycles and every instruction's times are equal; the message names the first difference. */
export function expectSameTimes({ program }: LawCase, a: Timed & Named, b: Timed & Named): void {
  const length = Math.max(a.trace.length, b.trace.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.trace[i], b.trace[i]];
    if (
      x &&
      y &&
      x.index === y.index &&
      x.dispatch === y.dispatch &&
      x.accept === y.accept &&
      x.end === y.end
    )
      continue;
    const what = program.instructions[x?.index ?? y?.index ?? 0]?.mnemonic;
    throw new Error(
      `instruction ${i} (${what}): ${a.engine} ${JSON.stringify(x)}, ${b.engine} ${JSON.stringify(y)}`,
    );
  }
  expect(b.cycles, `${b.engine} against ${a.engine}: cycles`).toBe(a.cycles);
}

interface Named {
  readonly engine: string;
}
