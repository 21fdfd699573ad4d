/** The Caffe importer on written networks: layers against formulas worked out by hand, weights, phases, old forms, bad input. */

import { describe, expect, it } from 'vitest';
import { tensor, unwrap } from '../../../base/index.js';
import { evaluateGraph } from '../../../compiler/graph/index.js';
import { netParameter, readCaffe } from '../../../compiler/importers/caffe/index.js';

const head = (shape: readonly number[]) =>
  `name: "net"\nlayer { name: "x" type: "Input" top: "x" input_param { shape { ${shape.map((d) => `dim: ${d}`).join(' ')} } } }\n`;

/** The one output of a network on given inputs. */
function run(prototxt: string, x: readonly number[], caffemodel?: Uint8Array): number[] {
  const graph = unwrap(readCaffe({ prototxt, ...(caffemodel && { caffemodel }) }));
  const [input] = graph.inputs;
  const feeds = new Map([
    [input!, tensor('float32', graph.values.get(input!)!.type.shape, Float32Array.from(x))],
  ]);
  return Array.from(evaluateGraph(graph, feeds).get(graph.outputs[0]!)!.data as Float32Array);
}

const layer = (name: string, type: string, rest = '', bottom = 'x', top = name) =>
  `layer { name: "${name}" type: "${type}" bottom: "${bottom}" top: "${top}" ${rest} }\n`;

const model = (
  layers: readonly { readonly name: string; readonly blobs: readonly (readonly number[])[] }[],
  old = false,
) =>
  netParameter
    .encode(
      netParameter.fromObject({
        [old ? 'layers' : 'layer']: layers.map(({ name, blobs }) => ({
          name,
          blobs: blobs.map((data) =>
            old
              ? { num: 1, channels: 1, height: 1, width: data.length, data }
              : { shape: { dim: [data.length] }, data },
          ),
        })),
      }),
    )
    .finish();

