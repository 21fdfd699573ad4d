/**
 * Networks that their framework has quantised: QuantizeLinear/DequantizeLinear pairs around float operators, or QLinearConv and
 * QLinearMatMul. In: such a graph. Out: the same integer graph that calibration makes, with the framework's own scales.
 * uint8 becomes int8 by taking 128 from values and zero points.
 */

import { collect, DiagnosticError, type Result, type Tensor, unwrap } from '../../base/index.js';
import { type Graph, GraphBuilder, type Node } from '../graph/index.js';
import { asymmetricWeights } from './diagnostics.js';
import { emitInteger } from './emit.js';
import type { ActivationScale, QuantizedNetwork, QuantizedWeights } from './types.js';

const quantizedOperators = new Set(['QuantizeLinear', 'DequantizeLinear', 'QLinearConv', 'QLinearMatMul']);

/** True when the graph carries its own quantisation. */
export function isQuantized(graph: Graph): boolean {
  return graph.nodes.some((node) => quantizedOperators.has(node.operator));
}

/** @throws nothing: faults are in the result. */
export function importQuantized(
  graph: Graph,
  options: { multiplierBits?: number } = {},
): Result<QuantizedNetwork> {
  return collect(() => {
    const plain = new Unquantizer(graph).run();
    const integer = unwrap(emitInteger(plain, options.multiplierBits ?? 32));
    return { graph: integer, summary: 'int8 as the network file was quantised' };
  });
}

/** Takes Q and DQ nodes out of a graph, leaving float operators with annotations. */
class Unquantizer {
  private readonly builder: GraphBuilder;
  private readonly renamed = new Map<string, string>();
  private readonly activations = new Map<string, ActivationScale>();
  private readonly weightsOf = new Map<string, QuantizedWeights>();
  private readonly biasOf = new Map<string, Int32Array>();

  constructor(private readonly graph: Graph) {
    this.builder = new GraphBuilder(graph.name);
  }

  run() {
    for (const name of this.graph.inputs) {
      const { type } = this.graph.values.get(name)!;
      this.builder.input(name, { element: 'float32', shape: type.shape });
    }
    for (const node of this.graph.nodes) this.convert(node);
    for (const name of this.graph.outputs) this.builder.output(this.nameOf(name));
    return {
      graph: this.builder.build(),
      sparse: true,
      activation: (name: string) => this.activations.get(name),
      weights: (name: string) => this.weightsOf.get(name),
      bias: (name: string) => this.biasOf.get(name),
    };
  }

  private convert(node: Node): void {
    switch (node.operator) {
      case 'QuantizeLinear':
        this.quantize(node);
        return;
      case 'DequantizeLinear':
        this.dequantize(node);
        return;
      case 'QLinearConv':
        this.linearConv(node);
        return;
      case 'QLinearMatMul':
        this.linearMatMul(node);
        return;
      default:
        this.copy(node);
    }
  }

  private copy(node: Node): void {
    const inputs = node.inputs.map((name) => (name === '' ? '' : this.input(name)));
    const [output] = node.outputs as [string];
    this.builder.node(node.operator, inputs, { ...node, outputs: node.outputs });
    // Shape operators and maxima between quantised tensors keep the scale of what they read.
    const scale = this.activations.get(inputs[0] ?? '');
    if (scale !== undefined && keepsScale.has(node.operator)) this.activations.set(output, scale);
  }

  private nameOf(name: string): string {
    return this.renamed.get(name) ?? name;
  }

  /** The plain graph's name of a value; constants are copied on first use. */
  private input(name: string): string {
    const plain = this.nameOf(name);
    const { constant } = this.graph.values.get(name)!;
    if (constant !== undefined && !this.builder.has(plain)) this.builder.constant(plain, constant);
    return plain;
  }

  private quantize(node: Node): void {
    const [source, output] = [node.inputs[0]!, node.outputs[0]!];
    const plain = this.input(source);
    this.renamed.set(output, plain);
    this.activations.set(plain, this.scaleAt(node, 1));
  }

  private dequantize(node: Node): void {
    const [source, output] = [node.inputs[0]!, node.outputs[0]!];
    const { constant } = this.graph.values.get(source)!;
    if (constant === undefined) {
      const plain = this.input(source);
      if (!this.activations.has(plain)) this.activations.set(plain, this.scaleAt(node, 1));
      this.renamed.set(output, plain);
    } else if (constant.element === 'int32') this.integerBias(output, constant, this.realConstant(node));
    else this.integerWeights(node, output, constant, 1);
  }

