/** The shipped example: what it is, how accurate it is, and that it is what its training script says. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { bodyInputs, bodyOf, finishOutputs, quantize } from '../../compiler/quantize/index.js';
import { exampleSamples, openNetwork, packageRoot } from '../../tools/library/index.js';

const folder = join(packageRoot(), 'examples/digits');
const opened = openNetwork('digits');
const network = runPasses(opened.graph);
const labels = exampleSamples('digits').test.map((t) => t.label);

function classOf(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

const floatLogits = opened.tests.map(
  (sample) => evaluateGraph(network, sample).get('logits')!.data as Float32Array,
);
const floatClasses = floatLogits.map(classOf);
const share = (hits: readonly boolean[]) => hits.filter(Boolean).length / hits.length;

describe('digits', () => {
  it('is small, and has at least 300 unseen test pictures', () => {
    expect(statSync(join(folder, 'digits.onnx')).size).toBeLessThan(500_000);
    expect(opened.tests.length).toBeGreaterThanOrEqual(300);
    expect(labels.length).toBe(opened.tests.length);
    const { calibration, test } = exampleSamples('digits');
    const seen = new Set(calibration.map((pixels) => pixels.join()));
    expect(test.filter((t) => seen.has(t.pixels.join()))).toEqual([]);
  });

  it('evaluates like onnxruntime on every test picture, to 1e-4', async () => {
    const session = await ort.InferenceSession.create(join(folder, 'digits.onnx'));
    for (const [i, sample] of opened.tests.entries()) {
      const x = sample.get('image')!;
      const feeds = { image: new ort.Tensor('float32', x.data as Float32Array, x.shape) };
      const expected = (await session.run(feeds))['logits']!.data as Float32Array;
      const scale = Math.max(...expected.map(Math.abs));
      for (let k = 0; k < 10; k++)
        expect(Math.abs(expected[k]! - floatLogits[i]![k]!)).toBeLessThan(1e-4 * scale);
    }
  });

  it('reaches the float accuracy that metadata.json states', () => {
    const stated = JSON.parse(readFileSync(join(folder, 'metadata.json'), 'utf8')) as {
      floatTestAccuracy: number;
    };
    const accuracy = share(floatClasses.map((c, i) => c === labels[i]));
    expect(accuracy).toBeGreaterThanOrEqual(0.97);
    expect(accuracy).toBeCloseTo(stated.floatTestAccuracy, 3);
  });

  it.each([
    ['min-max', 32],
    ['percentile', 32],
    ['min-max', 16],
  ] as const)(
    'as int8 (%s, %i-bit multiplier) is 97 percent right and agrees with float on 99 percent',
    (observer, multiplierBits) => {
      const result = quantize(network, opened.calibration, { observer, multiplierBits });
      if (!result.ok) throw new Error('quantisation failed');
      const classes = opened.tests.map((sample) =>
        classOf(evaluateGraph(result.value.graph, sample).get('logits')!.data as Float32Array),
      );
      expect(share(classes.map((c, i) => c === labels[i]))).toBeGreaterThanOrEqual(0.97);
      expect(share(classes.map((c, i) => c === floatClasses[i]))).toBeGreaterThanOrEqual(0.99);
    },
  );

  it('reaches the int8 accuracy that metadata.json states', () => {
    const stated = JSON.parse(readFileSync(join(folder, 'metadata.json'), 'utf8')) as Record<string, unknown>;
    const { graph: integer } = unwrap(quantize(network, opened.calibration));
    const classes = opened.tests.map((sample) =>
      classOf(evaluateGraph(integer, sample).get('logits')!.data as Float32Array),
    );
    expect({
      int8TestAccuracy: Number(share(classes.map((c, i) => c === labels[i])).toFixed(4)),
      int8AgreesWithFloat: Number(share(classes.map((c, i) => c === floatClasses[i])).toFixed(4)),
    }).toEqual({
      int8TestAccuracy: stated.int8TestAccuracy,
      int8AgreesWithFloat: stated.int8AgreesWithFloat,
    });
  });

  it('splits into host and accelerator without changing the result', () => {
    const result = quantize(network, opened.calibration);
    if (!result.ok) throw new Error('quantisation failed');
    const body = bodyOf(result.value);
    for (const name of [...body.inputs, ...body.outputs])
      expect(body.values.get(name)!.type.element).toBe('int8');
    const sample = opened.tests[0]!;
    const outputs = evaluateGraph(body, bodyInputs(result.value, sample));
    expect(finishOutputs(result.value, outputs).get('logits')!.data).toEqual(
      evaluateGraph(result.value.graph, sample).get('logits')!.data,
    );
  });
});
