/**
 * Runs cases FROM to TO of a seed, one after the other, in this process: `child.ts SEED FROM TO FORMATS`. Says on standard output, a line each,
 * which case begins (`>N`), what was found (`!JSON`), and the counts at the end (`=JSON`).
 */

import { writeSync } from 'node:fs';
import { printGraph } from '../../compiler/graph/index.js';
import { cutIsWhole, type FuzzCase, makeCase, presentFormats } from './cases.js';
import { type Judged, judge } from './judge.js';
import { type Counts, CPU_LIMIT_S, type Finding, MEMORY_LIMIT_MIB } from './protocol.js';

const [seed, from, to] = process.argv.slice(2, 5).map(Number) as [number, number, number];
const wanted = process.argv[5]!.split(',');
const formats = presentFormats().filter(({ name }) => wanted.includes(name));
const counts: Record<string, Record<string, number>> = {};

for (let index = from; index < to; index++) {
  writeSync(1, `>${index}\n`);
  const one = makeCase(seed, index, formats);
  const begin = process.cpuUsage();
  const judged = withCut(one, judge(one.files));
  const { user, system } = process.cpuUsage(begin);
  counts[one.format.name] ??= {};
  const row = counts[one.format.name]!;
  row[judged.verdict] = (row[judged.verdict] ?? 0) + 1;
  if (judged.verdict === 'finding') report(one, index, judged.detail);
  const seconds = (user + system) / 1e6;
  if (seconds > CPU_LIMIT_S) report(one, index, `slow: ${seconds.toFixed(1)} s`);
  const used = process.resourceUsage().maxRSS / 1024;
  if (used <= MEMORY_LIMIT_MIB) continue;
  report(one, index, `memory: ${Math.round(used)} MiB`);
  // The peak of a process never falls: the rest runs in a new one.
  finish(index + 1);
}
finish(to);

function finish(next: number): never {
  const done: Counts = { next, counts };
  writeSync(1, `=${JSON.stringify(done)}\n`);
  process.exit(0);
}

function report(one: FuzzCase, index: number, detail: string): void {
  const finding: Finding = {
    seed,
    index,
    formats: wanted,
    format: one.format.name,
    file: one.seedFile.name,
    detail,
  };
  writeSync(1, `!${JSON.stringify(finding)}\n`);
}

/** A file that was cut short is refused, or means the same (what was lost meant nothing). */
function withCut(one: FuzzCase, judged: Judged): Judged {
  if (!one.cut || judged.graph === undefined || cutIsWhole(one)) return judged;
  const { name } = one.files;
  const { bytes, weights, beside } = one.seedFile;
  const files = { bytes, name, ...(weights && { weights }) };
  const whole = judge(beside ? { ...files, beside: (file) => beside.get(file) } : files);
  if (whole.graph !== undefined && printGraph(whole.graph) === printGraph(judged.graph)) return judged;
  return { verdict: 'finding', detail: 'cut short, and imported as another network' };
}
