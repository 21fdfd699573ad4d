/** The whole comparison of one network on one machine, for the scheduler's tests. */

import { expect } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import { verifyDataflow, verifyProgram } from '../../compiler/dataflow/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import {
  type Instruction,
  initialDram,
  keptSegments,
  packTensor,
  unpackTensor,
} from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { instructionCycles } from '../../simulator/timing/index.js';
import { NaiveMachine } from './execute.js';
import { NetworkBuilder, randomIntegers } from './networks.js';
import { referenceValues } from './reference.js';

/** Schedules, runs and compares every stored tensor; returns the codes of the diagnostics when it does not fit. */
export function check(build: (b: NetworkBuilder) => Graph, machine: Machine, seed: number): string[] {
  // Every third seed takes the mapping that is measured, with whatever order of loads that has.
  const measure = (instructions: readonly Instruction[]) => instructionCycles(machine, instructions);
  const builder = new NetworkBuilder(seed);
  const graph = build(builder);
  // Every second keeps results on chip, and every fourth only where that is quicker.
  const keepOnChip = seed % 4 === 0 ? measure : seed % 2 === 0;
  const result = schedule(graph, machine, { ...(seed % 3 === 0 && { measure }), keepOnChip });
  if (!result.ok) return result.diagnostics.map(renderDiagnostic);
  const { dataflow, image } = result.value;
  const faults = verifyDataflow(dataflow, machine).filter((d) => d.severity === 'error');
  expect(faults.slice(0, 3).map(renderDiagnostic)).toEqual([]);
  const feed = builder.feed();
  const program = unwrap(lower(dataflow, machine, image));
  expect(verifyProgram(program, machine).filter((d) => d.severity === 'error')).toEqual([]);
  const inOrder = interpretProgram(machine, program, initialDram(program, feed));
  const naive = new NaiveMachine(machine, dataflow, image);
  for (const t of dataflow.tensors) {
    if (t.kind === 'input') packTensor(feed.get(t.value!)!, t.layout!, naive.dram, t.address);
  }
  const random = randomIntegers(seed + 1);
  // Twice over: in program order by the interpreter, and interleaved at random.
  naive.run((count) => random(0, count - 1));
  const expected = referenceValues(graph, feed);
  const kept = new Set(keptSegments(program).map(({ value }) => value));
  for (const t of dataflow.tensors) {
    if (t.layout === undefined || t.kind === 'input') continue;
    // Tensors that the scheduler made for itself hold no value of the graph.
    if (t.value === undefined) continue;
    const wanted = expected.get(t.value)!;
    // The naive machine shows DRAM alone: what stays in act reaches it through the results made of it.
    for (const dram of kept.has(t.value) ? [inOrder] : [inOrder, naive.dram]) {
      const found = unpackTensor(t.layout, dram, t.address);
      expect(Array.from(found.data as Int8Array), `${t.value}`).toEqual(Array.from(wanted.data));
    }
  }
  return [];
}
