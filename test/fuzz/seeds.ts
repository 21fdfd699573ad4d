/**
 * The files that the fuzzer mutates, by format: real ones of the shared data where those are there, and small ones made here otherwise.
 * Small files first: they are mutated quickly, and large ones find nothing else.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { netParameter } from '../../compiler/importers/caffe/index.js';
import { onnxMessage } from '../../compiler/importers/wire/index.js';

export interface SeedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Trained weights in a second file, mutated as well. */
  readonly weights?: Uint8Array;
}

export interface SeedFormat {
  readonly name: string;
  readonly kind: 'bytes' | 'protobuf' | 'text';
  readonly seeds: () => readonly SeedFile[];
}

const root = resolve(import.meta.dirname, '../../../shared/data/networks');
const LARGEST = 60_000;

/** Files of a folder of the shared data whose names end so, at most `most`, evenly picked. */
function filesOf(folder: string, ending: string, most = 400, largest = LARGEST): SeedFile[] {
  const base = join(root, folder);
  if (!existsSync(base)) return [];
  const names = readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && statSync(join(base, name)).size <= largest)
    .sort();
  const step = Math.max(1, names.length / most);
  const picked = names.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  return picked.map((name) => ({ name: `${folder}/${name}`, bytes: readFileSync(join(base, name)) }));
}

const prototxt = `name: "made"
input: "data"
input_shape { dim: 1 dim: 1 dim: 6 dim: 6 }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "pool" top: "ip" inner_product_param { num_output: 3 } }
layer { name: "prob" type: "Softmax" bottom: "ip" top: "prob" }
`;

/** Weights of the network above, encoded with the importer's descriptor. */
function madeCaffemodel(): Uint8Array {
  const blob = (dim: readonly number[]) => ({
    shape: { dim },
    data: Array.from({ length: dim.reduce((a, b) => a * b, 1) }, (_, i) => (i % 7) / 8),
  });
  const layer = [
    { name: 'conv', type: 'Convolution', blobs: [blob([2, 1, 3, 3]), blob([2])] },
    { name: 'ip', type: 'InnerProduct', blobs: [blob([3, 8]), blob([3])] },
  ];
  return netParameter.encode(netParameter.fromObject({ name: 'made', layer })).finish();
}

function madeOnnx(): Uint8Array {
  const value = (name: string, dims: readonly number[]) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  const weights = { name: 'w', dims: [2, 1, 3, 3], dataType: 1, floatData: new Array(18).fill(0.5) };
  const node = [
    {
      opType: 'Conv',
      input: ['x', 'w'],
      output: ['c'],
      attribute: [{ name: 'pads', ints: [1, 1, 1, 1], type: 7 }],
    },
    { opType: 'Relu', input: ['c'], output: ['r'] },
    { opType: 'Flatten', input: ['r'], output: ['y'] },
  ];
  const graph = {
    name: 'made',
    node,
    initializer: [weights],
    input: [value('x', [1, 1, 4, 4])],
    output: [value('y', [1, 32])],
  };
  const model = onnxMessage('Model');
  return model
    .encode(model.fromObject({ irVersion: 8, graph, opsetImport: [{ domain: '', version: 17 }] }))
    .finish();
}

const text = (source: string): Uint8Array => new TextEncoder().encode(source);

/** Every format that is fuzzed. */
export const seedFormats: readonly SeedFormat[] = [
  {
    name: 'ONNX',
    kind: 'protobuf',
    seeds: () => [
      { name: 'made.onnx', bytes: madeOnnx() },
      ...filesOf('onnx', '.onnx', 300, 8000),
      ...filesOf('wonnx', '.onnx'),
      ...filesOf('qonnx-zoo', '.onnx'),
    ],
  },
  {
    name: 'TFLite',
    kind: 'bytes',
    seeds: () => [
      ...filesOf('tflite-micro', '.tflite', 100, 20_000),
      ...filesOf('mlcommons-tiny', '.tflite'),
    ],
  },
  {
    name: 'GraphDef',
    kind: 'protobuf',
    seeds: () => [
      ...filesOf('dl4j-test-resources', '.pb', 200, 20_000),
      ...filesOf('tensorflow-onnx', '.pb'),
    ],
  },
  { name: 'Keras h5', kind: 'bytes', seeds: () => filesOf('dl4j-test-resources', '.h5', 60) },
  {
    name: 'prototxt',
    kind: 'text',
    seeds: () => [
      { name: 'made.prototxt', bytes: text(prototxt) },
      ...filesOf('caffe', '.prototxt', 40, 12_000),
      ...filesOf('caffe-lenet-trained', '.prototxt'),
    ],
  },
  {
    name: 'caffemodel',
    kind: 'protobuf',
    seeds: () => [{ name: 'made.prototxt', bytes: text(prototxt), weights: madeCaffemodel() }],
  },
];
