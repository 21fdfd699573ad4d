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
import { countingOf, hashOf } from './core-point.js';
import type { TargetInputs } from './targets.js';

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

const names = ['pe.v', 'scaling_product.v', 'requantizer.v', 'vector_lane.v'];

interface Work {
  readonly script: readonly string[];
  readonly texts: readonly { readonly path: string; readonly text: string }[];
}

function workOf({ flow }: TargetInputs): Work {
  const mapping =
    flow === 'asic' ? mappingPasses(TOP, 10_000) : [yosysMapping(flow, TOP), 'delete t:$scopeinfo'];
  return {
    script: [
      ...(flow === 'asic' ? ['read_liberty -lib -ignore_miss_func cells.lib'] : []),
      `read_verilog ${names.join(' ')} samples.v`,
      `hierarchy -check -top ${TOP}`,
      'setattr -mod -set keep_hierarchy 1 *?pe *paramod?pe?* *?vector_lane *paramod?vector_lane?* *?requantizer *paramod?requantizer?*',
      ...mapping,
    ],
    texts: [
      ...names.map((path) => ({
        path,
        text:
          (flow === 'asic' ? asicModules().get(path.replace('.v', '')) : undefined) ??
          cellTemplates.get(path)!,
      })),
      { path: 'samples.v', text: samples() },
    ],
  };
}

export function moduleHash(inputs: TargetInputs): string {
  const { script, texts } = workOf(inputs);
  return hashOf([inputs.target, ...script, ...texts.map(({ text }) => text), ...countingOf(inputs.flow)]);
}

/** As much of `stat -json` as counting needs. */
interface Statistics {
  readonly modules: Readonly<
    Record<string, { readonly num_cells_by_type: Readonly<Record<string, number>> }>
  >;
}

/** @param folder of this target alone. */
export async function measureModules(inputs: TargetInputs, folder: string): Promise<readonly ModulePoint[]> {
  const liberty = inputs.liberty && unwrap(readLiberty(inputs.liberty.text, inputs.liberty.name));
  const { script, texts } = workOf(inputs);
  await runYosysJob({
    name: 'modules',
    folder,
    // The netlist of the lanes' multipliers itself is too large to be written out for nothing.
    script: [...script, 'tee -q -o counts.json stat -json', `select ${TOP}`, 'write_json -selected top.json'],
    inputs: [...texts, ...(liberty ? asicInputs(liberty, inputs.liberty!.text) : [])],
    outputs: ['counts.json', 'top.json'],
  });
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const top = (read('top.json') as MappedNetlist).modules[TOP]!;
  const { modules } = read('counts.json') as Statistics;
  const counts = new Map(
    Object.entries(modules).map(([name, { num_cells_by_type }]) => [
      name.replace(/^\\/, ''),
      new Map(Object.entries(num_cells_by_type)),
    ]),
  );
  return jobs.flatMap((job, i) => pointsOf(inputs, job, top.cells[`u${i}`]!.type, counts, liberty));
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
  inputs: TargetInputs,
  { top, parameters }: Job,
  type: string,
  modules: ReadonlyMap<string, CellCounts>,
  liberty: Liberty | undefined,
): readonly ModulePoint[] {
  const hash = moduleHash(inputs);
  // An ASIC's requantiser has a module of its own for the product.
  const cells = (name: string, counts = new Map<string, number>()): Map<string, number> => {
    for (const [t, n] of modules.get(name)!) {
      if (sourceName(t) === 'scaling_product') cells(t, counts);
      else counts.set(t, (counts.get(t) ?? 0) + n);
    }
    return counts;
  };
  const own = cells(type);
  const point = (module: ModulePoint['module'], counts: CellCounts) => ({
    flow: inputs.target,
    module,
    parameters,
    counts: countsOf(inputs.flow, counts, liberty),
    hash,
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
