/** `systole compile`, `systole emit`, `systole simulate`: the stations on their own. */

import { type Command, Option } from 'commander';
import { printDataflow } from '../../compiler/dataflow/index.js';
import { compile, emit, makeBundle, openMachine, simulate } from '../library/index.js';
import { print, progressTo, shapeOption, writeFolder } from './io.js';

interface CompileFlags {
  readonly machine?: string;
  readonly out?: string;
  readonly calibration?: string;
  readonly shape: Record<string, number[]>;
}

export function addCompileCommands(program: Command): void {
  program
    .command('compile')
    .description(
      'write dataflow, program, data image and Verilog of a network; without --out, print the dataflow',
    )
    .argument('<network>', 'an ONNX file, or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('-o, --out <dir>', 'folder to write')
    .option('--calibration <npy>', 'samples that activation ranges are taken from')
    .option('--shape <name=dims>', 'shape of an input', shapeOption, {})
    .action(compileCommand);
  program
    .command('emit')
    .description('write the Verilog of a machine')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .requiredOption('-o, --out <dir>', 'folder to write')
    .action((flags: { machine?: string; out: string }) => {
      writeFolder(flags.out, emit(openMachine(flags.machine)));
    });
  program
    .command('simulate')
    .description('run a network’s program on one engine and print its cycles')
    .argument('<network>', 'an ONNX file, or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .addOption(
      new Option('--engine <engine>', 'engine').choices(['timing', 'array', 'rtl']).default('timing'),
    )
    .option('--trace', 'print dispatch, accept and end of every instruction')
    .action(simulateCommand);
}

function compileCommand(network: string, flags: CompileFlags): void {
  const result = compile(network, {
    ...(flags.machine !== undefined && { machine: flags.machine }),
    ...(flags.calibration !== undefined && { calibration: flags.calibration }),
    shapes: flags.shape,
    onProgress: progressTo(false),
  });
  if (flags.out === undefined) print(printDataflow(result.compiled.dataflow));
  else writeFolder(flags.out, makeBundle(result));
}

interface SimulateFlags {
  readonly machine?: string;
  readonly engine: 'timing' | 'array' | 'rtl';
  readonly trace?: boolean;
}

async function simulateCommand(network: string, flags: SimulateFlags): Promise<void> {
  const onProgress = progressTo(false);
  const subject = compile(network, {
    ...(flags.machine !== undefined && { machine: flags.machine }),
    onProgress,
  });
  const run = await simulate(subject, flags.engine);
  if (flags.trace) {
    const { instructions } = subject.compiled.program;
    for (const t of run.trace)
      print(`${t.index}\t${instructions[t.index]!.mnemonic}\t${t.dispatch}\t${t.accept}\t${t.end}`);
  }
  print(`${run.cycles} cycles`);
}
