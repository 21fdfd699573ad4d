/** `NETWORK` on the command line: a file (format found from its content) or the name of a shipped example. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError, elementCount, errorDiagnostic, type Tensor, tensor } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import type { CompileOptions } from '../../compiler/pipeline/index.js';

import { packageRoot, readUserFile } from './files.js';
import { type Imported, importFile } from './formats.js';
import { readSamples, type Sample, syntheticSamples } from './samples.js';
import { type NetworkSource, networkSource } from './source.js';

/** A network with the samples that came with it. */
export interface Opened {
  readonly graph: Graph;
  readonly format: string;
  readonly calibration: readonly Sample[];
  /** Inputs to verify with: test pictures for an example, the calibration samples for a file. */
  readonly tests: readonly Sample[];
  /** What every value is taken to span, where nothing is calibrated: the file holds shapes only. */
  readonly range?: { readonly min: number; readonly max: number };
  /** What the user should know about the samples. */
  readonly notes: readonly string[];
}

export interface OpenOptions {
  readonly batch?: number;
  /** `.npy` file with calibration samples. */
  readonly calibration?: string;
  /** `.npy` file with inputs to verify with. */
  readonly samples?: string;
  /** Trained weights beside the network's file (Caffe: the caffemodel). */
  readonly weights?: string;
  /** Signature of a SavedModel. */
  readonly signature?: string;
  /** Input shapes by name, over the file's. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** Names of the shipped examples. */
export function exampleNames(): string[] {
  const folder = join(packageRoot(), 'examples');
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'metadata.json')))
    .map((entry) => entry.name);
}

/** @throws DiagnosticError when the network cannot be read. */
export function openNetwork(nameOrFile: string, options: OpenOptions = {}): Opened {
  const example = join(packageRoot(), 'examples', nameOrFile);
  if (/^[\w-]+$/.test(nameOrFile) && existsSync(join(example, 'metadata.json')))
    return openExample(nameOrFile, example, options);
  if (!existsSync(nameOrFile) && !/[./\\]/.test(nameOrFile)) throw unknownNetwork(nameOrFile);
  const { graph, format, notes, range } = importNetwork(networkSource(nameOrFile), options);
  if (range !== undefined && options.calibration === undefined)
    return { graph, format, range, notes, calibration: [], tests: syntheticSamples(graph, 1) };
  const samples = fileSamples(graph, options);
  return { graph, format, ...samples, notes: [...notes, ...samples.notes] };
}

/** What the compiler is to know of a network's values. */
export function calibrationOf({ calibration, range }: Opened): Pick<CompileOptions, 'calibration' | 'range'> {
  return range ? { range } : { calibration };
}

function unknownNetwork(name: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('network/unknown', `there is no file and no example named "${name}"`, {
      where: { kind: 'option', option: `NETWORK ${name}` },
      hint: `examples: ${exampleNames().join(', ')}; or give the path of an ONNX or Caffe file`,
    }),
  ]);
}

/** The network with the batch that the user wants: read again with it, because shapes are concrete from the start. */
function importNetwork(source: NetworkSource, options: OpenOptions): Imported {
  const { batch, shapes = {}, signature } = options;
  const weights = options.weights === undefined ? undefined : readUserFile(options.weights);
  const files = { ...source, ...(weights && { weights }), ...(signature !== undefined && { signature }) };
  const imported = importFile(files, shapes);
  if (batch === undefined || batch === 1) return imported;
  const { inputs, values } = imported.graph;
  const batched = inputs.map((input) => [input, [batch, ...values.get(input)!.type.shape.slice(1)]]);
  return importFile(files, Object.fromEntries(batched));
}

/** Inputs drawn when the user gives none: one picture of a large network shows enough values, small inputs need several. */
function syntheticCount(graph: Graph): number {
  const elements = graph.inputs.reduce(
    (sum, name) => sum + elementCount(graph.values.get(name)!.type.shape),
    0,
  );
  return elements >= 10_000 ? 1 : 8;
}

function fileSamples(graph: Graph, options: OpenOptions): Pick<Opened, 'calibration' | 'tests' | 'notes'> {
  if (options.calibration === undefined) {
    const count = syntheticCount(graph);
    const synthetic = syntheticSamples(graph, count);
    return {
      calibration: synthetic,
      tests: options.samples === undefined ? synthetic : readSamples(options.samples, graph),
      notes: [
        `no calibration samples were given: activation ranges come from ${count} seeded standard-normal input${count === 1 ? '' : 's'}. Cycles and traffic do not depend on them; the accuracy of the int8 network does (--calibration samples.npy)`,
      ],
    };
  }
  const calibration = readSamples(options.calibration, graph);
  return {
    calibration,
    tests: options.samples === undefined ? calibration : readSamples(options.samples, graph),
    notes: [],
  };
}

interface ExampleSamples {
  readonly calibration: readonly (readonly number[])[];
  readonly test: readonly { readonly pixels: readonly number[]; readonly label: number }[];
}

/** The shipped samples of an example: calibration pictures, test pictures and their labels. */
export function exampleSamples(name: string): ExampleSamples {
  const text = readFileSync(join(packageRoot(), 'examples', name, 'samples.json'), 'utf8');
  return JSON.parse(text) as ExampleSamples;
}

function openExample(name: string, folder: string, options: OpenOptions): Opened {
  const { graph } = importNetwork(networkSource(join(folder, `${name}.onnx`), name), options);
  const samples = exampleSamples(name);
  const calibration = batches(graph, samples.calibration);
  const tests = batches(
    graph,
    samples.test.map((t) => t.pixels),
  );
  return {
    graph,
    format: 'ONNX',
    calibration: options.calibration === undefined ? calibration : readSamples(options.calibration, graph),
    tests: options.samples === undefined ? tests : readSamples(options.samples, graph),
    notes: [],
  };
}

/** Digits pictures hold 0 to 16; the network takes pixel / 16. Consecutive pictures fill a batch, from the first again past the last. */
function batches(graph: Graph, pictures: readonly (readonly number[])[]): Sample[] {
  const input = graph.inputs[0]!;
  const { shape } = graph.values.get(input)!.type;
  const perBatch = shape[0]!;
  const count = Math.max(1, Math.floor(pictures.length / perBatch));
  return Array.from({ length: count }, (_, i) => {
    const batch = Array.from({ length: perBatch }, (_, k) => pictures[(i * perBatch + k) % pictures.length]!);
    const values = batch.flatMap((picture) => picture.map((p) => p / 16));
    return new Map<string, Tensor>([[input, tensor('float32', shape, Float32Array.from(values))]]);
  });
}
