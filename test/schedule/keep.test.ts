/** Results that stay in act for the next layer: values, fewer loads, and no slower where the pair is measured. (Every second case of check.ts keeps them too.) */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { verifyDataflow } from '../../compiler/dataflow/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { actRow, type Instruction, initialDram, readSegment } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { type ScheduleOptions, schedule } from '../../compiler/schedule/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { instructionCycles, simulateTiming } from '../../simulator/timing/index.js';
import {
  mobilenetV2,
  tinyAnomaly,
  tinyKeywords,
  tinyResnet,
  tinyWakeWords,
} from '../bench/mobile-networks.js';
import { randomTensor } from '../support/compare.js';

function scheduled(graph: Graph, machine: Machine, options: ScheduleOptions) {
  const { dataflow, image } = unwrap(schedule(graph, machine, options));
  const program = unwrap(lower(dataflow, machine, image));
  const operations = dataflow.layers.flatMap(({ body }) => body);
  const loads = operations.filter(
    (o) => o.kind === 'operation' && o.mnemonic === 'load' && o.fields.buffer === 0,
  );
  return { dataflow, program, loads: loads.length };
}

const preset = (name: string) => machinePresets.get(name)!;
const measureOn = (machine: Machine) => (instructions: readonly Instruction[]) =>
  instructionCycles(machine, instructions);

describe('results kept on chip', () => {
  it.each(['edge16', 'mobile32', 'cloud128'])(
    'on %s, where pairs are measured, no network of five is slower',
    (name) => {
      const machine = preset(name);
      for (const build of [mobilenetV2, tinyAnomaly, tinyKeywords, tinyResnet, tinyWakeWords]) {
        const graph = build();
        const [plain, kept] = [{}, { keepOnChip: measureOn(machine) }].map((o) =>
          scheduled(graph, machine, o),
        );
        const [before, after] = [plain!, kept!].map(({ program }) => simulateTiming(machine, program).cycles);
        expect(after, build.name).toBeLessThan(before!);
      }
    },
  );

  it('the input of a chain of dense layers is the only activation that is loaded', () => {
    const machine = preset('edge16');
    const graph = tinyAnomaly();
    expect(scheduled(graph, machine, {}).loads).toBe(10);
    expect(scheduled(graph, machine, { keepOnChip: true }).loads).toBe(1);
  });

  it('a machine whose results share one bank keeps no pictures, and small results on a shelf', () => {
    const machine = preset('edge16');
    const chip = { ...machine, buffers: { ...machine.buffers, activation: { banks: 3, rowsPerBank: 1024 } } };
    const [plain, kept] = [{}, { keepOnChip: true }].map((o) => scheduled(tinyAnomaly(), chip, o));
    expect(plain!.program.layers.some((layer) => layer.kept)).toBe(false);
    // Vectors of up to 128 channels: the last rows of the banks.
    const places = kept!.program.layers.flatMap((layer) => (layer.kept ? [actRow(layer.kept.address)] : []));
    expect(places).toHaveLength(9);
    expect(Math.min(...places)).toBeGreaterThan(1024 - 128);
    const { program } = scheduled(tinyResnet(), chip, { keepOnChip: true });
    const stays = program.layers.flatMap(({ output, kept }) => (kept ? [output] : []));
    const pictures = program.segments.filter(({ layout }) => layout && layout.height * layout.width > 1);
    expect(pictures.filter(({ name, value }) => stays.includes(value ?? name))).toEqual([]);
  });

  it('results that nobody loads are not stored', () => {
    const { program } = scheduled(tinyAnomaly(), preset('edge16'), { keepOnChip: true });
    const output = program.segments.find(({ kind }) => kind === 'output')!;
    const stores = program.instructions.flatMap((i) => (i.mnemonic === 'store' ? [i.fields.dram] : []));
    expect(stores.length).toBeGreaterThan(0);
    expect(stores.filter((at) => at < output.address || at >= output.address + output.bytes)).toEqual([]);
    expect(program.layers.filter(({ kept }) => kept)).toHaveLength(program.layers.length - 1);
  });

  it.each([tinyResnet, tinyWakeWords])(
    'every stored value is the same, padding and shortcuts included (%o)',
    (build) => {
      const machine = preset('cloud128');
      const graph = build();
      const feed = new Map(
        graph.inputs.map((x) => [x, randomTensor(graph.values.get(x)!.type.shape, 5, 'int8')]),
      );
      const [plain, kept] = [{}, { keepOnChip: true }].map((o) => scheduled(graph, machine, o));
      expect(verifyDataflow(kept!.dataflow, machine).filter((d) => d.severity === 'error')).toEqual([]);
      expect(kept!.loads).toBeLessThan(plain!.loads / 2);
      const values = [plain!, kept!].map(({ program }) => {
        const dram = interpretProgram(machine, program, initialDram(program, feed));
        return program.layers.map(({ output }) => readSegment(program, dram, output).data);
      });
      expect(values[1]).toEqual(values[0]);
    },
  );
});
