/**
 * Evaluations a second of a whole ResNet-18 (224 x 224) on worker threads, and what they cost: a space in which each schedule serves many
 * machines (clock, node and DRAM change prices, not cycles), as the mappings of a search are reused. Prints a line a second, then the rate with
 * every mapping known and without. `node --import tsx test/explore/rate.ts [threads]`
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSetup, progressLine, runExploration } from '../../tools/explore/index.js';
import { resnet } from '../bench/networks.js';

const threads = Number(process.argv[2] ?? 2);
const folder = mkdtempSync(join(tmpdir(), 'systole-rate-'));
const spaceText = `
name: rate
machine: mobile32
parameters:
  buffers.weight.rows: {from: 2048, to: 16384, factor: 2}
  array.columns: [16, 32]
  target.nodeNanometres: [7, 10, 16, 22, 28, 45]
  memory.technology: [lpddr4, ddr4, hbm2]
  clockMegahertz: {from: 100, to: 1000, step: 10}
derived: {vector.lanes: 16}
objectives: [latency, energy, area]
`;
const setup = createSetup({
  folder,
  networks: [{ name: 'resnet18', source: 'resnet18', prepared: { network: resnet(18, 224) } }],
  spaceText,
  spaceFile: 'rate.yaml',
  seed: 1,
  strategy: 'exhaustive',
  budget: 1,
  population: 1,
  chunk: 256,
});
const started = performance.now();
let last = 0;
const { exploration } = await runExploration(setup, {
  threads,
  onProgress: (progress) => {
    const seconds = (performance.now() - started) / 1e3;
    if (seconds - last < 1) return;
    last = seconds;
    console.log(progressLine(progress, seconds));
  },
});
const seconds = (performance.now() - started) / 1e3;
console.log(
  `${exploration.evaluated} machines in ${seconds.toFixed(1)} s, the front’s exact runs included: ${(exploration.evaluated / seconds).toFixed(0)} a second on ${threads} threads; ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`,
);
rmSync(folder, { recursive: true });
