/** The benchmark page: every figure with its target, the machine it was taken on, the command, and what bounds it. */

import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { command, type Result, show } from './result.js';

export function toPage(results: readonly Result[], quick: boolean): string {
  const tool = spawnSync('verilator', ['--version'], { encoding: 'utf8' });
  const verilator = tool.status === 0 ? tool.stdout.trim() : 'Verilator absent';
  return [
    '# Benchmarks',
    '',
    `Written by \`${command} --write${quick ? ' --quick' : ''}\`. A ratio is this project over its reference, larger is better; both sides are`,
    'measured in the same run, interleaved, medians, unless the reference says otherwise. One core each.',
    '',
    `Taken on ${cpus().length} x ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${verilator}. Other work may have shared the machine.`,
    '',
    '| what | ratio | target | met |',
    '| --- | ---: | ---: | --- |',
    ...results.map(row),
    '',
    ...results.flatMap(details),
  ].join('\n');
}

function row(r: Result): string {
  return r.kind === 'skipped'
    ? `| ${r.name} | | | skipped |`
    : `| ${r.name} | ${show(r.ratio)} | ${r.target} | ${r.met ? 'yes' : '**no**'} |`;
}

function details(r: Result): string[] {
  if (r.kind === 'skipped') return [`## ${r.name}`, '', `Skipped: ${r.why}.`, ''];
  return [
    `## ${r.name}`,
    '',
    `- measured: ${r.measured}`,
    `- reference: ${r.reference}`,
    `- command: \`${r.command}\``,
    `- bound by: ${r.bound}`,
    '',
  ];
}
