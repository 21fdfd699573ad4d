/** Modules that a machine repeats, each mapped alone at many parameters, in one Yosys run a target. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '../../base/index.js';
import { asicModules, cellTemplates, yosysMapping } from '../../compiler/verilog/index.js';
import type { ModulePoint } from '../../models/data/index.js';
import type { SynthesisFlow } from '../../tools/report/index.js';
import { asicInputs, mappingPasses } from '../../tools/synth/asic.js';
import { type CellCounts, type MappedNetlist, sourceName } from '../../tools/synth/count.js';
import { families } from '../../tools/synth/families.js';
import { resourcesOf } from '../../tools/synth/fpga.js';
import { type Liberty, readLiberty } from '../../tools/synth/liberty.js';
import { runYosysJob } from '../../tools/synth/yosys.js';

interface Job {
  readonly top: 'pe' | 'vector_lane';
  readonly parameters: Readonly<Record<string, number>>;
}

const widths = [
  [4, 4],
  [8, 4],
  [8, 8],
  [16, 8],
  [16, 16],
] as const;

/** Sum bits of 16 rows, and for 8 x 8 bits of 2 and 256 rows besides. */
const elements: readonly Job[] = [
  ...widths.flatMap(([act, wgt]) =>
    [0, 1, 2].map((stages) => pe(act, wgt, stages, Math.min(32, act + wgt + 4))),
  ),
  pe(8, 8, 1, 17),
  pe(8, 8, 1, 24),
];

function pe(act: number, wgt: number, stages: number, sum: number): Job {
  return {
    top: 'pe',
    parameters: { ACT_BITS: act, WGT_BITS: wgt, MULTIPLIER_STAGES: stages, SUM_BITS: sum },
  };
}

function lane(
  act: number,
  wgt: number,
  acc: number,
  multiplier: number,
  [pool, depthwise, add]: readonly number[],
): Job {
  return {
    top: 'vector_lane',
    parameters: {
      ACT_BITS: act,
      WGT_BITS: wgt,
      ACC_BITS: acc,
      MULTIPLIER_BITS: multiplier,
      HAS_POOL: pool!,
      HAS_DEPTHWISE: depthwise!,
      HAS_ADD: add!,
    },
  };
}

const every = [1, 1, 1];
const lanes: readonly Job[] = [
  ...[8, 12, 16, 18, 20, 24, 32].map((multiplier) => lane(8, 8, 32, multiplier, every)),
  ...[20, 26].map((acc) => lane(8, 8, acc, 16, every)),
  ...[
    [0, 0, 0],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 1],
  ].map((has) => lane(8, 8, 32, 16, has)),
  lane(4, 4, 32, 16, every),
  lane(16, 8, 32, 16, every),
  lane(16, 8, 32, 32, [1, 0, 1]),
];

/** @param folder of this target alone. */
export async function measureModules(
  flow: SynthesisFlow,
  folder: string,
  libertyFile: { readonly name: string; readonly text: string } | undefined,
): Promise<readonly ModulePoint[]> {
  const liberty =
    flow !== 'asic' ? undefined : libertyFile && unwrap(readLiberty(libertyFile.text, libertyFile.name));
  const names = ['pe.v', 'scaling_product.v', 'requantizer.v', 'vector_lane.v'];
  const mapping = liberty
    ? mappingPasses(TOP, 10_000)
    : [yosysMapping(flow as Exclude<SynthesisFlow, 'asic'>, TOP), 'delete t:$scopeinfo'];
  await runYosysJob({
    name: 'modules',
    folder,
    script: [
      ...(liberty ? ['read_liberty -lib -ignore_miss_func cells.lib'] : []),
      `read_verilog ${names.join(' ')} samples.v`,
      `hierarchy -check -top ${TOP}`,
      'setattr -mod -set keep_hierarchy 1 *?pe *paramod?pe?* *?vector_lane *paramod?vector_lane?* *?requantizer *paramod?requantizer?*',
      ...mapping,
      'write_json modules.json',
    ],
    inputs: [
      ...names.map((path) => ({
        path,
        text: (liberty && asicModules().get(path.replace('.v', ''))) ?? cellTemplates.get(path)!,
      })),
      { path: 'samples.v', text: samples() },
      ...(liberty ? asicInputs(liberty, libertyFile!.text) : []),
    ],
    outputs: ['modules.json'],
  });
  const netlist = JSON.parse(readFileSync(join(folder, 'modules.json'), 'utf8')) as MappedNetlist;
  return jobs.flatMap((job, i) => pointsOf(flow, job, i, netlist, liberty));
}

const TOP = 'samples';
const jobs = [...elements, ...lanes];

/** All of them side by side, so that Yosys' libraries are read once. They are kept apart: nothing is known of their inputs. */
function samples(): string {
  const instances = jobs.map(({ top, parameters }, i) => {
    const list = Object.entries(parameters).map(([name, value]) => `.${name}(${value})`);
    return `  (* keep *) ${top} #(${list.join(', ')}) u${i} (.clk_i(clk_i));`;
  });
  return `module ${TOP} (input wire clk_i);\n${instances.join('\n')}\nendmodule\n`;
}

function pointsOf(
  flow: SynthesisFlow,
  { top, parameters }: Job,
  index: number,
  { modules }: MappedNetlist,
  liberty: Liberty | undefined,
): readonly ModulePoint[] {
  const type = modules[TOP]!.cells[`u${index}`]!.type;
  // An ASIC's requantiser has a module of its own for the product.
  const cells = (name: string, counts = new Map<string, number>()): Map<string, number> => {
    for (const { type: t } of Object.values(modules[name]!.cells)) {
      if (sourceName(t) === 'scaling_product') cells(t, counts);
      else counts.set(t, (counts.get(t) ?? 0) + 1);
    }
    return counts;
  };
  const own = cells(type);
  const point = (module: ModulePoint['module'], counts: CellCounts) => ({
    flow,
    module,
    parameters,
    counts: countsOf(flow, counts, liberty),
  });
  if (top === 'pe') return [point('pe', own)];
  const inner = [...own.keys()].find((name) => sourceName(name) === 'requantizer');
  return [point('lane', own), ...(inner === undefined ? [] : [point('requantizer', cells(inner))])];
}

/** As a flow reports them. */
export function countsOf(flow: SynthesisFlow, cells: CellCounts, liberty: Liberty | undefined) {
  if (flow === 'asic') {
    const area = [...cells].reduce((sum, [type, n]) => sum + n * (liberty!.areas.get(type) ?? 0), 0);
    return { squareMicrometres: Math.round(area) };
  }
  const { luts, flipFlops, dsps, blockRams } = resourcesOf(families[flow], cells);
  return { luts, flipFlops, dsps, blockRams };
}
