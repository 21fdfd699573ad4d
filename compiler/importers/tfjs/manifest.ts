/** `model.json` as text. In: its bytes. Out: the topology, where the weights are and which format it is; checked, not yet interpreted. */

import { z } from 'zod';
import { brokenModel } from './diagnostics.js';

const quantization = z.object({
  dtype: z.enum(['uint8', 'uint16', 'float16']),
  min: z.number().optional(),
  scale: z.number().optional(),
});

const weight = z.object({
  name: z.string(),
  shape: z.array(z.int().nonnegative()),
  dtype: z.enum(['float32', 'int32', 'bool', 'string', 'complex64']),
  quantization: quantization.optional(),
});

const group = z.object({ paths: z.array(z.string()), weights: z.array(weight) });

const tensorInfo = z.looseObject({ name: z.string() });
const signature = z.looseObject({
  inputs: z.record(z.string(), tensorInfo).optional(),
  outputs: z.record(z.string(), tensorInfo).optional(),
});

const model = z.looseObject({
  format: z.string().nullish(),
  modelTopology: z.looseObject({}),
  weightsManifest: z.array(group).optional(),
  signature: signature.nullish(),
  userDefinedMetadata: z.looseObject({ signature: signature.nullish() }).nullish(),
});

export type WeightSpec = z.infer<typeof weight>;
export type WeightGroup = z.infer<typeof group>;
export type Signature = z.infer<typeof signature>;

export interface TfjsModel {
  readonly kind: 'graph' | 'layers';
  readonly topology: Readonly<Record<string, unknown>>;
  readonly groups: readonly WeightGroup[];
  readonly signature: Signature | undefined;
}

/** Cheap: JSON whose first kilobytes or last ones name what only TF.js models have. */
export function looksLikeTfjs(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb ? 3 : 0;
  while (at < bytes.length && [0x20, 0x09, 0x0a, 0x0d].includes(bytes[at]!)) at++;
  if (bytes[at] !== 0x7b) return false;
  const text = new TextDecoder();
  const ends = [bytes.subarray(0, 4096), bytes.subarray(Math.max(0, bytes.length - 65536))];
  return ends.some((part) => /"(modelTopology|weightsManifest)"\s*:/.test(text.decode(part)));
}

/** @throws DiagnosticError when the text is no TF.js model. */
export function readManifest(bytes: Uint8Array, file: string): TfjsModel {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw brokenModel(file, (error as Error).message);
  }
  const parsed = model.safeParse(json);
  if (!parsed.success) throw brokenModel(file, z.prettifyError(parsed.error));
  const { format, modelTopology, weightsManifest, signature: stated, userDefinedMetadata } = parsed.data;
  const isGraph = Array.isArray(modelTopology.node) || Array.isArray(modelTopology.library);
  const kind = format === 'graph-model' || (format !== 'layers-model' && isGraph) ? 'graph' : 'layers';
  return {
    kind,
    topology: modelTopology,
    groups: weightsManifest ?? [],
    signature: stated ?? userDefinedMetadata?.signature ?? undefined,
  };
}
