/** Builds graphs node by node, inferring each type at once: for importers, passes and tests. */

import { type Diagnostic, DiagnosticError, InternalError, type Tensor, unwrap } from '../../base/index.js';
import { undefinedValue } from './diagnostics.js';
import { inferNode, typeOf } from './infer.js';
import type { AttributeValue, Graph, Node, QuantizationInfo, TensorType, Value } from './types.js';

/** What {@link GraphBuilder.node} may be told beside operator and inputs. */
export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Unique name; made from the operator when absent. */
  readonly name?: string;
  /** Output names; one, called like the node, when absent. */
  readonly outputs?: readonly string[];
  readonly origin?: Node['origin'];
}

/**
 * @example
 * const b = new GraphBuilder('tiny');
 * const x = b.input('x', { element: 'float32', shape: [1, 4] });
 * b.output(b.node('Relu', [x]));
 * const graph = b.build();
 */
export class GraphBuilder {
  private readonly inputs: string[] = [];
  private readonly outputs: string[] = [];
  private readonly values = new Map<string, Value>();
  private readonly nodes: Node[] = [];
  private readonly nodeNames = new Set<string>();

  constructor(
    readonly name: string,
    private readonly kernels?: Graph['kernels'],
  ) {}

  /** Adds a graph input and returns its name. */
  input(name: string, type: TensorType): string {
    this.inputs.push(name);
    return this.define({ name, type });
  }

  /** Adds a constant and returns its name. */
  constant(name: string, constant: Tensor, quantization?: QuantizationInfo): string {
    return this.define({ name, type: typeOf(constant), constant, ...(quantization && { quantization }) });
  }

  /**
   * Adds a node and returns the name of its first output.
   * @throws DiagnosticError when the inputs do not fit the operator.
   */
  node(operator: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const name = options.name ?? this.fresh(operator);
    const outputs = options.outputs ?? [this.values.has(name) ? this.freshValue(name) : name];
    const origin = options.origin ?? { name, operator };
    const node: Node = { name, operator, inputs, outputs, attributes: options.attributes ?? {}, origin };
    const types = unwrap(inferNode(this.name, node, this.typesOf(node)));
    if (this.nodeNames.has(name)) throw new InternalError(`two nodes are called "${name}"`);
    this.nodeNames.add(name);
    this.nodes.push(node);
    outputs.forEach((output, index) => {
      if (output !== '') this.define({ name: output, type: types[index]! });
    });
    return outputs[0]!;
  }

  /** Marks a value as a graph output. */
  output(name: string): void {
    this.outputs.push(name);
  }

  /** States what the integers of a value mean. */
  quantization(name: string, quantization: QuantizationInfo): void {
    this.values.set(name, { ...this.value(name), quantization });
  }

  /** A value that exists already. */
  value(name: string): Value {
    const value = this.values.get(name);
    if (value === undefined) throw new InternalError(`no value "${name}" in the graph under construction`);
    return value;
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** A node name not used yet. */
  fresh(stem: string): string {
    if (!this.nodeNames.has(stem) && !this.values.has(stem)) return stem;
    for (let index = 1; ; index++) {
      const name = `${stem}_${index}`;
      if (!this.nodeNames.has(name) && !this.values.has(name)) return name;
    }
  }

  build(): Graph {
    return {
      name: this.name,
      inputs: [...this.inputs],
      outputs: [...this.outputs],
      values: new Map(this.values),
      nodes: [...this.nodes],
      ...(this.kernels !== undefined && { kernels: this.kernels }),
    };
  }

  private freshValue(stem: string): string {
    return this.fresh(`${stem}_out`);
  }

  private typesOf(node: Node): (TensorType | undefined)[] {
    const faults: Diagnostic[] = [];
    const types = node.inputs.map((input) => {
      if (input !== '' && !this.values.has(input)) faults.push(undefinedValue(this.name, node, input));
      return this.values.get(input)?.type;
    });
    if (faults.length > 0) throw new DiagnosticError(faults);
    return types;
  }

  private define(value: Value): string {
    if (this.values.has(value.name)) throw new InternalError(`value "${value.name}" is defined twice`);
    this.values.set(value.name, value);
    return value.name;
  }
}
