/** `systole compare NETWORK`: the network on other people's hardware. */

import type { Command } from 'commander';
import { run } from '../library/index.js';
import { renderComparison } from '../report/index.js';
import { nameList, positiveInteger, print, progressTo } from './io.js';

interface CompareFlags {
  readonly machine?: string;
  readonly devices?: string[];
  readonly batch?: number;
  readonly json?: boolean;
}

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description('latency, throughput, power and energy beside CPUs, GPUs, TPUs, FPGAs and ASICs')
    .argument('<network>', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('--devices <list>', 'device names or kinds, comma separated', nameList)
    .option('--batch <n>', 'inputs per run', positiveInteger)
    .option('--json', 'print the rows as JSON')
    .action(async (network: string, flags: CompareFlags) => {
      const { record } = await run(network, {
        ...(flags.machine !== undefined && { machine: flags.machine }),
        ...(flags.batch !== undefined && { batch: flags.batch }),
        ...(flags.devices !== undefined && { compare: flags.devices }),
        verify: 'none',
        onProgress: progressTo(false),
      });
      print(flags.json ? JSON.stringify(record.comparison) : renderComparison(record));
    });
}
