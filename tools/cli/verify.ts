/** `systole verify NETWORK`: values and cycles of an engine against the integer graph and the timing engine. */

import { type Command, Option } from 'commander';
import { compile, type VerifyScope, verify } from '../library/index.js';
import {
  isNothingToVerify,
  isVerified,
  renderVerification,
  type VerificationRecord,
} from '../report/index.js';
import { positiveInteger, print, progressTo, ResultAtFault, shapeOption } from './io.js';
import { chosenMachine, chosenNetworks, type PointFlags } from './point.js';

interface VerifyFlags extends PointFlags {
  readonly scope: VerifyScope;
  readonly inputs: number;
  readonly engine: 'array' | 'rtl';
  readonly calibration?: string;
  readonly weights?: string;
  readonly signature?: string;
  readonly samples?: string;
  readonly shape: Record<string, number[]>;
  readonly json?: boolean;
}

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('run a network through the emitted Verilog and compare every stored value and the cycles')
    .argument('[network]', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('--from <dir>', 'results of an exploration: the machine of one of its points, on its networks')
    .option('--point <id>', 'which point of --from')
    .addOption(
      new Option('--scope <scope>', 'whole network, or single layers')
        .choices(['sample', 'full'])
        .default('full'),
    )
    .option('--inputs <n>', 'inputs to run', positiveInteger, 8)
    .addOption(new Option('--engine <engine>', 'engine').choices(['array', 'rtl']).default('rtl'))
    .option('--calibration <npy>', 'samples that activation ranges are taken from')
    .option(
      '--weights <file>',
      'trained weights of a network whose file holds none (a caffemodel, a Keras .weights.h5)',
    )
    .option(
      '--signature <name>',
      'signature of a SavedModel to read (default: serving_default, or the only one)',
    )
    .option('--samples <npy>', 'inputs to run')
    .option('--shape <name=dims>', 'shape of an input', shapeOption, {})
    .option('--json', 'print the verification as JSON')
    .action(verifyCommand);
}

async function verifyCommand(network: string | undefined, flags: VerifyFlags): Promise<void> {
  const records: VerificationRecord[] = [];
  for (const name of chosenNetworks(network, flags)) records.push(await verifyOne(name, flags));
  for (const record of records) print(flags.json ? JSON.stringify(record) : renderVerification(record));
  if (!records.every((record) => isVerified(record) || isNothingToVerify(record)))
    throw new ResultAtFault('verification failed');
}

async function verifyOne(network: string, flags: VerifyFlags): Promise<VerificationRecord> {
  const onProgress = progressTo(false);
  const machine = chosenMachine(flags);
  const subject = compile(network, {
    ...(machine !== undefined && { machine }),
    ...(flags.calibration !== undefined && { calibration: flags.calibration }),
    ...(flags.weights !== undefined && { weights: flags.weights }),
    ...(flags.signature !== undefined && { signature: flags.signature }),
    ...(flags.samples !== undefined && { samples: flags.samples }),
    shapes: flags.shape,
    onProgress,
  });
  return verify(subject, { scope: flags.scope, engine: flags.engine, inputs: flags.inputs, onProgress });
}
