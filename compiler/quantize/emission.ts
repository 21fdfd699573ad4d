/**
 * The integer graph under construction: what conversions read and extend. It knows which activations have an integer form and at
 * what scale, and makes the missing ones.
 */

import { DiagnosticError, elementArray, integerRange, type Tensor, tensor } from '../../base/index.js';
import { type Graph, GraphBuilder, type Node, type QuantizationInfo } from '../graph/index.js';
import { type Uses, usesOf } from '../passes/index.js';
import { unknownScale } from './diagnostics.js';
import { type ActivationScale, type Annotated, defaultElements, type ElementWidths } from './types.js';

/** The state of one emission; conversions read and extend it. */
export class Emission {
  readonly graph: Graph;
  readonly uses: Uses;
  readonly builder: GraphBuilder;
  /** integer value of each activation; '' where its computation failed. */
  readonly integers = new Map<string, string>();
  private readonly taken: Set<string>;
  private readonly scales = new Map<string, ActivationScale>();
  readonly floats = new Set<string>();
  /** Nodes that another node has taken into its output stage. */
  readonly fused = new Set<Node>();
  /** Nodes that run on the host; none may be fused. */
  host: ReadonlySet<Node> = new Set();

  constructor(
    readonly annotated: Annotated,
    readonly multiplierBits: number,
    readonly widths: ElementWidths = defaultElements,
  ) {
    this.graph = annotated.graph;
    this.uses = usesOf(annotated.graph);
    this.builder = new GraphBuilder(annotated.graph.name);
    this.taken = new Set([...this.graph.values.keys(), ...this.graph.nodes.map((node) => node.name)]);
  }

  /** Smallest and largest activation. */
  get range(): { readonly min: number; readonly max: number } {
    return integerRange(this.widths.activationBits);
  }

  /** A zero point, of the activations' type. */
  private zeroTensor(zeroPoint: number): Tensor {
    const { activationBits } = this.widths;
    const data = elementArray(activationBits, 1);
    data[0] = zeroPoint;
    return tensor(`int${activationBits}`, [], data);
  }

  /** Copies a node that stays in float. */
  copyFloat(node: Node): void {
    const inputs = node.inputs.map((name) => (name === '' ? '' : this.floatOf(name)));
    this.builder.node(node.operator, inputs, { ...node, outputs: node.outputs });
    for (const output of node.outputs) this.floats.add(output);
  }

  /** The float form of a value: itself, a constant, or a DequantizeLinear that carries its name. */
  floatOf(name: string): string {
    const value = this.graph.values.get(name)!;
    if (this.floats.has(name)) return name;
    this.floats.add(name);
    if (value.constant !== undefined) return this.builder.constant(name, value.constant);
    const { scale, zeroPoint } = this.scaleOf(name);
    return this.builder.node(
      'DequantizeLinear',
      [this.integers.get(name)!, ...this.scaleConstants(name, scale, zeroPoint)],
      { name: this.unused(`${name}.dequantize`), outputs: [name] },
    );
  }

  private scaleConstants(name: string, scale: number, zeroPoint: number): [string, string] {
    return [
      this.constant(`${name}.scale`, tensor('float32', [], Float32Array.of(scale))),
      this.constant(`${name}.zero`, this.zeroTensor(zeroPoint)),
    ];
  }

  /** The integer form of an activation; a float one gets a QuantizeLinear. */
  integerOf(name: string, reader: Node): string {
    const known = this.integers.get(name);
    if (known !== undefined) return known;
    const meaning = this.requiredScale(name, reader);
    const constants = this.scaleConstants(name, meaning.scale, meaning.zeroPoint);
    const integer = this.builder.node('QuantizeLinear', [this.floatOf(name), ...constants], {
      name: this.unused(`${name}.quantize`),
      outputs: [this.unused(`${name}.q`)],
    });
    this.define(name, integer, meaning);
    return integer;
  }

  /** Records that `integer` is the integer form of `name`. */
  define(name: string, integer: string, scale: ActivationScale): void {
    this.integers.set(name, integer);
    this.scales.set(name, scale);
    this.builder.quantization(integer, { scale: [scale.scale], zeroPoint: [scale.zeroPoint] });
  }

  /** Scale of a value that has an integer form. */
  scaleOf(name: string): ActivationScale {
    return this.scales.get(name)!;
  }

  /** The scale that a value must have by annotation. */
  requiredScale(name: string, reader: Node): ActivationScale {
    const scale = this.annotated.activation(name);
    if (scale === undefined) throw new DiagnosticError([unknownScale(this.graph.name, reader, name)]);
    return scale;
  }

  /** Adds the integer node for `node`; it produces the integer form of `output`. */
  node(
    operator: string,
    { name, origin }: Node,
    inputs: readonly string[],
    output: string,
    attributes: Node['attributes'],
  ): string {
    const outputs = [this.unused(`${output}.q`)];
    return this.builder.node(operator, inputs, { name, outputs, origin, attributes });
  }

  /** Adds a further integer node for `node` in front of its main one, with a result of the stated scale. */
  helper(
    operator: string,
    {
      node,
      suffix,
      input,
      scale,
    }: { node: Node; suffix: string; input: string | readonly string[]; scale: ActivationScale },
    attributes: Node['attributes'],
  ): string {
    const name = this.unused(`${node.name}.${suffix}`);
    const inputs = typeof input === 'string' ? [input] : input;
    const output = this.builder.node(operator, inputs, { name, origin: node.origin, attributes });
    this.builder.quantization(output, { scale: [scale.scale], zeroPoint: [scale.zeroPoint] });
    return output;
  }

  /**
   * The one node that reads a value and may be fused with its producer: nothing else sees the value, and no framework has given
   * it a scale of its own.
   */
  onlyReader(name: string): Node | undefined {
    const readers = this.uses.readers(name);
    const free = !this.annotated.sparse || this.annotated.activation(name) === undefined;
    if (!free || readers.length !== 1 || this.uses.isOutput(name)) return undefined;
    return this.host.has(readers[0]!) ? undefined : readers[0];
  }

  /** The shape of a value of the integer graph. */
  shapeOf(integer: string): readonly number[] {
    return this.builder.value(integer).type.shape;
  }

  /** Adds a constant under a name that nothing else has. */
  constant(stem: string, value: Tensor, meaning?: QuantizationInfo): string {
    return this.builder.constant(this.unused(stem), value, meaning);
  }

  /** A name that no value or node of the graph has or will get. */
  private unused(stem: string): string {
    let name = stem;
    while (this.taken.has(name)) name += '_';
    this.taken.add(name);
    return name;
  }
}
