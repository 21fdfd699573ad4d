/**
 * One ONNX node during the import: what a mapping reads (types, constants, attributes) and how it answers (nodes of the
 * graph, or a constant). The sink folds whatever depends on constants alone.
 */

import { DiagnosticError, elementCount, type Tensor } from '../../../base/index.js';
import {
  type AttributeValue,
  evaluateNode,
  type GraphBuilder,
  inferNode,
  lookupOperator,
  type Node,
  readAttributes,
  type TensorType,
} from '../../graph/index.js';
import { isFoldable } from '../../passes/index.js';
import type { OnnxNode } from '../wire/index.js';
import { OnnxAttributes } from './attributes.js';
import { dynamicInput, type NodePlace, unsupportedNode } from './diagnostics.js';
import type { ExternalData } from './external.js';

/** What all nodes of one import share. */
export interface Import {
  readonly builder: GraphBuilder;
  readonly opset: number;
  /** Every tensor and node name of the file: names made up on the way must avoid them. */
  readonly reserved: Set<string>;
  readonly external: ExternalData;
  readonly lookup: (domain: string, operator: string) => Mapping | undefined;
  /** Nodes that bodies of If and Loop became so far. */
  readonly inlined: { nodes: number };
}

export type AttributeRecord = Readonly<Record<string, AttributeValue>>;

export class OnnxCall {
  readonly attributes: OnnxAttributes;
  readonly opset: number;

  constructor(
    readonly shared: Import,
    readonly node: OnnxNode,
    readonly place: NodePlace,
  ) {
    this.attributes = new OnnxAttributes(node, place);
    this.opset = shared.opset;
  }

  /** True when the optional input is there. */
  has(index: number): boolean {
    return (this.node.input[index] ?? '') !== '';
  }

  /** The name of a required input. */
  input(index: number): string {
    return this.has(index) ? this.node.input[index]! : this.refuse(`input ${index} is missing`);
  }

  /** The type of a required input. */
  type(index: number): TensorType {
    return this.shared.builder.value(this.input(index)).type;
  }

  /** The tensor of an optional input that must be constant; undefined when the input is absent. */
  constant(index: number, role: string): Tensor | undefined {
    if (!this.has(index)) return undefined;
    const { constant } = this.shared.builder.value(this.input(index));
    if (constant === undefined) throw new DiagnosticError([dynamicInput(this.place, role)]);
    return constant;
  }

  /** The elements of an optional constant input that holds shapes, axes or indices. */
  integers(index: number, role: string): readonly number[] | undefined {
    const constant = this.constant(index, role);
    if (constant !== undefined && constant.element !== 'int64' && constant.element !== 'int32')
      this.refuse(`the input "${role}" is ${constant.element}, not int64 or int32`);
    return constant && Array.from(constant.data, Number);
  }

  /** The one element of an optional constant input. */
  number(index: number, role: string): number | undefined {
    const constant = this.constant(index, role);
    if (constant !== undefined && constant.data.length !== 1)
      this.refuse(`the input "${role}" is not a scalar`);
    return constant && Number(constant.data[0]);
  }

  /** Stops the import of this node. */
  refuse(reason: string): never {
    throw new DiagnosticError([unsupportedNode(this.place, reason)]);
  }

  /** Answers with one operator over the given inputs; its outputs are those of the ONNX node. */
  emit(operator: string, inputs: readonly string[], attributes: AttributeRecord = {}): void {
    this.emitOutputs(operator, inputs, attributes, this.node.output.length);
  }

  /** The same for the first `count` outputs of the ONNX node only. */
  emitOutputs(operator: string, inputs: readonly string[], attributes: AttributeRecord, count: number): void {
    this.attributes.finish();
    const outputs = this.node.output.slice(0, count);
    const last = outputs.findLastIndex((name) => name !== '');
    if (last < 0) this.refuse('the node has no output');
    this.append(operator, inputs, attributes, this.place.node, outputs.slice(0, last + 1));
  }

