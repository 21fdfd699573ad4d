/** Runs a range of cases in child processes under limits. In: seed, range, formats. Out: counts and findings; a crash or a hang is a finding. */

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { type Counts, type Finding, MEMORY_LIMIT_MIB, SILENCE_LIMIT_S } from './protocol.js';

export interface FuzzResult {
  readonly counts: Record<string, Record<string, number>>;
  readonly findings: Finding[];
}

export interface FuzzRange {
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  readonly formats: readonly string[];
}

/** Cases per child: its counts are lost with it. */
const BATCH = 2500;

/** @param onProgress is told the first case that was not run; false ends the run there. */
export async function fuzz(
  range: FuzzRange,
  onProgress: (next: number) => boolean = () => true,
): Promise<FuzzResult & { readonly next: number }> {
  const result: FuzzResult = { counts: {}, findings: [] };
  let next = range.from;
  for (let wanted = true; wanted && next < range.to; wanted = onProgress(next))
    next = await runChild({ ...range, from: next, to: Math.min(range.to, next + BATCH) }, result);
  return { ...result, next };
}

/** Runs one child; returns the first case that was not run. */
function runChild({ seed, from, to, formats }: FuzzRange, result: FuzzResult): Promise<number> {
  const args = [
    `--max-old-space-size=${MEMORY_LIMIT_MIB}`,
    ...['--import', 'tsx', join(import.meta.dirname, 'child.ts')],
    ...[seed, from, to].map(String),
    formats.join(','),
  ];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [current, errors, rest] = [from - 1, '', ''];
  let done: Counts | undefined;
  let hung = false;
  let timer = setTimeout(() => {}, 0);
  const watch = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hung = true;
      child.kill('SIGKILL');
    }, SILENCE_LIMIT_S * 1000);
  };
  watch();
  child.stderr.on('data', (data: Buffer) => {
    errors = (errors + data.toString()).slice(-2000);
  });
  child.stdout.on('data', (data: Buffer) => {
    watch();
    const lines = (rest + data.toString()).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (line.startsWith('>')) current = Number(line.slice(1));
      else if (line.startsWith('!')) result.findings.push(JSON.parse(line.slice(1)) as Finding);
      else if (line.startsWith('=')) done = JSON.parse(line.slice(1)) as Counts;
    }
  });
  return new Promise((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (done !== undefined) {
        add(result.counts, done.counts);
        settle(done.next);
      } else if (current < from) {
        reject(new Error(`the fuzzer's child did not start (${code ?? signal}): ${errors}`));
      } else {
        const detail = hung ? `hang: silent for ${SILENCE_LIMIT_S} s` : `crash: ${code ?? signal}: ${errors}`;
        result.findings.push({
          seed,
          index: current,
          formats,
          format: formats[current % formats.length]!,
          file: '',
          detail,
        });
        settle(current + 1);
      }
    });
  });
}

function add(sum: FuzzResult['counts'], more: Counts['counts']): void {
  for (const [format, row] of Object.entries(more)) {
    sum[format] ??= {};
    const into = sum[format]!;
    for (const [verdict, count] of Object.entries(row)) into[verdict] = (into[verdict] ?? 0) + count;
  }
}
