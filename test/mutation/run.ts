/**
 * The mutation check: `node --import tsx test/mutation/run.ts [--mutants N] [--only verilog|engines] [--seed S] [--json]`. Draws N mutants (half
 * of the Verilog, half of the engines), judges them one at a time and prints what became of each survivor. Exit status 1 when fewer
 * than 95 % of the valid mutants are caught. docs/verification.md explains the survivors.
 */

import { scriptOptions, wholeNumber } from '../support/script-options.js';
import { draw, engineMutants, judgeAll, type Tally, verilogMutants } from './check.js';
import { EngineOracle } from './engine-oracle.js';
import type { Mutant } from './mutants.js';
import { VerilogOracle } from './verilog-oracle.js';

const values = scriptOptions({
  mutants: { type: 'string', default: '120' },
  only: { type: 'string' },
  seed: { type: 'string', default: '1' },
  json: { type: 'boolean', default: false },
});
const seed = wholeNumber('seed', values.seed);
const REQUIRED = 0.95;
const kinds = ['verilog', 'engines'] as const;
const chosen = kinds.filter((kind) => values.only === undefined || values.only === kind);
if (chosen.length === 0) {
  console.error(`--only takes ${kinds.join(' or ')}`);
  process.exit(2);
}
const each = Math.ceil(wholeNumber('mutants', values.mutants, 1) / chosen.length);

const tallies: Record<string, Tally> = {};
for (const kind of chosen) {
  const oracle = kind === 'verilog' ? new VerilogOracle() : new EngineOracle();
  try {
    oracle.verifyOriginal();
    const all = kind === 'verilog' ? verilogMutants() : engineMutants();
    const onVerdict = (n: number, m: Mutant, what: string) =>
      console.error(`${kind} ${n}/${each} ${m.file}:${m.line} ${what}`);
    tallies[kind] = judgeAll(oracle, draw(all, each, seed), onVerdict);
  } finally {
    oracle.close();
  }
}

const sum = (part: (t: Tally) => number) => Object.values(tallies).reduce((n, t) => n + part(t), 0);
const [killed, survived] = [sum((t) => t.killed), sum((t) => t.survivors.length)];
const share = killed / (killed + survived);
if (values.json) console.log(JSON.stringify({ seed, share, tallies }, undefined, 2));
else printTallies();
process.exitCode = share >= REQUIRED ? 0 : 1;

function printTallies(): void {
  for (const [kind, t] of Object.entries(tallies)) {
    console.log(
      `${kind}: ${t.drawn} drawn, ${t.invalid} invalid, ${t.killed} killed, ${t.equivalent} equivalent, ${t.survivors.length} survived`,
    );
    for (const { file, line, before, after } of t.survivors)
      console.log(`  ${file}:${line}\n    - ${before}\n    + ${after}`);
  }
  console.log(`caught ${killed} of ${killed + survived} valid mutants: ${(100 * share).toFixed(1)} %`);
}
