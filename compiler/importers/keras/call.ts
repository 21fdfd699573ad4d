/** One call of a layer while it becomes nodes: configuration, weights, names and refusals in one place. */

import { InternalError, type Tensor } from '../../../base/index.js';
import { type ChannelsLastValues, Emitter, type Shaped } from '../channels-last/index.js';
import type { NamedWeight } from './dataset.js';
import { badValue } from './diagnostics.js';
import type { LayerSpec } from './topology.js';

export class LayerCall extends Emitter {
  constructor(
    values: ChannelsLastValues,
    readonly layer: LayerSpec,
    /** Names of the tensors that the call reads. */
    readonly inputs: readonly string[],
    /** Name of the tensor that it computes. */
    readonly output: string,
    private readonly weights: readonly NamedWeight[],
    /** Version of Keras that wrote the model, where the file says. */
    readonly version?: string,
  ) {
    const place = { network: values.builder.name, node: layer.name, operator: layer.className };
    super(values, place, output);
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
    const found =
      this.weights.find((weight) => roleOf(weight.name) === role) ??
      this.refuse(`the file has no weight "${role}" for it`);
    const tensor = this.read(found);
    if (tensor.shape.join() !== shape.join())
      this.refuse(`"${found.name}" has shape [${tensor.shape.join(', ')}], not [${shape.join(', ')}]`);
    return tensor;
  }

  private read({ name, read }: NamedWeight): Tensor {
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

/** Names of Keras 1, which end in W and b. Its `running_std` holds the variance. */
const oldRoles: Readonly<Record<string, string>> = {
  W: 'kernel',
  b: 'bias',
  running_mean: 'moving_mean',
  running_std: 'moving_variance',
};

/** `conv/kernel:0` is a kernel, `convolution2d_1_W` too. */
function roleOf(name: string): string {
  const leaf = name.replace(/:\d+$/, '').split('/').at(-1)!;
  const old = /(?:^|_)(W|b|running_mean|running_std|gamma|beta)$/.exec(leaf)?.[1];
  return old === undefined ? leaf : (oldRoles[old] ?? old);
}
