/** `systole explore` as a user meets it: the shipped space, the front as JSON, a point to Verilog and its verification. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { emitVerilog } from '../../compiler/verilog/index.js';
import { dominates, type FrontRecord, machineOfPoint } from '../../tools/explore/index.js';
import { packageRoot } from '../../tools/library/index.js';

const root = packageRoot();
const folder = mkdtempSync(join(tmpdir(), 'systole-explore-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function systole(...args: readonly string[]) {
  return spawnSync(process.execPath, [join(root, 'bin/systole.js'), ...args], {
    encoding: 'utf8',
    timeout: 120_000,
  });
}

const space = join(root, 'examples/space.yaml');
const out = join(folder, 'small');

describe('systole explore', () => {
  const { status, stdout, stderr } = systole('explore', 'digits', '--space', space, '--out', out, '--json');

  it('prints the front of the shipped space as JSON, progress on standard error', () => {
    expect(status, stderr).toBe(0);
    const record = JSON.parse(stdout) as FrontRecord;
    expect(record).toMatchObject({ schema: 'systole.front/1', strategy: 'exhaustive', networks: ['digits'] });
    expect(record.front.length).toBeGreaterThan(3);
    const costs = record.front.map(({ objectives }) => Object.values(objectives));
    for (const a of costs) for (const b of costs) expect(dominates(a, b)).toBe(false);
    for (const { metrics } of record.front) expect(metrics.power).toBeLessThanOrEqual(2);
    expect(stderr).toMatch(/\d+ of 144 machines, .* a second, .* left, front \d+/);
    expect(JSON.parse(readFileSync(join(out, 'front.json'), 'utf8'))).toEqual(record);
  });

  it('takes a point to its Verilog, the same as the machine’s own', () => {
    const { front } = JSON.parse(stdout) as FrontRecord;
    const hardware = join(folder, 'hw');
    const emitted = systole('emit', '--from', out, '--point', String(front[0]!.id), '--out', hardware);
    expect(emitted.status, emitted.stderr).toBe(0);
    const { machine } = machineOfPoint(out, front[0]!.name);
    expect(machine).toEqual(front[0]!.machine);
    const { files } = emitVerilog(machine);
    for (const { path, text } of files) {
      const written = join(hardware, path);
      if (existsSync(written)) expect(readFileSync(written, 'utf8')).toBe(text);
    }
    expect(files.filter(({ path }) => existsSync(join(hardware, path))).length).toBeGreaterThan(10);
  });

  it('verifies a point on the networks of the exploration', () => {
    const { front } = JSON.parse(stdout) as FrontRecord;
    const { id, networks } = front.at(-1)!;
    const verified = systole(
      ...['verify', '--from', out, '--point', String(id), '--engine', 'array', '--inputs', '1', '--json'],
    );
    expect(verified.status, verified.stderr).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      mismatches: 0,
      cyclesSimulated: networks[0]!.cycles,
    });
  });

  it.each([
    [['explore', 'digits'], 'error[option/missing]: explore needs --space FILE'],
    [['explore', '--space', space], 'error[option/missing]: explore needs NETWORK'],
    [['explore', 'nothing', '--space', space], 'error[network/unknown]'],
    [['explore', 'digits', '--space', join(folder, 'none.yaml')], 'there is no such file'],
    [['explore', 'digits', '--resume', out], 'error[option/decided]: NETWORK is decided by the folder'],
    [['explore', '--resume', folder], 'error[explore/not-a-result]'],
    [['emit', '--point', '3', '--out', join(folder, 'x')], 'error[option/point]'],
    [['emit', '--from', out, '--point', '99999', '--out', join(folder, 'x')], 'error[explore/unknown-point]'],
    [['results', folder], 'error[explore/not-a-result]'],
  ])('%j is refused with a diagnostic', (args, expected) => {
    const refused = systole(...args);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain(expected);
  });

  it('says why nothing is feasible', () => {
    const text = readFileSync(space, 'utf8').replace('power <= 2', 'power <= 1e-9');
    writeFileSync(join(folder, 'strict.yaml'), text);
    const refused = systole(
      'explore',
      'digits',
      '--space',
      join(folder, 'strict.yaml'),
      '--out',
      join(folder, 's'),
    );
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('error[explore/nothing-feasible]');
    expect(refused.stderr).toContain('limit power <= 1e-9');
  });
});
