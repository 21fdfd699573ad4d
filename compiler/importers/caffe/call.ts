/**
 * One layer during the import: its inputs, its weights and how it answers. In-place layers (top named like a bottom) get a value of
 * their own, so that later layers read the newest one, as in Caffe.
 */

import { DiagnosticError, elementCount, type Tensor, tensor } from '../../../base/index.js';
import type { AttributeValue, GraphBuilder } from '../../graph/index.js';
import { badBlob, type LayerPlace, undefinedBottom, unsupportedLayer } from './diagnostics.js';
import { type Filler, MOST_DRAWN } from './filler.js';
import type { Blob, Layer, Parameter } from './net.js';

/** What all layers of one import share. */
export interface Import {
  readonly network: string;
  readonly builder: GraphBuilder;
  /** The value that a blob's name stands for now. */
  readonly current: Map<string, string>;
  /** Trained blobs by layer name. */
  readonly weights: ReadonlyMap<string, readonly Blob[]>;
  readonly filler: Filler;
}

export class LayerCall {
  readonly place: LayerPlace;
  private readonly blobs: readonly Blob[];

  constructor(
    private readonly shared: Import,
    readonly layer: Layer,
  ) {
    this.place = { network: shared.network, node: layer.name, operator: layer.type };
    this.blobs = layer.blobs.length > 0 ? layer.blobs : (shared.weights.get(layer.name) ?? []);
  }

  parameter(kind: string): Parameter {
    return this.layer.parameter(kind);
  }

  refuse(reason: string): never {
    throw new DiagnosticError([unsupportedLayer(this.place, reason)]);
  }

  /** The values of the bottoms. */
  get inputs(): readonly string[] {
    return this.layer.bottoms.map((bottom) => this.valueOf(bottom));
  }

  /** The value of the first bottom. */
  get input(): string {
    return this.valueOf(this.layer.bottoms[0] ?? this.refuse('the layer has no bottom'));
  }

  private valueOf(bottom: string): string {
    const value = this.shared.current.get(bottom);
    if (value === undefined) throw new DiagnosticError([undefinedBottom(this.place, bottom)]);
    return value;
  }

  shape(value = this.input): readonly number[] {
    return this.shared.builder.value(value).type.shape;
  }

  /** The axis that a parameter means, counted from the front. */
  axis(stated: number, rank = this.shape().length): number {
    const axis = stated < 0 ? stated + rank : stated;
    return axis >= 0 && axis < rank ? axis : this.refuse(`axis ${stated} is not one of ${rank}`);
  }

  /**
   * Weights of the layer as a constant: blob `index` of the file, or drawn where no file has any.
   * @param role what the constant is called. @param fanIn products that a sum takes; 0: zeros, the bias that Caffe starts with.
   */
  weights(index: number, role: string, shape: readonly number[], fanIn: number): string {
    return this.constant(role, tensor('float32', shape, this.weightData(index, shape, fanIn)));
  }

  weightData(index: number, shape: readonly number[], fanIn: number): Float32Array {
    const count = elementCount(shape);
    if (this.blobs.length === 0) {
      if (this.shared.filler.hasRoom(count)) return this.shared.filler.draw(this.layer.name, count, fanIn);
      this.refuse(`[${shape.join(', ')}] would be more random weights than the ${MOST_DRAWN} of one network`);
    }
    const blob = this.blobs[index];
    if (blob === undefined) throw new DiagnosticError([badBlob(this.place, index, 'is missing')]);
    if (blob.data.length !== count) {
      const reason = `has ${blob.data.length} elements (shape [${blob.shape.join(', ')}]), not [${shape.join(', ')}]`;
      throw new DiagnosticError([badBlob(this.place, index, reason)]);
    }
    return blob.data;
  }

  get hasBlobs(): boolean {
    return this.blobs.length > 0;
  }

  constant(role: string, value: Tensor): string {
    return this.shared.builder.constant(this.shared.builder.fresh(`${this.layer.name}_${role}`), value);
  }

  /** A node whose value no blob's name stands for. */
  step(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    outputs = 1,
  ): readonly string[] {
    const { builder } = this.shared;
    const name = builder.fresh(`${this.layer.name}_${operator}`);
    const names = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}_${i}`));
    const origin = { name: this.layer.name, operator: this.layer.type };
    builder.node(operator, inputs, { attributes, name, outputs: names, origin });
    return names;
  }

  /** Answers with one node for the first top. */
  emit(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
  ): void {
    const [top = this.layer.name] = this.layer.tops;
    const { builder } = this.shared;
    // The value bears the name of the blob unless a layer before (this one works in place) has it.
    const output = builder.has(top) ? builder.fresh(`${this.layer.name}_${operator}`) : top;
    const origin = { name: this.layer.name, operator: this.layer.type };
    const name = builder.fresh(this.layer.name || output);
    builder.node(operator, inputs, {
      attributes,
      name,
      outputs: [output],
      origin,
    });
    this.answer([output]);
  }

  /** The values that the tops stand for from here on. */
  answer(values: readonly string[]): void {
    for (const [index, top] of this.layer.tops.entries()) {
      const value = values[index] ?? this.refuse(`the layer has ${this.layer.tops.length} tops`);
      this.shared.current.set(top, value);
    }
  }
}

/** A mapping reads a layer and answers it, or throws a {@link DiagnosticError}. */
export type Mapping = (call: LayerCall) => void;
