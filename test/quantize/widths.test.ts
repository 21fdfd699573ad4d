/**
 * Quantisation for machines of other element widths: the digits network on each mix of activation and weight bits runs as its integer
 * graph says, and wider elements are not less accurate.
 */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { initialDram, readSegment } from '../../compiler/isa/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { bodyInputs, finishOutputs } from '../../compiler/quantize/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { type Machine, machineSchema } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { exampleSamples, openNetwork } from '../../tools/library/index.js';
import { machineOf } from '../schedule/networks.js';

const opened = openNetwork('digits');
const labels = exampleSamples('digits').test.map((t) => t.label);
const PICTURES = 120;

function machineFor(activationBits: number, weightBits: number): Machine {
  const base = machineOf({ rows: 8, columns: 8, lanes: 4, wgtRows: 2048 });
  const functions = base.vector.functions.filter((name) => name !== 'lookup' || activationBits <= 8);
  const elements = { activationBits, weightBits, accumulatorBits: 32 };
  return machineSchema.parse({ ...base, elements, vector: { ...base.vector, functions } });
}

function classOf(logits: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

/** Share of pictures whose class is right, by the integer graph; the first ones are run as a program too. */
function accuracyOn(machine: Machine): number {
  const compiled = unwrap(compile(opened.graph, machine, { calibration: opened.calibration }));
  const { program, quantized, body } = compiled;
  let right = 0;
  for (const [i, sample] of opened.tests.slice(0, PICTURES).entries()) {
    const inputs = bodyInputs(quantized, sample);
    const outputs = evaluateGraph(body, inputs);
    if (i < 2) {
      const dram = interpretProgram(machine, program, initialDram(program, inputs));
      for (const name of body.outputs)
        expect(Array.from(readSegment(program, dram, name).data, Number)).toEqual(
          Array.from(outputs.get(name)!.data, Number),
        );
    }
    const [logits] = finishOutputs(quantized, outputs).values();
    if (classOf(logits!.data as Float32Array) === labels[i]) right++;
  }
  return right / PICTURES;
}

describe('digits on machines of other element widths', () => {
  it.each([
    [8, 8, 0.95],
    [8, 4, 0.93],
    [4, 4, 0.93],
    [16, 8, 0.95],
    [16, 16, 0.95],
    [4, 8, 0.95],
    [16, 4, 0.93],
    [8, 16, 0.95],
  ])('int%i activations, int%i weights: at least %f right', (activations, weights, least) => {
    const accuracy = accuracyOn(machineFor(activations, weights));
    console.log(`digits, int${activations} x int${weights}: ${(100 * accuracy).toFixed(1)} %`);
    expect(accuracy).toBeGreaterThanOrEqual(least);
  });

  it('weights of another machine are refused at their node', () => {
    const wide = unwrap(compile(opened.graph, machineFor(8, 8), { calibration: opened.calibration }));
    const narrow = schedule(wide.body, machineFor(8, 4));
    expect(narrow.ok).toBe(false);
    expect(narrow.diagnostics.map((d) => renderDiagnostic(d)).join('\n')).toContain(
      'weights are int8, the machine holds int4',
    );
  });
});
