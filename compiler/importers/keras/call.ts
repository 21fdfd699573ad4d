/** One call of a layer while it becomes nodes: configuration, weights, names and refusals in one place. */

import { InternalError, type Tensor } from '../../../base/index.js';
import { type ChannelsLastValues, Emitter, type Shaped } from '../channels-last/index.js';
import type { NamedWeight } from './dataset.js';
import { badValue } from './diagnostics.js';
import { roleOf } from './roles.js';
import type { LayerSpec } from './topology.js';

/** Of a sequence [N, T, ...], a value [N, T], true where a step counts, which the call may state, or why it is not known; a layer that would heed an unknown one is refused. */
export type Mask = { readonly value: string; readonly stated?: true } | { readonly unknown: string };

/** What a call reads, and where it comes from. */
export interface CallSource {
  readonly layer: LayerSpec;
  /** Names of the tensors that the call reads. */
  readonly inputs: readonly string[];
  /** Name of the tensor that it computes; further ones are called {@link furtherOutput}. */
  readonly output: string;
  readonly weights: readonly NamedWeight[];
  /** Which steps of the first input count. */
  readonly mask?: Mask | undefined;
  /** Plain arguments of the call. */
  readonly given?: readonly unknown[];
}

/** Result `tensor` of a call whose first result is called `output`. */
export const furtherOutput = (output: string, tensor: number): string =>
  tensor === 0 ? output : `${output}#${tensor}`;

export class LayerCall extends Emitter {
  constructor(
    values: ChannelsLastValues,
    private readonly source: CallSource,
    /** Version of Keras that wrote the model, where the file says. */
    readonly version: string | undefined,
    /** Runs the call of a layer within this one. */
    readonly run: (source: CallSource) => void,
  ) {
    const { name: node, className: operator } = source.layer;
    super(values, { network: values.builder.name, node, operator }, source.output);
  }

  /** The same call as if it were of another layer. */
  as(layer: LayerSpec, weights: readonly NamedWeight[] = this.weights): LayerCall {
    return new LayerCall(this.values, { ...this.source, layer, weights }, this.version, this.run);
  }

  get layer(): LayerSpec {
    return this.source.layer;
  }

  get inputs(): readonly string[] {
    return this.source.inputs;
  }

  get output(): string {
    return this.source.output;
  }

  get weights(): readonly NamedWeight[] {
    return this.source.weights;
  }

  get mask(): Mask | undefined {
    return this.source.mask;
  }

  get given(): readonly unknown[] {
    return this.source.given ?? [];
  }

  get input(): string {
    return this.inputs[0] ?? this.refuse('it reads nothing');
  }

  get shape(): readonly number[] {
    return this.values.type(this.input).shape;
  }

  finish(result: Shaped): void {
    this.values.bind(this.output, result);
  }

  /** States a result beyond the first. */
  finishFurther(tensor: number, result: Shaped): void {
    this.values.bind(furtherOutput(this.output, tensor), result);
  }

  text(key: string, fallback: string): string {
    const value = this.layer.config[key] ?? fallback;
    return typeof value === 'string' ? value : this.refuse(`"${key}" is no text`);
  }

  number(key: string, fallback?: number): number {
    const value = this.layer.config[key] ?? fallback;
    return typeof value === 'number' ? value : this.refuse(`"${key}" is no number`);
  }

  flag(key: string, fallback: boolean): boolean {
    return Boolean(this.layer.config[key] ?? fallback);
  }

  /** `count` whole numbers, or one for all of them. */
  numbers(key: string, count: number, fallback?: readonly number[]): readonly number[] {
    const value = this.layer.config[key] ?? fallback;
    const list = typeof value === 'number' ? new Array<number>(count).fill(value) : value;
    if (!Array.isArray(list) || list.length !== count || !list.every((v) => Number.isInteger(v)))
      this.refuse(`"${key}" is not ${count} whole numbers`);
    return list as readonly number[];
  }

  /** Refuses a layout other than channels-last. */
  requireChannelsLast(): void {
    const format = this.text('data_format', 'channels_last');
    if (format !== 'channels_last') this.refuse(`data format ${format} is not supported, only channels_last`);
    const ordering = this.text('dim_ordering', 'tf');
    if (ordering !== 'tf') this.refuse(`dimension ordering ${ordering} is not supported, only tf`);
  }

  /** A weight by its role, such as `kernel`, of the stated shape. */
  weight(role: string, shape: readonly number[]): Tensor {
    const named = this.weights.filter((weight) => roleOf(weight.name) === role);
    // HDF5 files of Keras 3 call a depthwise kernel just that.
    const all =
      named.length === 0 && role === 'depthwise_kernel'
        ? this.weights.filter((weight) => roleOf(weight.name) === 'kernel')
        : named;
    const found = all[0] ?? this.refuse(`the file has no weight "${role}" for it`);
    if (all.length > 1) this.refuse(`the file has ${all.length} weights "${role}" for it`);
    // A shape that does not fit is refused before its numbers, however many, are read.
    const stated =
      found.shape === undefined ? this.read(found, found.read).shape : this.read(found, found.shape);
    if (stated.join() !== shape.join())
      this.refuse(`"${found.name}" has shape [${stated.join(', ')}], not [${shape.join(', ')}]`);
    return this.read(found, found.read);
  }

  hasWeight(role: string): boolean {
    return this.weights.some((weight) => roleOf(weight.name) === role);
  }

  private read<T>({ name }: NamedWeight, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof InternalError) throw error;
      throw badValue(this.values.builder.name, name, error instanceof Error ? error.message : String(error));
    }
  }

  constant(role: string, value: Tensor): string {
    return this.values.constantValue(`${this.stem}.${role}`, value);
  }
}
