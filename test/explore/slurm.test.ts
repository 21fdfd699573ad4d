/** Job arrays on a real Slurm of two virtual nodes, one of which is killed while it works. Skipped where Slurm is not installed. */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../tools/library/index.js';
import { pause, SlurmCluster, slurmMissing } from './slurm-cluster.js';

const missing = slurmMissing();
if (missing !== undefined) console.log(`Slurm is not tested: ${missing}`);

const bin = join(packageRoot(), 'bin/systole.js');
const folder = mkdtempSync(join(tmpdir(), 'systole-slurm-test-'));
const space = join(folder, 'space.yaml');
writeFileSync(
  space,
  'name: arrays\nmachine: edge16\nparameters:\n  array.rows: [4, 8, 12, 16, 24]\n  array.columns: [4, 8, 12, 16, 24]\n  bus.bytes: [4, 8, 16]\n  queueDepth: [1, 2, 4]\n  buffers.weight.rows: {from: 256, to: 4096, factor: 2}\nderived: {vector.lanes: "gcd(array.rows, array.columns)"}\nobjectives: [latency, energy, area]\n',
);
const start = ['explore', 'digits', '--space', space, '--strategy', 'exhaustive', '--chunk', '100'];

describe.skipIf(missing !== undefined)('systole explore --engine slurm', () => {
  const cluster = missing === undefined ? new SlurmCluster() : undefined;
  let expected = '';

  beforeAll(async () => {
    await cluster!.start();
    const local = join(folder, 'local');
    spawnSync(process.execPath, [bin, ...start, '--out', local], { stdio: 'ignore' });
    expected = readFileSync(join(local, 'front.json'), 'utf8');
  }, 120_000);

  afterAll(() => cluster?.stop());

  it('a node killed in the middle costs its chunks another try, and the front is the local one', {
    timeout: 400_000,
  }, async () => {
    const out = join(folder, 'slurm');
    const child = spawn(process.execPath, [bin, ...start, '--out', out, '--engine', 'slurm'], {
      env: cluster!.environment,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
    });
    const ended = new Promise<number | null>((resolve) => {
      child.on('exit', resolve);
    });
    while (!cluster!.running().includes('n2')) await pause(100);
    // Its job has begun to compute.
    await pause(300);
    const there = chunksOf(out).length;
    expect(cluster!.kill('n2')).toBeGreaterThan(0);
    expect(await ended, said).toBe(0);
    expect(said).toContain('submitted again');
    expect(cluster!.states().some((state) => state.startsWith('down'))).toBe(true);
    expect(readFileSync(join(out, 'front.json'), 'utf8')).toBe(expected);
    expect(there).toBeLessThan(chunksOf(out).length);
  });

  it('what one coordinator submitted the next one waits for, and submits nothing twice', {
    timeout: 120_000,
  }, async () => {
    const out = join(folder, 'again');
    const child = spawn(process.execPath, [bin, ...start, '--out', out, '--engine', 'slurm'], {
      env: cluster!.environment,
      stdio: 'ignore',
    });
    while (cluster!.running().length === 0) await pause(100);
    child.kill('SIGKILL');
    const arrays = jobsOf(out);
    const { status, stderr } = spawnSync(
      process.execPath,
      [bin, 'explore', '--resume', out, '--engine', 'slurm'],
      {
        env: cluster!.environment,
        encoding: 'utf8',
      },
    );
    expect(status, stderr).toBe(0);
    expect(readFileSync(join(out, 'front.json'), 'utf8')).toBe(expected);
    // One more: the front's exact runs.
    expect(jobsOf(out).length).toBe(arrays.length + 1);
  });
});

const chunksOf = (out: string) => readdirSync(join(out, 'chunks')).filter((name) => name.endsWith('.json'));
const jobsOf = (out: string) => readdirSync(join(out, 'slurm')).filter((name) => name.endsWith('.job.json'));
