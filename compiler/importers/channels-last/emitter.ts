/** One node of a channels-last file while it becomes nodes of the graph: names, origin and refusal in one place. */

import type { NodeOptions } from '../../graph/index.js';
import { type NodePlace, unsupportedNode } from './diagnostics.js';
import type { ChannelsLastValues } from './values.js';

export type AttributeRecord = NonNullable<NodeOptions['attributes']>;

export class Emitter {
  /** @param stem name of the tensor that the node computes: made-up names begin with it. */
  constructor(
    readonly values: ChannelsLastValues,
    readonly place: NodePlace,
    readonly stem: string,
  ) {}

  /** Adds an operator over values of the graph and returns its result. */
  op(operator: string, inputs: readonly string[], attributes: AttributeRecord = {}): string {
    const origin = { name: this.place.node, operator: this.place.operator };
    return this.values.node(operator, inputs, attributes, this.stem, origin);
  }

  /** Adds an operator of several results. */
  results(
    operator: string,
    inputs: readonly string[],
    attributes: AttributeRecord,
    count: number,
  ): readonly string[] {
    const origin = { name: this.place.node, operator: this.place.operator };
    return this.values.results(operator, inputs, attributes, { stem: this.stem, origin, count });
  }

  refuse(reason: string): never {
    throw unsupportedNode(this.values.layer, this.place, reason);
  }

  /** Refuses unless the tensor has one of the ranks. */
  rank(name: string, ...ranks: readonly number[]): readonly number[] {
    const { shape } = this.values.type(name);
    return ranks.includes(shape.length)
      ? shape
      : this.refuse(`"${name}" has rank ${shape.length}, not ${ranks.join(' or ')}`);
  }

  /** An axis counted from the start. */
  axis(axis: number, rank: number): number {
    const at = axis < 0 ? axis + rank : axis;
    return Number.isInteger(at) && at >= 0 && at < rank
      ? at
      : this.refuse(`axis ${axis} is outside a tensor of rank ${rank}`);
  }
}
