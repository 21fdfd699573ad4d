/** Float networks become integers by calibration. */

import { collect, type Diagnostic, fail, type Result, succeed } from '../../base/index.js';
import type { Graph } from '../graph/index.js';
import { observeRanges, type Range, scaleOfRange } from './calibrate.js';
import { badOption, constantActivation, noCalibration, notFinite } from './diagnostics.js';
import { emitInteger } from './emit.js';
import { shareScales, symmetricFactors } from './share-scales.js';
import {
  type Annotated,
  defaultElements,
  type QuantizedNetwork,
  type QuantizeOptions,
  type Sample,
} from './types.js';

/** What the samples say of a network. */
export interface Calibration {
  readonly samples: number;
  /** Of every float value. */
  readonly ranges: ReadonlyMap<string, Range>;
  /** Warnings: tensors that never change on the samples. */
  readonly notes: readonly Diagnostic[];
}

/**
 * Post-training quantisation: per-channel symmetric weights, per-tensor activations (asymmetric up to 8 bits) with ranges from
 * the samples, int32 bias.
 * @param graph float graph after the passes.
 * @param samples inputs by name; one or more.
 * @returns with warnings for what stays on the host and for tensors that never change on the samples.
 */
export function quantize(
  graph: Graph,
  samples: readonly Sample[],
  options: QuantizeOptions = {},
): Result<QuantizedNetwork> {
  const calibration = calibrate(graph, samples, options);
  return calibration.ok ? quantizeCalibrated(graph, calibration.value, options) : calibration;
}

/** The part of {@link quantize} that runs the network: it depends on the samples, observer and percentile alone. */
export function calibrate(
  graph: Graph,
  samples: readonly Sample[],
  options: QuantizeOptions,
): Result<Calibration> {
  if (samples.length === 0) return fail(noCalibration(graph.name, graph.inputs[0] ?? ''));
  const wrong = optionFaults(options);
  if (wrong.length > 0) return fail(...wrong);
  const ranges = collect(() => observeRanges(graph, samples, options));
  if (!ranges.ok) return ranges;
  const notes = rangeFaults(graph, ranges.value);
  if (notes.some(({ severity }) => severity === 'error')) return fail(...notes);
  return succeed({ samples: samples.length, ranges: ranges.value, notes });
}

/** Instead of running the network: one range for all of its float values. */
export function statedCalibration(graph: Graph, range: Range): Calibration {
  const floats = [...graph.values.values()].filter(({ type }) => type.element === 'float32');
  return { samples: 0, ranges: new Map(floats.map(({ name }) => [name, range])), notes: [] };
}

/** The other part: integers for ranges that are known. */
export function quantizeCalibrated(
  graph: Graph,
  { samples, ranges, notes }: Calibration,
  options: QuantizeOptions,
): Result<QuantizedNetwork> {
  const { activationBits } = options.elements ?? defaultElements;
  const finite = [...ranges].filter(([, range]) => hasEnds(range));
  const own = new Map(finite.map(([name, range]) => [name, scaleOfRange(range, activationBits)]));
  const scales = shareScales(graph, symmetricFactors(graph, own, activationBits));
  const annotated: Annotated = {
    graph,
    ...floatNetwork,
    activation: (name) => scales.get(name),
    isInfinite: (name) => ranges.has(name) && !own.has(name),
  };
  const emitted = emitInteger(annotated, options);
  if (!emitted.ok) return emitted;
  return succeed({ graph: emitted.value, summary: summaryOf(samples, options) }, [
    ...notes,
    ...emitted.diagnostics,
  ]);
}

/** No framework has said anything. */
const floatNetwork = {
  sparse: false,
  activation: () => undefined,
  weights: () => undefined,
  bias: () => undefined,
} as const;

function optionFaults({ percentile = 100, multiplierBits = 32 }: QuantizeOptions): Diagnostic[] {
  const faults: Diagnostic[] = [];
  if (!(percentile > 50 && percentile <= 100))
    faults.push(badOption('percentile', percentile, 'above 50 and at most 100'));
  if (!Number.isInteger(multiplierBits) || multiplierBits < 8 || multiplierBits > 32)
    faults.push(badOption('multiplierBits', multiplierBits, 'an integer from 8 to 32'));
  return faults;
}

/** Errors for samples that are no numbers, warnings for tensors of a single one; what becomes infinite later is the host's. */
function rangeFaults(graph: Graph, ranges: ReadonlyMap<string, Range>): Diagnostic[] {
  return [...ranges].flatMap(([name, range]) => {
    if (!hasEnds(range)) return graph.inputs.includes(name) ? [notFinite(graph.name, name)] : [];
    return range.min === range.max ? [constantActivation(graph.name, name, range.min)] : [];
  });
}

const hasEnds = ({ min, max }: Range): boolean => Number.isFinite(min) && Number.isFinite(max);

function summaryOf(samples: number, options: QuantizeOptions): string {
  const observer =
    options.observer === 'percentile' ? `${options.percentile ?? 99.99} % percentile` : 'min-max';
  if (samples === 0)
    return `${integersText(options)} by post-training quantisation (stated ranges, no samples; weights per channel, ${options.multiplierBits ?? 32}-bit requantiser)`;
  const count = samples === 1 ? '1 calibration sample' : `${samples} calibration samples`;
  return `${integersText(options)} by post-training quantisation (${count}, ${observer}; weights per channel, ${options.multiplierBits ?? 32}-bit requantiser)`;
}

function integersText(options: QuantizeOptions): string {
  const { activationBits, weightBits } = options.elements ?? defaultElements;
  return activationBits === weightBits
    ? `int${activationBits}`
    : `int${activationBits} with int${weightBits} weights`;
}
