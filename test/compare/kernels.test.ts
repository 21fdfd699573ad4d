/** A network as device kernels: products, fusion, batches. */

import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Tensor, tensor } from '../../base/index.js';
import { type Graph, GraphBuilder, graphMacs, operatorTable } from '../../compiler/graph/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { fuseTails, type Kernel } from '../../models/devices/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { networkKernels, placedOperators } from '../../tools/compare/index.js';
import { openNetwork } from '../../tools/library/index.js';
import { arbitraryNetwork, buildNetwork } from '../support/arbitrary-network.js';

const light = resolve(import.meta.dirname, '../../../shared/data/networks/onnx/light');
const runs = Number(process.env['SYSTOLE_RUNS'] ?? 60);

const sum = (kernels: readonly Kernel[], of: (k: Kernel) => number) => kernels.reduce((s, k) => s + of(k), 0);
const zeros = (...shape: number[]): Tensor =>
  tensor('float32', shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));

/** What every list of kernels holds. */
function expectLawful(graph: Graph, batch: number): readonly Kernel[] {
  const kernels = networkKernels(graph, batch);
  expect(batch * sum(kernels, (k) => k.macs)).toBeCloseTo(graphMacs(graph), 3);
  for (const k of kernels) {
    if (k.macs > 0) expect(k.m * k.n * k.k * k.groups).toBeCloseTo(k.macs, 3);
    for (const value of [k.m, k.n, k.k, k.groups, k.outputElements]) expect(value).toBeGreaterThan(0);
  }
  return kernels;
}

/** conv - relu, and a shortcut that an addition joins. */
function residual(): Graph {
  const b = new GraphBuilder('residual');
  const x = b.input('x', { element: 'float32', shape: [2, 8, 6, 6] });
  const conv = (name: string, input: string, kernel: number, attributes = {}) =>
    b.node('Conv', [input, b.constant(`${name}-w`, zeros(8, 8, kernel, kernel))], { name, attributes });
  const short = conv('short', x, 1);
  const first = b.node('Relu', [conv('first', x, 3, { pads: [1, 1, 1, 1] })], { name: 'relu' });
  const second = conv('second', first, 3, { pads: [1, 1, 1, 1] });
  const added = b.node('Add', [second, short], { name: 'add' });
  b.output(b.node('Sigmoid', [added], { name: 'gate' }));
  return b.build();
}

describe('a network as kernels', () => {
  it('keeps the multiply-accumulates of every drawn network, and of each product its m, n, k and groups', () => {
    const machine = machinePresets.get('edge8')!;
    fc.assert(
      fc.property(arbitraryNetwork(), (plan) => {
        const { graph } = buildNetwork(plan, machine);
        expectLawful(graph, plan.input[0]);
      }),
      { numRuns: runs },
    );
  });

  it('fuses activations and residual additions into the kernel that made their latest operand', () => {
    const kernels = expectLawful(residual(), 2);
    expect(kernels.map(({ name, fusable }) => [name, fusable])).toEqual([
      ['short', false],
      ['first', false],
      ['relu', true],
      ['second', false],
      ['add', true],
      ['gate', true],
    ]);
    // The addition still reads the shortcut: 288 elements a sample besides its own input.
    expect(fuseTails(kernels)[2]).toMatchObject({ name: 'second', inputElements: 2 * 288 });
  });

  it('fuses nothing into a value that somebody else reads', () => {
    const b = new GraphBuilder('read-twice');
    const x = b.input('x', { element: 'float32', shape: [1, 4] });
    const y = b.node('MatMul', [x, b.constant('w', zeros(4, 4))], { name: 'product' });
    b.output(b.node('Relu', [y], { name: 'relu' }));
    b.output(y);
    expect(networkKernels(b.build(), 1).map(({ fusable }) => fusable)).toEqual([false, false]);
  });

  it('drops what only renames elements, and counts stored integers as weights', () => {
    const b = new GraphBuilder('views');
    const x = b.input('x', { element: 'float32', shape: [1, 2, 2, 2] });
    const flat = b.node('Flatten', [x]);
    const scale = b.constant('scale', tensor('float32', [], Float32Array.of(0.5)));
    const w = b.node('DequantizeLinear', [b.constant('w', tensor('int8', [8, 3], new Int8Array(24))), scale]);
    b.output(b.node('MatMul', [flat, w], { name: 'product' }));
    const kernels = expectLawful(b.build(), 1);
    expect(kernels).toHaveLength(1);
    expect(kernels[0]).toMatchObject({
      name: 'product',
      m: 1,
      n: 3,
      k: 8,
      weightElements: 24,
      inputElements: 8,
    });
  });

  it('prices products of activations as one a leading index, and of a constant as one', () => {
    const b = new GraphBuilder('products');
    const q = b.input('q', { element: 'float32', shape: [2, 3, 5, 4] });
    const k = b.input('k', { element: 'float32', shape: [2, 3, 4, 7] });
    const scores = b.node('MatMul', [q, k], { name: 'scores' });
    b.output(b.node('MatMul', [scores, b.constant('w', zeros(7, 6))], { name: 'dense' }));
    const [first, second] = expectLawful(b.build(), 2);
    expect(first).toMatchObject({ m: 5, n: 7, k: 4, groups: 3, weightElements: 0 });
    expect(second).toMatchObject({ m: 15, n: 6, k: 7, groups: 1, weightElements: 42 });
  });

  it('knows depthwise and grouped convolutions', () => {
    const b = new GraphBuilder('grouped');
    const x = b.input('x', { element: 'float32', shape: [1, 8, 5, 5] });
    const deep = b.node('Conv', [x, b.constant('d', zeros(8, 1, 3, 3))], { attributes: { group: 8 } });
    b.output(b.node('Conv', [deep, b.constant('g', zeros(6, 4, 1, 1))], { attributes: { group: 2 } }));
    const [depthwise, grouped] = expectLawful(b.build(), 1);
    expect(depthwise).toMatchObject({ kind: 'depthwise', m: 9, n: 1, k: 9, groups: 8, kernel: [3, 3] });
    expect(grouped).toMatchObject({ kind: 'convolution', m: 9, n: 3, k: 4, groups: 2 });
  });

  it('places only operators that there are', () => {
    expect(placedOperators.filter((name) => !Object.hasOwn(operatorTable, name))).toEqual([]);
    expect(new Set(placedOperators).size).toBe(placedOperators.length);
  });

  it.each([1, 3])('keeps the example at batch %i: per sample, the same kernels', (batch) => {
    const graph = runPasses(openNetwork('digits', { batch }).graph);
    const kernels = expectLawful(graph, batch);
    expect(kernels).toEqual(networkKernels(runPasses(openNetwork('digits').graph), 1));
  });

  const models = existsSync(light) ? readdirSync(light).filter((file) => file.endsWith('.onnx')) : [];
  it.skipIf(models.length === 0)(
    'keeps the products of real topologies, ResNet-50 as 57 kernels (skipped without ../shared)',
    () => {
      for (const file of models) {
        const kernels = expectLawful(runPasses(openNetwork(join(light, file)).graph), 1);
        if (file.includes('resnet50')) expect(fuseTails(kernels)).toHaveLength(57);
      }
    },
  );
});