  private realConstant(node: Node): Tensor {
    return this.constant(node.inputs[1]!);
  }

  private integerBias(name: string, constant: Tensor, scale: Tensor): void {
    const integers = constant.data as Int32Array;
    const scales = scale.data as Float32Array;
    const data = Float32Array.from(integers, (v, i) => v * (scales.length === 1 ? scales[0]! : scales[i]!));
    this.builder.constant(name, { element: 'float32', shape: constant.shape, data });
    this.biasOf.set(name, integers);
  }

  /** Registers constant `name` with integer weights whose scale and zero point are inputs `at` and `at + 1` of the node. */
  private integerWeights(node: Node, name: string, constant: Tensor, at: number): void {
    const scales = Array.from(this.constant(node.inputs[at]!).data as Float32Array);
    const zeros = this.zeroPoints(node, at + 1);
    const offset = constant.element === 'uint8' ? 128 : 0;
    const wrong = zeros.find((zero) => zero !== offset);
    if (wrong !== undefined) throw new DiagnosticError([asymmetricWeights(this.graph.name, node, wrong)]);
    const data = Int8Array.from(constant.data as Uint8Array, (v) => v - offset);
    this.weightsOf.set(name, { data, scale: scales });
    const real = Float32Array.from(
      data,
      (v, i) => v * scales[scales.length === 1 ? 0 : Math.floor(i / (data.length / scales.length))]!,
    );
    this.builder.constant(name, { element: 'float32', shape: constant.shape, data: real });
  }

  /** Scale and zero point of an activation from inputs `at` and `at + 1`, in int8. */
  private scaleAt(node: Node, at: number): ActivationScale {
    const scale = Number((this.constant(node.inputs[at]!).data as Float32Array)[0]);
    const zeroTensor = this.graph.values.get(node.inputs[at + 1] ?? '')?.constant;
    const unsigned = zeroTensor === undefined || zeroTensor.element === 'uint8';
    return {
      scale,
      zeroPoint: (zeroTensor === undefined ? 0 : Number(zeroTensor.data[0])) - (unsigned ? 128 : 0),
    };
  }

  private zeroPoints(node: Node, at: number): number[] {
    const zero = this.graph.values.get(node.inputs[at] ?? '')?.constant;
    return zero === undefined ? [0] : Array.from(zero.data as ArrayLike<number>, Number);
  }

  private constant(name: string): Tensor {
    return this.graph.values.get(name)!.constant!;
  }

  private linearConv(node: Node): void {
    const [x, , , w, , , , , b] = node.inputs as string[];
    this.linear(node, 'Conv', { x: x!, scaleAt: 1, w: w!, weightScaleAt: 4, outputScaleAt: 6, bias: b });
  }

  private linearMatMul(node: Node): void {
    const [x, , , w] = node.inputs as string[];
    this.linear(node, 'MatMul', {
      x: x!,
      scaleAt: 1,
      w: w!,
      weightScaleAt: 4,
      outputScaleAt: 6,
      bias: undefined,
    });
  }

  private linear(
    node: Node,
    operator: string,
    at: {
      x: string;
      scaleAt: number;
      w: string;
      weightScaleAt: number;
      outputScaleAt: number;
      bias: string | undefined;
    },
  ): void {
    const x = this.input(at.x);
    if (!this.activations.has(x)) this.activations.set(x, this.scaleAt(node, at.scaleAt));
    const weights = `${node.name}.w`;
    this.integerWeights(node, weights, this.constant(at.w), at.weightScaleAt);
    const inputs = [x, weights];
    if (at.bias !== undefined && at.bias !== '') {
      const bias = this.constant(at.bias);
      this.builder.constant(`${node.name}.b`, {
        ...bias,
        element: 'float32',
        data: Float32Array.from(bias.data as Int32Array),
      });
      this.biasOf.set(`${node.name}.b`, bias.data as Int32Array);
      inputs.push(`${node.name}.b`);
    }
    this.builder.node(operator, inputs, {
      name: node.name,
      outputs: node.outputs,
      origin: node.origin,
      attributes: node.attributes,
    });
    this.activations.set(node.outputs[0]!, this.scaleAt(node, at.outputScaleAt));
  }
}

const keepsScale = new Set([
  'MaxPool',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
  'Transpose',
  'Identity',
  'GlobalMaxPool',
]);