const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('Caffe layers', () => {
  it('convolves with groups, strides, pads and the weights of the model', () => {
    const text = `${head([1, 2, 3, 3])}${layer('c', 'Convolution', 'convolution_param { num_output: 2 group: 2 kernel_size: 3 pad: 1 stride: 2 }')}`;
    const centre = [0, 0, 0, 0, 1, 0, 0, 0, 0];
    const weights = model([
      {
        name: 'c',
        blobs: [
          [...centre, ...centre.map((v) => 2 * v)],
          [10, 20],
        ],
      },
    ]);
    const x = [...nine, ...nine];
    expect(run(text, x, weights)).toEqual([11, 13, 17, 19, 22, 26, 34, 38]);
  });

  it('convolves backwards, in groups, and crops to another blob', () => {
    const parameter = 'convolution_param { num_output: 2 group: 2 kernel_size: 2 stride: 2 pad: 0 }';
    const text = `${head([1, 2, 2, 2])}${layer('d', 'Deconvolution', parameter)}`;
    const weights = model([
      {
        name: 'd',
        blobs: [
          [1, 2, 3, 4, -1, 0, 0, 1],
          [10, 20],
        ],
      },
    ]);
    // Each pixel x becomes x * [1 2; 3 4] + 10 in the first channel, x * [-1 0; 0 1] + 20 in the second.
    const first = [11, 12, 12, 14, 13, 14, 16, 18, 13, 16, 14, 18, 19, 22, 22, 26];
    const second = [15, 20, 14, 20, 20, 25, 20, 26, 13, 20, 12, 20, 20, 27, 20, 28];
    const x = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(run(text, x, weights)).toEqual([...first, ...second]);
    const cropped = `${text}layer { name: "c" type: "Crop" bottom: "d" bottom: "x" top: "c" crop_param { axis: 2 offset: 1 offset: 2 } }`;
    expect(run(cropped, x, weights)).toEqual([16, 18, 14, 18, 20, 26, 12, 20]);
    const beyond = readCaffe({ prototxt: cropped.replace('offset: 2', 'offset: 3') });
    expect(beyond.ok).toBe(false);
    expect(beyond.diagnostics[0]).toMatchObject({ where: { kind: 'node', node: 'c' } });
  });

  it('takes any power', () => {
    const text = `${head([1, 3])}${layer('p', 'Power', 'power_param { power: 3 shift: 1 }')}`;
    expect(run(text, [1, -3, 0.5])).toEqual([8, -8, 3.375]);
  });

  it('rounds pooled extents up, and averages over what lies in the padding too', () => {
    const pool = (rest: string) =>
      `${head([1, 1, 3, 3])}${layer('p', 'Pooling', `pooling_param { ${rest} }`)}`;
    // ceil((3 - 2) / 2) + 1 = 2: windows that reach past the edge.
    expect(run(pool('pool: MAX kernel_size: 2 stride: 2'), nine)).toEqual([5, 6, 8, 9]);
    expect(run(pool('pool: MAX kernel_size: 2 stride: 2 round_mode: FLOOR'), nine)).toEqual([5]);
    // Without padding only elements inside count.
    expect(run(pool('pool: AVE kernel_size: 2 stride: 2'), nine)).toEqual([3, 4.5, 7.5, 9]);
    // With padding 1 all four count: (1) / 4, (2 + 3) / 4, (4 + 7) / 4, (5 + 6 + 8 + 9) / 4.
    expect(run(pool('pool: AVE kernel_size: 2 stride: 2 pad: 1'), nine)).toEqual([0.25, 1.25, 2.75, 7]);
    expect(run(pool('pool: AVE global_pooling: true'), nine)).toEqual([5]);
  });

  it('works in place: later layers read the newest value of a blob', () => {
    const text = `${head([1, 2])}${layer('neg', 'Power', 'power_param { scale: -1 }')}${layer('r', 'ReLU', '', 'neg', 'neg')}${layer('out', 'Power', 'power_param { shift: 1 }', 'neg')}`;
    expect(run(text, [3, -4])).toEqual([1, 5]);
  });

  it('multiplies matrices of either orientation', () => {
    const text = (rest: string) =>
      `${head([1, 2, 1, 1])}${layer('f', 'InnerProduct', `inner_product_param { num_output: 3 ${rest} }`)}`;
    const weights = [1, 2, 3, 4, 5, 6];
    expect(run(text(''), [1, 10], model([{ name: 'f', blobs: [weights, [0, 0, 1]] }]))).toEqual([21, 43, 66]);
    expect(
      run(text('transpose: true bias_term: false'), [1, 10], model([{ name: 'f', blobs: [weights] }])),
    ).toEqual([41, 52, 63]);
  });

  it('normalises with sums of statistics, then scales a channel', () => {
    const text = `${head([1, 2, 1, 1])}${layer('bn', 'BatchNorm', 'batch_norm_param { eps: 0 }')}${layer('s', 'Scale', 'scale_param { bias_term: true }', 'bn')}`;
    // Two terms: means 1 and 2, variances 4 and 9.
    const weights = model([
      { name: 'bn', blobs: [[2, 4], [8, 18], [2]] },
      {
        name: 's',
        blobs: [
          [10, 100],
          [1, 2],
        ],
      },
    ]);
    expect(run(text, [5, 5], weights)).toEqual([21, 102]);
  });

  it('local response: across channels and within one', () => {
    const across = `${head([1, 3, 1, 1])}${layer('n', 'LRN', 'lrn_param { local_size: 3 alpha: 3 beta: 1 }')}`;
    expect(run(across, [1, 2, 3])).toEqual([1 / 6, 2 / 15, 3 / 14].map((v) => expect.closeTo(v, 6)));
    const within = `${head([1, 1, 1, 3])}${layer('n', 'LRN', 'lrn_param { local_size: 3 alpha: 9 beta: 1 norm_region: WITHIN_CHANNEL }')}`;
    expect(run(within, [1, 2, 3])).toEqual([1 / 6, 2 / 15, 3 / 14].map((v) => expect.closeTo(v, 6)));
  });

  it('slices, joins, adds with coefficients, reshapes', () => {
    const text = `${head([1, 3])}layer { name: "s" type: "Slice" bottom: "x" top: "a" top: "b" slice_param { slice_point: 1 } }
      layer { name: "j" type: "Concat" bottom: "b" bottom: "a" top: "j" }
      layer { name: "e" type: "Eltwise" bottom: "j" bottom: "x" top: "e" eltwise_param { coeff: 1 coeff: -2 } }
      layer { name: "r" type: "Reshape" bottom: "e" top: "r" reshape_param { shape { dim: 0 dim: 1 dim: -1 } } }`;
    expect(run(text, [1, 2, 3])).toEqual([0, -1, -5]);
    expect(unwrap(readCaffe({ prototxt: text })).values.get('r')!.type.shape).toEqual([1, 1, 3]);
  });
});

