/** Quantised TFLite networks beside the recorded outputs of two independent runtimes. In: the shared data. Out: outputs that agree, or rows of a table. */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { elementCount, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { importQuantized } from '../../compiler/quantize/index.js';

export const networkRoot = resolve(import.meta.dirname, '../../../shared/data/networks');

interface Recorded {
  readonly outputs: readonly (readonly number[])[];
}

/** Outputs of ArmNN and of tfjs-tflite (they agree) by the network's path. */
export const recorded = JSON.parse(
  readFileSync(join(import.meta.dirname, 'recorded.json'), 'utf8'),
) as Readonly<Record<string, Recorded>>;

/** The generator that record.py and record-tfjs.cjs draw inputs with. */
export function drawer(low: number): () => number {
  let state = 12345n;
  return () => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    return Number((state >> 16n) % 256n) + low;
  };
}

/** What the integer graph gives for the recorded inputs, beside what was recorded. */
export function outputsOf(file: string): { found: number[]; expected: readonly number[] }[] {
  const bytes = new Uint8Array(readFileSync(join(networkRoot, file)));
  const { graph } = unwrap(importQuantized(runPasses(unwrap(importTflite(bytes)))));
  const [input, output] = [graph.inputs[0]!, graph.outputs[0]!];
  const { shape } = graph.values.get(input)!.type;
  const draw = drawer(-128);
  return recorded[file]!.outputs.map((expected) => {
    const x = tensor('int8', shape, Int8Array.from({ length: elementCount(shape) }, draw));
    const result = evaluateGraph(graph, new Map([[input, x]])).get(output)!;
    return { found: Array.from(result.data, Number), expected };
  });
}

/** Quantised networks of which no reference is recorded, and why. */
const unrecorded: Readonly<Record<string, string>> = {
  'mlcommons-tiny/benchmark/training/image_classification/trained_models/pretrainedResnet_quant.tflite':
    'the two runtimes disagree on it (docs/formats.md)',
  'tflite-micro/tensorflow/lite/micro/models/person_detect.tflite': 'nothing recorded yet',
  'google-coral-test_data/mobilenet_v1_0.25_128_quant.tflite': 'nothing recorded yet',
};

/** The table of docs/conformance.md. */
export function bitExactness(): string[] {
  const name = (file: string): string => `\`${file.split('/').at(-1)}\``;
  const rows = Object.keys(recorded).map((file) => {
    const pairs = outputsOf(file).flatMap(({ found, expected }) => expected.map((e, i) => e === found[i]));
    const equal = pairs.filter(Boolean).length;
    return `| ${name(file)} | imported and quantised | ${equal} of ${pairs.length} numbers equal |`;
  });
  return [
    'The integer graph (multipliers of 32 bits), evaluated, beside what ArmNN and tfjs-tflite give for the same drawn inputs (both agree).',
    '',
    '| network | integer graph | against the recorded outputs |',
    '| --- | --- | --- |',
    ...rows,
    ...Object.entries(unrecorded).map(([file, why]) => `| ${name(file)} | ${stateOf(file)} | ${why} |`),
  ];
}

function stateOf(file: string): string {
  const path = join(networkRoot, file);
  if (!existsSync(path)) return 'not at hand';
  const graph = importTflite(new Uint8Array(readFileSync(path)));
  if (!graph.ok) return `refused: ${graph.diagnostics[0]!.code}`;
  const integer = importQuantized(runPasses(graph.value));
  if (!integer.ok && importQuantized(runPasses(graph.value), { weightBits: 16 }).ok)
    return 'imported and quantised for 16-bit weights';
  return integer.ok ? 'imported and quantised' : `imported; refused: ${integer.diagnostics[0]!.message}`;
}
