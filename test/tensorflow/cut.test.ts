/** A shape for a node makes it an input: networks whose front is no business of the accelerator's. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { float32Tensor, renderDiagnostic, unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { importGraphDef } from '../../compiler/importers/tensorflow/index.js';
import { attr, FLOAT, message, node } from './saved-model-files.js';

const graph = message(
  [1, node('wav', 'Placeholder', [], { dtype: attr.type(7) })],
  [1, node('features', 'Mfcc', ['wav'])],
  [1, node('result', 'Relu', ['features'], { T: attr.type(FLOAT) })],
);

it('without it the operator is refused, with it its result is an input', () => {
  const whole = importGraphDef(graph);
  expect(whole.ok).toBe(false);
  expect(renderDiagnostic(whole.diagnostics[0]!)).toMatch(/Mfcc[\s\S]*--shape NODE=DIMS/);
  const tail = unwrap(importGraphDef(graph, { shapes: { features: [3] } }));
  expect([tail.inputs, tail.outputs]).toEqual([['features'], ['result']]);
  const result = evaluateGraph(tail, new Map([['features', float32Tensor([3], [-1, 0, 2])]]));
  expect([...result.get('result')!.data]).toEqual([0, 0, 2]);
});

it('a shape for a node that is not there is refused', () => {
  const stray = importGraphDef(graph, { shapes: { features: [3], nothing: [1] } });
  expect(stray.ok).toBe(false);
  expect(stray.diagnostics[0]!.where).toEqual({ kind: 'value', network: 'network', value: 'nothing' });
});

const published = join(import.meta.dirname, '../../../shared/data/networks/arm-ml-kws/Pretrained_models');
const absent = !existsSync(published);
const note = absent ? ' (skipped: ../shared is absent)' : '';

it.skipIf(absent).each([
  ['CNN/CNN_S', [1, 49, 10]],
  ['DS_CNN/DS_CNN_S', [1, 49, 10]],
  ['DNN/DNN_S', [1, 25, 10]],
] as const)(`keyword spotting of ARM behind its sound features: %s${note}`, (name, shape) => {
  const bytes = new Uint8Array(readFileSync(join(published, `${name}.pb`)));
  const network = unwrap(importGraphDef(bytes, { shapes: { Mfcc: shape } }));
  expect(verifyGraph(network)).toEqual([]);
  const count = shape[1] * shape[2];
  const features = float32Tensor(
    shape,
    Array.from({ length: count }, (_, i) => 10 * Math.sin(i)),
  );
  const classes = evaluateGraph(network, new Map([['Mfcc', features]])).get('labels_softmax')!;
  expect(classes.shape).toEqual([1, 12]);
  expect(Array.from(classes.data as Float32Array).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
});
