/** A model while it is read, and the models within it. In: its layers and weights. Out: their calls as nodes, inputs before readers. */

import { type ChannelsLastValues, undefinedValue } from '../channels-last/index.js';
import { type CallSource, furtherOutput, LayerCall, type Mask } from './call.js';
import type { NamedWeight } from './dataset.js';
import { badValue } from './diagnostics.js';
import { layerMappings } from './layers.js';
import { Masks } from './masks.js';
import { weightsWithin } from './roles.js';
import type { LayerSpec, ModelSpec, TensorRef } from './topology.js';
import { channelsFirst, isChannelsFirst } from './wrappers.js';

/** Call `call` of a layer computes this tensor; the first one is called like the layer. */
export const tensorName = ({ layer, call, tensor }: TensorRef): string =>
  furtherOutput(call === 0 ? layer : `${layer}:${call}`, tensor);

/** Calls of layers in a model and those within it: nested models that call each other multiply. */
const MOST_CALLS = 20_000;

/** The layers whose calls become nodes; all else that a configuration may name is refused. */
export const isKnown = ({ className, model }: LayerSpec): boolean =>
  className === 'InputLayer' || model !== undefined || Object.hasOwn(layerMappings, className);

/** Calls layers, one after the other, whichever model they stand in. */
export class Caller {
  private calls = 0;
  readonly masks = new Masks();

  constructor(
    readonly values: ChannelsLastValues,
    private readonly version: string | undefined,
  ) {}

  get network(): string {
    return this.values.builder.name;
  }

  /** Binds the result of one call. */
  readonly run = (given: CallSource): void => {
    const { layer, output } = given;
    const source = { ...given, mask: given.mask ?? this.masks.of(given.inputs[0] ?? '') };
    if (this.values.has(output)) throw badValue(this.network, output, 'two layers have this name');
    this.calls++;
    if (this.calls > MOST_CALLS)
      throw badValue(this.network, output, `its models call more than ${MOST_CALLS} layers`);
    if (layer.model !== undefined) this.nested(source, layer.model);
    else this.mapped(new LayerCall(this.values, source, this.version, this.run));
  };

  private mapped(call: LayerCall): void {
    const mapping = layerMappings[call.layer.className] ?? call.refuse('it is not supported here');
    (isChannelsFirst(call.layer) ? channelsFirst : mapping)(call);
    this.masks.settle(call);
  }

  /** A model within a model: its inputs are other names of what the call reads, its outputs those of the call. */
  private nested({ layer, inputs, output, weights, mask }: CallSource, model: ModelSpec): void {
    const scope = new Scope(this, model, `${output}/`, (inner) => weightsWithin(weights, inner.name));
    const names = scope.inputNames();
    if (names.length !== inputs.length)
      throw badValue(
        this.network,
        output,
        `model "${layer.name}" has ${names.length} inputs, ${inputs.length} are given`,
      );
    for (const [i, name] of names.entries())
      scope.bindInput(name, inputs[i]!, i === 0 ? mask : this.masks.of(inputs[i]!));
    scope.run();
    for (const [i, result] of scope.outputNames().entries()) {
      this.values.bindAlias(furtherOutput(output, i), result);
      this.masks.set(furtherOutput(output, i), this.masks.of(result));
    }
  }
}

/** One model's tensors, which have a prefix of their own among all. */
export class Scope {
  constructor(
    private readonly caller: Caller,
    private readonly model: ModelSpec,
    private readonly prefix: string,
    private readonly weightsOf: (layer: LayerSpec) => readonly NamedWeight[],
  ) {}

  private name(ref: TensorRef): string {
    return `${this.prefix}${tensorName(ref)}`;
  }

  /** The input tensors of a model within another one. */
  inputNames(): readonly string[] {
    const { sequential, layers, inputs } = this.model;
    return sequential ? [inputOf(layers[0])] : inputs.map(tensorName);
  }

  outputNames(): readonly string[] {
    const { sequential, layers, outputs } = this.model;
    const last = { layer: layers.at(-1)?.name ?? '', call: 0, tensor: 0 };
    return (sequential ? [last] : outputs).map((ref) => this.name(ref));
  }

  /** Makes a tensor outside the model one of its inputs. */
  bindInput(name: string, source: string, mask: Mask | undefined): void {
    this.caller.values.bindAlias(`${this.prefix}${name}`, source);
    this.caller.masks.set(`${this.prefix}${name}`, mask);
  }

  run(): void {
    if (this.model.sequential) this.sequential();
    else this.functional();
  }

  private sequential(): void {
    const { layers } = this.model;
    let previous = `${this.prefix}${inputOf(layers[0])}`;
    for (const layer of layers[0]?.className === 'InputLayer' ? layers.slice(1) : layers) {
      const output = `${this.prefix}${layer.name}`;
      this.call(layer, [previous], output);
      previous = output;
    }
  }

  /** Calls in an order in which everything is computed before it is read. */
  private functional(): void {
    const { values, network } = this.caller;
    let open = this.model.layers
      .filter(({ className }) => className !== 'InputLayer')
      .flatMap((layer) =>
        layer.calls.map((reads, call) => ({
          layer,
          call,
          reads: reads.map((ref) => this.name(ref)),
          output: this.name({ layer: layer.name, call, tensor: 0 }),
        })),
      );
    while (open.length > 0) {
      const ready = open.filter(({ reads }) => reads.every((name) => values.has(name)));
      if (ready.length === 0)
        throw undefinedValue('keras', network, open[0]!.reads.find((name) => !values.has(name))!);
      for (const { layer, call, output } of ready) this.calledAs(layer, call, output);
      const done = new Set(ready);
      open = open.filter((each) => !done.has(each));
    }
  }

  /** Call `call` of a layer: masks that the file states are apart from what is read. */
  private calledAs(layer: LayerSpec, call: number, output: string): void {
    const { values, network } = this.caller;
    const refs = layer.calls[call]!;
    const inputs = refs.filter((ref) => ref.mask === undefined).map((ref) => this.name(ref));
    const [stated, ...more] = refs.filter((ref) => ref.mask !== undefined);
    const odd = more[0] ?? (stated?.mask === 'mask' ? undefined : stated);
    if (odd !== undefined)
      throw badValue(network, output, `the argument "${odd.mask}" of its call is not supported`);
    const mask = stated && ({ value: values.last(this.name(stated)), stated: true } as const);
    const given = layer.arguments[call] ?? [];
    this.caller.run({ layer, inputs, output, weights: this.weightsOf(layer), mask, given });
  }

  private call(layer: LayerSpec, inputs: readonly string[], output: string): void {
    this.caller.run({ layer, inputs, output, weights: this.weightsOf(layer) });
  }
}

/** The input of a Sequential model: its input layer, or what its first layer reads. */
export function inputOf(first: LayerSpec | undefined): string {
  if (first === undefined) return 'input';
  return first.className === 'InputLayer' ? first.name : `${first.name}_input`;
}
