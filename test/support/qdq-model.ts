/**
 * Float ONNX models as a quantiser writes them: QuantizeLinear and DequantizeLinear around every activation, int8 weights with one scale a channel, int32 biases.
 * In: a float model and samples, from which each activation gets a scale and a zero point. Out: the model's description with these nodes.
 */

import { type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { makeOnnxModel, type OnnxModelSpec, type OnnxNodeSpec } from './onnx-model.js';

/** Weights stay within this: onnxruntime's uint8 x int8 kernels of processors without VNNI saturate sums of two larger products. */
const LARGEST_WEIGHT = 63;

interface Parameters {
  readonly scale: number;
  readonly zero: number;
}

const scalar = (value: number) => tensor('float32', [], Float32Array.of(value));

/** Asymmetric uint8, 0 included, as onnxruntime's quantiser chooses it. */
function parametersOf(data: ArrayLike<number>): Parameters {
  const [low, high] = [Math.min(0, ...Array.from(data)), Math.max(0, ...Array.from(data))];
  const scale = Math.fround((high - low) / 255) || 1;
  return { scale, zero: Math.round(-low / scale) };
}

const keepsScale = new Set(['Reshape', 'Transpose', 'MaxPool', 'GlobalMaxPool', 'Split', 'Gather', 'Slice']);

/** @param samples one feed by input name. */
export function quantizedModel(spec: OnnxModelSpec, samples: ReadonlyMap<string, Tensor>): OnnxModelSpec {
  const graph = unwrap(readOnnx(makeOnnxModel(spec), { name: 'float' }));
  const values = evaluateGraph(graph, samples, { keep: 'all' });
  const initializers: Record<string, Tensor> = { ...spec.initializers };
  const nodes: OnnxNodeSpec[] = [];
  const meaning = new Map<string, Parameters>();
  const current = new Map<string, string>();
  const pair = (name: string, parameters: Parameters): void => {
    meaning.set(name, parameters);
    initializers[`${name}_s`] = scalar(parameters.scale);
    initializers[`${name}_z`] = tensor('uint8', [], Uint8Array.of(parameters.zero));
    const constants = [`${name}_s`, `${name}_z`];
    nodes.push({ op: 'QuantizeLinear', inputs: [name, ...constants], outputs: [`${name}_q`] });
    nodes.push({ op: 'DequantizeLinear', inputs: [`${name}_q`, ...constants], outputs: [`${name}_d`] });
    current.set(name, `${name}_d`);
  };
  for (const { name } of spec.inputs) pair(name, parametersOf(samples.get(name)!.data as Float32Array));
  for (const node of spec.nodes) {
    const stored = node.op === 'Conv' || node.op === 'ConvTranspose';
    const inputs = node.inputs.map((name, at) =>
      stored && at > 0 ? weight(name, at, node) : (current.get(name) ?? constant(name, node)),
    );
    nodes.push({ ...node, inputs });
    for (const output of node.outputs) {
      const from = keepsScale.has(node.op) ? meaning.get(node.inputs[0]!) : undefined;
      pair(output, from ?? parametersOf(values.get(output)!.data as Float32Array));
    }
  }
  for (const { name } of spec.outputs)
    nodes.push({ op: 'Identity', inputs: [current.get(name)!], outputs: [`${name}_out`] });
  const outputs = spec.outputs.map((output) => ({ ...output, name: `${output.name}_out` }));
  return { ...spec, nodes, initializers, outputs };

  /** A float constant of arithmetic, as a byte. */
  function constant(name: string, { op }: OnnxNodeSpec): string {
    const value = spec.initializers?.[name];
    if (value?.element !== 'float32' || op === 'Clip') return name;
    const { scale, zero } = parametersOf(value.data as Float32Array);
    const bytes = Uint8Array.from(value.data as Float32Array, (v) => Math.round(v / scale) + zero);
    initializers[`${name}_c`] = tensor('uint8', value.shape, bytes);
    initializers[`${name}_cs`] = scalar(scale);
    initializers[`${name}_cz`] = tensor('uint8', [], Uint8Array.of(zero));
    const inputs = [`${name}_c`, `${name}_cs`, `${name}_cz`];
    nodes.push({ op: 'DequantizeLinear', inputs, outputs: [`${name}_d`] });
    current.set(name, `${name}_d`);
    return `${name}_d`;
  }

  function weight(name: string, at: number, node: OnnxNodeSpec): string {
    const { shape, data } = spec.initializers![name]!;
    const axis = node.op === 'Conv' ? 0 : 1;
    if (at === 1) {
      const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
      const channelOf = (i: number) => Math.floor(i / step) % shape[axis]!;
      const largest = new Float32Array(shape[axis]!);
      (data as Float32Array).forEach((v, i) => {
        largest[channelOf(i)] = Math.max(largest[channelOf(i)]!, Math.abs(v));
      });
      const scales = largest.map((v) => v / LARGEST_WEIGHT || 1);
      const bytes = Int8Array.from(data as Float32Array, (v, i) => Math.round(v / scales[channelOf(i)]!));
      initializers[`${name}_w`] = tensor('int8', shape, bytes);
      initializers[`${name}_ws`] = tensor('float32', [scales.length], scales);
    } else {
      const input = meaning.get(node.inputs[0]!)!.scale;
      const scales = (initializers[`${node.inputs[1]!}_ws`]!.data as Float32Array).map((s) => s * input);
      const words = Int32Array.from(data as Float32Array, (v, i) => Math.round(v / scales[i]!));
      initializers[`${name}_w`] = tensor('int32', shape, words);
      initializers[`${name}_ws`] = tensor('float32', [scales.length], scales);
    }
    const zeros = tensor(
      at === 1 ? 'int8' : 'int32',
      [shape[at === 1 ? axis : 0]!],
      at === 1 ? new Int8Array(shape[axis]!) : new Int32Array(shape[0]!),
    );
    initializers[`${name}_wz`] = zeros;
    const inputs = [`${name}_w`, `${name}_ws`, `${name}_wz`];
    nodes.push({
      op: 'DequantizeLinear',
      inputs,
      outputs: [`${name}_wd`],
      attributes: { axis: at === 1 ? axis : 0 },
    });
    return `${name}_wd`;
  }
}
