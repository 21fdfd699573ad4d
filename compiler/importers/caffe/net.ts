/** Caffe files as plain records. In: text or bytes. Out: layers in today's form, or a diagnostic where reading stopped. */

import * as textformat from 'protobufjs/ext/textformat.js';
import protobuf from 'protobufjs/light.js';
import { type Diagnostic, fail, type Result, succeed } from '../../../base/index.js';
import { brokenBinary, brokenText } from './diagnostics.js';
import { currentType, netParameter } from './schema.js';

export interface Blob {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Fields of a layer's parameter, defaults filled in. */
export type Parameter = Readonly<Record<string, number | string | boolean | readonly number[]>>;

export interface Layer {
  readonly name: string;
  readonly type: string;
  readonly bottoms: readonly string[];
  readonly tops: readonly string[];
  readonly blobs: readonly Blob[];
  /** Whether the layer is part of the network at inference (phase TEST). */
  readonly atInference: boolean;
  /** The parameter of a kind, such as `convolution_param`; its defaults where the file has none. */
  readonly parameter: (kind: string) => Parameter;
  /** Shapes in `input_param` and `reshape_param`. */
  readonly shapes: readonly (readonly number[])[];
}

export interface Net {
  readonly name: string;
  /** Inputs stated beside the layers, with their shapes. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] | undefined }[];
  readonly layers: readonly Layer[];
}

/** The reader is a CommonJS module whose exports are known at run time only: they are those of its default export. */
const { fromText } = (textformat as unknown as { readonly default: typeof textformat }).default;

/** Reads a `.prototxt`. @param file what diagnostics call it. */
export function readPrototxt(text: string, file: string): Result<Net> {
  const raw = decode(
    // What the text reader gives below the top are records without their types' defaults.
    () => netParameter.fromObject({ ...fromText(netParameter, text) }),
    (error) => brokenText(file, text, error.message),
  );
  return raw.ok ? succeed(toNet(raw.value)) : raw;
}

/** Reads a `.caffemodel`. @param file what diagnostics call it. */
export function readCaffemodel(bytes: Uint8Array, file: string): Result<Net> {
  const reader = protobuf.Reader.create(bytes);
  reader.discardUnknown = true;
  const raw = decode(
    () => netParameter.decode(reader),
    (error) => {
      const reason =
        error instanceof RangeError ? 'a field reaches beyond the end of the data' : error.message;
      return brokenBinary(file, Math.min(reader.pos, bytes.length), reason);
    },
  );
  return raw.ok ? succeed(toNet(raw.value)) : raw;
}

/** protobufjs reports everything malformed as an Error; there is nothing else that it throws here. */
function decode(read: () => protobuf.Message, describe: (error: Error) => Diagnostic): Result<Raw> {
  try {
    return succeed(read() as unknown as Raw);
  } catch (error) {
    return fail(describe(error instanceof Error ? error : new Error(String(error))));
  }
}

/** A decoded message: absent fields read as their defaults through the prototype. */
type Raw = Record<string, unknown>;

function toNet(raw: Raw): Net {
  const old = raw.layers as readonly Raw[];
  const layers = old.length > 0 ? old : (raw.layer as readonly Raw[]);
  return { name: String(raw.name), inputs: inputsOf(raw), layers: layers.map(toLayer) };
}

function inputsOf(raw: Raw): Net['inputs'] {
  const shapes = (raw.input_shape as readonly Raw[]).map(shapeOf);
  const dims = raw.input_dim as readonly number[];
  return (raw.input as readonly string[]).map((name, index) => {
    const flat = dims.slice(4 * index, 4 * index + 4);
    return { name, shape: shapes[index] ?? (flat.length === 4 ? flat : undefined) };
  });
}

function toLayer(raw: Raw): Layer {
  const type = raw.type as string | number;
  const names = netParameter.root.lookupEnum('V1Type').valuesById;
  const inputs = raw.input_param as Raw | null | undefined;
  const reshape = raw.reshape_param as Raw | null | undefined;
  const shapes = [
    ...((inputs?.shape ?? []) as readonly Raw[]),
    ...(reshape?.shape ? [reshape.shape as Raw] : []),
  ];
  return {
    name: String(raw.name),
    type: typeof type === 'number' ? currentType(names[type] ?? 'NONE') : type,
    bottoms: raw.bottom as readonly string[],
    tops: raw.top as readonly string[],
    blobs: (raw.blobs as readonly Raw[]).map(toBlob),
    atInference: atInference(raw.include as readonly Raw[], raw.exclude as readonly Raw[]),
    parameter: (kind) => parameterOf(raw, kind),
    shapes: shapes.map(shapeOf),
  };
}

const TEST = 1;

/** A layer with `include` rules is there where one of them holds, one with `exclude` rules where none does. */
function atInference(include: readonly Raw[], exclude: readonly Raw[]): boolean {
  const holds = (rule: Raw) =>
    (!Object.hasOwn(rule, 'phase') || rule.phase === TEST) && (rule.stage as readonly string[]).length === 0;
  return include.length > 0 ? include.some(holds) : !exclude.some(holds);
}

function parameterOf(raw: Raw, kind: string): Parameter {
  const field = netParameter.root.lookupType('LayerParameter').fields[kind]!;
  const type = netParameter.root.lookupType(field.type);
  const given = (raw[kind] ?? {}) as Raw;
  const message = type.fromObject(type.toObject(type.create(given), { enums: String, longs: Number }));
  return type.toObject(message, { defaults: true, enums: String, longs: Number, arrays: true }) as Parameter;
}

function shapeOf(raw: Raw): number[] {
  return (raw.dim as readonly (number | { toNumber(): number })[]).map(Number);
}

function toBlob(raw: Raw): Blob {
  const legacy = [raw.num, raw.channels, raw.height, raw.width] as readonly number[];
  const shape = raw.shape ? shapeOf(raw.shape as Raw) : [...legacy];
  const single = raw.data as readonly number[];
  return {
    shape,
    data: Float32Array.from(single.length > 0 ? single : (raw.double_data as readonly number[])),
  };
}
