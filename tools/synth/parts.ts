/** Hierarchical names of instances to parts of the machine, as they read in tools' timing reports. */

/** Instances, innermost first: a requantiser is itself, wherever it stands. */
const INSTANCES: readonly (readonly [RegExp, string])[] = [
  [/u_pe\b/, 'processing element'],
  [/u_requantizer\b/, 'requantiser'],
  [/u_lane\b/, 'vector lane'],
  [/u_array\b/, 'array'],
  [/u_(act|wgt|acc|par|lut)\b/, 'buffers'],
  [/u_matmul\b/, 'matmul unit'],
  [/u_vector\b/, 'vector unit'],
  [/u_load\b/, 'load unit'],
  [/u_store\b/, 'store unit'],
  [/u_fetch\b/, 'fetch'],
  [/u_control\b/, 'control registers'],
];

/** The part that `a.u_pe.sum_q` or `a/u_pe/_012_` stands in; `control` when nothing in the name says. */
export function partOfPath(name: string): string {
  const path = name.replaceAll('/', '.');
  return INSTANCES.find(([pattern]) => pattern.test(path))?.[1] ?? 'control';
}
