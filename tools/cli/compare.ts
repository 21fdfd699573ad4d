/** `systole compare NETWORK`: the network on other people's hardware; a table, a record, a page. `systole report RUN.json`: the page again. */

import { type Command, Option } from 'commander';
import { type RunOptions, readUserText, run } from '../library/index.js';
import { parseRunRecord, type RunRecord, renderComparison } from '../report/index.js';
import { notARecord } from './diagnostics.js';
import { nameList, positiveInteger, print, progressTo, shapeOption, writeOne } from './io.js';

interface CompareFlags {
  readonly machine?: string;
  readonly devices?: string[];
  readonly batch?: number;
  readonly type: NonNullable<RunOptions['type']>;
  readonly shape: Record<string, number[]>;
  readonly weights?: string;
  readonly signature?: string;
  readonly out?: string;
  readonly record?: string;
  readonly page: boolean;
  readonly measure?: boolean;
  readonly json?: boolean;
}

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('latency, throughput, power and energy beside CPUs, GPUs, TPUs, FPGAs and ASICs')
    .argument('<network>', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option(
      '--devices <list>',
      'comma separated: device names, kinds, machines, all, YAML files of devices or folders of them',
      nameList,
    )
    .option('--batch <n>', 'inputs per run', positiveInteger)
    .addOption(
      new Option('--type <type>', 'numbers that devices compute in, where they can')
        .choices(['float32', 'float16', 'bfloat16', 'int8', 'int4'])
        .default('int8'),
    )
    .option('--measure', 'run the network on this computer with onnxruntime, if it is installed')
    .option('--shape <name=dims>', 'shape of an input, e.g. image=1,3,224,224', shapeOption, {})
    .option('--weights <file>', 'trained weights of a network whose file holds none')
    .option('--signature <name>', 'signature of a SavedModel to read')
    .option('-o, --out <file>', 'where the page goes (default: NETWORK-comparison.html here)')
    .option('--record <file>', 'write the RunRecord there: systole report makes the page again')
    .option('--no-page', 'write no page')
    .option('--json', 'print the RunRecord’s comparison as JSON; no page unless --out names it')
    .action(compareCommand);
  program
    .command('report')
    .description('a page of a saved RunRecord: charts, tables, sources in one file')
    .argument('<record>', 'RunRecord as JSON (run --json, compare --record, run.json of a bundle)')
    .requiredOption('-o, --out <file>', 'the page')
    .action(async (file: string, { out }: { readonly out: string }) => writePage(readRecord(file), out));
}

async function compareCommand(network: string, flags: CompareFlags): Promise<void> {
  const { machine, batch, devices, measure, weights, signature, shape, type } = flags;
  const { record } = await run(network, {
    ...(machine !== undefined && { machine }),
    ...(batch !== undefined && { batch }),
    ...(devices !== undefined && { compare: devices }),
    ...(weights !== undefined && { weights }),
    ...(signature !== undefined && { signature }),
    ...(measure && { measure: true }),
    shapes: shape,
    type,
    verify: 'none',
    onProgress: progressTo(false),
  });
  print(flags.json ? JSON.stringify(record.comparison) : renderComparison(record));
  if (flags.record !== undefined) writeOne(flags.record, `${JSON.stringify(record)}\n`, '--record');
  if (flags.out !== undefined) await writePage(record, flags.out);
  else if (flags.page && !flags.json) await writePage(record, `${fileName(record)}-comparison.html`);
}

function fileName({ network }: RunRecord): string {
  return network.name.replace(/[^\w.-]+/g, '_') || 'network';
}

/** Charts bring a plotting library with them: loaded where a page is made. */
async function writePage(record: RunRecord, file: string): Promise<void> {
  const { renderPage } = await import('../page/index.js');
  writeOne(file, renderPage(record));
  progressTo(false)(`wrote ${file}`);
}

/** @throws DiagnosticError where the file holds no RunRecord. */
function readRecord(file: string): RunRecord {
  const text = readUserText(file);
  try {
    return parseRunRecord(text);
  } catch (error) {
    throw notARecord(file, error instanceof Error ? error.message : String(error));
  }
}
