/** The networks of cases.ts on the engines of a machine with the full-width requantiser. In: a case and an engine. Out: how its results stand to the recorded ones. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Tensor, unwrap } from '../../base/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { readSegment } from '../../compiler/isa/index.js';
import { type Compiled, compile } from '../../compiler/pipeline/index.js';
import { runSegments } from '../../compiler/quantize/index.js';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { type Machine, machinePresets, machineSchema } from '../../models/machine/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine } from '../../simulator/engine/index.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { storedOutputs } from '../../tools/library/index.js';
import { verifyInput } from '../../tools/library/verify.js';
import { type ExactCase, networkBytes } from './cases.js';
import { type Compared, compareValues, feeds } from './exact.js';

/** The 8 x 8 core with the requantiser's 32-bit multiplier, and 16-bit weights where the network needs them. */
export function machineOf({ weightBits }: ExactCase): Machine {
  const edge8 = machinePresets.get('edge8')!;
  if (weightBits === 8) return edge8;
  return machineSchema.parse({ ...edge8, name: 'edge8w16', elements: { ...edge8.elements, weightBits } });
}

export function compiledCase(exact: ExactCase): Compiled {
  return unwrap(compile(unwrap(importTflite(networkBytes(exact))), machineOf(exact)));
}

export const exactEngines: Readonly<Record<string, Engine>> = {
  array: arrayEngine,
  rtl: createRtlEngine(emitVerilog),
};

export interface EngineOutcome extends Compared {
  readonly engine: string;
  readonly machine: string;
  readonly inferences: number;
  /** Of one inference. */
  readonly cycles: number;
  /** Stored numbers that differ from the evaluator's, and instructions whose times differ from the timing engine's. */
  readonly mismatches: number;
  readonly timeMismatches: number;
}

/** The last `inferences` inputs of a case on an engine, host parts on the host, against the recorded results. */
export async function onEngine(
  exact: ExactCase,
  engine: string,
  compiled: Compiled,
  inferences: number,
): Promise<EngineOutcome> {
  const { quantized, segments } = compiled;
  const samples = feeds(exact, quantized.graph);
  const totals = { cycles: 0, mismatches: 0, timeMismatches: 0 };
  const runs: ReadonlyMap<string, Tensor>[] = [];
  for (const sample of samples.slice(-inferences)) {
    const values = new Map<string, Tensor>();
    totals.cycles = 0;
    const made = await runSegments(quantized, sample, async (_body, index, inputs) => {
      const segment = segments[index]!;
      const { program } = segment;
      const result = await verifyInput(exactEngines[engine]!, segment, inputs);
      totals.cycles += result.run.cycles;
      totals.mismatches += result.mismatches;
      totals.timeMismatches += result.timeMismatches;
      for (const { output } of program.layers)
        if (quantized.graph.values.has(output))
          values.set(output, readSegment(program, result.run.dram!, output));
      return storedOutputs(segment, result.run.dram!);
    });
    runs.push(new Map([...values, ...made]));
  }
  const first = samples.length - runs.length;
  const compared = compareValues(exact, quantized.graph, runs, first);
  return { engine, machine: machineOf(exact).name, inferences: runs.length, ...totals, ...compared };
}

/** What engines.json holds: by network file, one outcome an engine. */
export type EngineOutcomes = Readonly<Record<string, readonly EngineOutcome[]>>;

const record = join(import.meta.dirname, 'engines.json');

export const engineOutcomes = (): EngineOutcomes =>
  JSON.parse(readFileSync(record, 'utf8')) as EngineOutcomes;

/** Takes an outcome into the record, in place of an earlier one of the same network and engine. */
export function keepOutcome(exact: ExactCase, outcome: EngineOutcome): void {
  const all = { ...engineOutcomes() };
  const others = (all[exact.file] ?? []).filter(({ engine }) => engine !== outcome.engine);
  all[exact.file] = [...others, outcome].sort((a, b) => a.engine.localeCompare(b.engine));
  writeFileSync(record, `${JSON.stringify(all, null, 1)}\n`);
}