  /** Adds an operator whose result has a made-up name; returns that name. For nodes that become several. */
  intermediate(operator: string, inputs: readonly string[], attributes: AttributeRecord = {}): string {
    const name = this.made(`${this.place.node}_${operator}`);
    this.append(operator, inputs, attributes, name, [name]);
    return name;
  }

  /** Adds an operator whose first `count` results have made-up names; returns these. */
  intermediates(
    operator: string,
    inputs: readonly string[],
    attributes: AttributeRecord,
    count: number,
  ): readonly string[] {
    const name = this.made(`${this.place.node}_${operator}`);
    const names = Array.from({ length: count }, (_, i) => (i === 0 ? name : this.made(`${name}_${i}`)));
    this.append(operator, inputs, attributes, name, names);
    return names;
  }

  /** Adds a constant with a made-up name. */
  intermediateConstant(role: string, constant: Tensor): string {
    return this.shared.builder.constant(this.made(`${this.place.node}_${role}`), constant);
  }

  /** Answers with a constant, for output `index`. */
  emitConstant(constant: Tensor, index = 0): void {
    this.attributes.finish();
    this.shared.builder.constant(
      this.node.output[index] || this.refuse(`output ${index} has no name`),
      constant,
    );
  }

  /** Answers output `index` with a value that exists under another name. */
  alias(index: number, value: string): void {
    this.answer(index, 'Identity', [value]);
  }

  /** Answers output `index` with one operator over the given inputs, where the node has that output. */
  answer(index: number, operator: string, inputs: readonly string[], attributes: AttributeRecord = {}): void {
    this.attributes.finish();
    const output = this.node.output[index] ?? '';
    if (output !== '')
      this.append(operator, inputs, attributes, this.made(`${this.place.node}_${index}`), [output]);
  }

  private made(stem: string): string {
    let name = stem;
    for (let index = 1; this.shared.reserved.has(name) || this.shared.builder.has(name); index++)
      name = `${stem}_${index}`;
    this.shared.reserved.add(name);
    return name;
  }

  private append(
    operator: string,
    inputs: readonly string[],
    attributes: AttributeRecord,
    name: string,
    outputs: readonly string[],
  ): void {
    const { builder } = this.shared;
    const origin = { name: this.place.node, operator: this.place.operator };
    const node: Node = { name, operator, inputs, outputs, attributes, origin };
    const folded = this.fold(node);
    if (folded === undefined) builder.node(operator, inputs, { attributes, name, outputs, origin });
    else {
      outputs.forEach((output, index) => {
        if (output !== '') builder.constant(output, folded[index]!);
      });
    }
  }

  /** The results of a node whose inputs are all constant and that may be folded. */
  private fold(node: Node): readonly Tensor[] | undefined {
    const values = node.inputs.map((name) => (name === '' ? undefined : this.shared.builder.value(name)));
    if (values.some((value) => value !== undefined && value.constant === undefined)) return undefined;
    const types = values.map((value) => value?.type);
    const inferred = inferNode(this.place.network, node, types);
    if (!inferred.ok) throw new DiagnosticError(inferred.diagnostics);
    const spec = lookupOperator(node.operator)!;
    const attributes = readAttributes(spec.attributes, node.attributes);
    const macs = spec.macs?.({ inputs: types, outputs: inferred.value, attributes }) ?? 0;
    if (!isFoldable(node, inferred.value, macs)) return undefined;
    return evaluateNode(
      this.place.network,
      node,
      values.map((value) => value?.constant),
      inferred.value,
    );
  }
}

/** A mapping reads a call and answers it, or throws a {@link DiagnosticError}. */
export type Mapping = (call: OnnxCall) => void;

/** Mappings by ONNX operator name. */
export type MappingTable = Readonly<Record<string, Mapping>>;

/** Refuses a constant too large to be made up by a few bytes of a file. */
export function requireModest(call: OnnxCall, shape: readonly number[]): void {
  if (elementCount(shape) > 2 ** 27) call.refuse(`a constant of shape [${shape.join(', ')}] is too large`);
}
