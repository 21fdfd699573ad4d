/** What the fuzzer found, as small files: each is refused with a diagnostic at its place. One case a finding. */

import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../base/index.js';
import { boundedCopy } from '../../compiler/importers/keras/bounded.js';
import { importKerasModel } from '../../compiler/importers/keras/read.js';
import { importGraphDef } from '../../compiler/importers/tensorflow/index.js';
import { importFile } from '../../tools/library/formats.js';
import { makeOnnxModel } from '../support/onnx-model.js';
import { attr, node, savedModel } from '../tensorflow/saved-model-files.js';

/** The first error of an import that must fail with a diagnostic. */
function refusal(file: string | Uint8Array) {
  const bytes = typeof file === 'string' ? new TextEncoder().encode(file) : file;
  try {
    importFile({ bytes, name: 'net' }, {});
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]!;
    throw error;
  }
  throw new Error('the file was imported');
}

const convolution = (parameters: string) => `input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { ${parameters} } }`;

describe('findings of the fuzzer', () => {
  it('refuses a Caffe layer of more random weights than fit into memory', () => {
    const { code, message, where } = refusal(convolution('num_output: 1000000000 kernel_size: 1'));
    expect(code).toBe('caffe/unsupported-layer');
    expect(message).toContain('[1000000000, 3, 1, 1] would be more random weights');
    expect(where).toMatchObject({ kind: 'node', node: 'conv' });
  });

  it('refuses an ONNX graph without outputs', () => {
    const nodes = [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }];
    const bytes = makeOnnxModel({ nodes, inputs: [{ name: 'x', shape: [1, 2] }], outputs: [] });
    expect(refusal(bytes)).toMatchObject({ code: 'onnx/no-outputs', where: { kind: 'file', file: 'net' } });
  });

  it('refuses an old addition whose axis no tensor has', () => {
    const bytes = makeOnnxModel({
      nodes: [
        { op: 'Add', inputs: ['a', 'b'], outputs: ['y'], attributes: { broadcast: 1, axis: -(2 ** 31) } },
      ],
      inputs: [
        { name: 'a', shape: [1, 2, 3, 4] },
        { name: 'b', shape: [2] },
      ],
      outputs: [{ name: 'y' }],
      opset: 6,
    });
    const { message, where } = refusal(bytes);
    expect(message).toContain('"axis" is -2147483648, outside a tensor of rank 4');
    expect(where).toMatchObject({ kind: 'node', operator: 'Add' });
  });

  it('refuses an attention whose past does not fit its keys', () => {
    const shape = [1, 2, 3, 4];
    const names = ['q', 'k', 'v', '', 'pk', 'pv'];
    const bytes = makeOnnxModel({
      nodes: [{ op: 'Attention', inputs: names, outputs: ['y', 'k2', 'v2'] }],
      inputs: names
        .filter((name) => name !== '')
        .map((name) => ({ name, shape: name === 'pv' ? [1, 2, 5, 4] : shape })),
      outputs: [{ name: 'y' }, { name: 'k2' }, { name: 'v2' }],
      opset: 23,
    });
    const { message, where } = refusal(bytes);
    expect(message).toContain('past of shape [1, 2, 5, 4] is not [1, 2, 3, 4]');
    expect(where).toMatchObject({ kind: 'node', operator: 'Attention' });
  });
});

it('refuses a SavedModel of which an output has no name', () => {
  const bytes = savedModel({
    nodes: [
      node('x', 'Placeholder', [], { dtype: attr.type(1), shape: attr.shape([1, 3]) }),
      node('y', 'Relu', ['x']),
    ],
    inputs: { x: 'x:0' },
    outputs: { '': 'y:0' },
  });
  const { message, where } = refusal(bytes);
  expect(message).toContain('an output of the signature "serving_default" has no name');
  expect(where).toMatchObject({ kind: 'file' });
});

it('refuses a Split into fewer than one part', () => {
  const bytes = savedModel({
    nodes: [
      node('x', 'Placeholder', [], { dtype: attr.type(1), shape: attr.shape([1, 4]) }),
      node('axis', 'Const', [], { dtype: attr.type(3), value: attr.integers([1]) }),
      node('y', 'Split', ['axis', 'x'], { num_split: attr.integer(-2) }),
    ],
    inputs: { x: 'x:0' },
    outputs: { y: 'y:0' },
  });
  const { message, where } = refusal(bytes);
  expect(message).toContain('4 does not split into -2 parts');
  expect(where).toMatchObject({ kind: 'node', operator: 'Split' });
});

it('refuses a frozen graph with a node that has no name', () => {
  const op = new TextEncoder().encode('Identity');
  const node = Uint8Array.of(0x12, op.length, ...op);
  const result = importGraphDef(Uint8Array.of(0x0a, node.length, ...node), { name: 'net' });
  expect(result.ok).toBe(false);
  expect(result.diagnostics[0]).toMatchObject({ where: { kind: 'node', network: 'net' } });
  expect(result.diagnostics[0]!.message).toContain('the node has no name');
});

it('refuses a Keras model without outputs', () => {
  const config = { name: 'm', layers: [], input_layers: [], output_layers: [] };
  const stored = { config: { class_name: 'Functional', config }, weights: new Map() };
  const result = importKerasModel(stored, { name: 'net' });
  expect(result.ok).toBe(false);
  expect(result.diagnostics[0]).toMatchObject({ where: { kind: 'file', file: 'net' } });
  expect(result.diagnostics[0]!.message).toContain('it states no outputs');
});

describe('HDF5 fields that state more than the file holds', () => {
  const cut = (begin: number, end: number) => boundedCopy(new Uint8Array(64)).slice(begin, end);

  it('reads what is there', () => {
    expect(boundedCopy(Uint8Array.of(1, 2, 3, 4)).slice(1, 3)).toEqual(Uint8Array.of(2, 3).buffer);
  });

  it('refuses a piece beyond the end', () => {
    expect(() => cut(60, 65)).toThrow('a field from byte 60 to 65 reaches beyond the end of the data');
    expect(() => cut(2 ** 40, 2 ** 40 + 28)).toThrow('beyond the end');
  });

  it('refuses more pieces than the file can hold (names without any length)', () => {
    const buffer = boundedCopy(new Uint8Array(64));
    const readAll = () => {
      for (let i = 0; i < 1e6; i++) buffer.slice(8, 8);
    };
    expect(readAll).toThrow('it states more entries than the file can hold');
  });
});
