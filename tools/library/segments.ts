/** A compiled network's segments with the inputs that they really get. In: a Compiled and a sample. Out: inputs or runs, one a segment. */

import type { Tensor } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { initialDram, readSegment } from '../../compiler/isa/index.js';
import type { Compiled, Segment } from '../../compiler/pipeline/index.js';
import { bodyInputs, runSegments } from '../../compiler/quantize/index.js';
import type { Run } from '../../simulator/engine/index.js';
import type { Sample } from './samples.js';

/** The integer inputs of every segment, from the evaluation of the integer graph. */
export function segmentInputs(
  { quantized, segments }: Compiled,
  sample: Sample,
): readonly ReadonlyMap<string, Tensor>[] {
  if (segments.length === 1) return [bodyInputs(quantized, sample)];
  const values = evaluateGraph(quantized.graph, sample, { keep: 'all' });
  return segments.map(({ body }) => new Map(body.inputs.map((name) => [name, values.get(name)!])));
}

/** What the accelerator left in memory for the host: a segment's outputs in their own shapes. */
export function storedOutputs({ body, program }: Segment, dram: Uint8Array): ReadonlyMap<string, Tensor> {
  return new Map(
    body.outputs.map((name) => {
      const { shape } = body.values.get(name)!.type;
      return [name, { ...readSegment(program, dram, name), shape }];
    }),
  );
}

/**
 * Every segment on an engine that computes values; between them the host works on what the engine stored.
 * @param run starts segment `index` with its DRAM.
 */
export async function runEverySegment(
  compiled: Compiled,
  sample: Sample,
  run: (index: number, dram: Uint8Array) => Promise<Run>,
): Promise<readonly Run[]> {
  const runs: Run[] = [];
  await runSegments(compiled.quantized, sample, async (_body, index, inputs) => {
    const segment = compiled.segments[index]!;
    const result = await run(index, initialDram(segment.program, inputs));
    runs.push(result);
    return storedOutputs(segment, result.dram!);
  });
  return runs;
}
