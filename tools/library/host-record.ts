/** Segments and the host's work as the record has them. In: a compiled network and its runs. Out: record parts. */

import type { Compiled, Segment } from '../../compiler/pipeline/index.js';
import { type HostStepWork, hostWork } from '../../compiler/quantize/index.js';
import { defaultHost, type HostModel, hostSeconds } from '../../models/host/index.js';
import type { Run } from '../../simulator/engine/index.js';
import type { HostRecord, SegmentRecord } from '../report/index.js';

/** `segments` of the record, unless there is just one. */
export function segmentRecords(
  segments: readonly Segment[],
  runs: readonly Run[],
): { readonly segments?: SegmentRecord[] } {
  if (segments.length === 1) return {};
  return {
    segments: segments.map(({ body, program }, i) => ({
      layers: program.layers.length,
      instructions: program.instructions.length,
      cycles: runs[i]!.cycles,
      inputs: [...body.inputs],
      outputs: [...body.outputs],
    })),
  };
}

/**
 * @param accelerator seconds that the accelerator takes.
 * @param stated the user's host; without one, networks of one segment have no record.
 */
export function hostRecord(
  { quantized, segments }: Compiled,
  accelerator: number,
  stated: HostModel | undefined,
): HostRecord | undefined {
  if (stated === undefined && segments.length === 1) return undefined;
  const { operationsPerSecond, bytesPerSecond, basis, known } = stated ?? defaultHost;
  const steps = hostWork(quantized).map((step) => stepRecord(step, stated ?? defaultHost));
  const sum = (of: (step: (typeof steps)[number]) => number) => steps.reduce((s, step) => s + of(step), 0);
  const seconds = sum((step) => step.seconds);
  return {
    operationsPerSecond,
    bytesPerSecond,
    basis,
    known,
    steps,
    operations: sum((step) => step.operations),
    bytes: sum((step) => step.bytes),
    seconds,
    latencySeconds: accelerator + seconds,
  };
}

function stepRecord(step: HostStepWork, model: HostModel): HostRecord['steps'][number] {
  const operators = step.nodes.map(({ node, operations, bytes }) => ({
    name: node.name,
    operator: node.operator,
    operations,
    bytes,
  }));
  return {
    before: step.before,
    operators,
    copiedBytes: step.copies.reduce((sum, { bytes }) => sum + bytes, 0),
    operations: step.operations,
    bytes: step.bytes,
    seconds: hostSeconds(model, step),
  };
}
