/**
 * What an operator is: one {@link OperatorSpec} states its name, attributes, arity, shape rule, meaning and cost.
 * Shape inference, the verifier, the evaluator, the printer and the documentation all read that one value.
 */

import type { Tensor } from '../../base/index.js';
import type { Attributes, AttributeTable } from './attributes.js';
import type { TensorType } from './types.js';

/** What a shape rule sees. An absent optional input is undefined. */
export interface InferCall {
  readonly inputs: readonly (TensorType | undefined)[];
  readonly attributes: Attributes;
}

/** What a cost rule sees. */
export interface CountCall extends InferCall {
  readonly outputs: readonly TensorType[];
}

/** What the meaning of an operator sees; `outputs` are the inferred types. */
export interface EvaluateCall {
  readonly inputs: readonly (Tensor | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: readonly TensorType[];
}

export interface OperatorSpec {
  readonly name: string;
  /** One sentence for the documentation. */
  readonly summary: string;
  readonly attributes: AttributeTable;
  /** Fewest and most inputs; inputs beyond `min` are optional (''), except that variadic operators take them all. */
  readonly inputs: { readonly min: number; readonly max: number };
  /** Output types from input types. Calls {@link refuse} when the inputs do not fit. */
  infer(call: InferCall): readonly TensorType[];
  /** The golden meaning. May rely on everything that `infer` accepted. */
  evaluate(call: EvaluateCall): readonly Tensor[];
  /** Multiply-accumulates of one evaluation; absent means 0. */
  macs?(call: CountCall): number;
}

/** Every operator by its name. */
export type OperatorTable = Readonly<Record<string, OperatorSpec>>;

/** Makes a table of specs; the key is the spec's own name. */
export function operatorsByName(...specs: readonly OperatorSpec[]): OperatorTable {
  return Object.fromEntries(specs.map((spec) => [spec.name, spec]));
}

/** Says why inputs do not fit an operator; inference turns it into a diagnostic at the node. */
export class OperatorRefusal extends Error {
  override readonly name = 'OperatorRefusal';
}

/** Refuses the inputs of the operator at hand with one sentence that holds the offending value. */
export function refuse(message: string): never {
  throw new OperatorRefusal(message);
}

/** Input `index`, which the arity guarantees. */
export function inputType(call: InferCall, index: number): TensorType {
  return call.inputs[index] ?? refuse(`input ${index} is missing`);
}

/** Input `index`, which inference has shown to be there. */
export function inputTensor(call: EvaluateCall, index: number): Tensor {
  return call.inputs[index] ?? refuse(`input ${index} is missing`);
}
