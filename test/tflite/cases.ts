/**
 * The quantised TFLite networks of the shared data, with the inputs that references were recorded for. In: the shared data. Out: the bytes of each network and
 * of each input. Recorder and tests both take them from here.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InternalError } from '../../base/index.js';

export const networkRoot = resolve(import.meta.dirname, '../../../shared/data/networks');

export interface ExactCase {
  readonly name: string;
  /** Below `networkRoot`. */
  readonly file: string;
  readonly element: 'int8' | 'uint8';
  /** Of the input, channels last. */
  readonly shape: readonly number[];
  /** Bytes drawn from seed 12345, as many times. */
  readonly draws: number;
  /** Pictures, brought to `shape` by nearest neighbours. */
  readonly pictures: readonly string[];
  /** Of the machine: a network whose weights have other zero points than 128 needs 16. */
  readonly weightBits: 8 | 16;
}

const tiny = 'mlcommons-tiny/benchmark/training';
const micro = 'tflite-micro/tensorflow/lite/micro';
const photographs = ['bird', 'cat', 'grace_hopper', 'sunflower'].map(
  (name) => `google-coral-test_data/${name}.bmp`,
);
const people = ['person', 'no_person'].map(
  (name) => `${micro}/examples/person_detection/testdata/${name}.bmp`,
);
const plain = { element: 'int8', draws: 4, pictures: [], weightBits: 8 } as const;

export const exactCases: readonly ExactCase[] = [
  {
    ...plain,
    name: 'anomaly detection (MLPerf Tiny)',
    file: `${tiny}/anomaly_detection/trained_models/ad01_int8.tflite`,
    shape: [1, 640],
  },
  {
    ...plain,
    name: 'keyword spotting (MLPerf Tiny)',
    file: `${tiny}/keyword_spotting/trained_models/kws_ref_model.tflite`,
    shape: [1, 49, 10, 1],
  },
  {
    ...{ ...plain, name: 'image classification (MLPerf Tiny)', shape: [1, 32, 32, 3], pictures: photographs },
    file: `${tiny}/image_classification/trained_models/pretrainedResnet_quant.tflite`,
  },
  {
    ...{ ...plain, name: 'image classification, wide', shape: [1, 32, 32, 3], pictures: photographs },
    file: `${tiny}/image_classification/trained_models/pretrainedResnet_large_int8.tflite`,
  },
  {
    ...{ ...plain, name: 'person detection', shape: [1, 96, 96, 1], draws: 2, pictures: people },
    file: `${micro}/models/person_detect.tflite`,
  },
  {
    ...{
      ...plain,
      name: 'MobileNetV1 0.25, uint8',
      shape: [1, 128, 128, 3],
      draws: 2,
      pictures: photographs,
    },
    ...{ element: 'uint8', weightBits: 16 },
    file: 'google-coral-test_data/mobilenet_v1_0.25_128_quant.tflite',
  },
  {
    ...{ ...plain, name: 'hello world', shape: [1, 1] },
    file: `${micro}/examples/hello_world/models/hello_world_int8.tflite`,
  },
];

export const casesAbsent = !existsSync(join(networkRoot, exactCases[0]!.file));

export function networkBytes({ file }: Pick<ExactCase, 'file'>): Uint8Array {
  return new Uint8Array(readFileSync(join(networkRoot, file)));
}

/** Inputs of a case as the network's integers: what was drawn, then the pictures. */
export function inputsOf(exact: ExactCase): (Int8Array | Uint8Array)[] {
  const count = exact.shape.reduce((product, extent) => product * extent, 1);
  const draw = drawer();
  const drawn = Array.from({ length: exact.draws }, () => Uint8Array.from({ length: count }, draw));
  const seen = exact.pictures.map((file) => resized(join(networkRoot, file), exact.shape));
  const bytes = [...drawn, ...seen];
  return exact.element === 'uint8' ? bytes : bytes.map((values) => Int8Array.from(values, (v) => v - 128));
}

/** Bytes of a linear congruential generator. */
function drawer(): () => number {
  let state = 12345n;
  return () => {
    state = (1103515245n * state + 12345n) % 2n ** 31n;
    return Number((state >> 16n) % 256n);
  };
}

/** A bitmap of 8 (grey) or 24 bits a pixel as [1, height, width, channels]: nearest neighbours. */
function resized(file: string, [, height = 1, width = 1, channels = 1]: readonly number[]): Uint8Array {
  const bitmap = readFileSync(file);
  const [start, across, down] = [10, 18, 22].map((at) => bitmap.readInt32LE(at)) as [number, number, number];
  const bytes = bitmap.readUInt16LE(28) / 8;
  if (bytes !== 1 && bytes !== 3) throw new InternalError(`${file} has ${bytes} bytes a pixel`);
  const pitch = Math.ceil((across * bytes) / 4) * 4;
  const out = new Uint8Array(height * width * channels);
  for (let i = 0; i < out.length; i++) {
    const [x, y] = [Math.floor(i / channels) % width, Math.floor(i / channels / width)];
    const row = down - 1 - Math.floor((y * down) / height);
    // Bitmaps hold blue, green, red.
    const channel = bytes === 1 ? 0 : channels === 1 ? 1 : 2 - (i % channels);
    out[i] = bitmap[start + row * pitch + Math.floor((x * across) / width) * bytes + channel]!;
  }
  return out;
}
