/** Activation scales from calibration samples: every value's range over all samples, by an observer. */

import { clamp, integerRange } from '../../base/index.js';
import { evaluateGraph, type Graph } from '../graph/index.js';
import type { ActivationScale, QuantizeOptions, Sample } from './types.js';

export interface Range {
  readonly min: number;
  readonly max: number;
}

const BINS = 4096;

/** The range of every float value of the graph over the samples. */
export function observeRanges(
  graph: Graph,
  samples: readonly Sample[],
  options: QuantizeOptions,
): Map<string, Range> {
  const widest = new Map<string, { min: number; max: number }>();
  for (const sample of samples) {
    for (const [name, { data, element }] of evaluateGraph(graph, sample, { keep: 'all' })) {
      if (element !== 'float32') continue;
      const range = widest.get(name) ?? { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
      for (const value of data as Float32Array) {
        // A NaN stays, and is reported.
        if (value < range.min || Number.isNaN(value)) range.min = value;
        if (value > range.max || Number.isNaN(value)) range.max = value;
      }
      widest.set(name, range);
    }
  }
  if (options.observer !== 'percentile') return widest;
  return clipToPercentile(graph, samples, widest, (options.percentile ?? 99.99) / 100);
}

/** Keeps `share` of the values of each tensor, cutting both ends equally: histogram of 4096 bins. */
function clipToPercentile(
  graph: Graph,
  samples: readonly Sample[],
  widest: ReadonlyMap<string, Range>,
  share: number,
): Map<string, Range> {
  const histograms = new Map<string, Float64Array>();
  for (const sample of samples) {
    for (const [name, { data }] of evaluateGraph(graph, sample, { keep: 'all' })) {
      const range = widest.get(name);
      if (range === undefined || range.max <= range.min) continue;
      const bins = histograms.get(name) ?? new Float64Array(BINS);
      const scale = BINS / (range.max - range.min);
      for (const value of data as Float32Array)
        bins[clamp(Math.floor((value - range.min) * scale), 0, BINS - 1)]!++;
      histograms.set(name, bins);
    }
  }
  return new Map([...widest].map(([name, range]) => [name, clipRange(range, histograms.get(name), share)]));
}

function clipRange(range: Range, bins: Float64Array | undefined, share: number): Range {
  if (bins === undefined) return range;
  const cut = (bins.reduce((sum, n) => sum + n, 0) * (1 - share)) / 2;
  const width = (range.max - range.min) / BINS;
  let low = 0;
  for (let seen = bins[0]!; seen <= cut; seen += bins[low]!) low++;
  let high = BINS - 1;
  for (let seen = bins[high]!; seen <= cut; seen += bins[high]!) high--;
  return { min: range.min + low * width, max: range.min + (high + 1) * width };
}

/**
 * The scale that covers a range and represents zero exactly: asymmetric, but of 16 bits symmetric with a zero point of 0, as TFLite
 * has it (the machine states bounds and fill values of such activations in steps of 256).
 */
export function scaleOfRange({ min, max }: Range, bits = 8): ActivationScale {
  const low = Math.min(0, min);
  const high = Math.max(0, max);
  if (high === low) return { scale: 1, zeroPoint: 0 };
  const range = integerRange(bits);
  if (bits > 8) return { scale: Math.fround(Math.max(high, -low) / range.max), zeroPoint: 0 };
  const scale = Math.fround((high - low) / (2 ** bits - 1));
  return { scale, zeroPoint: clamp(Math.round(range.min - low / scale), range.min, range.max) };
}
