/** A network of others, trained and exported by them, from its ONNX file to the Verilog: the laws hold for it as for drawn ones. */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { bodyInputs, finishOutputs } from '../../compiler/quantize/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { randomTensor } from '../support/compare.js';
import type { LawCase } from '../support/law-case.js';
import {
  fasterIsNeverSlower,
  sameActivity,
  sameCycles,
  sameInIcarus,
  sameInVerilog,
  sameValues,
} from '../support/laws.js';
import { hasTool } from '../verilog/support.js';

const file = resolve(import.meta.dirname, '../../../shared/data/networks/wonnx/data/models/opt-mnist.onnx');

/** The whole path, with seeded samples; and one more sample as a case of the laws. */
function compiledMnist() {
  const network = unwrap(readOnnx(readFileSync(file)));
  const input = network.inputs[0]!;
  const sample = (seed: number): Map<string, Tensor> =>
    new Map([[input, randomTensor(network.values.get(input)!.type.shape, seed)]]);
  const calibration = [1, 2, 3, 4].map(sample);
  const compiled = unwrap(compile(network, machinePresets.get('edge8')!, { calibration }));
  const inputs = bodyInputs(compiled.quantized, sample(9));
  const { machine, program, body } = compiled;
  const reference = evaluateGraph(body, inputs, { keep: 'all' });
  const lawCase: LawCase = { machine, program, graph: body, dram: initialDram(program, inputs), reference };
  return { network, compiled, sample: sample(9), lawCase };
}

describe.skipIf(!existsSync(file))(
  'the MNIST network on edge8 (skipped when ../shared/data is absent)',
  () => {
    it('laws 1, 2, 4 and 5 hold for it on the interpreter, the timing and the array engine', () => {
      const { lawCase } = compiledMnist();
      for (const law of [sameValues, sameCycles, sameActivity, fasterIsNeverSlower]) law(lawCase);
      console.log(`opt-mnist on edge8: ${simulateTiming(lawCase.machine, lawCase.program).cycles} cycles`);
    });

    it('its integers mean the float network: the same class, and logits within 5 % of their range', () => {
      const { network, compiled, sample, lawCase } = compiledMnist();
      const [float] = [...evaluateGraph(network, sample).values()];
      const [fixed] = [...finishOutputs(compiled.quantized, lawCase.reference).values()];
      const [a, b] = [float!, fixed!].map((t) => Array.from(t.data, Number)) as [number[], number[]];
      const range = Math.max(...a) - Math.min(...a);
      expect(Math.max(...a.map((v, i) => Math.abs(v - b[i]!)))).toBeLessThan(0.05 * range);
      expect(b.indexOf(Math.max(...b))).toBe(a.indexOf(Math.max(...a)));
    });

    it('laws 1, 2 and 4: the emitted Verilog agrees with all of it on the RTL engine', () =>
      sameInVerilog(compiledMnist().lawCase));

    it.skipIf(!hasTool('iverilog'))('law 3: the emitted Verilog agrees with all of it in Icarus', () => {
      sameInIcarus(compiledMnist().lawCase);
    });
  },
);
