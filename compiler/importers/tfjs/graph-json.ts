/** A GraphDef as JSON. In: the topology of a graph model and its weights. Out: the graph as the TensorFlow importer reads it. */

import { z } from 'zod';
import type { Tensor } from '../../../base/index.js';
import type { TensorflowAttribute, TensorflowGraph, TensorflowNode, TensorflowShape } from '../wire/index.js';
import { brokenModel } from './diagnostics.js';

/** Names of DataType in the order of their codes from 0. */
const typeNames: readonly string[] = [
  ...['DT_INVALID', 'DT_FLOAT', 'DT_DOUBLE', 'DT_INT32', 'DT_UINT8', 'DT_INT16', 'DT_INT8', 'DT_STRING'],
  ...['DT_COMPLEX64', 'DT_INT64', 'DT_BOOL', 'DT_QINT8', 'DT_QUINT8', 'DT_QINT32', 'DT_BFLOAT16'],
  ...['DT_QINT16', 'DT_QUINT16', 'DT_UINT16', 'DT_COMPLEX128', 'DT_HALF', 'DT_RESOURCE', 'DT_VARIANT'],
  ...['DT_UINT32', 'DT_UINT64'],
];
const codeOf: Readonly<Record<string, number>> = { float32: 1, int32: 3, bool: 10 };

const integer = z.union([z.number(), z.string().regex(/^-?\d+$/)]).transform(Number);
const float = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).transform(Number);
const type = z
  .union([z.number(), z.string()])
  .transform((value) => (typeof value === 'number' ? value : Math.max(0, typeNames.indexOf(value))));
/** Base64, or the character codes that old converters wrote. */
const bytes = z.union([
  z.base64().transform((text) => Uint8Array.from(atob(text), (character) => character.charCodeAt(0))),
  z.array(z.number()).transform((codes) => Uint8Array.from(codes)),
]);
const shape = z
  .object({
    dim: z.array(z.object({ size: integer.optional() })).optional(),
    unknownRank: z.boolean().optional(),
  })
  .transform(
    (s): TensorflowShape => ({
      dim: (s.dim ?? []).map(({ size }) => ({ size: size ?? 0 })),
      unknownRank: s.unknownRank ?? false,
    }),
  );

const attribute = z
  .object({
    s: bytes.optional(),
    i: integer.optional(),
    f: float.optional(),
    b: z.boolean().optional(),
    type: type.optional(),
    shape: shape.nullish(),
    list: z
      .object({
        s: z.array(bytes).optional(),
        i: z.array(integer).optional(),
        f: z.array(float).optional(),
      })
      .nullish(),
    func: z.object({ name: z.string() }).nullish(),
  })
  .transform(
    (a): TensorflowAttribute => ({
      ...{ s: a.s ?? [], i: a.i ?? 0, f: a.f ?? 0, b: a.b ?? false, type: a.type ?? 0 },
      ...{ shape: a.shape ?? null, tensor: null, func: a.func ?? null },
      list: a.list ? { s: a.list.s ?? [], i: a.list.i ?? [], f: a.list.f ?? [] } : null,
    }),
  );

const node = z
  .object({
    name: z.string(),
    op: z.string(),
    input: z.array(z.string()).nullish(),
    attr: z.record(z.string(), attribute).nullish(),
  })
  .transform((n): TensorflowNode => ({ name: n.name, op: n.op, input: n.input ?? [], attr: n.attr ?? {} }));

const args = z.array(z.object({ name: z.string() })).nullish();
const functionDef = z
  .object({
    signature: z.object({ name: z.string(), inputArg: args, outputArg: args }),
    nodeDef: z.array(node).nullish(),
    ret: z.record(z.string(), z.string()).nullish(),
  })
  .transform(({ signature, nodeDef, ret }) => ({
    signature: {
      name: signature.name,
      inputArg: signature.inputArg ?? [],
      outputArg: signature.outputArg ?? [],
    },
    node: nodeDef ?? [],
    ret: ret ?? {},
  }));

const topology = z.object({
  node: z.array(node),
  library: z.object({ function: z.array(functionDef).nullish() }).nullish(),
});

/**
 * @param weights values of the constants, by node name.
 * @throws DiagnosticError when the JSON is no graph.
 */
export function graphOfJson(
  json: unknown,
  weights: ReadonlyMap<string, () => Tensor>,
  file: string,
): TensorflowGraph {
  const parsed = topology.safeParse(json);
  if (!parsed.success) throw brokenModel(file, z.prettifyError(parsed.error));
  const { node: nodes, library } = parsed.data;
  const withValues = (n: TensorflowNode): TensorflowNode => {
    const read = weights.get(n.name);
    return n.op === 'Const' && read !== undefined ? withValue(n, read()) : n;
  };
  const functions = (library?.function ?? []).map((f) => ({ ...f, node: f.node.map(withValues) }));
  return { node: nodes.map(withValues), library: { function: functions } };
}

function withValue(constant: TensorflowNode, { element, shape: extents, data }: Tensor): TensorflowNode {
  const tensor = {
    dtype: codeOf[element] ?? 0,
    tensorShape: { dim: extents.map((size) => ({ size })), unknownRank: false },
    tensorContent: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
    ...{ floatVal: [], doubleVal: [], intVal: [], int64Val: [], boolVal: [], halfVal: [] },
  };
  const value = { list: null, s: [], i: 0, f: 0, b: false, type: 0, shape: null, func: null, tensor };
  return { ...constant, attr: { ...constant.attr, value } };
}
