/** Networks with int16 activations of tflite-micro (one operator each) beside the outputs recorded with them, in the evaluator. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ElementType, elementArray, tensor } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { networkRoot } from './cases.js';

const root = join(networkRoot, 'tflite-micro/tensorflow/lite/micro/integration_tests/seanet');
const absent = !existsSync(root);
const note = absent ? ' (skipped: ../shared is absent)' : '';

/** What each folder gives: networks, networks refused, the share of numbers that may differ. */
const expected = [
  { operator: 'add', networks: 17, refused: 0, share: 0.001 },
  { operator: 'conv', networks: 22, refused: 0, share: 0.1 },
  { operator: 'leaky_relu', networks: 23, refused: 0, share: 0.1 },
  { operator: 'pad', networks: 19, refused: 0, share: 0 },
  { operator: 'quantize', networks: 2, refused: 1, share: 0.1 },
  { operator: 'strided_slice', networks: 34, refused: 0, share: 0 },
  { operator: 'sub', networks: 5, refused: 0, share: 0.001 },
  { operator: 'transpose_conv', networks: 5, refused: 0, share: 0.1 },
];

const numbersOf = (file: string): number[] =>
  readFileSync(file, 'utf8')
    .split(/[,\s]+/)
    .filter((word) => word !== '')
    .map(Number);

/** Distances from the recorded numbers; undefined where the importer refuses. */
function stepsOf(folder: string, stem: string): number[] | undefined {
  const files = readdirSync(folder).filter((name) => name.startsWith(`${stem}_`));
  const csv = (part: string) => numbersOf(join(folder, files.find((name) => name.includes(part))!));
  const graph = importTflite(new Uint8Array(readFileSync(join(folder, `${stem}.tflite`))));
  if (!graph.ok) return undefined;
  const feeds = graph.value.inputs.map((name, i) => {
    const { element, shape } = graph.value.values.get(name)!.type;
    return [name, tensor(element, shape, filled(element, csv(`input${i}`)))] as const;
  });
  const found = evaluateGraph(graph.value, new Map(feeds)).get(graph.value.outputs[0]!)!;
  const golden = csv('golden');
  expect(found.data.length).toBe(golden.length);
  return golden.map((value, i) => Math.abs(value - Number(found.data[i])));
}

function filled(element: ElementType, values: readonly number[]) {
  if (element === 'int32') return Int32Array.from(values);
  const data = elementArray(16, values.length);
  data.set(values);
  return data;
}

describe(`int16 activations${note}`, () => {
  it.skipIf(absent).each(expected)(
    '$operator: at most one step from the recorded outputs, and few of them',
    ({ operator, networks, refused, share }) => {
      const folder = join(root, operator);
      const stems = readdirSync(folder).flatMap((name) =>
        name.endsWith('.tflite') ? [name.slice(0, -'.tflite'.length)] : [],
      );
      const steps = stems.map((stem) => stepsOf(folder, stem));
      const all = steps.flatMap((s) => s ?? []);
      expect(stems.length).toBe(networks);
      expect(steps.filter((s) => s === undefined).length).toBe(refused);
      expect(Math.max(...all)).toBeLessThanOrEqual(1);
      expect(all.filter((s) => s > 0).length).toBeLessThanOrEqual(share * all.length);
    },
  );
});
