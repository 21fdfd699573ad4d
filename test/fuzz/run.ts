/**
 * The fuzzer: `npm run fuzz -- [--runs N] [--seed S] [--formats ONNX,TFLite] [--case N]`. Prints the counts by format; findings go, with seed
 * and case, to standard error, and their inputs to test-results/fuzz. `--case` runs one case again in this process and shows its outcome.
 * Exit code 1 where something was found.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptOptions, wholeNumber } from '../support/script-options.js';
import { makeCase, presentFormats } from './cases.js';
import { judge } from './judge.js';
import { fuzz } from './parent.js';
import type { Finding } from './protocol.js';

const values = scriptOptions({
  runs: { type: 'string', default: process.env.SYSTOLE_RUNS ?? '20000' },
  seed: { type: 'string', default: '1' },
  formats: { type: 'string' },
  case: { type: 'string' },
});
const seed = wholeNumber('seed', values.seed);
const present = presentFormats();
const formats = present.filter(({ name }) => values.formats?.split(',').includes(name) ?? true);
if (formats.length === 0) {
  process.stderr.write(
    `there are no files of these formats; there are ${present.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}
const folder = join(import.meta.dirname, '../../test-results/fuzz');
if (values.case !== undefined) {
  const index = wholeNumber('case', values.case);
  const one = makeCase(seed, index, formats);
  save({
    seed,
    index,
    formats: [],
    format: one.format.name,
    file: one.seedFile.name,
    detail: '',
  });
  const { verdict, detail } = judge(one.files);
  process.stdout.write(`${one.format.name}, ${one.seedFile.name}: ${verdict} ${detail}\n`);
} else await runAll();

async function runAll(): Promise<void> {
  const runs = wholeNumber('runs', values.runs, 1);
  const begin = performance.now();
  const range = { seed, from: 0, to: runs, formats: formats.map(({ name }) => name) };
  // Interrupted, it still tells what it saw.
  let wanted = true;
  const stop = () => {
    wanted = false;
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const { counts, findings, next } = await fuzz(range, (done) => {
    process.stderr.write(`\rfuzz: ${done} of ${runs}`);
    return wanted;
  });
  process.stderr.write('\n');
  const seen = new Map<string, number>();
  for (const finding of findings) {
    const kind = finding.detail.replace(/\d+/g, 'N').slice(0, 160);
    const before = seen.get(kind) ?? 0;
    seen.set(kind, before + 1);
    if (before > 0) continue;
    save(finding);
    process.stderr.write(`case ${finding.index} (${finding.format}, ${finding.file}): ${finding.detail}\n`);
  }
  for (const [kind, count] of seen) if (count > 1) process.stderr.write(`${count} times: ${kind}\n`);
  const verdicts = ['evaluated', 'verified', 'refused', 'finding'];
  process.stdout.write(
    `| format | inputs | ${verdicts.join(' | ')} |\n| --- | --- | --- | --- | --- | --- |\n`,
  );
  for (const [format, row] of Object.entries(counts)) {
    const cells = verdicts.map((verdict) => row[verdict] ?? 0);
    process.stdout.write(`| ${format} | ${cells.reduce((a, b) => a + b, 0)} | ${cells.join(' | ')} |\n`);
  }
  const seconds = (performance.now() - begin) / 1000;
  process.stdout.write(
    `seed ${seed}, ${next} inputs, ${findings.length} findings, ${Math.round(seconds)} s\n`,
  );
  process.exitCode = findings.length > 0 ? 1 : 0;
}

/** Keeps the input of a finding. */
function save({ index, format }: Finding): void {
  const one = makeCase(seed, index, formats);
  mkdirSync(folder, { recursive: true });
  const stem = join(folder, `${format.replaceAll(' ', '-')}-${seed}-${index}`);
  writeFileSync(stem, one.mutated);
}
