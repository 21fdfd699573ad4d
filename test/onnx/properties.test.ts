/** Laws of the ONNX importer: convolution equals onnxruntime's for any window, and no file makes it throw or hang. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32Tensor, InternalError, type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { randomTensor, relativeError } from '../support/compare.js';
import { makeOnnxModel, type OnnxNodeSpec, runOnnxruntime } from '../support/onnx-model.js';

const runs = Number(process.env.SYSTOLE_RUNS ?? 100);

const window = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  channelsPerGroup: fc.integer({ min: 1, max: 3 }),
  outputsPerGroup: fc.integer({ min: 1, max: 3 }),
  extents: fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 })),
  kernel: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
  strides: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  dilations: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  pads: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }),
  autoPad: fc.constantFrom('NOTSET', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'),
  seed: fc.integer({ min: 1, max: 1e6 }),
  rank: fc.constantFrom(1, 2),
});

type Window = typeof window extends fc.Arbitrary<infer T> ? T : never;

/** A file with one Conv, and its input. */
function convModel(w: Window): { readonly bytes: Uint8Array; readonly x: Tensor } {
  const [channels, outputs] = [w.group * w.channelsPerGroup, w.group * w.outputsPerGroup];
  const spatial = (pair: readonly number[]): number[] => pair.slice(0, w.rank);
  const x = randomTensor([w.batch, channels, ...spatial(w.extents)], w.seed);
  const pads = w.rank === 1 ? [w.pads[0]!, w.pads[2]!] : w.pads;
  const padding = w.autoPad === 'NOTSET' ? { pads } : { auto_pad: w.autoPad };
  // onnxruntime takes automatic padding without dilation only.
  const dilations = spatial(w.autoPad === 'NOTSET' ? w.dilations : [1, 1]);
  const bytes = makeOnnxModel({
    nodes: [
      {
        ...{ op: 'Conv', inputs: ['x', 'w', 'b'], outputs: ['y'] },
        attributes: { group: w.group, strides: spatial(w.strides), dilations, ...padding },
      },
    ],
    inputs: [{ name: 'x', shape: x.shape }],
    outputs: [{ name: 'y' }],
    initializers: {
      w: randomTensor([outputs, w.channelsPerGroup, ...spatial(w.kernel)], w.seed + 1),
      b: randomTensor([outputs], w.seed + 2),
    },
  });
  return { bytes, x };
}

describe('laws of the ONNX importer', () => {
  it('Conv equals onnxruntime for any shape, group, stride, dilation and padding; what it refuses, we refuse', async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(window, async (w) => {
        const { bytes, x } = convModel(w);
        const inputs = new Map([['x', x]]);
        const expected = await runOnnxruntime(bytes, inputs).catch(() => undefined);
        const graph = readOnnx(bytes);
        expect(graph.ok).toBe(expected !== undefined);
        if (expected === undefined || !graph.ok) return;
        expect(verifyGraph(graph.value)).toEqual([]);
        const actual = evaluateGraph(graph.value, inputs).get('y')!;
        compared++;
        expect(relativeError(actual, expected.get('y')!)).toBeLessThan(1e-5);
      }),
      { numRuns: runs },
    );
    expect(compared).toBeGreaterThan(runs / 4);
  });

  it('a damaged file gives a graph that verifies, or diagnostics: never an exception', () => {
    const bytes = victim();
    expect(unwrap(readOnnx(bytes)).nodes.length).toBeGreaterThan(4);
    const verdicts = { graph: 0, diagnostics: 0 };
    const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    const length = fc.oneof(
      { weight: 4, arbitrary: fc.constant(bytes.length) },
      { weight: 1, arbitrary: fc.nat(bytes.length) },
    );
    fc.assert(
      fc.property(damage, length, (edits, cut) => {
        // Not `slice`: on a Buffer that shares the bytes, and damage would add up.
        const broken = Uint8Array.from(bytes.subarray(0, cut));
        for (const [at, value] of edits) if (at < broken.length) broken[at] = value;
        const result = readOnnx(broken);
        verdicts[result.ok ? 'graph' : 'diagnostics']++;
        if (result.ok) expect(verifyGraph(result.value)).toEqual([]);
        else expect(result.diagnostics.length).toBeGreaterThan(0);
      }),
      { numRuns: 20 * runs },
    );
    expect(Math.min(verdicts.graph, verdicts.diagnostics)).toBeGreaterThan(runs);
  });

  it('random bytes give diagnostics', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readOnnx(bytes).ok).toBe(false);
      }),
      { numRuns: 5 * runs },
    );
    expect(() => readOnnx(new Uint8Array(1000).fill(0x3a))).not.toThrow(InternalError);
  });
});

/** A small network with every kind of part that a file can damage. */
function victim(): Uint8Array {
  const nodes: OnnxNodeSpec[] = [
    {
      op: 'Conv',
      inputs: ['x', 'w', 'b'],
      outputs: ['a'],
      name: 'conv',
      attributes: { pads: [1, 1, 1, 1], strides: [2, 2] },
    },
    { op: 'Clip', inputs: ['a', 'low', 'high'], outputs: ['c'], name: 'clip' },
    {
      op: 'MaxPool',
      inputs: ['c'],
      outputs: ['p'],
      name: 'pool',
      attributes: { kernel_shape: [2, 2], ceil_mode: 1 },
    },
    { op: 'Shape', inputs: ['p'], outputs: ['s'], name: 'shape' },
    {
      op: 'ReduceMean',
      inputs: ['p'],
      outputs: ['m'],
      name: 'mean',
      attributes: { axes: [2, 3], keepdims: 0 },
    },
    { op: 'Concat', inputs: ['m', 'm'], outputs: ['mm'], name: 'join', attributes: { axis: 1 } },
    {
      op: 'Gemm',
      inputs: ['mm', 'g'],
      outputs: ['o'],
      name: 'fc',
      attributes: { transB: 1, alpha: { f: 0.5 } },
    },
    { op: 'Softmax', inputs: ['o'], outputs: ['y'], name: 'probabilities' },
  ];
  return makeOnnxModel({
    nodes,
    inputs: [{ name: 'x', shape: ['N', 2, 6, 6] }],
    outputs: [{ name: 'y', shape: ['N', 3] }],
    initializers: {
      w: randomTensor([3, 2, 3, 3], 1),
      b: randomTensor([3], 2),
      low: float32Tensor([], [-0.5]),
      high: float32Tensor([], [0.5]),
      g: randomTensor([3, 6], 3),
    },
  });
}
