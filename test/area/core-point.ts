/**
 * A whole core through `systole synth`'s own flow (mapping; place-and-route where asked for); for ASICs the worst path to each part and
 * power by activity. In: a machine and a target. Out: a row of the table.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unwrap } from '../../base/index.js';
import { asicModules, emitVerilog, familyModules, yosysScriptLines } from '../../compiler/verilog/index.js';
import type { CorePoint, PartDelays, PointPower } from '../../models/data/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { SynthesisFlow, SynthesisRecord } from '../../tools/report/index.js';
import { mappingPasses } from '../../tools/synth/asic.js';
import { families } from '../../tools/synth/families.js';
import { synthesize } from '../../tools/synth/index.js';
import { readLiberty } from '../../tools/synth/liberty.js';
import { powerScript } from '../../tools/synth/opensta.js';
import { runTool } from '../../tools/synth/process.js';
import { yosysVersion } from '../../tools/synth/yosys.js';
import type { Sample } from './machines.js';
import type { TargetInputs } from './targets.js';

/** Clock that power is stated at. */
const MEGAHERTZ = 100;

/** How cells of a family are counted; nothing for a library. */
export function countingOf(flow: SynthesisFlow): readonly string[] {
  if (flow === 'asic') return [];
  const { cells, places } = families[flow];
  return [JSON.stringify([Object.entries(cells).map(([kind, pattern]) => [kind, pattern.source]), places])];
}

/** What a row depends on: the tool, the Verilog, the passes, how cells are counted; libraries by name. 16 hexadecimal digits. */
export function hashOf(texts: readonly string[]): string {
  return createHash('sha256')
    .update([yosysVersion(), ...texts].join('\0'))
    .digest('hex')
    .slice(0, 16);
}

export function coreHash({ machine, routed }: Sample, { flow, target }: TargetInputs): string {
  const modules = flow === 'asic' ? asicModules() : familyModules(machine, flow);
  const verilog = emitVerilog(machine, modules).files.flatMap(({ path, text }) => [path, text]);
  const outputs = { core: 'core', netlist: 'netlist', pins: 'pins' };
  const script =
    flow === 'asic'
      ? mappingPasses('core', 1)
      : yosysScriptLines(flow, { sources: [], core: '', outputs, ...(routed && { pins: 'pins' }) });
  return hashOf([target, ...verilog, ...script, ...countingOf(flow)]);
}

/** Runs it in `folder`, where what the same inputs gave is kept. */
export async function measureCore(sample: Sample, inputs: TargetInputs, folder: string): Promise<CorePoint> {
  const { machine, held } = sample;
  const { flow, liberty } = inputs;
  const routed = flow === 'ice40' && sample.routed === true;
  const { record } = await synthesize({
    machine,
    flow,
    folder,
    ...(flow !== 'asic' && !routed && { mapOnly: true }),
    ...(liberty && {
      liberty,
      megahertz: MEGAHERTZ,
      activity: { mean: 1, basis: 'every net once a cycle' },
    }),
  });
  const point = { flow: inputs.target, machine: sizesOf(machine), held, hash: coreHash(sample, inputs) };
  if (record.resources !== null) {
    const { luts, flipFlops, dsps, blockRams } = record.resources;
    const counts = { luts, flipFlops, dsps, blockRams };
    return { ...point, counts, ...(routed && { routed: routedOf(record) }) };
  }
  const counts = { squareMicrometres: round(record.area!.squareMicrometres) };
  const { timeUnit } = unwrap(readLiberty(liberty!.text, liberty!.name));
  const nanoseconds = await partPaths(folder, timeUnit);
  return { ...point, counts, nanoseconds, power: await powerOf(record, folder, timeUnit) };
}

/** As a machine file states them; what synthesis does not see is left out. */
function sizesOf(machine: Machine): object {
  const { schema: _, description: __, memory: ___, target: ____, clockMegahertz: _____, ...sizes } = machine;
  return sizes;
}

const round = (value: number) => Number(value.toPrecision(6));

function routedOf({ placeAndRoute, timing }: SynthesisRecord): NonNullable<CorePoint['routed']> {
  const { device, seed, utilization } = placeAndRoute!;
  const logicCells = utilization.ICESTORM_LC!.used;
  return { device, seed, megahertz: round(timing!.fmaxMegahertz), logicCells };
}

async function sta(folder: string, name: string, script: string): Promise<string> {
  const log = join(folder, `${name}.log`);
  const path = join(folder, `${name}.tcl`);
  if (existsSync(log) && existsSync(path) && readFileSync(path, 'utf8') === script)
    return readFileSync(log, 'utf8');
  const args = ['-no_splash', '-exit', `${name}.tcl`];
  writeFileSync(path, script);
  await runTool({ tool: 'sta', command: 'sta', args, cwd: folder, log });
  return readFileSync(log, 'utf8');
}

async function powerOf({ power }: SynthesisRecord, folder: string, timeUnit: number): Promise<PointPower> {
  const { watts, leakageWatts: leakage } = power!;
  const text = await sta(folder, 'rest', powerScript(1e-6 / MEGAHERTZ / timeUnit, 0));
  const rest = Number(/^Total\s+\S+\s+\S+\s+\S+\s+(\S+)/m.exec(text)![1]);
  return { leakage: round(leakage), rest: round(rest - leakage), transition: round(watts - rest) };
}

const patterns = [
  ['pe', '*u_pe/*'],
  ['requantizer', '*u_requantizer/*'],
  ['lane', '*u_lane/*'],
] as const;
const parts: readonly (keyof PartDelays)[] = ['pe', 'requantizer', 'lane', 'control'];

/** Worst path to the registers of each part. */
async function partPaths(folder: string, timeUnit: number): Promise<PartDelays> {
  const period = 1e-6 / MEGAHERTZ / timeUnit;
  const script = [
    'read_liberty cells.lib',
    'read_verilog sta.v',
    'link_design systole_core',
    `create_clock -name clk -period ${period} [get_ports clk_i]`,
    ...parts.map((part) => `set ${part} {}`),
    'foreach pin [all_registers -data_pins] {',
    '  set name [get_full_name $pin]',
    ...patterns.map(
      ([part, pattern], i) =>
        `  ${i === 0 ? '' : 'else'}if {[string match ${pattern} $name]} { lappend ${part} $pin }${i === 2 ? ' else { lappend control $pin }' : ' \\'}`,
    ),
    '}',
    ...parts.flatMap((part) => [
      `puts "PART ${part}"`,
      `report_checks -path_delay max -to $${part} -format end -digits 6`,
    ]),
    '',
  ].join('\n');
  const texts = (await sta(folder, 'parts', script)).split(/^PART /m).slice(1);
  const delays = texts.map((text) => {
    const slack = Number(/([-\d.eE+]+)\s+\((?:MET|VIOLATED)\)/.exec(text)![1]);
    return [text.split('\n')[0]!, round(((period - slack) * timeUnit) / 1e-9)] as const;
  });
  return Object.fromEntries(delays) as unknown as PartDelays;
}
