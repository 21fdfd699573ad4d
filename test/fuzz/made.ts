/** Small network files made here, one of each kind of container, so that the fuzzer runs without the shared data. */

import { netParameter } from '../../compiler/importers/caffe/index.js';
import { onnxMessage } from '../../compiler/importers/wire/index.js';
import { attr, bundle, functionDef, node, savedModel } from '../tensorflow/saved-model-files.js';
import type { SeedFile } from './seeds.js';

const text = (source: string): Uint8Array => new TextEncoder().encode(source);

/** A Caffe network without weights. */
export const madePrototxt: Uint8Array = text(`name: "made"
input: "data"
input_shape { dim: 1 dim: 1 dim: 6 dim: 6 }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { pool: MAX kernel_size: 2 stride: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "pool" top: "ip" inner_product_param { num_output: 3 } }
layer { name: "prob" type: "Softmax" bottom: "ip" top: "prob" }
`);

/** Weights of the network above, encoded with the importer's descriptor. */
export function madeCaffemodel(): Uint8Array {
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

/** A convolution, a rectifier, a flattening. */
export function madeOnnx(): Uint8Array {
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

/** Weights in a file beside the model. */
export function externalOnnx(): SeedFile {
  const value = (name: string) => ({
    name,
    type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 1 }, { dimValue: 4 }] } } },
  });
  const externalData = Object.entries({ location: 'w.bin', offset: '8', length: '16' }).map(
    ([key, entry]) => ({
      key,
      value: entry,
    }),
  );
  const weights = { name: 'w', dims: [1, 4], dataType: 1, dataLocation: 1, externalData };
  const add = { opType: 'Add', input: ['x', 'w'], output: ['y'] };
  const graph = {
    name: 'made',
    node: [add],
    initializer: [weights],
    input: [value('x')],
    output: [value('y')],
  };
  const model = onnxMessage('Model');
  const opsetImport = [{ domain: '', version: 17 }];
  const bytes = model.encode(model.fromObject({ irVersion: 8, graph, opsetImport })).finish();
  return { name: 'external.onnx', bytes, beside: new Map([['w.bin', new Uint8Array(24).fill(63)]]) };
}

/** A function with a matrix product; its kernel is a variable of a bundle with two shards. */
export function madeSavedModel(): SeedFile {
  const read = (name: string, resource: string) =>
    node(name, 'ReadVariableOp', [resource], { dtype: attr.type(1) });
  const handle = (name: string, shape: readonly number[]) =>
    node(name, 'VarHandleOp', [], {
      dtype: attr.type(1),
      shape: attr.shape(shape),
      shared_name: attr.text(name),
    });
  const body = [
    read('kernel', 'k'),
    read('bias', 'b'),
    node('product', 'MatMul', ['x', 'kernel:value:0']),
    node('sum', 'BiasAdd', ['product:product:0', 'bias:value:0']),
    node('out', 'Softmax', ['sum:output:0']),
  ];
  const call = node('call', 'StatefulPartitionedCall', ['serve_x', 'dense/kernel', 'dense/bias'], {
    f: attr.func('body'),
  });
  const bytes = savedModel({
    nodes: [
      node('serve_x', 'Placeholder', [], { dtype: attr.type(1), shape: attr.shape([-1, 3]) }),
      handle('dense/kernel', [3, 2]),
      handle('dense/bias', [2]),
      call,
    ],
    functions: [functionDef('body', ['x', 'k', 'b'], { y: 'out:softmax:0' }, body)],
    inputs: { x: 'serve_x:0' },
    outputs: { y: 'call:0' },
  });
  const variables = [
    { key: 'dense/kernel', shape: [3, 2], values: [1, 2, 3, 4, 5, 6] },
    { key: 'dense/bias', shape: [2], values: [0.5, -0.5] },
  ];
  return { name: 'saved_model.pb', bytes, beside: bundle(variables, 2) };
}

/** A Keras topology as TF.js keeps it. */
export function tfjsLayers(): SeedFile {
  const dense = {
    name: 'dense',
    units: 2,
    activation: 'softmax',
    use_bias: true,
    batch_input_shape: [null, 3],
    dtype: 'float32',
  };
  const json = {
    format: 'layers-model',
    modelTopology: {
      model_config: {
        class_name: 'Sequential',
        config: { name: 'net', layers: [{ class_name: 'Dense', config: dense }] },
      },
    },
    weightsManifest: [
      {
        paths: ['a.bin', 'b.bin'],
        weights: [
          { name: 'dense/kernel', shape: [3, 2], dtype: 'float32' },
          { name: 'dense/bias', shape: [2], dtype: 'float32' },
        ],
      },
    ],
  };
  const shard = (count: number) => new Uint8Array(new Float32Array(count).fill(0.25).buffer);
  const beside = new Map([
    ['a.bin', shard(5)],
    ['b.bin', shard(3)],
  ]);
  return { name: 'layers/model.json', bytes: text(JSON.stringify(json)), beside };
}

/** A graph with a quantised kernel. */
export function tfjsGraph(): SeedFile {
  const float = { dtype: { type: 'DT_FLOAT' } };
  const dim = [{ size: '-1' }, { size: '4' }];
  const json = {
    format: 'graph-model',
    modelTopology: {
      node: [
        { name: 'kernel', op: 'Const', attr: float },
        { name: 'x', op: 'Placeholder', attr: { ...float, shape: { shape: { dim } } } },
        { name: 'product', op: 'MatMul', input: ['x', 'kernel'], attr: {} },
        { name: 'y', op: 'Relu', input: ['product'], attr: {} },
      ],
      versions: { producer: 1 },
    },
    weightsManifest: [
      {
        paths: ['group1-shard1of1.bin'],
        weights: [
          {
            name: 'kernel',
            shape: [4, 2],
            dtype: 'float32',
            quantization: { dtype: 'uint8', min: -1, scale: 0.01 },
          },
        ],
      },
    ],
  };
  const beside = new Map([['group1-shard1of1.bin', Uint8Array.of(1, 2, 3, 4, 250, 251, 252, 253)]]);
  return { name: 'graph/model.json', bytes: text(JSON.stringify(json)), beside };
}
