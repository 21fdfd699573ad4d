/** The TF.js importer. In: `model.json` and the weight files beside it. Out: a graph with channels-first convolutions, or diagnostics. */

import { collect, type Result, type Tensor, unwrap } from '../../../base/index.js';
import type { Graph } from '../../graph/index.js';
import { importKerasModel } from '../keras/index.js';
import { importTensorflowGraph, type NamedTensor } from '../tensorflow/index.js';
import { graphOfJson } from './graph-json.js';
import { readManifest, type Signature, type TfjsModel } from './manifest.js';
import { type FileLookup, readWeights, type StoredWeight } from './weights.js';

export interface ImportTfjsOptions {
  /** What graph and diagnostics call the network; default `network`. */
  readonly name?: string;
  /** Concrete shapes of inputs, by name, channels last. An unknown first extent is otherwise 1. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/**
 * Reads a graph model or a layers model.
 * @param bytes of `model.json`. @param files the weight files by the paths that it states. Never throws for bad files.
 */
export function importTfjs(
  bytes: Uint8Array,
  files: FileLookup,
  options: ImportTfjsOptions = {},
): Result<Graph> {
  const name = options.name ?? 'network';
  return collect(() => {
    const model = readManifest(bytes, 'model.json');
    const weights = readWeights(model.groups, files, 'model.json');
    const read = { ...options, name };
    return unwrap(
      model.kind === 'graph' ? graphModel(model, weights, read) : layersModel(model, weights, read),
    );
  });
}

function graphModel(
  { topology, signature }: TfjsModel,
  weights: readonly StoredWeight[],
  { name, shapes = {} }: ImportTfjsOptions & { readonly name: string },
): Result<Graph> {
  const numeric = weights.filter((weight) => weight.numeric);
  const values = new Map(numeric.map((weight): [string, () => Tensor] => [weight.name, weight.read]));
  const graph = graphOfJson(topology, values, 'model.json');
  const outputs = named(signature?.outputs);
  const inputs = named(signature?.inputs);
  return importTensorflowGraph(graph, { name, shapes, inputs, ...(outputs.length > 0 && { outputs }) });
}

function named(tensors: Signature['inputs']): NamedTensor[] {
  return Object.entries(tensors ?? {}).map(([name, info]) => ({ name, source: info.name }));
}

/** The topology is Keras's `model_config`, bare or beside versions; weights are called `layer/role`, in nested models too. */
function layersModel(
  { topology }: TfjsModel,
  weights: readonly StoredWeight[],
  options: ImportTfjsOptions,
): Result<Graph> {
  const config = topology.model_config ?? topology;
  return importKerasModel({ config, weights: new Map(), loose: weights }, options);
}
