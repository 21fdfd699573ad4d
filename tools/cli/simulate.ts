/** `systole simulate NETWORK`: one engine, its cycles, and what happened: times, timeline, waveforms. */

import { type Command, Option } from 'commander';
import { formatPlace, placesOf, timelineOf } from '../../simulator/trace/index.js';
import { compile, simulate } from '../library/index.js';
import { print, progressTo, writeOne } from './io.js';

interface SimulateFlags {
  readonly machine?: string;
  readonly engine: 'timing' | 'array' | 'rtl';
  readonly trace?: boolean;
  readonly timeline?: string;
}

export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('run a network’s program on one engine and print its cycles')
    .argument('<network>', 'an ONNX file, or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .addOption(
      new Option('--engine <engine>', 'engine').choices(['timing', 'array', 'rtl']).default('timing'),
    )
    .option('--trace', 'print dispatch, accept and end of every instruction')
    .option('--timeline <file>', 'write a Chrome trace (JSON): open it in Perfetto')
    .action(simulateCommand);
}

async function simulateCommand(network: string, flags: SimulateFlags): Promise<void> {
  const onProgress = progressTo(false);
  const subject = compile(network, {
    ...(flags.machine !== undefined && { machine: flags.machine }),
    onProgress,
  });
  const { machine, program } = subject.compiled;
  const run = await simulate(subject, flags.engine);
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
