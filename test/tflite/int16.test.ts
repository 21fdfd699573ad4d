/** Networks with int16 activations (TFLite's 16x8 scheme): the recorded numbers, bit for bit, in the evaluator and on the preset signal8. */

import { describe, expect, it } from 'vitest';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import { createRtlEngine } from '../../simulator/rtl/index.js';
import { engineSteps, evaluatedSteps, int16Absent, int16Cases, int16Network } from './int16.js';

const note = int16Absent ? ' (skipped: ../shared is absent)' : '';

/**
 * What each folder gives: networks, networks refused, numbers that differ, each by one step. Sums of TFLite round each operand and the result twice; the machine's
 * add rounds once, which one sum of these shows. Differences broadcast here, so the host computes them in float, which shows once as well.
 */
const expected = [
  { operator: 'add', networks: 17, refused: 0, different: 1 },
  { operator: 'conv', networks: 22, refused: 0, different: 0 },
  { operator: 'leaky_relu', networks: 23, refused: 0, different: 0 },
  { operator: 'pad', networks: 19, refused: 0, different: 0 },
  { operator: 'quantize', networks: 2, refused: 1, different: 0 },
  { operator: 'strided_slice', networks: 34, refused: 0, different: 0 },
  { operator: 'sub', networks: 5, refused: 0, different: 1 },
  { operator: 'transpose_conv', networks: 5, refused: 0, different: 0 },
];

describe(`int16 activations${note}`, () => {
  it.skipIf(int16Absent).each(expected)(
    '$operator: the recorded numbers, but for $different',
    ({ operator, networks, refused, different }) => {
      const cases = int16Cases(operator);
      const made = cases.map((network) => ({ network, quantized: int16Network(network) }));
      expect(cases.length).toBe(networks);
      expect(made.filter(({ quantized }) => !quantized.ok).length).toBe(refused);
      const steps = made.flatMap(({ network, quantized }) =>
        quantized.ok ? evaluatedSteps(network, quantized.value) : [],
      );
      expect(steps.length).toBeGreaterThan(600);
      expect(Math.max(...steps)).toBeLessThanOrEqual(1);
      expect(steps.filter((s) => s > 0).length).toBe(different);
    },
  );

  it.skipIf(int16Absent).each(['conv', 'leaky_relu', 'pad', 'strided_slice', 'transpose_conv'])(
    '%s on the array engine: the recorded numbers in the predicted time',
    async (operator) => {
      for (const network of int16Cases(operator)) {
        const made = await engineSteps(network, arrayEngine);
        expect([network.stem, made.segments, made.mismatches, made.timeMismatches]).toEqual([
          network.stem,
          1,
          0,
          0,
        ]);
        expect(Math.max(...made.steps)).toBe(0);
      }
    },
    300_000,
  );

  it.skipIf(int16Absent)(
    'a convolution and a leaky ReLU in the emitted Verilog',
    async () => {
      const engine = createRtlEngine(emitVerilog);
      for (const [folder, stem] of [
        ['conv', 'conv11'],
        ['leaky_relu', 'leaky_relu11'],
        ['add', 'add0'],
      ] as const) {
        const made = await engineSteps({ folder, stem }, engine);
        expect([stem, made.mismatches, made.timeMismatches]).toEqual([stem, 0, 0]);
        expect(Math.max(...made.steps)).toBe(0);
      }
    },
    300_000,
  );
});
