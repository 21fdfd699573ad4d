/** The compute side is clean under strict lint and free of latches and undriven nets, whatever the machine has. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runYosys } from '@yowasp/yosys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeModules } from './run-icarus.js';

function hasVerilator(): boolean {
  return spawnSync('verilator', ['--version']).status === 0;
}
if (!hasVerilator()) console.warn('verilator is not installed: its lint of the compute side is skipped');

const machines: readonly Readonly<Record<string, number>>[] = [
  {},
  { ROWS: 1, COLUMNS: 1, LANES: 1, MULTIPLIER_BITS: 8 },
  { ROWS: 4, COLUMNS: 12, LANES: 2, ACC_BITS: 20, MULTIPLIER_BITS: 19 },
  { HAS_POOL: 0, HAS_DEPTHWISE: 0, HAS_ADD: 0, HAS_LOOKUP: 0 },
  { HAS_POOL: 1, HAS_DEPTHWISE: 0, HAS_ADD: 0, HAS_LOOKUP: 1, MULTIPLIER_BITS: 16 },
  { HAS_POOL: 0, HAS_DEPTHWISE: 1, HAS_ADD: 1, HAS_LOOKUP: 0 },
  { HAS_ROW_PARAMETERS: 1 },
  { HAS_POOL: 0, HAS_DEPTHWISE: 0, HAS_ADD: 0, HAS_LOOKUP: 0, HAS_ROW_PARAMETERS: 1 },
];

let folder = '';
let files: readonly string[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'systole-lint-'));
  files = writeModules(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('compute_core', () => {
  it.skipIf(!hasVerilator()).each(machines)('has no Verilator warning with %o', (machine) => {
    const settings = Object.entries(machine).map(([name, value]) => `-G${name}=${value}`);
    const options = ['--lint-only', '-Wall', '--top-module', 'compute_core', ...settings];
    expect(() =>
      execFileSync('verilator', [...options, ...files], { cwd: folder, stdio: 'pipe' }),
    ).not.toThrow();
  });

  it('builds fewer multipliers, adders and memories without the optional functions', async () => {
    const whole = await cellCounts({});
    const bare = await cellCounts({ HAS_POOL: 0, HAS_DEPTHWISE: 0, HAS_ADD: 0, HAS_LOOKUP: 0 });
    // Four lanes: a depthwise multiplier and a table each; comparisons only for the maximum; no left shift.
    expect(whole.$mul! - bare.$mul!).toBe(4);
    expect(whole.$mem_v2! - bare.$mem_v2!).toBe(4);
    expect(whole.$shl).toBe(4);
    expect(bare.$shl ?? 0).toBe(0);
    expect(bare.$add!).toBeLessThan(whole.$add!);
  });
});

/** Cells of the flattened circuit by kind, after `check -assert`. */
async function cellCounts(machine: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const sources = Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
  const settings = Object.entries(machine).flatMap(([name, value]) => ['-set', name, `${value}`]);
  const script = [
    `read_verilog ${files.join(' ')}`,
    ...(settings.length > 0 ? [`chparam ${settings.join(' ')} compute_core`] : []),
    'hierarchy -check -top compute_core',
    'proc',
    'select -assert-none t:$dlatch',
    'flatten',
    'opt -full',
    'check -assert',
    'memory -nomap',
    'opt_clean',
    'tee -q -o stat.json stat -json',
  ];
  const quiet = { stdout: () => {}, stderr: () => {} };
  const out = await runYosys(['-q', '-p', script.join('; ')], sources, quiet);
  const text = (out as Readonly<Record<string, unknown>>)['stat.json'];
  if (typeof text !== 'string') throw new Error('yosys wrote no statistics');
  const stat = JSON.parse(text) as { design: { num_cells_by_type: Record<string, number> } };
  return stat.design.num_cells_by_type;
}
