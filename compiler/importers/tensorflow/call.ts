/** One GraphDef node during the import: its inputs, attributes and constants. */

import { allocate, type ElementType, type Tensor, tensor } from '../../../base/index.js';
import type { TensorType } from '../../graph/index.js';
import {
  type AttributeRecord,
  type ChannelsLastValues,
  Emitter,
  type NodePlace,
  type Shaped,
} from '../channels-last/index.js';
import {
  halfToNumber,
  type TensorflowAttribute,
  type TensorflowNode,
  type TensorflowShape,
  wireBigInt,
  wireNumber,
} from '../wire/index.js';
import { dataInputs } from './order.js';
import { bfloatToNumber, elementOf, storableCount, unpack } from './tensor.js';

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
    return dataInputs(this.node);
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

  texts(name: string): readonly string[] {
    return (this.attribute(name)?.list?.s ?? []).map((s) => new TextDecoder().decode(Uint8Array.from(s)));
  }

  flag(name: string, fallback = false): boolean {
    return this.attribute(name)?.b ?? fallback;
  }

  integer(name: string, fallback = 0): number {
    const attribute = this.attribute(name);
    return attribute === undefined ? fallback : wireNumber(attribute.i);
  }

  float(name: string, fallback: number): number {
    return this.attribute(name)?.f ?? fallback;
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

  /** Type of input `index`, in the file's layout. */
  type(index: number): TensorType {
    return this.values.type(this.input(index));
  }

  /** Input `index` in the file's layout. */
  last(index: number): string {
    return this.values.last(this.input(index));
  }

  /** Name that the file gives result `index`. */
  result(index: number): string {
    return index === 0 ? this.node.name : `${this.node.name}:${index}`;
  }

  /** States what result `index` of the node is. */
  finish(result: Shaped, index = 0): void {
    if (this.values.has(this.result(index))) this.refuse('a node of this name exists already');
    this.values.bind(this.result(index), result);
  }

  /** The result is input `index` under another shape; nothing is moved until somebody reads it. */
  finishReshape(index: number, shape: readonly number[], result = 0): void {
    const x = this.input(index);
    if (this.values.has(this.result(result))) this.refuse('a node of this name exists already');
    const { node, operator } = this.place;
    this.values.bindReshape(this.result(result), x, shape, { name: node, operator });
  }

  /** Adds an operator with several results, and returns them. */
  many(
    operator: string,
    inputs: readonly string[],
    attributes: AttributeRecord,
    count: number,
  ): readonly string[] {
    const { node: name, operator: foreign } = this.place;
    const outputs = Array.from({ length: count }, (_, i) => this.values.unused(`${this.stem}.${i}`));
    const node = this.values.unused(`${this.stem}.parts`);
    this.values.builder.node(operator, inputs, {
      attributes,
      name: node,
      outputs,
      origin: { name, operator: foreign },
    });
    return outputs;
  }

  element(attribute = 'dtype', fallback = 0): ElementType {
    const code = this.attribute(attribute)?.type ?? fallback;
    return elementOf(code) ?? this.refuse(`tensors of type code ${code} are not supported`);
  }

  /** Extents of a stated shape; -1 where unknown. */
  extents(shape: TensorflowShape | null | undefined): readonly number[] {
    return (shape?.dim ?? []).map(({ size }) => wireNumber(size));
  }

  /** The tensor of a Const node. */
  stored(): Tensor {
    const stored = this.attribute('value')?.tensor ?? this.refuse('it has no value');
    const element =
      elementOf(stored.dtype) ?? this.refuse(`tensors of type code ${stored.dtype} are not supported`);
    const shape = this.extents(stored.tensorShape);
    const count = storableCount(shape);
    if (count === undefined) this.refuse(`[${shape.join(', ')}] is not a shape that a constant can have`);
    const raw = Uint8Array.from(stored.tensorContent);
    if (raw.length > 0)
      return (
        unpack(element, shape, raw) ??
        this.refuse(`its data have ${raw.length} bytes, which does not fit the shape [${shape.join(', ')}]`)
      );
    const data = allocate(element, count);
    const wide = data instanceof BigInt64Array || data instanceof BigUint64Array;
    const half = element === 'bfloat16' ? bfloatToNumber : halfToNumber;
    const values: readonly (number | bigint)[] = wide
      ? stored.int64Val.map(wireBigInt)
      : [
          ...[...stored.floatVal, ...stored.doubleVal, ...stored.intVal, ...stored.boolVal.map(Number)],
          ...stored.halfVal.map(half),
        ];
    // The last value stands for all that follow.
    const last = values.at(-1) ?? (wide ? 0n : 0);
    for (let i = 0; i < count; i++) (data as { [index: number]: number | bigint })[i] = values[i] ?? last;
    return tensor(element, shape, data);
  }
}
