/** One GraphDef node during the import: its inputs, attributes and constants. */

import { allocate, type ElementType, elementCount, type Tensor, tensor } from '../../../base/index.js';
import { type ChannelsLastValues, Emitter, type NodePlace, type Shaped } from '../channels-last/index.js';
import {
  type TensorflowAttribute,
  type TensorflowNode,
  type TensorflowShape,
  wireBigInt,
  wireNumber,
} from '../wire/index.js';

const elements: Readonly<Record<number, ElementType>> = {
  ...{ 1: 'float32', 2: 'float64', 3: 'int32', 4: 'uint8', 5: 'int16', 6: 'int8', 9: 'int64', 10: 'bool' },
};

export class TensorflowCall extends Emitter {
  constructor(
    values: ChannelsLastValues,
    readonly node: TensorflowNode,
    place: NodePlace,
  ) {
    super(values, place, node.name);
  }

  /** Data inputs: control dependencies order nothing that has no side effects. */
  get inputs(): readonly string[] {
    return this.node.input.filter((name) => !name.startsWith('^')).map(sourceName);
  }

  input(index: number): string {
    const name = this.inputs[index] ?? this.refuse(`input ${index} is missing`);
    this.values.type(name);
    return name;
  }

  attribute(name: string): TensorflowAttribute | undefined {
    return Object.hasOwn(this.node.attr, name) ? this.node.attr[name] : undefined;
  }

  text(name: string, fallback: string): string {
    const attribute = this.attribute(name);
    return attribute === undefined ? fallback : new TextDecoder().decode(Uint8Array.from(attribute.s));
  }

  numbers(name: string): readonly number[] {
    return (this.attribute(name)?.list?.i ?? []).map(wireNumber);
  }

  /** The elements of a constant input that holds shapes, axes or paddings. */
  integers(index: number): readonly number[] {
    const constant = this.values.constant(this.input(index));
    if (constant === undefined) this.refuse(`input ${index} is computed at run time; it must be constant`);
    return Array.from(constant.data, Number);
  }

  constant(index: number): Tensor {
    return (
      this.values.constant(this.input(index)) ??
      this.refuse(`input ${index} is computed at run time; it must be constant`)
    );
  }

  finish(result: Shaped): void {
    if (this.values.has(this.node.name)) this.refuse('a node of this name exists already');
    this.values.bind(this.node.name, result);
  }

  element(): ElementType {
    const code = this.attribute('dtype')?.type ?? 0;
    return elements[code] ?? this.refuse(`tensors of type code ${code} are not supported`);
  }

  /** Extents of a stated shape; -1 where unknown. */
  extents(shape: TensorflowShape | null | undefined): readonly number[] {
    return (shape?.dim ?? []).map(({ size }) => wireNumber(size));
  }

  /** The tensor of a Const node. */
  stored(): Tensor {
    const stored = this.attribute('value')?.tensor ?? this.refuse('it has no value');
    const element =
      elements[stored.dtype] ?? this.refuse(`tensors of type code ${stored.dtype} are not supported`);
    const shape = this.extents(stored.tensorShape);
    const count = elementCount(shape);
    if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 0) || count > 2 ** 27)
      this.refuse(`[${shape.join(', ')}] is not a shape that a constant can have`);
    const data = allocate(element, count);
    const raw = Uint8Array.from(stored.tensorContent);
    if (raw.length > 0) {
      if (raw.length !== data.byteLength)
        this.refuse(`its data have ${raw.length} bytes, the shape needs ${data.byteLength}`);
      new Uint8Array(data.buffer).set(raw);
      return tensor(element, shape, data);
    }
    const wide = data instanceof BigInt64Array;
    const values: readonly (number | bigint)[] = wide
      ? stored.int64Val.map(wireBigInt)
      : [...stored.floatVal, ...stored.doubleVal, ...stored.intVal, ...stored.boolVal.map(Number)];
    // The last value stands for all that follow.
    const last = values.at(-1) ?? (wide ? 0n : 0);
    for (let i = 0; i < count; i++) (data as { [index: number]: number | bigint })[i] = values[i] ?? last;
    return tensor(element, shape, data);
  }
}

/** `name:0` is `name`; further results of a node keep their index. */
export function sourceName(name: string): string {
  return name.replace(/:0$/, '');
}
