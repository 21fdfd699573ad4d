/** `systole simulate NETWORK`: one engine, its cycles, and what happened: times, timeline, waveforms. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import {
  emptyWindow,
  engineWithoutSignals,
  formatPlace,
  placesOf,
  timelineOf,
  VcdRecorder,
} from '../../simulator/trace/index.js';
import { type CompiledNetwork, compile, simulate } from '../library/index.js';
import { idleOption } from './diagnostics.js';
import { cycleNumber, nameList, positiveInteger, print, progressTo, writeOne } from './io.js';

interface SimulateFlags {
  readonly machine?: string;
  readonly engine: 'timing' | 'array' | 'rtl';
  readonly threads: number;
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
  const { machine, program } = subject.compiled;
  const run =
    flags.vcd === undefined
      ? await simulate(subject, flags.engine, undefined, flags.threads)
      : await simulateWithWaves(subject, flags, flags.vcd);
  if (flags.trace) {
    const placeOf = placesOf(program);
    for (const t of run.trace)
      print(
        `${t.index}\t${placeOf(t.index).mnemonic}\t${t.dispatch}\t${t.accept}\t${t.end}\t${formatPlace(placeOf(t.index))}`,
      );
  }
  if (flags.timeline !== undefined) {
    writeOne(flags.timeline, JSON.stringify(timelineOf(machine, program, run)), '--timeline');
    onProgress(`wrote ${flags.timeline}: open it at ui.perfetto.dev`);
  }
  print(`${run.cycles} cycles`);
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
async function simulateWithWaves(subject: CompiledNetwork, flags: SimulateFlags, file: string) {
  const { from, to = Number.POSITIVE_INFINITY, signals, engine } = flags;
  if (to < from) throw new DiagnosticError([emptyWindow(from, to)]);
  if (engine === 'timing') throw new DiagnosticError([engineWithoutSignals(engine)]);
  writeOne(file, '', '--vcd');
  const out = openSync(file, 'w');
  const { clockMegahertz } = subject.compiled.machine;
  const probe = new VcdRecorder({ from, to, signals, clockMegahertz, write: (text) => writeSync(out, text) });
  try {
    const run = await simulate(subject, engine, probe);
    if (!probe.attached) throw new DiagnosticError([engineWithoutSignals(engine)]);
    probe.finish();
    progressTo(false)(`wrote ${file}`);
    return run;
  } finally {
    closeSync(out);
  }
}
