/** What the README says works: its commands run, its machine file is legal, the links of all pages lead somewhere. */

import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../tools/library/index.js';

const root = packageRoot();
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'systole-readme-'));

/** The contents of the fenced blocks of a language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    (match) => match[1]!,
  );
}

/** A NumPy file with `count` pictures of 8x8 taken from the shipped samples. */
function npyOfSamples(count: number): Buffer {
  const { calibration } = JSON.parse(readFileSync(join(root, 'examples/digits/samples.json'), 'utf8')) as {
    calibration: number[][];
  };
  const values = Float32Array.from(calibration.slice(0, count).flat(), (pixel) => pixel / 16);
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${count}, 1, 8, 8), }`;
  const padded = `${header.padEnd(117)}\n`;
  const head = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    1,
    0,
    padded.length & 255,
    padded.length >> 8,
  ]);
  return Buffer.concat([head, Buffer.from(padded, 'latin1'), Buffer.from(values.buffer)]);
}

beforeAll(() => {
  copyFileSync(join(root, 'examples/digits/digits.onnx'), join(folder, 'net.onnx'));
  writeFileSync(join(folder, 'samples.npy'), npyOfSamples(16));
  copyFileSync(join(root, 'test/scalesim/fixtures/small.cfg'), join(folder, 'x.cfg'));
  copyFileSync(join(root, 'test/scalesim/fixtures/small.csv'), join(folder, 'topology.csv'));
  mkdirSync(join(folder, 'examples'));
  copyFileSync(join(root, 'examples/space.yaml'), join(folder, 'examples/space.yaml'));
  writeFileSync(join(folder, 'mine.yaml'), blocks(readme, 'yaml')[0]!);
});

const commands = blocks(readme, 'sh')
  .join('\n')
  .split('\n')
  .map((line) => line.replace(/#.*$/, '').trim())
  .filter((line) => line.startsWith('npx systole '));

describe('README', () => {
  it('has commands to run', () => expect(commands.length).toBeGreaterThan(6));

  it.each(commands)('%s', (command) => {
    const args = command.split(/\s+/).slice(2);
    const outcome = spawnSync(process.execPath, [join(root, 'bin/systole.js'), ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
    expect(outcome.stderr).not.toContain('error');
    expect(outcome.status).toBe(0);
  });

  it.each([
    'README.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(root, 'docs'))
      .filter((f) => f.endsWith('.md'))
      .map((f) => `docs/${f}`),
  ])('links of %s lead to files', (page) => {
    const text = readFileSync(join(root, page), 'utf8').replace(/```[\s\S]*?```/g, '');
    const targets = [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !link.includes('://'));
    expect(targets.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([]);
  });
});
