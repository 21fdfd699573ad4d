/** The Keras importer. In: the bytes of a file of Keras 1, 2, 3 or tf.keras. Out: a channels-first graph, or diagnostics. */

import { collect, elementCount, fail, type Result } from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { ChannelsLastValues, undefinedValue, unmappedOperator } from '../channels-last/index.js';
import { readArchive } from './archive.js';
import { LayerCall } from './call.js';
import { badValue, brokenFile } from './diagnostics.js';
import { type KerasModel, readHdf5 } from './hdf5.js';
import { readJson } from './json.js';
import { layerMappings } from './layers.js';
import { type LayerSpec, type ModelSpec, readModel, type TensorRef } from './topology.js';

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
  const unmapped = model.value.layers.filter(
    ({ className }) => className !== 'InputLayer' && !Object.hasOwn(layerMappings, className),
  );
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

/** Call `call` of a layer computes this tensor; the first one is called like the layer. */
const tensorName = ({ layer, call }: Pick<TensorRef, 'layer' | 'call'>): string =>
  call === 0 ? layer : `${layer}:${call}`;

/** Elements of the largest input. */
const LARGEST_INPUT = 2 ** 28;

class Reading {
  private readonly builder: GraphBuilder;
  private readonly defined = new Set<string>();
  private values!: ChannelsLastValues;

  constructor(
    private readonly network: string,
    private readonly stored: KerasModel,
    private readonly shapes: Readonly<Record<string, readonly number[]>>,
  ) {
    this.builder = new GraphBuilder(network);
  }

  run(model: ModelSpec): Graph {
    const outputs = model.sequential
      ? [tensorName({ layer: model.layers.at(-1)?.name ?? '', call: 0 })]
      : model.outputs.map(tensorName);
    this.values = new ChannelsLastValues(this.builder, 'keras', new Set(outputs));
    if (model.sequential) this.sequential(model);
    else this.functional(model);
    for (const name of Object.keys(this.shapes))
      if (!this.defined.has(name))
        throw badValue(this.network, name, 'a shape is stated for it, but it is no input of the network');
    for (const output of outputs) this.values.publish(output, this.values.last(output));
    return removeUnused.run(this.builder.build());
  }

  private sequential({ layers }: ModelSpec): void {
    const [first] = layers;
    if (first === undefined) return;
    const own = first.className === 'InputLayer';
    let previous = this.input(first, own ? first.name : `${first.name}_input`);
    for (const layer of own ? layers.slice(1) : layers) {
      this.call(layer, [previous], layer.name);
      previous = layer.name;
    }
  }

  /** Calls in an order in which everything is computed before it is read. */
  private functional({ layers }: ModelSpec): void {
    const waiting = layers.flatMap((layer) =>
      layer.calls.map((reads, call) => ({ layer, reads, output: tensorName({ layer: layer.name, call }) })),
    );
    for (const layer of layers) if (layer.className === 'InputLayer') this.input(layer, layer.name);
    let open = waiting.filter(({ layer }) => layer.className !== 'InputLayer');
    while (open.length > 0) {
      const ready = open.filter(({ reads }) => reads.every((ref) => this.values.has(tensorName(ref))));
      const stuck = open[0]!.reads.find((ref) => !this.values.has(tensorName(ref)));
      if (ready.length === 0) throw undefinedValue('keras', this.network, tensorName(stuck!));
      for (const { layer, reads, output } of ready) this.call(layer, reads.map(tensorName), output);
      open = open.filter((each) => !ready.includes(each));
    }
  }

  private call(layer: LayerSpec, inputs: readonly string[], output: string): void {
    const weights = this.stored.weights.get(layer.name) ?? [];
    if (this.values.has(output)) throw badValue(this.network, output, 'two layers have this name');
    const version = this.stored.version;
    layerMappings[layer.className]!(new LayerCall(this.values, layer, inputs, output, weights, version));
  }

  /** Defines an input by `batch_input_shape` (Keras 3: `batch_shape`); an unknown batch is 1. */
  private input({ config }: LayerSpec, name: string): string {
    const given = this.shapes[name] ?? config.batch_input_shape ?? config.batch_shape;
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
    this.values.bind(name, { value: this.builder.input(name, { element: 'float32', shape }), form: 'last' });
    return name;
  }
}
