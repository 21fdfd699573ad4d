/**
 * Takes the quantisation out of a quantised graph. In: QDQ or QOperator nodes. Out: float operators, annotated with the integers
 * that the framework chose. A QuantizeLinear and DequantizeLinear around a value become its scale.
 */

import { allocate, type ElementType, type Tensor, tensor } from '../../base/index.js';
import { evaluateNode, type Graph, GraphBuilder, type Node } from '../graph/index.js';
import { type Uses, usesOf } from '../passes/index.js';
import { constantOf, realValues, refused, statedScale, statedWeights } from './stated.js';
import type { ActivationScale, Annotated, QuantizedBias, QuantizedWeights, StoredBits } from './types.js';

/** Operators whose second input is a constant of integers. */
const weighted: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** Operators whose results mean what their inputs mean. */
const keepsScale = new Set([
  'MaxPool',
  'GlobalMaxPool',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Identity',
  'Concat',
]);

export class Unquantizer {
  private readonly builder: GraphBuilder;
  private readonly uses: Uses;
  /** The plain graph's name of each value that Q and DQ nodes made. */
  private readonly renamed = new Map<string, string>();
  /** The network's name of a value that a Q and DQ node hand to an output. */
  private readonly published: ReadonlyMap<string, string>;
  private readonly activations = new Map<string, ActivationScale>();
  private readonly weights = new Map<string, QuantizedWeights>();
  private readonly biases = new Map<string, QuantizedBias>();

  /** @param bits of the machine's weights, of the network's activations. */
  constructor(
    private readonly graph: Graph,
    private readonly bits: { readonly weights: number; readonly activations: StoredBits },
  ) {
    this.builder = new GraphBuilder(graph.name);
    this.uses = usesOf(graph);
    this.published = publishedNames(graph);
  }

  /** @throws DiagnosticError for scales and weights that have no integer form. */
  run(): Annotated {
    for (const name of this.graph.inputs) this.addInput(name);
    for (const node of this.graph.nodes) this.convert(node);
    for (const name of this.graph.outputs) this.addOutput(name);
    return {
      graph: this.builder.build(),
      sparse: true,
      activation: (name) => this.activations.get(name),
      weights: (name) => this.weights.get(name),
      bias: (name) => this.biases.get(name),
      wideKernels: this.bits.activations === 16 && this.graph.kernels === 'tflite',
    };
  }

  /** An integer input keeps its type; the host gives it its real meaning. */
  private addInput(name: string): void {
    const { type, quantization } = this.graph.values.get(name)!;
    this.builder.input(name, type);
    if (!isStored(type.element) || quantization?.scale.length !== 1) return;
    const real = this.unused(`${name}.real`);
    const constants = this.scaleConstants(
      real,
      quantization.scale[0]!,
      type.element,
      quantization.zeroPoint[0]!,
    );
    this.renamed.set(name, real);
    this.builder.node('DequantizeLinear', [name, ...constants], { name: real, outputs: [real] });
  }

  /** Outputs keep name and type: an integer one is quantised from its real meaning by the host. */
  private addOutput(name: string): void {
    const { element } = this.graph.values.get(name)!.type;
    const plain = this.input(name);
    const scale = this.activations.get(plain);
    if (plain === name) this.builder.output(name);
    else if (isStored(element) && scale !== undefined) {
      const zero = scale.zeroPoint + (element === 'uint8' ? 128 : 0);
      const constants = this.scaleConstants(name, scale.scale, element, zero);
      this.addEnd('QuantizeLinear', name, [plain, ...constants]);
    } else {
      this.addEnd('Identity', name, [plain]);
      if (scale !== undefined) this.activations.set(name, scale);
    }
  }

  private addEnd(operator: string, output: string, inputs: readonly string[]): void {
    const name = this.unused(`${output}.output`);
    this.builder.output(this.builder.node(operator, inputs, { name, outputs: [output] }));
  }

  private scaleConstants(stem: string, scale: number, element: Stored, zero: number): [string, string] {
    const zeros = allocate(element, 1) as Int8Array;
    zeros[0] = zero;
    return [
      this.builder.constant(this.unused(`${stem}.scale`), tensor('float32', [], Float32Array.of(scale))),
      this.builder.constant(this.unused(`${stem}.zero`), tensor(element, [], zeros)),
    ];
  }

