/** TFLite networks: float ones agree with their passes, broken files are refused. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { randomTensor } from '../support/compare.js';
import { networkRoot as data } from './cases.js';

const trained = join(data, 'mlcommons-tiny/benchmark/training');
const absent = !existsSync(trained);
const note = absent ? ' (skipped: ../shared is absent)' : '';

const read = (file: string): Uint8Array => new Uint8Array(readFileSync(join(data, file)));

function evaluateOn(graph: Graph, values: ArrayLike<number>): Tensor {
  const { shape } = graph.values.get(graph.inputs[0]!)!.type;
  const x = tensor('float32', shape, Float32Array.from(values));
  return evaluateGraph(graph, new Map([[graph.inputs[0]!, x]])).get(graph.outputs[0]!)!;
}

describe(`float networks${note}`, () => {
  it.skipIf(absent)('a float network agrees with its passes', () => {
    const graph = unwrap(
      importTflite(
        read(
          'mlcommons-tiny/benchmark/training/keyword_spotting/trained_models/kws_ref_model_float32.tflite',
        ),
      ),
    );
    const values = randomTensor([490], 7).data as Float32Array;
    const [before, after] = [evaluateOn(graph, values), evaluateOn(runPasses(graph), values)];
    before.data.forEach((value, i) => {
      expect(Number(after.data[i])).toBeCloseTo(Number(value), 5);
    });
  });
});

const runs = Number(process.env.SYSTOLE_RUNS ?? 60);

describe(`broken files${note}`, () => {
  const folder = join(data, 'tflite-micro/tensorflow/lite/micro');
  const files = absent
    ? []
    : (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.tflite'));
  it.skipIf(absent)(
    'a mutated file gives a graph that verifies or located errors, never a crash',
    () => {
      const mutation = fc.record({
        file: fc.constantFrom(...files),
        flips: fc.array(
          fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })),
          {
            minLength: 1,
            maxLength: 12,
          },
        ),
        keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
        words: fc.array(
          fc.tuple(
            fc.double({ min: 0, max: 1, noNaN: true }),
            fc.constantFrom(0, 1, 255, 2 ** 31, 2 ** 32 - 1),
          ),
          { maxLength: 3 },
        ),
      });
      fc.assert(
        fc.property(mutation, ({ file, flips, keep, words }) => {
          const bytes = new Uint8Array(readFileSync(join(folder, file)));
          for (const [at, value] of flips) bytes[Math.floor(at * (bytes.length - 1))] = value;
          const view = new DataView(bytes.buffer);
          for (const [at, value] of words)
            view.setUint32(Math.floor(at * (bytes.length / 4 - 1)) * 4, value, true);
          const result = importTflite(bytes.subarray(0, Math.ceil(keep * bytes.length)));
          if (result.ok) expect(verifyGraph(result.value)).toEqual([]);
          else for (const { where } of result.diagnostics) expect(where).toBeDefined();
        }),
        { numRuns: runs },
      );
    },
    600_000,
  );
});
