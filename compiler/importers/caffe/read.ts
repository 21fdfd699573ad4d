/** The Caffe importer. In: a prototxt, a caffemodel, or both. Out: a float graph of the network at inference, or diagnostics. */

import {
  collect,
  type Diagnostic,
  DiagnosticError,
  elementCount,
  fail,
  type Result,
  succeed,
} from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { type Import, LayerCall } from './call.js';
import {
  badInputShape,
  emptyNet,
  randomWeights,
  strangeWeights,
  strayShape,
  unknownShape,
  unmappedLayer,
} from './diagnostics.js';
import { Filler } from './filler.js';
import { dataTypes, lookupMapping, trainingTypes } from './layers.js';
import { type Layer, type Net, readCaffemodel, readPrototxt } from './net.js';

export interface CaffeFiles {
  /** Text of the network; absent: the network that the caffemodel holds. */
  readonly prototxt?: string;
  /** Trained weights; layers without any get seeded random ones, with a warning. */
  readonly caffemodel?: Uint8Array;
}

export interface ReadCaffeOptions {
  /** What graph and diagnostics call the network; default: the name in the file. */
  readonly name?: string;
  /** Concrete shapes of inputs, by name: needed for training files, which do not state them. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  /** Of the weights that no file gives. Default 1. */
  readonly seed?: number;
}

/** Reads a Caffe network, old `layers` included. Never throws for a bad file. Weights are matched by layer name, as Caffe does. */
export function readCaffe(files: CaffeFiles, options: ReadCaffeOptions = {}): Result<Graph> {
  const file = options.name ?? 'network';
  const model = files.caffemodel && readCaffemodel(files.caffemodel, file);
  if (model?.ok === false) return model;
  const text = files.prototxt === undefined ? undefined : readPrototxt(files.prototxt, file);
  if (text?.ok === false) return text;
  const net = text?.value ?? model?.value;
  if (net === undefined) return fail(emptyNet(file));
  const weights = new Map((model?.value.layers ?? []).map((layer) => [layer.name, layer.blobs]));
  if (text && model?.value && !net.layers.some(({ name }) => (weights.get(name)?.length ?? 0) > 0))
    return fail(strangeWeights(file, [...weights.keys()]));
  const shared: Import = {
    network: options.name ?? (net.name || 'network'),
    builder: new GraphBuilder(options.name ?? (net.name || 'network')),
    current: new Map(),
    weights,
    filler: new Filler(options.seed ?? 1),
  };
  return build(shared, net, options.shapes ?? {});
}

function build(shared: Import, net: Net, shapes: NonNullable<ReadCaffeOptions['shapes']>): Result<Graph> {
  const layers = net.layers.filter((layer) => layer.atInference);
  const { inputs, faults } = readInputs(shared, net, layers, shapes);
  if (faults.length > 0) return fail(...faults);
  const computing = layers.filter(({ type }) => !dataTypes.has(type) && !trainingTypes.has(type));
  const diagnostics = mapLayers(shared, computing);
  if (diagnostics.length > 0) return fail(...diagnostics);
  const outputs = outputsOf(shared, computing, inputs);
  if (outputs.length === 0) return fail(emptyNet(shared.network));
  for (const output of outputs) shared.builder.output(output);
  const drawn = shared.filler.layers.size;
  return succeed(
    removeUnused.run(shared.builder.build()),
    drawn > 0 ? [randomWeights(shared.network, drawn)] : [],
  );
}

/** Inputs that something at inference reads: labels are read by losses only. */
function readInputs(
  { network, builder, current }: Import,
  net: Net,
  layers: readonly Layer[],
  shapes: NonNullable<ReadCaffeOptions['shapes']>,
): { readonly inputs: ReadonlySet<string>; readonly faults: readonly Diagnostic[] } {
  const read = new Set(layers.filter((l) => !trainingTypes.has(l.type)).flatMap((layer) => dataOf(layer)));
  // Of every phase and stage: training files have a source of data for each, of the same name.
  const stated = net.layers
    .filter(({ type }) => dataTypes.has(type))
    .flatMap(({ tops, shapes: own }) => tops.map((name, i) => ({ name, shape: own[i] ?? own[0] })));
  const inputs = [...net.inputs, ...stated].filter(({ name }) => read.has(name));
  const names = new Set(inputs.map(({ name }) => name));
  const faults = Object.keys(shapes).flatMap((name) => (names.has(name) ? [] : [strayShape(network, name)]));
  for (const [index, { name, shape: own }] of inputs.entries()) {
    if (inputs.findIndex((input) => input.name === name) !== index) continue;
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : own;
    const fault = shape === undefined ? unknownShape(network, name) : shapeFault(network, name, shape);
    if (fault) faults.push(fault);
    else current.set(name, builder.input(name, { element: 'float32', shape: [...shape!] }));
  }
  return { inputs: names, faults };
}

/** Bottoms that a layer computes with: a loss that stands for its prediction reads the first only. */
function dataOf({ type, bottoms }: Layer): readonly string[] {
  return type.endsWith('Loss') ? bottoms.slice(0, 1) : bottoms;
}

function shapeFault(network: string, name: string, shape: readonly number[]): Diagnostic | undefined {
  if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 1))
    return badInputShape(network, name, shape, 'has an extent that is not a positive integer');
  return elementCount(shape) > 2 ** 31 ? badInputShape(network, name, shape, 'is too large') : undefined;
}

/** Maps the layers in order. Layers that depend on a refused one are passed over: their faults would be its. */
function mapLayers(shared: Import, layers: readonly Layer[]): Diagnostic[] {
  const lost = new Set<string>();
  return layers.flatMap((layer) => {
    const result = layer.bottoms.some((bottom) => lost.has(bottom))
      ? fail()
      : collect(() => mapLayer(new LayerCall(shared, layer)));
    if (result.ok) return [];
    for (const top of layer.tops) lost.add(top);
    return result.diagnostics;
  });
}

function mapLayer(call: LayerCall): void {
  const mapping = lookupMapping(call.layer.type);
  if (mapping === undefined) throw new DiagnosticError([unmappedLayer(call.place)]);
  mapping(call);
}

/** What nothing reads, in the order in which it is computed; of in-place layers the last value. */
function outputsOf({ current }: Import, layers: readonly Layer[], inputs: ReadonlySet<string>): string[] {
  const read = new Set(layers.flatMap((layer) => dataOf(layer).filter((b) => !layer.tops.includes(b))));
  const tops = layers.flatMap(({ tops: all }) => all).filter((top) => !read.has(top) && !inputs.has(top));
  return [...new Set(tops.map((top) => current.get(top)!))];
}
