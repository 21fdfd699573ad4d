/**
 * Where values lie. A Slice is a part of the tensor that it reads; the inputs of a Concat of pixels or an IntegerInterleave are written
 * where they belong in its tensor, so that neither costs anything. In: a legal graph. Out: for each value, a view of a tensor; for each
 * node that joins or cuts, what it has to copy: parts that others see as tensors of their own.
 */

import { InternalError } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import {
  aliasesOf,
  type Corner,
  cornerOfSlice,
  cornersOfJoin,
  joinsPixels,
  pictureShape,
} from './legalize/index.js';
import type { DramTensors, TensorView } from './tensors.js';

interface Part {
  /** The value of which this is a part. */
  readonly of: string;
  readonly corner: Corner;
}

/** What a node copies from where to where; nothing for a node that computes. */
export interface Copy {
  readonly from: TensorView;
  readonly to: TensorView;
}

export class Placement {
  private readonly parts = new Map<string, Part>();
  private readonly aliases: ReadonlyMap<string, string>;
  private readonly readers = new Map<string, Node[]>();
  private readonly tensorOf = new Map<string, string>();
  /** Values of which the machine takes the rows one after another: no part of anything. */
  private readonly whole = new Set<string>();

  constructor(
    private readonly graph: Graph,
    /** Channels of an act row. */
    private readonly lanes: number,
    /** Stored values that lie with pixels in lanes and channels in rows. */
    private readonly exchanged: ReadonlySet<string> = new Set(),
  ) {
    this.aliases = aliasesOf(graph);
    for (const node of graph.nodes)
      for (const name of new Set(node.inputs))
        this.readers.set(name, [...(this.readers.get(name) ?? []), node]);
    const computed = new Set(graph.nodes.flatMap(({ outputs }) => outputs));
    for (const node of graph.nodes)
      if (node.operator === 'IntegerMul')
        for (const name of [...node.inputs, ...node.outputs]) this.whole.add(this.home(name));
    for (const node of graph.nodes) this.placeSlice(node);
    for (const node of graph.nodes) if (joinsPixels(graph, node)) this.placeInputs(node, computed);
  }

  /** Whether a value has a tensor of its own. */
  hasTensor(value: string): boolean {
    return !this.aliases.has(value) && !this.parts.has(value);
  }

  /** Notes the tensor of a value that has one. */
  declare(value: string, tensor: string): void {
    this.tensorOf.set(value, tensor);
  }

  /** The stored value of which a value is another name. */
  home(value: string): string {
    return this.aliases.get(value) ?? value;
  }

  /** Whether a value lies with pixels in lanes and channels in rows. */
  isExchanged(value: string): boolean {
    return this.exchanged.has(this.home(value));
  }

  isStored(value: string): boolean {
    return this.graph.values.get(value)?.constant === undefined && value !== '';
  }

  view(tensors: DramTensors, value: string): TensorView {
    const home = this.home(value);
    const part = this.parts.get(home);
    if (part !== undefined) return this.within(this.view(tensors, part.of), part.corner, home);
    const tensor = this.tensorOf.get(home);
    if (tensor === undefined) throw new InternalError(`value ${value} has no tensor`);
    return tensors.view(tensor, this.shape(value));
  }

  /** Whether the node's result is computed or copied, not just a view of what is there. */
  needsWork(node: Node): boolean {
    const output = node.outputs[0]!;
    if (this.aliases.has(output)) return false;
    if (node.operator === 'Slice') return !this.parts.has(output);
    return !joinsPixels(this.graph, node) || this.unplaced(node).length > 0;
  }

  /** What a Slice, Concat of pixels or IntegerInterleave has to copy. */
  copies(tensors: DramTensors, node: Node): readonly Copy[] {
    const output = node.outputs[0]!;
    const to = this.view(tensors, output);
    if (node.operator === 'Slice') {
      const source = this.view(tensors, node.inputs[0]!);
      return [{ from: this.within(source, cornerOfSlice(this.graph, node)!, output), to }];
    }
    const corners = cornersOfJoin(this.graph, node);
    return this.unplaced(node).map((i) => {
      const input = node.inputs[i]!;
      return { from: this.view(tensors, input), to: this.within(to, corners[i]!, input) };
    });
  }

  /** Positions of the inputs that do not lie in a join's tensor. */
  private unplaced(node: Node): readonly number[] {
    const sources = node.inputs.map((name) => this.source(name));
    const inPlace = (name: string, i: number) =>
      this.parts.get(name)?.of === node.outputs[0] && sources.indexOf(name) === i;
    return sources.flatMap((name, i) => (inPlace(name, i) ? [] : [i]));
  }

  /** The value of which an input is another name and nothing else. */
  private source(input: string): string {
    const home = this.home(input);
    return pictureShape(this.shape(home))?.join() === pictureShape(this.shape(input))?.join() ? home : input;
  }

  private placeSlice(node: Node): void {
    const output = node.outputs[0]!;
    if (node.operator !== 'Slice' || !this.mayBePart(output)) return;
    this.parts.set(output, { of: node.inputs[0]!, corner: cornerOfSlice(this.graph, node)! });
  }

  /** Inputs that only a computation makes and that nobody sees as a tensor of their own are made in place, once each. */
  private placeInputs(node: Node, computed: ReadonlySet<string>): void {
    const corners = cornersOfJoin(this.graph, node);
    node.inputs.forEach((input, i) => {
      const name = this.source(input);
      if (!computed.has(name) || !this.hasTensor(name) || !this.mayBePart(name)) return;
      this.parts.set(name, { of: node.outputs[0]!, corner: corners[i]! });
    });
  }

  /** A part of a tensor is no output of the network, and nothing reads it under another shape. */
  private mayBePart(value: string): boolean {
    if (this.whole.has(value) || this.graph.outputs.some((name) => this.home(name) === value)) return false;
    const shape = pictureShape(this.shape(value))?.join();
    return (this.readers.get(value) ?? []).every((reader) => {
      const output = reader.outputs[0]!;
      return !this.aliases.has(output) || pictureShape(this.shape(output))?.join() === shape;
    });
  }

  private within(view: TensorView, at: Corner, value: string): TensorView {
    const [batch, channels, height, width] = pictureShape(this.shape(value))!;
    const pixel = at.y * view.yRows + at.x * view.xRows;
    const block = at.batch * view.batchRows + (at.channel / this.lanes) * view.blockRows;
    return {
      ...view,
      ...{ batch, channels, height, width, blocks: Math.ceil(channels / this.lanes) },
      first: view.first + block + pixel,
      batchRows: view.batchRows * at.stepBatch,
      yRows: view.yRows * at.stepY,
      xRows: view.xRows * at.stepX,
    };
  }

  private shape(value: string): readonly number[] {
    const found = this.graph.values.get(value);
    if (found === undefined) throw new InternalError(`value ${value} is not in the graph`);
    return found.type.shape;
  }
}
