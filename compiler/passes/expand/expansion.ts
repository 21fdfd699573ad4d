/** A graph in which operators are replaced by others, node by node. In: a verified graph. Out: one of the same inputs and outputs. */

import { InternalError, type Tensor, tensor, unwrap } from '../../../base/index.js';
import {
  type AttributeValue,
  type Graph,
  inferNode,
  type Node,
  typeOf,
  type Value,
} from '../../graph/index.js';
import { freshValue, type Uses, usesOf } from '../rewrite.js';

type Attributes = Readonly<Record<string, AttributeValue>>;

export class Expansion {
  readonly uses: Uses;
  private readonly values: Map<string, Value>;
  private readonly nodes: Node[] = [];
  private readonly taken: Set<string>;
  private readonly counts = new Map<string, number>();
  private current: Node | undefined;

  constructor(private readonly source: Graph) {
    this.values = new Map(source.values);
    this.taken = new Set(source.nodes.map(({ name }) => name));
    this.uses = usesOf(source);
  }

  /** Takes a node over as it is. */
  keep(node: Node): void {
    this.nodes.push(node);
  }

  /** From now on nodes are added in the place of this one. */
  begin(node: Node): void {
    this.current = node;
  }

  shape(name: string): readonly number[] {
    return this.values.get(name)!.type.shape;
  }

  constantOf(name: string | undefined): Tensor | undefined {
    return name === undefined ? undefined : this.values.get(name)?.constant;
  }

  /** The numbers of a float constant. */
  numbers(name: string | undefined): Float32Array | undefined {
    const constant = this.constantOf(name);
    return constant?.element === 'float32' ? (constant.data as Float32Array) : undefined;
  }

  floats(shape: readonly number[], data: ArrayLike<number>): string {
    return this.define('constant', (name) => {
      const constant = tensor('float32', shape, Float32Array.from(data));
      return { name, type: typeOf(constant), constant };
    });
  }

  indices(data: readonly number[]): string {
    return this.define('positions', (name) => {
      const constant = tensor('int64', [data.length], BigInt64Array.from(data, BigInt));
      return { name, type: typeOf(constant), constant };
    });
  }

  /** @param output a value of the source graph that this node now computes; a new one when absent. */
  add(operator: string, inputs: readonly string[], attributes: Attributes = {}, output?: string): string {
    const { origin, name: stem } = this.current ?? missing();
    const name = this.freshNode(stem);
    const result = output ?? freshValue(this.values, name);
    const node: Node = { name, operator, inputs, outputs: [result], attributes, origin };
    const types = unwrap(
      inferNode(
        this.source.name,
        node,
        inputs.map((i) => (i === '' ? undefined : this.values.get(i)!.type)),
      ),
    );
    this.values.set(result, { ...this.values.get(result), name: result, type: types[0]! });
    this.nodes.push(node);
    return result;
  }

  /** A value under another shape; itself where it has that shape. */
  reshape(value: string, shape: readonly number[], output?: string): string {
    if (output === undefined && this.shape(value).join() === shape.join()) return value;
    return this.add('Reshape', [value], { shape: [...shape] }, output);
  }

  /** Some positions of an axis; the value itself where they are all of it. */
  slice(value: string, axis: number, start: number, end: number, output?: string): string {
    if (output === undefined && start === 0 && end === this.shape(value)[axis]) return value;
    return this.add('Slice', [value], { starts: [start], ends: [end], axes: [axis], steps: [1] }, output);
  }

  graph(): Graph {
    return { ...this.source, values: this.values, nodes: this.nodes };
  }

  private define(stem: string, make: (name: string) => Value): string {
    const name = freshValue(this.values, `${(this.current ?? missing()).name}.${stem}`);
    this.values.set(name, make(name));
    return name;
  }

  /** The expanded node's own name first, which it no longer has. */
  private freshNode(stem: string): string {
    const count = (this.counts.get(stem) ?? -1) + 1;
    this.counts.set(stem, count);
    if (count === 0) return stem;
    const name = `${stem}.${count}`;
    if (this.taken.has(name)) return this.freshNode(stem);
    this.taken.add(name);
    return name;
  }
}

function missing(): never {
  throw new InternalError('no node is being expanded');
}
