/** What the fuzzer found, as small files: each is refused with a diagnostic at its place. One case a finding. */

import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../base/index.js';
import { importFile } from '../../tools/library/formats.js';
import { makeOnnxModel } from '../support/onnx-model.js';

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