  private statedScale(node: Node, at: number): ActivationScale {
    return statedScale(this.graph, node, at, this.bits.activations);
  }

  private convert(node: Node): void {
    if (node.operator === 'QuantizeLinear') this.quantize(node);
    else if (node.operator === 'DequantizeLinear') this.dequantize(node);
    else if (node.operator === 'QLinearConv') this.product(node, 'Conv', 0);
    else if (node.operator === 'QLinearMatMul') this.product(node, 'MatMul', -1);
    else this.copy(node);
  }

  private copy(node: Node): void {
    const inputs = node.inputs.map((name) => (name === '' ? '' : this.input(name)));
    this.add(node, node.operator, inputs);
    const scales = inputs.map((name) => this.activations.get(name));
    const [first] = scales;
    if (first === undefined || !keepsScale.has(node.operator) || !scales.every((s) => sameScale(s, first)))
      return;
    this.activations.set(this.input(node.outputs[0]!), first);
  }

  /** Adds a float node for `node`, with results under their published names. */
  private add(node: Node, operator: string, inputs: readonly string[]): void {
    const outputs = node.outputs.map((name) => this.published.get(name) ?? this.realName(name));
    node.outputs.forEach((name, i) => {
      this.renamed.set(name, outputs[i]!);
    });
    this.builder.node(operator, inputs, { ...node, outputs });
  }

  /** The name of an integer output belongs to the integers; its real meaning gets another. */
  private realName(name: string): string {
    const integer = this.graph.outputs.includes(name) && isStored(this.graph.values.get(name)!.type.element);
    return integer ? this.unused(`${name}.real`) : name;
  }

  /** The plain graph's name of a value; constants are copied on first use. */
  private input(name: string): string {
    const plain = this.renamed.get(name) ?? name;
    const constant = this.graph.values.get(name)?.constant;
    if (constant !== undefined && !this.builder.has(plain)) this.builder.constant(plain, constant);
    return plain;
  }

  /** A value that has another scale already is rescaled: a Clip without bounds is the plain graph's word for that. */
  private quantize(node: Node): void {
    const plain = this.input(node.inputs[0]!);
    const scale = this.statedScale(node, 1);
    const present = this.activations.get(plain);
    if (present === undefined || sameScale(present, scale)) {
      this.renamed.set(node.outputs[0]!, plain);
      this.activations.set(plain, scale);
      return;
    }
    this.add({ ...node, attributes: {} }, 'Clip', [plain]);
    this.activations.set(this.input(node.outputs[0]!), scale);
  }

  private dequantize(node: Node): void {
    const [source, output] = [node.inputs[0]!, node.outputs[0]!];
    const { constant } = this.graph.values.get(source)!;
    if (constant !== undefined) this.storedConstant(node, output, constant);
    // Sums that a network hands over: the host gives them their real values.
    else if (this.graph.values.get(source)!.type.element === 'int32') this.copy(node);
    else this.renamed.set(output, this.scaled(node, source));
  }

  /** The plain name of a quantised value; what reads it must state the scale that it was quantised with. */
  private scaled(node: Node, source: string): string {
    const plain = this.input(source);
    const scale = this.statedScale(node, 1);
    const present = this.activations.get(plain) ?? scale;
    if (!sameScale(present, scale))
      throw refused(this.graph, node, `its scale ${scale.scale} is not the ${present.scale} of its input`);
    this.activations.set(plain, scale);
    return plain;
  }

  private storedConstant(node: Node, name: string, constant: Tensor): void {
    const axis = Number(node.attributes.axis ?? 1);
    if (constant.element === 'int32' || constant.element === 'int64') {
      const scales = Array.from(constantOf(this.graph, node, 1).data as Float32Array);
      this.addBias(name, constant, scales);
    } else if (this.isWeights(name)) this.addWeights(name, constant, this.stated(node, constant, 1, axis));
    else this.addReal(node, name, constant);
  }

