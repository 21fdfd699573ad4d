/** The array for SB_MAC16: as the plain one in Icarus Verilog, before synthesis and as the netlist that Yosys makes of it. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { runYosys } from '@yowasp/yosys';
import { describe, expect, it } from 'vitest';
import { cellTemplates, emitVerilog, ice40DspModules, instantiated } from '../../compiler/verilog/index.js';
import { hasTool, smallMachine, withFiles } from './support.js';

const machine = smallMachine({ rows: 2, columns: 2, lanes: 1, busBytes: 4 });
const variant = ice40DspModules(machine)!;
const testBench = readFileSync(new URL('pe_array_tb.v', import.meta.url), 'utf8');

interface Size {
  readonly ROWS: number;
  readonly COLUMNS: number;
  readonly ACT_BITS: number;
  readonly WGT_BITS: number;
}

/** Text with the defaults of parameters replaced. */
const withDefaults = (text: string, size: Size) =>
  Object.entries(size).reduce(
    (result, [name, value]) => result.replace(new RegExp(`(parameter ${name} = )\\d+`), `$1${value}`),
    text,
  );

const plainModules = [
  { path: 'pe.v', text: cellTemplates.get('pe.v')! },
  { path: 'delay_line.v', text: cellTemplates.get('delay_line.v')! },
];
/** Yosys' models of the iCE40 primitives. */
const primitives = readFileSync(
  new URL('../../node_modules/@yowasp/yosys/gen/share/ice40/cells_sim.v', import.meta.url),
  'utf8',
);

const variantFiles = (size: Size, pair = variant.get('pe_pair')!) => [
  { path: 'pe_array.v', text: withDefaults(variant.get('pe_array')!, size) },
  { path: 'pe_pair.v', text: pair },
];

/** The variant as Yosys maps it. */
async function synthesized(size: Size) {
  const files = [...variantFiles(size), ...plainModules];
  const names = files.map(({ path }) => path).join(' ');
  const script = `read_verilog ${names}; synth_ice40 -top pe_array; write_verilog -noattr netlist.v`;
  const tree = Object.fromEntries(files.map(({ path, text }) => [path, text]));
  const out = await runYosys(['-q', '-p', script], tree, {});
  const written = out?.['netlist.v'];
  return written instanceof Uint8Array ? new TextDecoder().decode(written) : String(written);
}

function compare(size: Size, other: readonly { path: string; text: string }[]): string {
  const plain = cellTemplates.get('pe_array.v')!.replace('module pe_array', 'module pe_array_plain');
  const files = [
    { path: 'tb.v', text: withDefaults(testBench, size) },
    { path: 'plain.v', text: plain },
    { path: 'cells.v', text: primitives },
    ...plainModules,
    ...other,
  ];
  return withFiles(files, (cwd) => {
    const sources = files.map((file) => file.path);
    const flags = ['-g2012', '-DICE40_HX', '-DNO_ICE40_DEFAULT_ASSIGNMENTS', '-s', 'pe_array_tb', '-o', 'tb'];
    const built = spawnSync('iverilog', [...flags, ...sources], { cwd, encoding: 'utf8' });
    expect(built.status, built.stderr).toBe(0);
    return spawnSync('vvp', ['-n', 'tb'], { cwd, encoding: 'utf8' }).stdout.trim();
  });
}

const sizes: readonly Size[] = [
  { ROWS: 2, COLUMNS: 3, ACT_BITS: 8, WGT_BITS: 8 },
  { ROWS: 4, COLUMNS: 5, ACT_BITS: 8, WGT_BITS: 4 },
];

describe('ice40DspModules', () => {
  it('refuses elements and pipelines that SB_MAC16 does not hold', () => {
    const wide = { ...machine, elements: { ...machine.elements, weightBits: 16 as const } };
    const slow = { ...machine, array: { ...machine.array, multiplierStages: 2 as const } };
    expect([ice40DspModules(wide), ice40DspModules(slow)]).toEqual([undefined, undefined]);
  });

  it('takes its place in the machine, with the same ports', () => {
    const { files } = emitVerilog(machine, variant);
    const names = files.map(({ path }) => path);
    expect(names).toContain('rtl/pe_pair.v');
    expect(names.indexOf('rtl/pe_pair.v')).toBeLessThan(names.indexOf('rtl/pe_array.v'));
    expect(instantiated(variant.get('pe_array')!)).toEqual(expect.arrayContaining(['pe', 'pe_pair']));
    const ports = (text: string) =>
      [...text.matchAll(/(?:input|output) {1,2}wire.*?(\w+),?$/gm)].map((m) => m[1]);
    expect(ports(variant.get('pe_array')!)).toEqual(ports(cellTemplates.get('pe_array.v')!));
  });
});

describe.skipIf(!hasTool('iverilog'))('the array in SB_MAC16', () => {
  it.each(sizes)('gives the sums of the plain array, %o', (size) => {
    expect(compare(size, variantFiles(size))).toMatch(/^PASS \d{4} cycles/m);
  });

  it('so does its netlist, with two multipliers in each SB_MAC16', async () => {
    const size = { ROWS: 2, COLUMNS: 4, ACT_BITS: 8, WGT_BITS: 8 };
    const netlist = await synthesized(size);
    expect(netlist.match(/^\s*SB_MAC16 #/gm)).toHaveLength(4);
    expect(compare(size, [{ path: 'netlist.v', text: netlist }])).toMatch(/^PASS/m);
  }, 240_000);

  it('the comparison finds a weight that is taken a cycle early', () => {
    const wrong = variant.get('pe_pair')!.replace('if (write0_q) weight1_q', 'if (write_i) weight1_q');
    expect(compare(sizes[0]!, variantFiles(sizes[0]!, wrong))).toMatch(/^FAIL/m);
  });
});
