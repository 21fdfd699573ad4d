/**
 * A whole network held against its integer graph: every segment on an engine, the host between them. In: a Compiled and one input.
 * Out: what was compared; the network's outputs as well where there are several segments.
 */

import type { Tensor } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import type { Compiled } from '../../compiler/pipeline/index.js';
import { runSegments } from '../../compiler/quantize/index.js';
import type { Engine } from '../../simulator/engine/index.js';
import type { VerificationRecord } from '../report/index.js';
import type { Sample } from './samples.js';
import { storedOutputs } from './segments.js';
import { type VerifiedRun, verifyInput } from './verify.js';

type Totals = Omit<VerificationRecord, 'engine' | 'scope' | 'inputs' | 'layersTotal'>;

/** Sums of verified runs. */
export class Tally {
  totals: Totals = {
    layersCompared: 0,
    valuesCompared: 0,
    mismatches: 0,
    cyclesPredicted: 0,
    cyclesSimulated: 0,
    instructionsCompared: 0,
    timeMismatches: 0,
    firstMismatch: null,
  };

  add(result: Omit<VerifiedRun, 'reference'>): void {
    this.addTotals({
      ...result,
      cyclesPredicted: result.predicted.cycles,
      cyclesSimulated: result.run.cycles,
      instructionsCompared: result.predicted.trace.length,
    });
  }

  /** Another input of the same network: its layers are the same ones. */
  addWhole(result: Totals): void {
    this.addTotals(result);
    this.totals = { ...this.totals, layersCompared: result.layersCompared };
  }

  private addTotals(more: Totals): void {
    const t = this.totals;
    this.totals = {
      layersCompared: t.layersCompared + more.layersCompared,
      valuesCompared: t.valuesCompared + more.valuesCompared,
      mismatches: t.mismatches + more.mismatches,
      cyclesPredicted: t.cyclesPredicted + more.cyclesPredicted,
      cyclesSimulated: t.cyclesSimulated + more.cyclesSimulated,
      instructionsCompared: t.instructionsCompared + more.instructionsCompared,
      timeMismatches: t.timeMismatches + more.timeMismatches,
      firstMismatch: t.firstMismatch ?? more.firstMismatch,
    };
  }
}

/** One input through all segments, each on what the engine and the host really made of the one before. */
export async function verifyWhole(engine: Engine, compiled: Compiled, sample: Sample): Promise<Totals> {
  const { quantized, segments } = compiled;
  const tally = new Tally();
  const values = await runSegments(quantized, sample, async (_body, index, inputs) => {
    const segment = segments[index]!;
    const result = await verifyInput(engine, segment, inputs);
    tally.add(result);
    return storedOutputs(segment, result.run.dram!);
  });
  if (segments.length === 1) return tally.totals;
  const reference = evaluateGraph(quantized.graph, sample);
  const { totals } = tally;
  const outputs = compareOutputs(reference, values);
  return {
    ...totals,
    valuesCompared: totals.valuesCompared + outputs.valuesCompared,
    mismatches: totals.mismatches + outputs.mismatches,
    firstMismatch: totals.firstMismatch ?? outputs.firstMismatch,
  };
}

/** The network's outputs, bit for bit. */
function compareOutputs(
  reference: ReadonlyMap<string, Tensor>,
  values: ReadonlyMap<string, Tensor>,
): Pick<Totals, 'valuesCompared' | 'mismatches' | 'firstMismatch'> {
  let [valuesCompared, mismatches] = [0, 0];
  let firstMismatch: string | null = null;
  for (const [name, expected] of reference) {
    const actual = values.get(name)!;
    valuesCompared += expected.data.length;
    for (let i = 0; i < expected.data.length; i++) {
      if (Object.is(expected.data[i], actual.data[i])) continue;
      mismatches++;
      firstMismatch ??= `output ${name}, element ${i} of [${expected.shape.join(',')}]: ${actual.data[i]} instead of ${expected.data[i]}`;
    }
  }
  return { valuesCompared, mismatches, firstMismatch };
}
