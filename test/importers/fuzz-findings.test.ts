/** What the fuzzer found, as small files: each is refused with a diagnostic at its place. One case a finding. */

import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../base/index.js';
import { importFile } from '../../tools/library/formats.js';

/** The first error of an import that must fail with a diagnostic. */
function refusal(text: string) {
  try {
    importFile({ bytes: new TextEncoder().encode(text), name: 'net' }, {});
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
});
