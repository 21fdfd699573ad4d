/** `systole synth` as a user meets it: what it refuses and how it says so, what it keeps, and how it ends when it is stopped. */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../tools/library/index.js';

const program = join(packageRoot(), 'bin/systole.js');
const folder = mkdtempSync(join(tmpdir(), 'systole-synth-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const garbage = file('garbage.lib', 'no library at all\n');
/** As far as this program looks it is a library; Yosys looks further. */
const unbalanced = file(
  'unbalanced.lib',
  `library (odd) {
  cell (buf) { area : 1; pin (A) { direction : input; capacitance : 1; } pin (Y) { direction : output; function : "A"; } }
  cell (dff) { area : 2;
    ff (IQ,IQN) { clocked_on : "C"; } } } } ) ;
`,
);
/** A download that broke off. */
const half = file('half.lib', readFileSync(unbalanced, 'utf8').slice(0, 180));
const asic = ['--machine', 'edge4', '--flow', 'asic'];

describe('refused, by name and place', () => {
  it.each<[string, readonly string[], number, RegExp]>([
    ['an unknown flow', ['--flow', 'foo'], 2, /'foo' is invalid\. Allowed choices are ice40/],
    ['asic without cells', asic, 1, /synth\/no-liberty[\s\S]*--> --liberty/],
    ['a file that is no library', [...asic, '--liberty', garbage], 1, /synth\/bad-liberty.*garbage\.lib/],
    ['no such library', [...asic, '--liberty', join(folder, 'absent.lib')], 1, /cannot read .*absent\.lib/],
    [
      'a library elsewhere',
      ['--flow', 'ecp5', '--liberty', garbage],
      1,
      /--liberty means nothing to the ecp5 flow/,
    ],
    [
      'a device for cells',
      [...asic, '--liberty', garbage, '--device', 'x'],
      1,
      /--device means nothing to the asic/,
    ],
    [
      'an output that is a file',
      ['--flow', 'ecp5', '--out', garbage],
      1,
      /cannot write into .*garbage\.lib: ENOTDIR/,
    ],
    [
      'an output below a file',
      ['--flow', 'ecp5', '--out', join(garbage, 'x')],
      1,
      /cannot write into .*ENOTDIR/,
    ],
    ['an unknown machine', ['--flow', 'ecp5', '--machine', 'nope'], 1, /no machine preset "nope"/],
    [
      'half a library',
      [...asic, '--liberty', half],
      1,
      /synth\/bad-liberty.*half\.lib: it ends in line 4 with 2 groups open/,
    ],
    [
      'a device that no tool knows',
      ['--flow', 'ice40', '--device', 'hx9k-ct256'],
      1,
      /synth\/device\].*"hx9k-ct256"\n {2}--> --device hx9k-ct256\n.*hx8k, up3k, up5k/,
    ],
    ['no clock at all', [...asic, '--clock', '0'], 2, /a positive number is needed/],
  ])('%s', (_, args, status, says) => {
    const result = spawnSync(process.execPath, [program, 'synth', '-q', ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(result.stderr).toMatch(says);
    expect(result.status).toBe(status);
    expect(result.stdout).toBe('');
  });
});

it("a tool's own message is shown, and its log kept", () => {
  const out = join(folder, 'odd');
  const result = spawnSync(
    process.execPath,
    [program, 'synth', '-q', ...asic, '--liberty', unbalanced, '--out', out],
    { encoding: 'utf8', timeout: 120_000 },
  );
  expect(result.stderr).toMatch(/synth\/tool-failed\]: yosys: .*(ERROR|error).*/);
  expect(result.stderr).toContain(join(out, 'map.log'));
  expect(readFileSync(join(out, 'map.log'), 'utf8')).toContain('cells.lib');
  expect(result.status).toBe(1);
}, 120_000);

it('without --out, the log that a message names is there', () => {
  const result = spawnSync(process.execPath, [program, 'synth', '-q', ...asic, '--liberty', unbalanced], {
    encoding: 'utf8',
    timeout: 120_000,
  });
  const log = /the whole log is (\S+)/.exec(result.stderr)![1]!;
  expect(readFileSync(log, 'utf8')).toContain('cells.lib');
  rmSync(join(log, '..'), { recursive: true });
}, 120_000);

it('a folder that refuses a file is named with it', () => {
  const out = join(folder, 'refuses');
  mkdirSync(join(out, 'map.log'), { recursive: true });
  const args = ['--machine', 'ico1', '--flow', 'ecp5', '--map', '--out', out];
  const result = spawnSync(process.execPath, [program, 'synth', '-q', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(result.stderr).toMatch(/file\/unwritable\]: cannot write into .*refuses: EISDIR at .*map\.log/);
  expect(result.status).toBe(1);
});

it('Ctrl-C ends it while an engine runs, too', async () => {
  const args = [program, 'synth', '--machine', 'ico1', '--flow', 'asic', '--liberty', unbalanced];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
    if (/counting toggles/.test(said)) child.kill('SIGINT');
  });
  const signal = await new Promise((resolve) => child.on('close', (_, name) => resolve(name)));
  expect(signal).toBe('SIGINT');
  expect(said).not.toContain('yosys');
}, 60_000);

it('tells where it is, and Ctrl-C ends it and its tool', async () => {
  const out = join(folder, 'stopped');
  const args = [program, 'synth', '--machine', 'edge4', '--flow', 'ecp5', '--map', '--out', out];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let asked = false;
  child.stderr.on('data', (bytes: Buffer) => {
    said += bytes.toString();
    if (!asked && /yosys map: /.test(said)) asked = child.kill('SIGINT');
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect(said).toMatch(/systole: yosys map: \w+/);
  expect(said).toContain('synth/cancelled');
  expect(status).toBe(130);
  // What was not finished is not taken for done.
  expect(existsSync(join(out, 'map.log'))).toBe(true);
  expect(existsSync(join(out, 'map.stamp'))).toBe(false);
  expect(existsSync(join(out, 'core.json'))).toBe(false);
}, 120_000);
