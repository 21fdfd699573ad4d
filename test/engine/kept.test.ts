/** Results that stay in act are compared like stored ones: engines take them when they are made, and a wrong one is found and named. */

import { describe, expect, it } from 'vitest';
import { evaluateGraph, type Graph } from '../../compiler/graph/index.js';
import { type Instruction, initialDram, keptSegments, type Program } from '../../compiler/isa/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { arrayEngine, simulateArray } from '../../simulator/array/index.js';
import { type Engine, interpretProgram } from '../../simulator/engine/index.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { verifyInput } from '../../tools/library/verify.js';
import { compiledOf, machine, sampleOf } from '../operators/harness.js';
import { recurrentCases } from '../operators/recurrent-cases.js';

const caseOf = (what: string) => recurrentCases.find((c) => c.what === what)!;

function subjectOf(what: string) {
  const compiled = compiledOf(caseOf(what));
  const inputs = bodyInputs(compiled.quantized, sampleOf(caseOf(what), 2));
  const { program, body } = compiled;
  return { program, body, inputs, dram: initialDram(program, inputs) };
}

/** Adds one to what an instruction of the vector unit clamps to, so that the layer's values differ. */
function spoil(program: Program, index: number): Program {
  const instructions = program.instructions.map((instruction, i): Instruction => {
    if (i !== index) return instruction;
    const { zeroPoint } = instruction.fields as { readonly zeroPoint: number };
    return { ...instruction, fields: { ...instruction.fields, zeroPoint: zeroPoint + 1 } } as Instruction;
  });
  return { ...program, instructions };
}

describe('results that stay in act', () => {
  const { program, body, inputs, dram } = subjectOf('an LSTM');
  const subject = (p: Program, graph: Graph = body) => ({ machine, program: p, body: graph });

  it('most layers of an LSTM make them, and DRAM is not written there', () => {
    expect(program.layers.filter(({ kept }) => kept).length).toBeGreaterThan(program.layers.length / 2);
    const stored = program.instructions.flatMap((i) => (i.mnemonic === 'store' ? [i.fields.dram] : []));
    for (const { address, bytes } of keptSegments(program))
      expect(stored.filter((at) => at >= address && at < address + bytes)).toEqual([]);
  });

  it('engines show the values that the graph evaluates to', async () => {
    for (const engine of [arrayEngine, createRtlEngine(emitVerilog)]) {
      const { mismatches, timeMismatches, layersCompared } = await verifyInput(
        engine,
        subject(program),
        inputs,
      );
      expect([engine.name, mismatches, timeMismatches]).toEqual([engine.name, 0, 0]);
      expect(layersCompared).toBe(program.layers.length);
    }
  });

  it('each of them, made wrong, is found and named', async () => {
    const reference = evaluateGraph(body, inputs, { keep: 'all' });
    const engine: Engine = {
      name: 'array',
      run: (request) => Promise.resolve(simulateArray(request)),
    };
    const writers = program.instructions.flatMap((instruction, index) => {
      const layer = program.layers[program.layerOf[index]!];
      return layer?.kept && 'zeroPoint' in instruction.fields && instruction.mnemonic !== 'matmul'
        ? [{ index, layer }]
        : [];
    });
    expect(writers.length).toBeGreaterThan(10);
    for (const { index, layer } of writers) {
      const { mismatches, firstMismatch } = await verifyInput(engine, subject(spoil(program, index)), inputs);
      // Where all values lie at the bounds, one more changes none.
      const flat = reference.get(layer.output)!.data.every((v) => Number(v) === 127 || Number(v) === -128);
      if (flat) continue;
      expect(mismatches, layer.name).toBeGreaterThan(0);
      expect(firstMismatch).toContain(`layer ${layer.name} `);
    }
  });

  it('a row that no instruction wrote ends the comparison', () => {
    const layers = program.layers.map((layer) =>
      layer.kept ? { ...layer, kept: { ...layer.kept, address: layer.kept.address + 1 } } : layer,
    );
    expect(() => interpretProgram(machine, { ...program, layers }, dram)).toThrow(
      /no instruction wrote the kept row/,
    );
  });
});
