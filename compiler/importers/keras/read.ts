/** The Keras importer. In: the bytes of a file of Keras 1, 2, 3 or tf.keras. Out: a channels-first graph, or diagnostics. */

import { collect, elementCount, fail, type Result } from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { ChannelsLastValues, unmappedOperator } from '../channels-last/index.js';
import { readArchive } from './archive.js';
import type { NamedWeight } from './dataset.js';
import { badValue, brokenFile } from './diagnostics.js';
import { type KerasModel, readHdf5 } from './hdf5.js';
import { readJson } from './json.js';
import { Caller, inputOf, isKnown, Scope, tensorName } from './model.js';
import { weightsWithin } from './roles.js';
import { type LayerSpec, type ModelSpec, readModel } from './topology.js';

export interface ImportKerasOptions {
  /** What graph and diagnostics call the network; default `network`. */
  readonly name?: string;
  /** Concrete shapes of inputs, by name, channels last; default: those of the file with batch 1. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** Reads a model that `model.save("net.h5")` wrote. Never throws for a bad file. */
export function importKerasH5(bytes: Uint8Array, options: ImportKerasOptions = {}): Result<Graph> {
  const name = options.name ?? 'network';
  const stored = readHdf5(bytes, name);
  return stored.ok ? importKerasModel(stored.value, options) : stored;
}

/** Reads a model that `model.save("net.keras")` wrote. Never throws for a bad file. */
export function importKerasArchive(bytes: Uint8Array, options: ImportKerasOptions = {}): Result<Graph> {
  const stored = readArchive(bytes, options.name ?? 'network');
  return stored.ok ? importKerasModel(stored.value, options) : stored;
}

/** Reads the JSON of a model with the weights of a file of their own. Never throws for bad files. */
export function importKerasJson(
  json: Uint8Array,
  weights: Uint8Array | undefined,
  options: ImportKerasOptions = {},
): Result<Graph> {
  const stored = readJson(json, weights, options.name ?? 'network');
  return stored.ok ? importKerasModel(stored.value, options) : stored;
}

/** A model's configuration and weights, wherever they were stored. Never throws for a bad model. */
export function importKerasModel(stored: KerasModel, options: ImportKerasOptions = {}): Result<Graph> {
  const name = options.name ?? 'network';
  const model = modelOf(stored, name);
  if (!model.ok) return model;
  if (!model.value.sequential && model.value.outputs.length === 0)
    return fail(brokenFile(name, 'it states no outputs'));
  const unmapped = unmappedIn(model.value.layers);
  if (unmapped.length > 0)
    return fail(
      ...unmapped.map((l) =>
        unmappedOperator('keras', { network: name, node: l.name, operator: l.className }),
      ),
    );
  return collect(() => new Reading(name, stored, options.shapes ?? {}).run(model.value));
}

function modelOf({ config }: KerasModel, file: string): Result<ModelSpec> {
  try {
    return { ok: true, value: readModel(config), diagnostics: [] };
  } catch (error) {
    return fail<ModelSpec>(brokenFile(file, error instanceof Error ? error.message : String(error)));
  }
}

/** Layers that have no mapping, in the model and in what it holds. */
const unmappedIn = (layers: readonly LayerSpec[]): readonly LayerSpec[] =>
  layers.flatMap((layer) =>
    isKnown(layer) ? unmappedIn([...(layer.model?.layers ?? []), ...layer.wrapped]) : [layer],
  );

/** Elements of the largest input. */
const LARGEST_INPUT = 2 ** 28;

class Reading {
  private readonly builder: GraphBuilder;
  private readonly defined = new Set<string>();

  constructor(
    private readonly network: string,
    private readonly stored: KerasModel,
    private readonly shapes: Readonly<Record<string, readonly number[]>>,
  ) {
    this.builder = new GraphBuilder(network);
  }

  run(model: ModelSpec): Graph {
    const outputs = model.sequential
      ? [model.layers.at(-1)?.name ?? '']
      : [...new Set(model.outputs.map(tensorName))];
    const values = new ChannelsLastValues(this.builder, 'keras', new Set(outputs));
    const scope = new Scope(new Caller(values, this.stored.version), model, '', (layer) =>
      this.weightsOf(layer),
    );
    const [first] = model.layers;
    if (model.sequential) {
      if (first !== undefined) this.input(values, first, inputOf(first));
    } else
      for (const layer of model.layers)
        if (layer.className === 'InputLayer') this.input(values, layer, layer.name);
    for (const name of Object.keys(this.shapes))
      if (!this.defined.has(name))
        throw badValue(this.network, name, 'a shape is stated for it, but it is no input of the network');
    scope.run();
    for (const output of outputs) values.publish(output, values.last(output));
    return removeUnused.run(this.builder.build());
  }

  private weightsOf({ name, model }: LayerSpec): readonly NamedWeight[] {
    const { weights, loose = [] } = this.stored;
    const own = weights.get(name);
    if (own !== undefined) return own;
    const found = weightsWithin(loose, name);
    // Files of tfjs name the layers of a model within a model, not that model.
    return found.length === 0 && model !== undefined ? loose : found;
  }

  /** Defines an input by `batch_input_shape` (Keras 3: `batch_shape`); an unknown batch is 1. */
  private input(values: ChannelsLastValues, { config, wrapped }: LayerSpec, name: string): void {
    const given =
      this.shapes[name] ??
      config.batch_input_shape ??
      config.batch_shape ??
      wrapped[0]?.config.batch_input_shape;
    if (!Array.isArray(given))
      throw badValue(
        this.network,
        name,
        'the file does not state the shape of this input: state it with --shape',
      );
    const shape = given.map((extent: unknown, axis) =>
      axis === 0 && extent === null ? 1 : Number(extent ?? Number.NaN),
    );
    if (
      !shape.every((extent) => Number.isSafeInteger(extent) && extent >= 1) ||
      elementCount(shape) > LARGEST_INPUT
    )
      throw badValue(
        this.network,
        name,
        `[${given.map(String).join(', ')}] is no concrete shape: state it with --shape ${name}=...`,
      );
    this.defined.add(name);
    values.bind(name, { value: this.builder.input(name, { element: 'float32', shape }), form: 'last' });
  }
}
