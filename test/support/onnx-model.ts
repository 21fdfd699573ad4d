/**
 * Makes little ONNX files for tests, with the importer's own message descriptor, and runs files in onnxruntime.
 * In: nodes, inputs, outputs and initializers as plain records. Out: the bytes of a model.
 */

import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { ElementType, Tensor, TensorData } from '../../base/index.js';
import { onnxMessage } from '../../compiler/importers/wire/index.js';

const codes: Partial<Record<ElementType, number>> = {
  ...{ float32: 1, uint8: 2, int8: 3, uint16: 4, int16: 5, int32: 6, int64: 7, bool: 9, float16: 10 },
  ...{ float64: 11, uint32: 12, uint64: 13, bfloat16: 16, uint4: 21, int4: 22 },
};

/** The TensorProto.DataType of an element type. */
export function onnxCode(element: ElementType): number {
  const code = codes[element];
  if (code === undefined) throw new Error(`no ONNX code for ${element}`);
  return code;
}

/** `{ f: 0.5 }` is a float, `{ i: 1 }` an int, and so on; a bare integer is an int, a bare string a string. */
export type OnnxAttributeValue =
  | number
  | string
  | readonly number[]
  | Tensor
  | { readonly f: number }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] };

export interface OnnxNodeSpec {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, OnnxAttributeValue>>;
}

/** A graph input or output. A string in the shape is a symbolic extent; no shape at all is left out of the file. */
export interface OnnxValueSpec {
  readonly name: string;
  readonly element?: ElementType;
  readonly shape?: readonly (number | string)[];
}

export interface OnnxModelSpec {
  readonly nodes: readonly OnnxNodeSpec[];
  readonly inputs: readonly OnnxValueSpec[];
  readonly outputs: readonly OnnxValueSpec[];
  readonly initializers?: Readonly<Record<string, Tensor>>;
  /** Version of the standard operator set; default 17. */
  readonly opset?: number;
  readonly name?: string;
}

/** The bytes of an ONNX model. */
export function makeOnnxModel(spec: OnnxModelSpec): Uint8Array {
  const domains = new Set(spec.nodes.map((node) => node.domain ?? '').filter((domain) => domain !== ''));
  const model = {
    irVersion: 8,
    producerName: 'systole-test',
    opsetImport: [
      { domain: '', version: spec.opset ?? 17 },
      ...[...domains].map((domain) => ({ domain, version: 1 })),
    ],
    graph: {
      name: spec.name ?? 'test',
      node: spec.nodes.map(nodeMessage),
      initializer: Object.entries(spec.initializers ?? {}).map(([name, t]) => tensorMessage(name, t)),
      input: spec.inputs.map(valueMessage),
      output: spec.outputs.map(valueMessage),
    },
  };
  const type = onnxMessage('Model');
  return type.encode(type.fromObject(model)).finish();
}

function nodeMessage({ op, inputs, outputs, name, domain, attributes }: OnnxNodeSpec) {
  const attribute = Object.entries(attributes ?? {}).map(([key, value]) => ({
    name: key,
    ...attributeMessage(value),
  }));
  return { opType: op, input: inputs, output: outputs, name: name ?? '', domain: domain ?? '', attribute };
}

function attributeMessage(value: OnnxAttributeValue): object {
  if (typeof value === 'number') return { type: 2, i: value };
  if (typeof value === 'string') return { type: 3, s: Buffer.from(value) };
  if ('f' in value) return { type: 1, f: value.f };
  if ('floats' in value) return { type: 6, floats: value.floats };
  if ('strings' in value) return { type: 8, strings: value.strings.map((text) => Buffer.from(text)) };
  if ('element' in value) return { type: 4, t: tensorMessage('', value) };
  return { type: 7, ints: value };
}

/** A TensorProto with raw data, as an object. */
export function tensorMessage(name: string, { element, shape, data }: Tensor): object {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: shape, dataType: onnxCode(element), rawData };
}

function valueMessage({ name, element = 'float32', shape }: OnnxValueSpec) {
  const dim = shape?.map((extent) =>
    typeof extent === 'string' ? { dimParam: extent } : { dimValue: extent },
  );
  const tensorType = { elemType: onnxCode(element), ...(dim && { shape: { dim } }) };
  return { name, type: { tensorType } };
}

/** Runs a model in onnxruntime. Outputs keep their element types. */
export async function runOnnxruntime(
  bytes: Uint8Array,
  inputs: ReadonlyMap<string, Tensor>,
): Promise<Map<string, Tensor>> {
  const session = await InferenceSession.create(bytes, {
    logSeverityLevel: 4,
    graphOptimizationLevel: 'disabled',
  });
  const feeds = Object.fromEntries(
    [...inputs].map(([name, t]) => [
      name,
      new OrtTensor(t.element as 'float32', t.data as Float32Array, t.shape),
    ]),
  );
  const results = await session.run(feeds);
  await session.release();
  return new Map(
    Object.entries(results).map(([name, { type, dims, data }]) => [
      name,
      { element: type as ElementType, shape: dims, data: data as TensorData },
    ]),
  );
}
