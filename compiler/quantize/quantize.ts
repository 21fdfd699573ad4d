/** Float networks become integers by calibration. */

import { fail, type Result, succeed } from '../../base/index.js';
import type { Graph } from '../graph/index.js';
import { observeRanges, scaleOfRange } from './calibrate.js';
import { noCalibration } from './diagnostics.js';
import { emitInteger } from './emit.js';
import type { QuantizedNetwork, QuantizeOptions, Sample } from './types.js';

/**
 * Post-training quantisation to int8: per-channel symmetric weights, per-tensor asymmetric activations with ranges from
 * the samples, int32 bias.
 * @param graph float graph after the passes.
 * @param samples inputs by name; one or more.
 */
export function quantize(
  graph: Graph,
  samples: readonly Sample[],
  options: QuantizeOptions = {},
): Result<QuantizedNetwork> {
  if (samples.length === 0) return fail(noCalibration(graph.name, graph.inputs[0] ?? ''));
  const ranges = observeRanges(graph, samples, options);
  const scales = new Map([...ranges].map(([name, range]) => [name, scaleOfRange(range)]));
  const emitted = emitInteger(
    {
      graph,
      sparse: false,
      activation: (name) => scales.get(name),
      weights: () => undefined,
      bias: () => undefined,
    },
    options.multiplierBits ?? 32,
  );
  if (!emitted.ok) return emitted;
  const observer =
    options.observer === 'percentile' ? `${options.percentile ?? 99.99} % percentile` : 'min-max';
  const count = samples.length === 1 ? '1 calibration sample' : `${samples.length} calibration samples`;
  return succeed({
    graph: emitted.value,
    summary: `int8 by post-training quantisation (${count}, ${observer}; weights per channel, ${options.multiplierBits ?? 32}-bit requantiser)`,
  });
}
