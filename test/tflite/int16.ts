/**
 * Networks with int16 activations of tflite-micro, one operator each, with the inputs and outputs recorded with them. In: a folder's name. Out: integer graphs and programs
 * for the preset signal8, and what the evaluator or an engine makes of the inputs beside the recorded numbers.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Result, type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { type Compiled, compile, integersFor, prepare } from '../../compiler/pipeline/index.js';
import { type QuantizedNetwork, runSegments } from '../../compiler/quantize/index.js';
import { machinePresets } from '../../models/machine/index.js';
import type { Engine } from '../../simulator/engine/index.js';
import { storedOutputs } from '../../tools/library/index.js';
import { verifyInput } from '../../tools/library/verify.js';
import { networkRoot } from './cases.js';

const root = join(networkRoot, 'tflite-micro/tensorflow/lite/micro/integration_tests/seanet');
export const int16Absent = !existsSync(root);

/** The machine with int16 activations and int8 weights. */
export const signal8 = machinePresets.get('signal8')!;

/** One network of a folder. */
export interface Int16Case {
  readonly folder: string;
  readonly stem: string;
}

export function int16Cases(folder: string): readonly Int16Case[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.tflite'))
    .map((name) => ({ folder, stem: name.slice(0, -'.tflite'.length) }));
}

function recorded({ folder, stem }: Int16Case, part: string): number[] {
  const files = readdirSync(join(root, folder));
  const file = files.find((name) => name.startsWith(`${stem}_`) && name.includes(part))!;
  return readFileSync(join(root, folder, file), 'utf8')
    .split(/[,\s]+/)
    .filter((word) => word !== '')
    .map(Number);
}

const graphOf = ({ folder, stem }: Int16Case) =>
  importTflite(new Uint8Array(readFileSync(join(root, folder, `${stem}.tflite`))));

/** The integer graph for signal8; diagnostics where the importer refuses the file. */
export function int16Network(network: Int16Case): Result<QuantizedNetwork> {
  const graph = graphOf(network);
  return graph.ok ? integersFor(unwrap(prepare(graph.value)), signal8) : graph;
}

export const int16Compiled = (network: Int16Case): Compiled =>
  unwrap(compile(unwrap(graphOf(network)), signal8));

function feeds(network: Int16Case, { graph }: QuantizedNetwork): ReadonlyMap<string, Tensor> {
  return new Map(
    graph.inputs.map((name, i) => {
      const { element, shape } = graph.values.get(name)!.type;
      const values = recorded(network, `input${i}`);
      return [
        name,
        tensor(element, shape, element === 'int32' ? Int32Array.from(values) : Int16Array.from(values)),
      ];
    }),
  );
}

/** Distances of a result from the recorded numbers. */
function steps(network: Int16Case, found: Tensor): readonly number[] {
  const golden = recorded(network, 'golden');
  if (golden.length !== found.data.length) throw new Error(`${network.stem}: ${found.data.length} numbers`);
  return golden.map((value, i) => Math.abs(value - Number(found.data[i])));
}

export function evaluatedSteps(network: Int16Case, quantized: QuantizedNetwork): readonly number[] {
  const { graph } = quantized;
  return steps(network, evaluateGraph(graph, feeds(network, quantized)).get(graph.outputs[0]!)!);
}

/** The distances from the recorded numbers, and where the engine left the evaluator or the timing engine. */
export async function engineSteps(network: Int16Case, engine: Engine) {
  const { quantized, segments } = int16Compiled(network);
  const totals = { cycles: 0, mismatches: 0, timeMismatches: 0 };
  const outputs = await runSegments(quantized, feeds(network, quantized), async (_body, index, inputs) => {
    const made = await verifyInput(engine, segments[index]!, inputs);
    totals.cycles += made.run.cycles;
    totals.mismatches += made.mismatches;
    totals.timeMismatches += made.timeMismatches;
    return storedOutputs(segments[index]!, made.run.dram!);
  });
  return {
    ...totals,
    steps: steps(network, outputs.get(quantized.graph.outputs[0]!)!),
    segments: segments.length,
  };
}
