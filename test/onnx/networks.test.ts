/**
 * Real networks, imported, rewritten by the passes and compared with onnxruntime. The MNIST network of others and the ImageNet
 * topologies of the ONNX project come from the shared data; torchvision exports are compared when SYSTOLE_MODELS names a
 * folder of them. Each part skips when its files are absent.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { evaluateGraph, graphMacs, graphParameters, verifyGraph } from '../../compiler/graph/index.js';
import { looksLikeOnnx, readOnnx } from '../../compiler/importers/onnx/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import { randomTensor, relativeError } from '../support/compare.js';
import { runOnnxruntime } from '../support/onnx-model.js';

const networks = resolve(import.meta.dirname, '../../../shared/data/networks');
const mnist = join(networks, 'wonnx/data/models/opt-mnist.onnx');
const light = join(networks, 'onnx/light');
const exported = process.env.SYSTOLE_MODELS ?? '';

/** Largest relative error of any output, before and after the passes. */
async function compare(path: string): Promise<number> {
  const bytes = readFileSync(path);
  expect(looksLikeOnnx(bytes)).toBe(true);
  const graph = unwrap(readOnnx(bytes));
  const rewritten = runPasses(graph);
  const inputs = new Map(
    graph.inputs.map((name, index) => [name, randomTensor(graph.values.get(name)!.type.shape, 7 + index)]),
  );
  const expected = await runOnnxruntime(bytes, inputs);
  const errors = [graph, rewritten].flatMap((each) => {
    expect(verifyGraph(each)).toEqual([]);
    return [...evaluateGraph(each, inputs)].map(([name, t]) => relativeError(t, expected.get(name)!));
  });
  expect(rewritten.nodes.map(({ operator }) => operator)).not.toContain('BatchNormalization');
  return Math.max(...errors);
}

describe.skipIf(!existsSync(mnist))('the MNIST network (skipped when ../shared/data is absent)', () => {
  it('agrees with onnxruntime to 1e-5', async () => {
    expect(await compare(mnist)).toBeLessThan(1e-5);
  });

  it('has the known size', () => {
    const graph = unwrap(readOnnx(readFileSync(mnist)));
    // 28 x 28 x 8 x 25 + 14 x 14 x 16 x 200 + 256 x 10 products; weights and biases of the three layers.
    expect(graphMacs(graph)).toBe(28 * 28 * 8 * 25 + 14 * 14 * 16 * 200 + 256 * 10);
    expect(graphParameters(graph)).toBe(8 * 25 + 8 + 16 * 200 + 16 + 2560 + 10);
  });
});

describe.skipIf(!existsSync(light))('ImageNet topologies (skipped when ../shared/data is absent)', () => {
  it('import, with their known multiply-accumulates', () => {
    // The two with dense layers of 75 and 102 million weights would need gigabytes of memory.
    const files = readdirSync(light).filter((name) => /^light_(?!vgg19|zfnet).*onnx$/.test(name));
    const macs = files.map((name) => {
      const graph = unwrap(readOnnx(readFileSync(join(light, name))));
      expect(verifyGraph(graph)).toEqual([]);
      return `${name.slice(6, -5)} ${(graphMacs(graph) / 1e6).toFixed(0)} M, ${graph.nodes.length} nodes`;
    });
    expect(macs.join('\n')).toMatchInlineSnapshot(`
      "bvlc_alexnet 655 M, 24 nodes
      densenet121 2834 M, 668 nodes
      inception_v1 1432 M, 143 nodes
      inception_v2 2019 M, 371 nodes
      resnet50 4089 M, 176 nodes
      shufflenet 125 M, 203 nodes
      squeezenet 349 M, 66 nodes"
    `);
  });

  it('ShuffleNet agrees with onnxruntime to 1e-4', async () => {
    expect(await compare(join(light, 'light_shufflenet.onnx'))).toBeLessThan(1e-4);
  });
});

describe.skipIf(!existsSync(exported))(
  'exported networks (skipped unless SYSTOLE_MODELS names a folder)',
  () => {
    const files = exported === '' ? [] : readdirSync(exported).filter((name) => name.endsWith('.onnx'));
    it.each(files)('%s agrees with onnxruntime to 1e-4', async (name) => {
      expect(await compare(join(exported, name))).toBeLessThan(1e-4);
    });
  },
);
