/** `systole simulate NETWORK`: one engine, its cycles, and what happened: times, timeline, waveforms. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import type { Program } from '../../compiler/isa/index.js';
import { nothingToAccelerate } from '../../compiler/pipeline/index.js';
import type { Run } from '../../simulator/engine/index.js';
import {
  emptyWindow,
  engineWithoutSignals,
  formatPlace,
  placesOf,
  timelineOf,
  VcdRecorder,
} from '../../simulator/trace/index.js';
import { type CompiledNetwork, compile, simulateSegment } from '../library/index.js';
import { idleOption, noSegment, segmentNeeded } from './diagnostics.js';
import { cycleNumber, nameList, positiveInteger, print, progressTo, writeOne } from './io.js';

interface SimulateFlags {
  readonly machine?: string;
  readonly engine: 'timing' | 'array' | 'rtl';
  readonly threads: number;
  readonly segment?: number;
  readonly trace?: boolean;
  readonly timeline?: string;
  readonly vcd?: string;
  readonly from: number;
  readonly to?: number;
  readonly signals: string[];
}

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('run a network’s program on one engine and print its cycles')
    .argument('<network>', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .addOption(
      new Option('--engine <engine>', 'engine').choices(['timing', 'array', 'rtl']).default('timing'),
    )
    .option('--threads <n>', 'threads that share the array engine’s work', positiveInteger, 1)
    .option('--segment <n>', 'of a network with the host in the middle: this part alone, from 0', cycleNumber)
    .option('--trace', 'print dispatch, accept and end of every instruction')
    .option('--timeline <file>', 'write a Chrome trace (JSON): open it in Perfetto')
    .option('--vcd <file>', 'write waveforms (array or rtl engine): open them in GTKWave or Surfer')
    .option('--from <cycle>', 'first cycle of the waveforms', cycleNumber, 0)
    .option('--to <cycle>', 'last cycle of the waveforms', cycleNumber)
    .option(
      '--signals <patterns>',
      'signals of the waveforms, comma separated, * and ? are wild',
      nameList,
      [],
    )
    .action(simulateCommand);
}

async function simulateCommand(network: string, flags: SimulateFlags): Promise<void> {
  const idle = idleOptions(flags);
  if (idle.length > 0) throw new DiagnosticError(idle);
  const onProgress = progressTo(false);
  const subject = compile(network, {
    ...(flags.machine !== undefined && { machine: flags.machine }),
    onProgress,
  });
  const { segments } = subject.compiled;
  const chosen = chooseSegments(subject, flags);
  let cycles = 0;
  for (const index of chosen) {
    const { machine, program } = segments[index]!;
    const run =
      flags.vcd === undefined
        ? await simulateSegment(subject, flags.engine, { index, threads: flags.threads })
        : await simulateWithWaves(subject, { ...flags, index }, flags.vcd);
    cycles += run.cycles;
    if (segments.length > 1) print(`segment ${index} of ${segments.length}: ${run.cycles} cycles`);
    if (flags.trace) printTrace(program, run);
    if (flags.timeline !== undefined) {
      writeOne(flags.timeline, JSON.stringify(timelineOf(machine, program, run)), '--timeline');
      onProgress(`wrote ${flags.timeline}: open it at ui.perfetto.dev`);
    }
  }
  print(`${cycles} cycles`);
}

/** All segments, or the one that was named; files hold one. @throws DiagnosticError */
function chooseSegments({ compiled }: CompiledNetwork, { segment, timeline, vcd }: SimulateFlags): number[] {
  const { length } = compiled.segments;
  if (length === 0) throw new DiagnosticError([nothingToAccelerate(compiled.network)]);
  if (segment !== undefined && segment >= length) throw new DiagnosticError([noSegment(segment, length)]);
  if (segment !== undefined) return [segment];
  const file = timeline !== undefined ? '--timeline' : vcd !== undefined ? '--vcd' : undefined;
  if (file !== undefined && length > 1) throw new DiagnosticError([segmentNeeded(file, length)]);
  return Array.from({ length }, (_, index) => index);
}

function printTrace(program: Program, run: Run): void {
  const placeOf = placesOf(program);
  for (const t of run.trace)
    print(
      `${t.index}\t${placeOf(t.index).mnemonic}\t${t.dispatch}\t${t.accept}\t${t.end}\t${formatPlace(placeOf(t.index))}`,
    );
}

/** Options that would change nothing: said, not passed over. */
function idleOptions({ engine, threads, vcd, from, to, signals }: SimulateFlags): Diagnostic[] {
  const waves = (given: boolean, option: string) =>
    given && vcd === undefined ? [idleOption(option, '--vcd FILE')] : [];
  return [
    ...(threads > 1 && engine !== 'array' ? [idleOption(`--threads ${threads}`, '--engine array')] : []),
    ...(threads > 1 && vcd !== undefined
      ? [idleOption(`--threads ${threads}`, 'a run that writes no waveforms')]
      : []),
    ...waves(from > 0, `--from ${from}`),
    ...waves(to !== undefined, `--to ${to}`),
    ...waves(signals.length > 0, `--signals ${signals.join(',')}`),
  ];
}

/** The run, with waveforms written to a file as they come. */
async function simulateWithWaves(
  subject: CompiledNetwork,
  flags: SimulateFlags & { readonly index: number },
  file: string,
) {
  const { from, to = Number.POSITIVE_INFINITY, signals, engine } = flags;
  if (to < from) throw new DiagnosticError([emptyWindow(from, to)]);
  if (engine === 'timing') throw new DiagnosticError([engineWithoutSignals(engine)]);
  writeOne(file, '', '--vcd');
  const out = openSync(file, 'w');
  const { clockMegahertz } = subject.compiled.machine;
  const probe = new VcdRecorder({ from, to, signals, clockMegahertz, write: (text) => writeSync(out, text) });
  try {
    const run = await simulateSegment(subject, engine, { index: flags.index, probe });
    if (!probe.attached) throw new DiagnosticError([engineWithoutSignals(engine)]);
    probe.finish();
    progressTo(false)(`wrote ${file}`);
    return run;
  } finally {
    closeSync(out);
  }
}
