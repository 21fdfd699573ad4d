/** A file's format is found from its content: real files of each, under a name that says nothing. */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DiagnosticError } from '../../base/index.js';
import { importFile } from '../../tools/library/formats.js';

const networks = new URL('../../../shared/data/networks/', import.meta.url);
const tiny = 'mlcommons-tiny/benchmark/training/';
const graphs = 'dl4j-test-resources/src/main/resources/tf_graphs/examples/';
const present = existsSync(networks);
if (!present) console.log('skipped: formats of real files, ../shared/data/networks is not there');

describe.skipIf(!present)('the format of a file', () => {
  it.each([
    ['TFLite', `${tiny}image_classification/trained_models/pretrainedResnet_quant.tflite`],
    ['TFLite', `${tiny}anomaly_detection/trained_models/ad01_fp32.tflite`],
    ['Keras', `${tiny}image_classification/trained_models/pretrainedResnet.h5`],
    ['Keras', `${tiny}anomaly_detection/trained_models/ad01.h5`],
    ['Caffe', 'caffe-lenet-trained/examples/mnist/lenet.prototxt'],
  ])('%s: %s', (format, path) => {
    const bytes = readFileSync(new URL(path, networks));
    expect(importFile({ bytes, name: 'network' }, {}).format).toBe(format);
  });

  it('a frozen TensorFlow graph is known even where an operator is refused', () => {
    const file = readFileSync(
      new URL(`${graphs}fake_quant/min_max_args/rank1_0_1_8bit/frozen_model.pb`, networks),
    );
    const renamed = file.toString('latin1').replaceAll('FakeQuantWithMinMaxArgs', 'FakeQuantWithMinMaxOdds');
    const bytes = Buffer.from(renamed, 'latin1');
    expect(codeOf(bytes)).toBe('tensorflow/unmapped-operator');
  });

  it('a caffemodel is no GraphDef', () => {
    const bytes = readFileSync(
      new URL('caffe-lenet-trained/examples/mnist/lenet_iter_10000.caffemodel', networks),
    );
    expect(codeOf(bytes)).toBe('caffe/unknown-shape');
  });
});

describe('what is none of them', () => {
  it.each([
    ['nothing', '', 'the file is empty'],
    ['JSON', '{"layers": []}', 'it begins with the bytes 7b 22 6c 61 79 65 72 73'],
    ['a picture', '\x89PNG\r\n\x1a\n', 'it begins with the bytes'],
  ])('%s is refused with what was seen', (_, text, seen) => {
    try {
      importFile({ bytes: new TextEncoder().encode(text), name: 'network' }, {});
      expect.unreachable();
    } catch (error) {
      expect((error as DiagnosticError).diagnostics[0]).toMatchObject({ code: 'network/format' });
      expect((error as DiagnosticError).diagnostics[0]!.message).toContain(seen);
    }
  });
});

function codeOf(bytes: Uint8Array): string | undefined {
  try {
    importFile({ bytes, name: 'network' }, {});
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics[0]!.code;
    throw error;
  }
  return undefined;
}
