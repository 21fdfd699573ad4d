/**
 * The law of mixed networks: engines and host together give what the integer graph evaluates to, in every segment and at the end, and
 * every segment takes the cycles that were predicted.
 */

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph } from '../../compiler/graph/index.js';
import { initialDram, readSegment } from '../../compiler/isa/index.js';
import { type Compiled, compile } from '../../compiler/pipeline/index.js';
import { runSegments, segmentPlan } from '../../compiler/quantize/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine } from '../../simulator/engine/index.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { openMachine, storedOutputs } from '../../tools/library/index.js';
import { networkOf, sampleOf, steps } from './networks.js';

const runs = Number(process.env.SYSTOLE_RUNS ?? 40);

const edge8 = openMachine('edge8');

/** int8, 4-bit weights, 16-bit activations, output-stationary. */
const machines = fc.constantFrom(
  ...['edge8', 'nibble16', 'signal8', 'shidiannao8'].map((name) => openMachine(name)),
);

const compiled = (graph: Graph, machine: Machine = edge8): Compiled =>
  unwrap(compile(graph, machine, { calibration: [sampleOf(graph, 1), sampleOf(graph, 2)] }));

/** Runs a network on an engine; every stored tensor, the cycles and the outputs must be the reference's. */
async function expectLaw(subject: Compiled, engine: Engine): Promise<void> {
  const { quantized, segments, machine } = subject;
  const sample = sampleOf(quantized.graph, 7);
  const reference = evaluateGraph(quantized.graph, sample, { keep: 'all' });
  const values = await runSegments(quantized, sample, async (_body, index, inputs) => {
    const { program } = segments[index]!;
    const run = await engine.run({ machine, program, dram: initialDram(program, inputs) });
    expect(run.cycles).toBe(simulateTiming(machine, program).cycles);
    for (const layer of program.layers) {
      const expected = reference.get(layer.output);
      if (expected !== undefined) expectSame(readSegment(program, run.dram!, layer.output), expected);
    }
    return storedOutputs(segments[index]!, run.dram!);
  });
  for (const name of quantized.graph.outputs) expectSame(values.get(name)!, reference.get(name)!);
}

function expectSame(found: Tensor, expected: Tensor): void {
  expect(Array.from(found.data, Number)).toEqual(Array.from(expected.data, Number));
}

describe('networks with the host in the middle', () => {
  it('engines + host = integer reference, wherever operators of the host stand', async () => {
    let several = 0;
    await fc.assert(
      fc.asyncProperty(steps, machines, async (list, machine) => {
        const subject = compiled(networkOf(list), machine);
        if (subject.segments.length > 1) several++;
        await expectLaw(subject, arrayEngine);
      }),
      { numRuns: runs },
    );
    expect(several).toBeGreaterThan(runs / 4);
  });

  it('every node of the integer graph belongs to one host step or one segment, behind all that it reads', () => {
    fc.assert(
      fc.property(steps, (list) => {
        const { quantized } = compiled(networkOf(list));
        const { segments, host } = segmentPlan(quantized);
        const order = host.flatMap((nodes, step) => [...nodes, ...(segments[step]?.nodes ?? [])]);
        expect(new Set(order)).toEqual(new Set(quantized.graph.nodes));
        expect(order).toHaveLength(quantized.graph.nodes.length);
        const known = new Set(quantized.graph.inputs);
        for (const { inputs, outputs } of order) {
          for (const name of inputs) {
            const constant = name === '' || quantized.graph.values.get(name)!.constant !== undefined;
            expect(constant || known.has(name), name).toBe(true);
          }
          for (const name of outputs) known.add(name);
        }
      }),
      { numRuns: runs },
    );
  });

  it('the emitted Verilog does too', async () => {
    const kinds = ['lrn', 'conv', 'softmax', 'conv'] as const;
    const subject = compiled(networkOf(kinds.map((kind) => ({ kind, other: 0 }))));
    expect(subject.segments.length).toBe(3);
    await expectLaw(subject, createRtlEngine(emitVerilog));
  });
});
