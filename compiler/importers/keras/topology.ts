/** A model's configuration as calls of layers. In: the JSON of `model_config`. Out: layers and who reads whom. */

import { z } from 'zod';

export interface LayerSpec {
  readonly name: string;
  readonly className: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** For each call of the layer, what it reads. Empty in a Sequential model. */
  readonly calls: readonly (readonly TensorRef[])[];
}

/** Result `tensor` of call `call` of a layer. */
export interface TensorRef {
  readonly layer: string;
  readonly call: number;
  readonly tensor: number;
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
  config: z.record(z.string(), z.unknown()),
  inbound_nodes: z.array(z.unknown()).optional(),
});

const modelSchema = z.object({
  class_name: z.string(),
  // Keras 1 and 2.0 give a Sequential model as the bare list of its layers.
  config: z.union([z.array(layerSchema), z.looseObject({ layers: z.array(layerSchema) })]),
});

export const modelClasses: readonly string[] = ['Sequential', 'Model', 'Functional'];

/** @throws Error with what is wrong when the JSON is no model. */
export function readModel(json: unknown): ModelSpec {
  const parsed = modelSchema.safeParse(json);
  if (!parsed.success) throw new Error(`its configuration: ${z.prettifyError(parsed.error)}`);
  const { class_name: className, config } = parsed.data;
  if (!modelClasses.includes(className)) throw new Error(`"${className}" is no kind of model`);
  const fields = Array.isArray(config) ? { layers: config } : config;
  const record = fields as Readonly<Record<string, unknown>>;
  return {
    sequential: className === 'Sequential',
    layers: fields.layers.map((layer, i) => ({
      name: String(layer.name ?? layer.config.name ?? `${layer.class_name}_${i}`),
      className: layer.class_name,
      config: layer.config,
      calls: (layer.inbound_nodes ?? []).map((call) => references(call)),
    })),
    inputs: references(record.input_layers ?? []),
    outputs: references(record.output_layers ?? []),
  };
}

/** Every `[name, call, tensor]` in a list or a Keras 3 record, in order. Arguments that are no tensors hold none. */
function references(value: unknown): TensorRef[] {
  if (Array.isArray(value)) {
    const [layer, call, tensor] = value as unknown[];
    return typeof layer === 'string' && typeof call === 'number' && typeof tensor === 'number'
      ? [{ layer, call, tensor }]
      : value.flatMap(references);
  }
  if (typeof value !== 'object' || value === null) return [];
  const record = value as Readonly<Record<string, unknown>>;
  return references(record.keras_history ?? Object.values(record));
}
