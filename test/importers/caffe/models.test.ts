/** Networks as they come with Caffe, and its trained LeNet: shapes, and what it makes of ten handwritten digits. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { PNG } from 'pngjs';
import { describe, expect, it } from 'vitest';
import { tensor, unwrap } from '../../../base/index.js';
import { evaluateGraph } from '../../../compiler/graph/index.js';
import {
  looksLikeCaffemodel,
  looksLikePrototxt,
  readCaffe,
} from '../../../compiler/importers/caffe/index.js';
import { looksLikeOnnx } from '../../../compiler/importers/onnx/index.js';

const networks = new URL('../../../../shared/data/networks/', import.meta.url);
const lenet = new URL('caffe-lenet-trained/examples/mnist/', networks);
const digits = new URL('tflite-micro/tensorflow/lite/micro/examples/mnist_lstm/samples/', networks);
const present = existsSync(networks);
if (!present) console.log('skipped: networks that come with Caffe, ../shared/data/networks is not there');

const files = present
  ? readdirSync(new URL('caffe/', networks), { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.endsWith('.prototxt') && !path.includes('solver'),
    )
  : [];

/** Inputs of training files, which state no shape. */
function statedShapes(path: string): Readonly<Record<string, readonly number[]>> {
  if (path.includes('siamese')) return { pair_data: [1, 2, 28, 28] };
  if (/mnist/.test(path)) return { data: [1, 1, 28, 28] };
  return { data: path.includes('cifar10') ? [1, 3, 32, 32] : [1, 3, 227, 227] };
}

/** Classes of the last layer, by part of the path. */
const classes: readonly (readonly [RegExp, number])[] = [
  [/siamese/, 2],
  [/autoencoder/, 784],
  [/net_surgery\/conv\./, 3],
  [/rcnn/, 200],
  [/flickr/, 20],
  [/mnist|cifar10/, 10],
  [/./, 1000],
];

describe.skipIf(!present)('networks that come with Caffe', () => {
  it.each(files)('%s has the classes that it was made for', (path) => {
    const bytes = readFileSync(new URL(`caffe/${path}`, networks));
    expect([looksLikePrototxt(bytes), looksLikeCaffemodel(bytes), looksLikeOnnx(bytes)]).toEqual([
      true,
      false,
      false,
    ]);
    const files = { prototxt: bytes.toString() };
    const bare = readCaffe(files);
    const graph = unwrap(bare.ok ? bare : readCaffe(files, { shapes: statedShapes(path) }));
    const expected = classes.find(([pattern]) => pattern.test(path))![1];
    for (const output of graph.outputs) expect(graph.values.get(output)!.type.shape[1]).toBe(expected);
  });

  it('the trained LeNet knows ten handwritten digits', () => {
    const prototxt = readFileSync(new URL('lenet.prototxt', lenet), 'utf8');
    const caffemodel = readFileSync(new URL('lenet_iter_10000.caffemodel', lenet));
    expect(looksLikeCaffemodel(caffemodel)).toBe(true);
    const read = readCaffe({ prototxt, caffemodel }, { shapes: { data: [10, 1, 28, 28] } });
    expect(read.diagnostics).toEqual([]);
    const graph = unwrap(read);
    // PNGs decode to RGBA; LeNet was trained on pixels / 256.
    const pixels = Array.from({ length: 10 }, (_, digit) => {
      const { data } = PNG.sync.read(readFileSync(new URL(`sample${digit}.png`, digits)));
      return Array.from({ length: 784 }, (_, i) => data[4 * i]! / 256);
    }).flat();
    const x = tensor('float32', [10, 1, 28, 28], Float32Array.from(pixels));
    const scores = evaluateGraph(graph, new Map([['data', x]])).get('prob')!.data as Float32Array;
    const best = Array.from({ length: 10 }, (_, n) => {
      const row = scores.subarray(10 * n, 10 * n + 10);
      return row.indexOf(Math.max(...row));
    });
    expect(best).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});
