/** `systole compare`, `report` and `list devices` as a user meets them: the built program in a process of its own. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deviceTable } from '../../models/data/index.js';
import { packageRoot } from '../../tools/library/index.js';
import { type ComparisonRecord, parseRunRecord } from '../../tools/report/index.js';

const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), 'systole-compare-'));

function systole(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'bin/systole.js'), ...args], {
    encoding: 'utf8',
    cwd: folder,
    timeout: 110_000,
  });
  return { status, stdout, stderr };
}

const device = join(root, 'examples/device.yaml');

describe('systole compare', () => {
  it('prints a table, writes a page here, and the page again from the record', () => {
    const { status, stdout } = systole(
      'compare',
      'digits',
      '--devices',
      'l4,tpu-v3,edge16',
      '--record',
      'run.json',
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/^edge8 +this .* simulated /m);
    expect(stdout).toMatch(/^edge16 +asic .* simulated /m);
    expect(stdout).toMatch(/^l4 +gpu .* modelled \+-\d+ \/ \d+ % /m);
    const page = readFileSync(join(folder, 'digits-comparison.html'), 'utf8');
    expect(page.startsWith('<!doctype html>')).toBe(true);
    expect(systole('report', 'run.json', '-o', 'again.html').status).toBe(0);
    expect(readFileSync(join(folder, 'again.html'), 'utf8') === page).toBe(true);
    const record = parseRunRecord(readFileSync(join(folder, 'run.json'), 'utf8'));
    expect(record.kernels!.reduce((sum, { macs }) => sum + macs, 0)).toBe(record.network.macs);
    expect(record.comparison.map((row) => row.device)).toEqual(['edge8', 'edge16', 'l4', 'tpu-v3']);
  });

  it('takes a device of the user’s in one file, beside the usual ones; as JSON it writes no page', () => {
    const { status, stdout } = systole('compare', 'digits', '--devices', device, '--batch', '2', '--json');
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as ComparisonRecord[];
    expect(rows.map((row) => row.device)).toContain('a100-sxm-80gb');
    const own = rows.find((row) => row.device === 'my-npu')!;
    expect(own).toMatchObject({ kind: 'asic', how: 'modelled', error: { latencyPercent: 30 } });
    expect(own.energyJoules! / (own.powerWatts! / own.throughputPerSecond)).toBeCloseTo(1, 9);
  });

  it('points at the line of a device’s file that is wrong', () => {
    const bad = join(folder, 'bad.yaml');
    writeFileSync(bad, readFileSync(device, 'utf8').replace('kind: asic', 'kind: toaster'));
    const { status, stderr } = systole('compare', 'digits', '--devices', bad);
    expect(status).toBe(1);
    expect(stderr).toMatch(/error\[device\/field\].*bad\.yaml:4/s);
  });

  it('asks for a record where the file is none', () => {
    writeFileSync(join(folder, 'none.json'), '{}');
    const { status, stderr } = systole('report', 'none.json', '-o', 'none.html');
    expect(status).toBe(1);
    expect(stderr).toContain('error[record/format]');
    expect(existsSync(join(folder, 'none.html'))).toBe(false);
  });

  it('measures this computer beside a model of it, and says how to where onnxruntime is absent', () => {
    const { status, stdout, stderr } = systole('compare', 'digits', '--devices', 'l4', '--measure', '--json');
    if (status === 0) {
      const rows = JSON.parse(stdout) as ComparisonRecord[];
      expect(rows.map((row) => row.device)).toEqual(['edge8', 'this-computer', 'this-computer-model', 'l4']);
      expect(rows[1]).toMatchObject({ how: 'measured', type: 'float32', known: 'measured' });
      expect(rows[1]!.latencySeconds).toBeGreaterThan(0);
    } else expect(stderr).toMatch(/error\[measure\/runtime\].*npm install onnxruntime-node/s);
  });

  it('says what it cannot measure', () => {
    writeFileSync(join(folder, 'net.tflite'), 'x');
    const { status, stderr } = systole('compare', 'net.tflite', '--measure');
    expect(status).toBe(1);
    expect(stderr).toContain('error[measure/format]');
  });
});

describe('systole list devices', () => {
  it('names every device with its parameters, sources and how they are known', () => {
    const { status, stdout } = systole('list', 'devices');
    expect(status).toBe(0);
    for (const { name, sources } of deviceTable) {
      expect(stdout).toContain(`  ${name}: `);
      for (const { citation, known } of sources) expect(stdout).toContain(`${citation} (${known})`);
    }
    expect(stdout).toContain('recalled');
  });
});
