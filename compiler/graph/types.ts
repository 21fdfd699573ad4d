/**
 * The network graph: what every importer produces and every pass rewrites. Values are single-assignment tensors named by
 * strings; nodes are in topological order; shapes are concrete. Activations are NCHW, convolution weights OIHW.
 * A float graph and an integer graph are the same type with different operators (`Conv` against `IntegerConv`).
 */

import type { ElementType, Tensor } from '../../base/index.js';

export interface TensorType {
  readonly element: ElementType;
  readonly shape: readonly number[];
}

/** Real value = scale * (integer - zeroPoint); one entry, or one per index of `axis`. */
export interface QuantizationInfo {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis?: number;
}

export interface Value {
  readonly name: string;
  readonly type: TensorType;
  /** Present for constants (weights, folded results). */
  readonly constant?: Tensor;
  /** Present for quantised integers: what they mean as real numbers. */
  readonly quantization?: QuantizationInfo;
}

export type AttributeValue = number | string | boolean | readonly number[] | readonly string[] | Tensor;

export interface Node {
  /** Unique within the graph. */
  readonly name: string;
  /** A key of the operator table. */
  readonly operator: string;
  /** Value names; an absent optional input is ''. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  /** The node (and its foreign operator) that the file called this. Passes keep it. */
  readonly origin: { readonly name: string; readonly operator: string };
}

export interface Graph {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly values: ReadonlyMap<string, Value>;
  readonly nodes: readonly Node[];
  /** Whose integer kernels a quantised file was made for, where these round unlike the formulas of its scales. Passes keep it. */
  readonly kernels?: 'tflite';
}
