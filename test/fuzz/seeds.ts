/**
 * The files that the fuzzer mutates, by format: real ones of the shared data where those are there, and small ones made here otherwise.
 * Small files first: they are mutated quickly, and large ones find nothing else.
 */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  externalOnnx,
  madeCaffemodel,
  madeOnnx,
  madePrototxt,
  madeSavedModel,
  tfjsGraph,
  tfjsLayers,
} from './made.js';

export interface SeedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Trained weights in a second file, mutated instead of the first. */
  readonly weights?: Uint8Array;
  /** True: the weights are left as they are, the file is mutated. */
  readonly keepsWeights?: boolean;
  /** Files beside it; one of them is mutated, or the file itself. */
  readonly beside?: ReadonlyMap<string, Uint8Array>;
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

const golden = join(import.meta.dirname, '../keras/golden');
const keras = (name: string): SeedFile => ({ name, bytes: readFileSync(join(golden, name)) });

/** Every format that is fuzzed. */
export const seedFormats: readonly SeedFormat[] = [
  {
    name: 'ONNX',
    kind: 'protobuf',
    seeds: () => [
      { name: 'made.onnx', bytes: madeOnnx() },
      externalOnnx(),
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
  {
    name: 'Keras h5',
    kind: 'bytes',
    seeds: () => [
      ...['pictures', 'fronts'].map((name) => ({
        name: `${name}.h5`,
        bytes: gunzipSync(keras(`${name}.h5.gz`).bytes),
      })),
      ...filesOf('dl4j-test-resources', '.h5', 60),
    ],
  },
  {
    name: 'prototxt',
    kind: 'text',
    seeds: () => [
      { name: 'made.prototxt', bytes: madePrototxt },
      ...filesOf('caffe', '.prototxt', 40, 12_000),
      ...filesOf('caffe-lenet-trained', '.prototxt'),
    ],
  },
  {
    name: 'caffemodel',
    kind: 'protobuf',
    seeds: () => [{ name: 'made.prototxt', bytes: madePrototxt, weights: madeCaffemodel() }],
  },
  { name: 'SavedModel', kind: 'protobuf', seeds: () => [madeSavedModel()] },
  { name: 'TF.js', kind: 'text', seeds: () => [tfjsLayers(), tfjsGraph()] },
  {
    name: 'Keras archive',
    kind: 'bytes',
    seeds: () => ['small', 'pictures', 'steps', 'fronts'].map((name) => keras(`${name}.keras`)),
  },
  {
    name: 'Keras JSON',
    kind: 'text',
    seeds: () => [{ ...keras('small.model'), weights: keras('small.weights.h5').bytes, keepsWeights: true }],
  },
  {
    name: 'Keras weights',
    kind: 'bytes',
    seeds: () => [{ ...keras('small.model'), weights: keras('small.weights.h5').bytes }],
  },
];
