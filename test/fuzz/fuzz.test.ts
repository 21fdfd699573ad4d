/** A small run of the fuzzer (`npm run fuzz` is the large one). In: SYSTOLE_RUNS inputs over all formats of which files are here. */

import { expect, it } from 'vitest';
import { presentFormats } from './cases.js';
import { fuzz } from './parent.js';

const runs = Number(process.env.SYSTOLE_RUNS ?? 600);
const seed = 1 + (Number(process.env.SYSTOLE_SEED ?? 0) || 0);

it('a mutated network file becomes a graph that verifies, or a located diagnostic', async () => {
  const formats = presentFormats().map(({ name }) => name);
  console.info(`fuzz: seed ${seed}, ${runs} inputs of ${formats.join(', ')}`);
  const { counts, findings } = await fuzz({ seed, from: 0, to: runs, formats });
  expect(findings).toEqual([]);
  const all = Object.values(counts).flatMap((row) => Object.values(row));
  expect(all.reduce((a, b) => a + b, 0)).toBe(runs);
  // Both ends are reached: a fuzzer whose every input is refused at the door tests nothing.
  expect(Object.values(counts).some((row) => (row.evaluated ?? 0) > 0)).toBe(true);
  expect(Object.values(counts).some((row) => (row.refused ?? 0) > 0)).toBe(true);
}, 120_000);
