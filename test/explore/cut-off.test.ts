/**
 * Nothing is lost: the command is killed (SIGKILL) at random moments and goes on with --resume; the front is that of a run that nobody
 * disturbed, bit for bit, and chunks that were written are not computed again.
 */

import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../tools/explore/index.js';
import { packageRoot } from '../../tools/library/index.js';

const bin = join(packageRoot(), 'bin/systole.js');
const folder = mkdtempSync(join(tmpdir(), 'systole-cut-off-'));
const spaceFile = join(folder, 'space.yaml');
writeFileSync(
  spaceFile,
  'name: cut\nmachine: edge8\nparameters:\n  array.rows: [4, 8]\n  array.columns: [4, 8]\n  bus.bytes: [4, 8, 16]\n  buffers.weight.rows: {from: 256, to: 2048, factor: 2}\nderived: {vector.lanes: 4}\nobjectives: [latency, energy]\n',
);
const KILLS = Number(process.env.SYSTOLE_KILLS ?? 20);
const THREADS = 2;
const CHUNK = 3;
const options = ['--chunk', String(CHUNK), '--threads', String(THREADS), '--strategy', 'nsga2'];
const start = (out: string) => [
  ...['explore', 'digits', '--space', spaceFile, '--out', out],
  ...['--budget', '36', '--population', '12', ...options],
];

function finish(args: readonly string[]): string {
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(status, stderr).toBe(0);
  return stderr;
}

/** Starts the command and kills it after so many milliseconds; true where it was still running. */
function killAfter(args: readonly string[], milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...args], { stdio: 'ignore' });
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds);
    child.on('exit', (_, signal) => {
      clearTimeout(timer);
      resolve(signal === 'SIGKILL');
    });
  });
}

/** Chunk files and when they were written. */
function chunksIn(out: string): ReadonlyMap<string, number> {
  try {
    const files = readdirSync(join(out, 'chunks')).filter((name) => name.endsWith('.json'));
    return new Map(files.map((name) => [name, statSync(join(out, 'chunks', name)).mtimeMs]));
  } catch {
    return new Map();
  }
}

const begun = (out: string) => {
  try {
    return statSync(join(out, 'explore.json')).isFile();
  } catch {
    return false;
  }
};

describe('an exploration that is killed', () => {
  it(`at ${KILLS} random moments goes on to the same front, keeping every chunk`, {
    timeout: 180_000,
  }, async () => {
    const seed = Number(process.env.SYSTOLE_SEED ?? Date.now() % 100_000);
    console.log(`cut-off: SYSTOLE_SEED=${seed}`);
    const random = seededRandom(seed);
    const whole = join(folder, 'whole');
    const before = performance.now();
    finish(start(whole));
    const span = performance.now() - before;
    const expected = readFileSync(join(whole, 'front.json'), 'utf8');
    const allChunks = [...chunksIn(whole).keys()].sort();
    let out = join(folder, 'run0');
    for (let kill = 0; kill < KILLS; kill++) {
      const there = chunksIn(out);
      const running = await killAfter(
        begun(out) ? ['explore', '--resume', out] : start(out),
        random.next() * span,
      );
      const now = chunksIn(out);
      for (const [name, time] of there) expect(now.get(name), `${name} was written again`).toBe(time);
      if (running && kill < KILLS - 1) continue;
      finish(begun(out) ? ['explore', '--resume', out] : start(out));
      for (const [name, time] of now) expect(chunksIn(out).get(name), `${name} was written again`).toBe(time);
      expect(readFileSync(join(out, 'front.json'), 'utf8')).toBe(expected);
      expect([...chunksIn(out).keys()].sort()).toEqual(allChunks);
      out = join(folder, `run${kill + 1}`);
    }
    rmSync(folder, { recursive: true, force: true });
  });
});
