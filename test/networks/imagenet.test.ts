/**
 * Networks of ImageNet size, compiled for edge16, timed, and run by the interpreter: SYSTOLE_MODELS names a folder with torchvision's `resnet18.onnx` and
 * `mobilenet_v2.onnx` (batch 1, 224 x 224). Half a minute each, so not part of the default run.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { evaluateGraph, graphMacs } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { randomTensor } from '../support/compare.js';
import { expectStored, type LawCase } from '../support/law-case.js';
import { fasterIsNeverSlower } from '../support/laws.js';

const folder = process.env.SYSTOLE_MODELS ?? '';
/** With the MACs that the networks are known for. */
const networks = [
  { name: 'resnet18', macs: 1_814_073_344 },
  { name: 'mobilenet_v2', macs: 300_774_272 },
].filter(({ name }) => existsSync(join(folder, `${name}.onnx`)));

describe.skipIf(networks.length === 0)('ImageNet networks (skipped unless SYSTOLE_MODELS has them)', () => {
  it.each(networks)(
    'laws 1, 4 and 5: $name on edge16 stores every layer, counts its MACs, is never slower on a faster machine',
    ({ name, macs }) => {
      const machine = machinePresets.get('edge16')!;
      const network = unwrap(readOnnx(readFileSync(join(folder, `${name}.onnx`))));
      const input = network.inputs[0]!;
      const calibration = [new Map([[input, randomTensor(network.values.get(input)!.type.shape, 1)]])];
      const compiled = unwrap(compile(network, machine, { calibration }));
      const { program, body } = compiled;
      const { cycles, activity } = simulateTiming(machine, program);
      console.log(`${name} on edge16: ${cycles} cycles, ${program.instructions.length} instructions`);
      expect(graphMacs(network)).toBe(macs);
      expect(graphMacs(body)).toBe(macs);
      expect(activity.usefulMacs).toBe(macs);
      // No cycle does more than R x C products, and the vector unit's V at most.
      expect(cycles).toBeGreaterThan(macs / (16 * 16 + 16));
      const inputs = bodyInputs(compiled.quantized, calibration[0]!);
      const reference = evaluateGraph(body, inputs, { keep: 'all' });
      const dram = initialDram(program, inputs);
      const lawCase: LawCase = { machine, program, graph: body, dram, reference };
      fasterIsNeverSlower(lawCase);
      expectStored(lawCase, interpretProgram(machine, program, dram), 'interpreter');
    },
    600_000,
  );
});
