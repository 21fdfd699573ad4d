/** A model's configuration as calls of layers. In: the JSON of `model_config`. Out: layers and who reads whom. */

import { z } from 'zod';

export interface LayerSpec {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** For each call of the layer, what it reads. Empty in a Sequential model. */
  readonly calls: readonly (readonly TensorRef[])[];
  /** For each call of Keras 3, its plain arguments: numbers in the place of tensors among them. */
  readonly arguments: readonly (readonly unknown[])[];
  /** What a layer that is a model of its own consists of. */
  readonly model?: ModelSpec;
  /** What a wrapper such as TimeDistributed applies; Bidirectional's backward one, where it is stated, is the second. */
  readonly wrapped: readonly LayerSpec[];
}

/** Result `tensor` of call `call` of a layer. */
export interface TensorRef {
  readonly layer: string;
  readonly call: number;
  readonly tensor: number;
  /** The argument that it is, where that is a mask: `mask`, `query_mask`. */
  readonly mask?: string;
}

export interface ModelSpec {
  readonly sequential: boolean;
  readonly layers: readonly LayerSpec[];
  /** Of a Functional model. */
  readonly inputs: readonly TensorRef[];
  readonly outputs: readonly TensorRef[];
}

const layerSchema = z.object({
  class_name: z.string(),
  name: z.string().optional(),
  // A Sequential model of Keras 1 and 2.0 within another one is a bare list as well.
  config: z.union([
    z.record(z.string(), z.unknown()),
    z.array(z.unknown()).transform((layers) => ({ layers })),
  ]),
  inbound_nodes: z.array(z.unknown()).optional(),
});

const modelSchema = z.object({
  class_name: z.string(),
  // Keras 1 and 2.0 give a Sequential model as the bare list of its layers.
  config: z.union([z.array(layerSchema), z.looseObject({ layers: z.array(layerSchema) })]),
});

export const modelClasses: readonly string[] = ['Sequential', 'Model', 'Functional'];

/** Models within models, and wrappers within wrappers. */
const DEEPEST = 16;

/** @throws Error with what is wrong when the JSON is no model. */
export function readModel(json: unknown, depth = 0): ModelSpec {
  const parsed = modelSchema.safeParse(json);
  if (!parsed.success) throw new Error(`its configuration: ${z.prettifyError(parsed.error)}`);
  const { class_name: className, config } = parsed.data;
  if (!modelClasses.includes(className)) throw new Error(`"${className}" is no kind of model`);
  const fields = Array.isArray(config) ? { layers: config } : config;
  const record = fields as Readonly<Record<string, unknown>>;
  return fromZero({
    sequential: className === 'Sequential',
    layers: fields.layers.map((layer, i) => layerOf(layer, `${layer.class_name}_${i}`, depth)),
    inputs: references(record.input_layers ?? []),
    outputs: references(record.output_layers ?? []),
  });
}

/**
 * Keras up to 2 and tfjs count the making of a model within the model as its first call. Only calls whose results are used are stored, so the
 * last one that is read says so.
 */
function fromZero(model: ModelSpec): ModelSpec {
  const all = [...model.outputs, ...model.layers.flatMap(({ calls }) => calls.flat())];
  const last = new Map<string, number>();
  for (const { layer, call } of all) last.set(layer, Math.max(call, last.get(layer) ?? 0));
  const from = new Map(
    model.layers.flatMap(({ name, model: inner, calls }): [string, number][] =>
      inner !== undefined && last.get(name) === calls.length ? [[name, 1]] : [],
    ),
  );
  if (from.size === 0) return model;
  const rebased = (refs: readonly TensorRef[]) =>
    refs.map((ref) => ({ ...ref, call: ref.call - (from.get(ref.layer) ?? 0) }));
  return {
    ...model,
    layers: model.layers.map((layer) => ({ ...layer, calls: layer.calls.map(rebased) })),
    outputs: rebased(model.outputs),
  };
}

function layerOf(layer: z.infer<typeof layerSchema>, fallback: string, depth: number): LayerSpec {
  if (depth > DEEPEST) throw new Error(`its layers are nested more than ${DEEPEST} deep`);
  const { class_name: className, config } = layer;
  return {
    name: String(layer.name ?? (config as { readonly name?: unknown }).name ?? fallback),
    className,
    config,
    calls: (layer.inbound_nodes ?? []).map((call) => references(call)),
    arguments: (layer.inbound_nodes ?? []).map(argumentsOf),
    wrapped: wrappedIn(config, depth),
    ...(modelClasses.includes(className) && {
      model: readModel({ class_name: className, config }, depth + 1),
    }),
  };
}

/** The layers that a wrapper's configuration holds. */
function wrappedIn(config: Readonly<Record<string, unknown>>, depth: number): readonly LayerSpec[] {
  return ['layer', 'backward_layer'].flatMap((key) => {
    const parsed = layerSchema.safeParse(config[key]);
    return parsed.success ? [layerOf(parsed.data, key, depth + 1)] : [];
  });
}

/** Every `[name, call, tensor]` in a list or a Keras 3 record, in order. Arguments that are no tensors hold none. */
function references(value: unknown): TensorRef[] {
  if (Array.isArray(value)) {
    // Keyword arguments, an initial state among them, stand behind.
    const [layer, call, tensor, ...rest] = value as unknown[];
    return typeof layer === 'string' && typeof call === 'number' && typeof tensor === 'number'
      ? [{ layer, call, tensor }, ...references(rest)]
      : value.flatMap(references);
  }
  if (typeof value !== 'object' || value === null) return [];
  const record = value as Readonly<Record<string, unknown>>;
  if (record.keras_history !== undefined) return references(record.keras_history);
  return Object.entries(record).flatMap(([key, held]) =>
    isMask(key) ? references(held).map((ref) => ({ ...ref, mask: key })) : references(held),
  );
}

const isMask = (key: string): boolean => key === 'mask' || key.endsWith('_mask');

/** What stands in the places of a call. */
function argumentsOf(call: unknown): readonly unknown[] {
  const args = typeof call === 'object' && call !== null ? (call as { readonly args?: unknown }).args : [];
  return Array.isArray(args) ? args : [];
}