  /** Whether a product reads a value for its weights. */
  private isWeights(name: string): boolean {
    return this.uses
      .readers(name)
      .some(({ operator, inputs }) => weighted.has(operator) && inputs[1] === name);
  }

  /** An operand of arithmetic: its numbers count, in whatever integers the file keeps them. */
  private addReal(node: Node, name: string, constant: Tensor): void {
    const inputs = [constant, ...node.inputs.slice(1).map((input) => this.graph.values.get(input)?.constant)];
    const type = { element: 'float32', shape: constant.shape } as const;
    this.builder.constant(name, evaluateNode(this.graph.name, node, inputs, [type])[0]!);
  }

  private stated(node: Node, constant: Tensor, scaleAt: number, axis: number): QuantizedWeights {
    return statedWeights(this.graph, node, { constant, scaleAt, axis, weightBits: this.bits.weights });
  }

  private addBias(name: string, constant: Tensor, scales: readonly number[]): void {
    const integers = Array.from(constant.data, Number);
    const scale = Array.from(integers, (_, c) => scales[c] ?? scales[0]!);
    this.builder.constant(name, realValues(integers, constant.shape, { scale }));
    this.biases.set(name, { element: constant.element as 'int32' | 'int64', integers, scale });
  }

  private addWeights(name: string, { shape }: Tensor, weights: QuantizedWeights): void {
    this.builder.constant(name, realValues(weights.data, shape, weights));
    this.weights.set(name, weights);
  }

  /** QLinearConv and QLinearMatMul: x, x scale, x zero, w, w scale, w zero, y scale, y zero, and a bias. */
  private product(node: Node, operator: string, axis: number): void {
    const x = this.scaled(node, node.inputs[0]!);
    const constant = constantOf(this.graph, node, 3);
    const weights = this.stated(node, constant, 4, axis);
    const inputs = [x, this.unused(`${node.name}.w`)];
    this.addWeights(inputs[1]!, constant, weights);
    if ((node.inputs[8] ?? '') !== '') {
      const { scale } = this.statedScale(node, 1);
      inputs.push(this.unused(`${node.name}.b`));
      this.addBias(
        inputs[2]!,
        constantOf(this.graph, node, 8),
        weights.scale.map((s) => s * scale),
      );
    }
    this.add(node, operator, inputs);
    this.activations.set(this.input(node.outputs[0]!), this.statedScale(node, 6));
  }

  private unused(stem: string): string {
    let name = stem;
    while (this.graph.values.has(name) || this.builder.has(name)) name += '_';
    return name;
  }
}

/**
 * Outputs that are DequantizeLinear of QuantizeLinear of a computed value: that value takes the output's name, so that the network
 * keeps its own names. Where the QuantizeLinear may turn out to be a rescaling, only its result can.
 */
function publishedNames(graph: Graph): ReadonlyMap<string, string> {
  const uses = usesOf(graph);
  const names = new Map<string, string>();
  for (const output of graph.outputs) {
    if (graph.values.get(output)!.type.element !== 'float32') continue;
    const integer = behind(uses, 'DequantizeLinear', output);
    const source = behind(uses, 'QuantizeLinear', integer);
    const operator = uses.producer(source)?.operator;
    const scaled = operator === undefined || operator === 'DequantizeLinear' || keepsScale.has(operator);
    const at = scaled || uses.isOutput(source) || names.has(source) ? integer : source;
    if (integer !== output && !names.has(at)) names.set(at, output);
  }
  return names;
}

/** What the node that computes a value reads, if it is of that operator; else the value. */
function behind(uses: Uses, operator: string, value: string): string {
  const node = uses.producer(value);
  return node?.operator === operator ? node.inputs[0]! : value;
}

function sameScale(a: ActivationScale | undefined, b: ActivationScale): boolean {
  return a !== undefined && a.scale === b.scale && a.zeroPoint === b.zeroPoint;
}

/** Types of the activations of quantised files. */
type Stored = 'int8' | 'uint8' | 'int16';

function isStored(element: ElementType): element is Stored {
  return element === 'int8' || element === 'uint8' || element === 'int16';
}
