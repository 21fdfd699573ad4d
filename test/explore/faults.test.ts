/** What goes wrong on disks: a clear error, everything else kept, and --resume goes on. Full and read-only disks are small mounts of tmpfs. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../tools/library/index.js';

const bin = join(packageRoot(), 'bin/systole.js');
const folder = mkdtempSync(join(tmpdir(), 'systole-faults-'));
const space = join(folder, 'space.yaml');
writeFileSync(
  space,
  'name: faults\nmachine: edge8\nparameters:\n  array.rows: [4, 8]\n  array.columns: [4, 8]\n  bus.bytes: [4, 8, 16]\n  clockMegahertz: {from: 50, to: 200, step: 5}\nderived: {vector.lanes: 4}\nobjectives: [latency, energy]\n',
);
const start = (out: string) => [
  'explore',
  'digits',
  '--space',
  space,
  '--out',
  out,
  '--chunk',
  '24',
  '--threads',
  '1',
];
const systole = (...args: readonly string[]) =>
  spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', timeout: 60_000 });
const chunksIn = (out: string) => readdirSync(join(out, 'chunks'));
const front = (out: string) => readFileSync(join(out, 'front.json'), 'utf8');

const whole = join(folder, 'whole');
systole(...start(whole));

/** A mount of its own, unmounted at the end; undefined where this user may not mount. */
const mounts: string[] = [];
function mountTmpfs(name: string, size: string): string | undefined {
  const path = join(folder, name);
  mkdirSync(path);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]).status !== 0) return undefined;
  mounts.push(path);
  return path;
}

const probe = mountTmpfs('probe', '64k');
if (probe === undefined)
  console.log('full and read-only disks are not tested: this user may not mount tmpfs');

afterAll(() => {
  for (const path of mounts) spawnSync('umount', [path]);
  rmSync(folder, { recursive: true, force: true });
});

describe('a chunk file that is damaged', () => {
  it.each([
    ['cut short', (text: string) => text.slice(0, text.length / 2)],
    [
      'changed',
      (text: string) => text.replace(/"cycles":(\d)/, (_, digit) => `"cycles":${9 - Number(digit)}`),
    ],
    ['empty', () => ''],
  ])('%s is set aside with a warning and computed again; the others are kept', (name, damage) => {
    const out = join(folder, `damaged ${name}`);
    systole(...start(out));
    const chunk = chunksIn(out)[0]!;
    const path = join(out, 'chunks', chunk);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, damage(text));
    const { status, stderr } = systole('explore', '--resume', out);
    expect(status, stderr).toBe(0);
    expect(stderr).toContain('warning[explore/corrupt-chunk]');
    expect(stderr).toContain(chunk);
    expect(readFileSync(path, 'utf8')).toBe(text);
    expect(chunksIn(out)).toContain(`${chunk}.corrupt`);
    expect(front(out)).toBe(front(whole));
  });
});

describe.skipIf(probe === undefined)('a disk', () => {
  it('that is full ends the run with an error that names the file; with room it goes on', () => {
    const out = mountTmpfs('full', '512k')!;
    const setup = systole(...start(out));
    expect(setup.status).toBe(0);
    // As if cut off after two chunks, on a disk that something else fills.
    for (const name of chunksIn(out).slice(2)) rmSync(join(out, 'chunks', name));
    rmSync(join(out, 'front.json'));
    const kept = chunksIn(out);
    spawnSync('dd', ['if=/dev/zero', `of=${join(out, 'ballast')}`, 'bs=4k']);
    const full = systole('explore', '--resume', out);
    expect(full.status).toBe(1);
    expect(full.stderr).toMatch(/error\[explore\/unwritable\]: cannot write .*: ENOSPC/);
    expect(full.stderr).toContain('--resume');
    expect(chunksIn(out)).toEqual(kept);
    rmSync(join(out, 'ballast'));
    expect(systole('explore', '--resume', out).status).toBe(0);
    expect(front(out)).toBe(front(whole));
  });

  it('that is read-only is told before anything is computed', () => {
    const out = mountTmpfs('readonly', '512k')!;
    spawnSync('mount', ['-o', 'remount,ro', out]);
    const { status, stderr } = systole(...start(join(out, 'results')));
    expect(status).toBe(1);
    expect(stderr).toMatch(/error\[file\/unwritable\]: cannot write into .*: EROFS/);
  });
});

describe('a folder of results', () => {
  it('of another exploration is left alone', () => {
    const { status, stderr } = systole(...start(whole), '--seed', '7');
    expect(status).toBe(1);
    expect(stderr).toContain('holds another exploration: seed differs');
  });

  it('answers queries and writes CSV and Parquet', () => {
    const csv = join(folder, 'points.csv');
    const parquet = join(folder, 'points.parquet');
    const sql = 'SELECT count(*) AS points, sum(front::int) AS front FROM points';
    const { status, stdout, stderr } = systole(
      'results',
      whole,
      '--sql',
      sql,
      '--json',
      '--csv',
      csv,
      '--parquet',
      parquet,
    );
    expect(status, stderr).toBe(0);
    const members = (JSON.parse(front(whole)) as { front: readonly unknown[] }).front.length;
    expect(JSON.parse(stdout)).toEqual([{ points: '372', front: String(members) }]);
    expect(readFileSync(csv, 'utf8').trim().split('\n')).toHaveLength(373);
    expect(readFileSync(parquet).subarray(0, 4).toString()).toBe('PAR1');
  });
});
