/**
 * FPGA flows: Yosys maps the core to a family's primitives; where a place-and-route tool is at hand the mapped core is placed
 * and routed between shift registers. In: a machine. Out: counts, clock, bitstream, and the mapped netlist to simulate.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  emitVerilog,
  familyModules,
  isUltraPlus,
  pinHarness,
  yosysScriptLines,
} from '../../compiler/verilog/index.js';
import type { FpgaFlow, ResourceRecord, SynthesisRecord } from '../report/index.js';
import { type CellCounts, countByPart, type MappedNetlist, totalCounts } from './count.js';
import { type Family, families } from './families.js';
import { placeAndRoute } from './place-route.js';
import type { SynthesisRequest, SynthesisResult } from './request.js';
import { runYosysJob, yosysVersion } from './yosys.js';

const TOP = 'systole_core';
/** The core between its shift registers. */
const PINS = 'systole_pins';

export async function runFpgaFlow(
  request: SynthesisRequest & { readonly flow: FpgaFlow },
): Promise<SynthesisResult> {
  const family = families[request.flow];
  const modules = familyModules(request.machine, request.flow, request.device);
  const bundle = emitVerilog(request.machine, modules);
  await runYosysJob({
    name: 'map',
    folder: request.folder,
    script: yosysScriptLines(request.flow, {
      sources: bundle.files.map(({ path }) => flatName(path)),
      core: `${TOP}.v`,
      ...(request.mapOnly !== true && { pins: `${PINS}.v` }),
      outputs: { core: 'core.json', netlist: 'netlist.v', pins: 'pins.json' },
    }),
    inputs: [
      ...bundle.files.map(({ path, text }) => ({ path: flatName(path), text })),
      { path: `${PINS}.v`, text: pinHarness(request.machine, bundle) },
    ],
    outputs: ['core.json', 'netlist.v', ...(request.mapOnly === true ? [] : ['pins.json'])],
    signal: request.signal,
    onProgress: request.onProgress,
  });
  const read = (name: string) => readFileSync(join(request.folder, name), 'utf8');
  const netlist = JSON.parse(read('core.json')) as MappedNetlist;
  const parts = countByPart(netlist, TOP);
  const counts = totalCounts(parts);
  const resources = resourcesOf(family, counts);
  const routed = request.mapOnly === true ? undefined : await placeAndRoute(request, family);
  const record: SynthesisRecord = {
    flow: request.flow,
    target: family.device,
    tools: [yosysVersion(), ...(routed?.tools ?? [])],
    cells: Object.fromEntries(counts),
    resources: { ...resources, dsps: Math.ceil(resources.dsps) },
    parts: isFlat(netlist) ? null : partRecord(parts),
    area: null,
    timing: routed?.timing ?? null,
    placeAndRoute: routed?.record ?? null,
    power: null,
    netlist: null,
    notes: [...family.notes, ...dspNote(request, modules), ...(routed?.notes ?? ['not placed and routed'])],
  };
  return { record, netlist: { top: TOP, files: simulationFiles(family, read('netlist.v')) }, cells: null };
}

/** An UltraPlus whose multipliers stay unused says why. */
function dspNote({ device }: SynthesisRequest, modules: ReadonlyMap<string, string>): readonly string[] {
  if (!isUltraPlus(device) || modules.size > 0) return [];
  return ['SB_MAC16 unused: it takes elements of at most 8 bits and one multiplier stage'];
}

/** Tools see one folder without subfolders. */
const flatName = (path: string) => path.replace(/^rtl\//, '');

function isFlat({ modules }: MappedNetlist): boolean {
  return Object.values(modules).filter(({ attributes }) => attributes.blackbox === undefined).length <= 1;
}

function partRecord(parts: ReturnType<typeof countByPart>): NonNullable<SynthesisRecord['parts']> {
  return Object.fromEntries(
    [...parts].map(([name, counts]) => [
      name,
      { cells: [...counts.values()].reduce((sum, n) => sum + n, 0), squareMicrometres: null },
    ]),
  );
}

/** Resources by kind; half a DSP where two multipliers share one. */
export function resourcesOf(family: Family, counts: CellCounts): ResourceRecord {
  const sum = (pattern: RegExp, places: Family['places'] = family.places) =>
    [...counts].reduce((total, [type, n]) => total + (pattern.test(type) ? n * (places[type] ?? 1) : 0), 0);
  const { cells } = family;
  const memoryLuts = sum(cells.distributedRams);
  return {
    luts: sum(cells.luts) + memoryLuts,
    flipFlops: sum(cells.flipFlops),
    carries: sum(cells.carries, {}),
    dsps: sum(cells.dsps),
    blockRams: sum(cells.blockRams),
    memoryLuts,
  };
}

/** The netlist behind the models of its primitives. */
export function simulationFiles(family: Family, netlist: string) {
  const library = family.library.map((path) => `\`include "${path.replace('+/', '/share/')}"`).join('\n');
  return [
    { path: 'cells.v', text: `${library}\n${family.models}` },
    { path: 'netlist.v', text: netlist },
  ];
}