describe('Caffe networks', () => {
  it('of training: data layers become inputs, losses their prediction, layers of phase TRAIN are left out', () => {
    const text = `layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TRAIN } data_param { batch_size: 64 } }
      layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TEST } data_param { batch_size: 100 } }
      layer { name: "ip" type: "InnerProduct" bottom: "data" top: "ip" param { lr_mult: 1 } inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
      layer { name: "accuracy" type: "Accuracy" bottom: "ip" bottom: "label" top: "accuracy" include { phase: TEST } }
      layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }`;
    expect(readCaffe({ prototxt: text })).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'caffe/unknown-shape' }],
    });
    const read = readCaffe({ prototxt: text }, { shapes: { data: [1, 4] } });
    const graph = unwrap(read);
    expect([graph.inputs, graph.outputs]).toEqual([['data'], ['loss']]);
    expect(graph.nodes.map((node) => node.operator)).toEqual(['Gemm', 'Softmax']);
    expect(read.diagnostics).toMatchObject([{ code: 'caffe/random-weights', severity: 'warning' }]);
  });

  it('in the old form: `layers`, upper-case types, blobs of four extents, input_dim', () => {
    const text = `name: "old" input: "x" input_dim: 1 input_dim: 2 input_dim: 1 input_dim: 1
      layers { name: "f" type: INNER_PRODUCT bottom: "x" top: "f" blobs_lr: 1 inner_product_param { num_output: 1 } }
      layers { name: "r" type: RELU bottom: "f" top: "f" }`;
    const weights = model([{ name: 'f', blobs: [[2, 3], [-1]] }], true);
    expect(run(text, [1, 1], weights)).toEqual([4]);
    expect(run(text, [-1, 0], weights)).toEqual([0]);
  });

  it('drawn weights are the same every time, other ones for another seed', () => {
    const text = `${head([1, 4])}${layer('f', 'InnerProduct', 'inner_product_param { num_output: 4 }')}`;
    const weights = (seed: number) => {
      const { values } = unwrap(readCaffe({ prototxt: text }, { seed }));
      return [...(values.get('f_weights')!.constant!.data as Float32Array)];
    };
    expect(weights(1)).toEqual(weights(1));
    expect(weights(1)).not.toEqual(weights(2));
    expect(Math.max(...weights(1).map(Math.abs))).toBeLessThanOrEqual(Math.sqrt(3 / 4));
  });

  it.each([
    [
      'a field that does not exist',
      `${head([1, 4])}${layer('c', 'ReLU', 'kernal_size: 3')}`,
      'caffe/broken-prototxt',
      /kernal_size.*line 3/,
    ],
    ['text that ends too soon', `${head([1, 4])}layer {`, 'caffe/broken-prototxt', /./],
    ['an unknown layer', `${head([1, 4])}${layer('c', 'Permute')}`, 'caffe/unmapped-layer', /Permute/],
    [
      'a bottom that nothing gives',
      `${head([1, 4])}${layer('c', 'ReLU', '', 'y')}`,
      'caffe/undefined-bottom',
      /"y"/,
    ],
    [
      'no kernel',
      `${head([1, 1, 4, 4])}${layer('c', 'Convolution', 'convolution_param { num_output: 2 }')}`,
      'caffe/unsupported-layer',
      /kernel_size is missing/,
    ],
    ['an input of extent 0', head([1, 0]) + layer('c', 'ReLU'), 'caffe/bad-shape', /not a positive integer/],
    ['nothing to compute', head([1, 4]), 'caffe/no-layers', /./],
  ])('refuses %s', (_, prototxt, code, message) => {
    const read = readCaffe({ prototxt });
    expect(read).toMatchObject({ ok: false, diagnostics: [{ code }] });
    expect(read.diagnostics[0]!.message).toMatch(message);
  });

  it('refuses weights of another size, and a caffemodel cut short', () => {
    const text = `${head([1, 4])}${layer('f', 'InnerProduct', 'inner_product_param { num_output: 4 }')}`;
    const caffemodel = model([
      {
        name: 'f',
        blobs: [
          [1, 2, 3],
          [0, 0, 0, 0],
        ],
      },
    ]);
    expect(readCaffe({ prototxt: text, caffemodel })).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'caffe/bad-blob' }],
    });
    const other = model([{ name: 'g', blobs: [[1]] }]);
    for (const strange of [other, new Uint8Array(0)])
      expect(readCaffe({ prototxt: text, caffemodel: strange })).toMatchObject({
        ok: false,
        diagnostics: [{ code: 'caffe/strange-weights' }],
      });
    expect(readCaffe({ prototxt: text, caffemodel: caffemodel.subarray(0, 12) })).toMatchObject({
      ok: false,
      diagnostics: [{ code: 'caffe/broken-caffemodel' }],
    });
  });
});
