/** `systole compile`, `systole emit`: the stations on their own. */

import type { Command } from 'commander';
import { renderDiagnostic } from '../../base/index.js';
import { printDataflow } from '../../compiler/dataflow/index.js';
import { type CompiledNetwork, compile, emit, makeBundle, openMachine } from '../library/index.js';
import {
  keepOption,
  type MappingMode,
  mappingOption,
  print,
  progressTo,
  shapeOption,
  writeFolder,
} from './io.js';
import { chosenMachine, type PointFlags } from './point.js';

interface CompileFlags {
  readonly machine?: string;
  readonly out?: string;
  readonly calibration?: string;
  readonly weights?: string;
  readonly signature?: string;
  readonly mapping?: MappingMode;
  readonly keepOnChip?: boolean;
  readonly shape: Record<string, number[]>;
}

export function addCompileCommands(program: Command): void {
  program
    .command('compile')
    .description(
      'write dataflow, program, data image and Verilog of a network; without --out, print the dataflow',
    )
    .argument('<network>', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('-o, --out <dir>', 'folder to write')
    .option('--calibration <npy>', 'samples that activation ranges are taken from')
    .option(
      '--weights <file>',
      'trained weights of a network whose file holds none (a caffemodel, a Keras .weights.h5)',
    )
    .option(
      '--signature <name>',
      'signature of a SavedModel to read (default: serving_default, or the only one)',
    )
    .addOption(mappingOption())
    .addOption(keepOption())
    .option('--shape <name=dims>', 'shape of an input', shapeOption, {})
    .action(compileCommand);
  program
    .command('emit')
    .description('write the Verilog of a machine')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('--from <dir>', 'results of an exploration: the machine of one of its points')
    .option('--point <id>', 'which point of --from')
    .requiredOption('-o, --out <dir>', 'folder to write')
    .action((flags: PointFlags & { readonly out: string }) => {
      const machine = chosenMachine(flags);
      writeFolder(flags.out, emit(typeof machine === 'object' ? machine : openMachine(machine)));
    });
}

/** The segments' dataflows; of a network that has none, the reason. */
function dataflowText({ compiled: { segments, diagnostics } }: CompiledNetwork): string {
  if (segments.length > 0) return segments.map(({ dataflow }) => printDataflow(dataflow)).join('\n');
  return diagnostics.map(renderDiagnostic).join('\n');
}

function compileCommand(network: string, flags: CompileFlags): void {
  const result = compile(network, {
    ...(flags.machine !== undefined && { machine: flags.machine }),
    ...(flags.calibration !== undefined && { calibration: flags.calibration }),
    ...(flags.weights !== undefined && { weights: flags.weights }),
    ...(flags.signature !== undefined && { signature: flags.signature }),
    ...(flags.mapping !== undefined && { mapping: flags.mapping }),
    ...(flags.keepOnChip && { keepOnChip: true }),
    shapes: flags.shape,
    onProgress: progressTo(false),
  });
  if (flags.out === undefined) print(dataflowText(result));
  else writeFolder(flags.out, makeBundle(result));
}
