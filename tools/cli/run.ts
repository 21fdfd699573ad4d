/** `systole run NETWORK`: the main job. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  layerFigures,
  makeBundle,
  type RunOptions,
  type RunResult,
  run,
  type VerifyScope,
} from '../library/index.js';
import { isVerified, layersCsv, layersJson, renderText } from '../report/index.js';
import { runReportFiles } from '../scalesim/index.js';
import {
  keepOption,
  type MappingMode,
  mappingOption,
  nameList,
  positiveInteger,
  positiveNumber,
  print,
  progressTo,
  ResultAtFault,
  shapeOption,
  writeFolder,
  writeOne,
} from './io.js';

interface RunFlags {
  readonly machine?: string;
  readonly out?: string;
  readonly batch?: number;
  readonly compare?: string[];
  readonly verify?: VerifyScope;
  readonly inputs?: number;
  readonly engine: 'array' | 'rtl';
  readonly calibration?: string;
  readonly weights?: string;
  readonly signature?: string;
  readonly samples?: string;
  readonly shape: Record<string, number[]>;
  readonly toggles?: boolean;
  readonly hostOperations?: number;
  readonly hostBandwidth?: number;
  readonly mapping?: MappingMode;
  readonly keepOnChip?: boolean;
  readonly layers?: string;
  readonly scalesimReports?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addRunCommand(program: Command): void {
  program
    .command('run')
    .description(
      'compile a network, predict its cycles, verify them against the emitted Verilog, compare with other devices',
    )
    .argument('<network>', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('-o, --out <dir>', 'write the hardware bundle, the program and the record there')
    .option('--json', 'print one RunRecord as JSON')
    .option(
      '--layers <file>',
      'write every figure of every layer as .csv or .json (docs/layer-figures.md)',
      layersFile,
    )
    .option(
      '--scalesim-reports <dir>',
      'write SCALE-Sim’s three reports: from this run, and by SCALE-Sim’s definitions (docs/scale-sim.md)',
    )
    .addOption(
      new Option(
        '--verify <scope>',
        'what to simulate (default: full, or sample for large networks)',
      ).choices(['none', 'sample', 'full']),
    )
    .option(
      '--compare <list>',
      'device names or kinds (cpu, gpu, tpu, fpga, asic), comma separated',
      nameList,
    )
    .addOption(mappingOption())
    .addOption(keepOption())
    .option('--batch <n>', 'inputs per run', positiveInteger)
    .option('--inputs <n>', 'inputs to verify with', positiveInteger)
    .addOption(
      new Option('--engine <engine>', 'engine to verify with').choices(['array', 'rtl']).default('rtl'),
    )
    .option('--toggles', 'count the register bits that the first input switches in the array, layer by layer')
    .option('--host-operations <n>', 'element operations a second of the host, for its part', positiveNumber)
    .option('--host-bandwidth <bytes>', 'bytes a second that the host reads or writes', positiveNumber)
    .option('--calibration <npy>', 'samples that activation ranges are taken from')
    .option(
      '--weights <file>',
      'trained weights of a network whose file holds none (a caffemodel, a Keras .weights.h5)',
    )
    .option(
      '--signature <name>',
      'signature of a SavedModel to read (default: serving_default, or the only one)',
    )
    .option('--samples <npy>', 'inputs to verify with')
    .option('--shape <name=dims>', 'shape of an input, e.g. image=1,3,224,224', shapeOption, {})
    .option('-q, --quiet', 'no progress on standard error')
    .action(runCommand);
}

async function runCommand(network: string, flags: RunFlags): Promise<void> {
  const onProgress = progressTo(flags.quiet === true);
  const { machine, batch, inputs, calibration, samples, compare, verify, engine, shape } = flags;
  const result = await run(network, {
    ...(machine !== undefined && { machine }),
    ...(batch !== undefined && { batch }),
    ...(inputs !== undefined && { inputs }),
    ...(calibration !== undefined && { calibration }),
    ...(flags.weights !== undefined && { weights: flags.weights }),
    ...(flags.signature !== undefined && { signature: flags.signature }),
    ...(flags.mapping !== undefined && { mapping: flags.mapping }),
    ...(flags.keepOnChip && { keepOnChip: true }),
    ...(samples !== undefined && { samples }),
    ...(compare !== undefined && { compare }),
    ...(verify !== undefined && { verify }),
    ...(flags.toggles && { toggles: true }),
    ...hostRates(flags),
    shapes: shape,
    engine,
    onProgress,
  });
  // What was computed is shown before anything can go wrong with files.
  print(flags.json ? JSON.stringify(result.record) : renderText(result.record));
  if (flags.layers !== undefined) {
    writeOne(flags.layers, layersText(flags.layers, result, batch), '--layers');
    onProgress(`wrote ${flags.layers}`);
  }
  if (flags.scalesimReports !== undefined) {
    const reports = runReportFiles(result.compiled, result.runs);
    writeFolder(flags.scalesimReports, reports, '--scalesim-reports');
    onProgress(`wrote ${flags.scalesimReports}`);
  }
  if (flags.out !== undefined) {
    writeFolder(flags.out, makeBundle(result, result.record));
    onProgress(`wrote ${flags.out}`);
  }
  const { verification } = result.record;
  if (verification.engine !== 'none' && !isVerified(verification))
    throw new ResultAtFault('verification failed');
}

/** The format is the file's extension. */
function layersFile(file: string): string {
  if (/\.(csv|json)$/i.test(file)) return file;
  throw new InvalidArgumentError('end it in .csv or .json.');
}

function layersText(file: string, result: RunResult, batch = 1): string {
  const figures = layerFigures(result, result.runs, batch);
  return file.toLowerCase().endsWith('.json') ? layersJson(figures) : layersCsv(figures);
}

function hostRates({ hostOperations, hostBandwidth }: RunFlags): Pick<RunOptions, 'host'> {
  if (hostOperations === undefined && hostBandwidth === undefined) return {};
  return {
    host: {
      ...(hostOperations !== undefined && { operationsPerSecond: hostOperations }),
      ...(hostBandwidth !== undefined && { bytesPerSecond: hostBandwidth }),
    },
  };
}
