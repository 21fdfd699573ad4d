/**
 * The models of multiplier primitives, and Yosys' mapping onto them: an array mapped for each family, simulated with the family's models
 * in step with the template, weights and activations at random.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unwrap } from '../../base/index.js';
import { cellTemplates, familyModules, yosysMapping } from '../../compiler/verilog/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';
import { families } from '../../tools/synth/families.js';
import { simulationFiles } from '../../tools/synth/fpga.js';
import { runYosysJob } from '../../tools/synth/yosys.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'systole-multipliers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Sources = readonly { readonly path: string; readonly text: string }[];

/** Three rows and columns: an UltraPlus takes pairs and an odd last one. */
const TOP =
  'module top (input wire clk_i, input wire [23:0] activations_i, input wire weight_write_i, input wire [23:0] weights_i, output wire [53:0] sums_o);\n  pe_array #(.ROWS(3), .COLUMNS(3)) u_array (.clk_i(clk_i), .activations_i(activations_i), .weight_write_i(weight_write_i), .weights_i(weights_i), .sums_o(sums_o));\nendmodule\n';

function sources(modules: ReadonlyMap<string, string>): Sources {
  const names = ['delay_line', 'pe', ...modules.keys(), 'pe_array'];
  const files = [...new Set(names)].map((name) => ({
    path: `${name}.v`,
    text: modules.get(name) ?? cellTemplates.get(`${name}.v`)!,
  }));
  return [...files, { path: 'top.v', text: TOP }];
}

const simulator = async (files: Sources) =>
  unwrap(await compileNetlist(unwrap(await elaborate(files, 'top')))).instantiate();

describe.each([
  ['ice40', 'up5k-sg48'],
  ['ecp5', undefined],
  ['xilinx', undefined],
  ['gowin', undefined],
  ['intel', undefined],
] as const)('%s, %s', (flow, device) => {
  test('a mapped array has multipliers and sums what the template sums', { timeout: 120_000 }, async () => {
    const edge4 = machinePresets.get('edge4')!;
    const modules = flow === 'ice40' ? familyModules(edge4, flow, device) : new Map<string, string>();
    const files = sources(modules);
    const name = `array-${flow}`;
    await runYosysJob({
      name,
      folder,
      inputs: files,
      script: [
        `read_verilog ${files.map(({ path }) => path).join(' ')}`,
        yosysMapping(flow, 'top'),
        'delete t:$scopeinfo',
        `write_verilog -noattr ${name}.v`,
      ],
      outputs: [`${name}.v`],
    });
    const mapped = readFileSync(join(folder, `${name}.v`), 'utf8');
    const family = families[flow];
    const used = mapped.split('\n').filter((line) => family.cells.dsps.test(line.trim().split(' ')[0]!));
    // Nine products, or two in each of six (pairs in rows of three).
    expect(used.length).toBe(flow === 'ice40' ? 6 : 9);
    const pair = [await simulator(sources(new Map())), await simulator(simulationFiles(family, mapped))];
    let seed = 0x5157;
    const next = () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed >>> 8;
    };
    for (let cycle = 0; cycle < 300; cycle++) {
      const [activations, weights, write] = [BigInt(next()), BigInt(next()), cycle < 4 || next() % 7 === 0];
      for (const rtl of pair) {
        rtl.poke('activations_i', activations);
        rtl.poke('weights_i', weights);
        rtl.poke('weight_write_i', write ? 1 : 0);
        rtl.step();
      }
      // Registers are unknown until the first wave has passed.
      if (cycle < 16) continue;
      const [expected, actual] = pair.map((rtl) => rtl.peek('sums_o'));
      expect(actual, `cycle ${cycle}`).toBe(expected);
    }
  });
});
