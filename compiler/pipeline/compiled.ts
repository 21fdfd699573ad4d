/** What compiling gives: a segment with all that its phases made, and the network of them. */

import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Dataflow, DataImage } from '../dataflow/index.js';
import type { Graph } from '../graph/index.js';
import type { Program } from '../isa/index.js';
import type { QuantizedNetwork } from '../quantize/index.js';
import type { LayerMapping } from '../schedule/index.js';
import { nothingToAccelerate, severalSegments } from './diagnostics.js';

/** A part of the network that runs on the accelerator without the host. */
export interface Segment {
  readonly machine: Machine;
  /** Phase 3: what the accelerator computes, int8 in and out. */
  readonly body: Graph;
  /** Phase 4. */
  readonly dataflow: Dataflow;
  readonly image: DataImage;
  /** How each layer of the dataflow was laid over the machine; none for copies. */
  readonly mappings: readonly (LayerMapping | undefined)[];
  /** Phase 6. */
  readonly program: Program;
}

/**
 * `body`, `dataflow`, `image` and `program` are those of the only segment; where there are several, or none, reading them throws a
 * DiagnosticError that says so; `segments` has them.
 */
export interface Compiled extends Segment {
  /** Phase 1: the network after the graph passes; float, or as its framework quantised it. */
  readonly network: Graph;
  /** Phase 2: the integer graph with the host's float operators. */
  readonly quantized: QuantizedNetwork;
  /** In the order in which they run; none where the host computes everything. The host works before, between and after them (`segmentPlan`, `hostWork`). */
  readonly segments: readonly Segment[];
  /** Warnings and notes of all phases. */
  readonly diagnostics: readonly Diagnostic[];
}

type Whole = Pick<Compiled, 'machine' | 'network' | 'quantized' | 'segments' | 'diagnostics'>;

export function compiledOf(whole: Whole): Compiled {
  const [first, ...others] = whole.segments;
  if (first !== undefined && others.length === 0) return { ...first, ...whole };
  const get = () => {
    const { network, segments } = whole;
    throw new DiagnosticError([
      segments.length === 0 ? nothingToAccelerate(network) : severalSegments(network.name, segments.length),
    ]);
  };
  const refused = { body: { get }, dataflow: { get }, mappings: { get }, image: { get }, program: { get } };
  return Object.defineProperties({ ...whole }, refused) as Compiled;
}
