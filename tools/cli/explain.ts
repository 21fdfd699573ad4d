/** `systole explain NETWORK`: why each layer is mapped as it is, and what bounds it. */

import type { Command } from 'commander';
import { explain } from '../library/index.js';
import { renderExplanation, renderExplanations } from '../report/index.js';
import { keepOption, type MappingMode, mappingOption, print, progressTo } from './io.js';

interface ExplainFlags {
  readonly machine?: string;
  readonly layer?: string;
  readonly mapping?: MappingMode;
  readonly keepOnChip?: boolean;
  readonly json?: boolean;
}

export function addExplainCommand(program: Command): void {
  program
    .command('explain')
    .description(
      'why each layer is mapped as it is: the mapping, what bounds it, the best one per other bound',
    )
    .argument('<network>', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('--layer <name>', 'one layer or node in full')
    .addOption(mappingOption())
    .addOption(keepOption())
    .option('--json', 'print the explanations as JSON')
    .action((network: string, { machine, layer, mapping, keepOnChip, json }: ExplainFlags) => {
      const layers = explain(network, {
        ...(machine !== undefined && { machine }),
        ...(layer !== undefined && { layer }),
        ...(mapping !== undefined && { mapping }),
        ...(keepOnChip && { keepOnChip }),
        onProgress: progressTo(false),
      });
      if (json) print(JSON.stringify(layers));
      else
        print(layer === undefined ? renderExplanations(layers) : layers.map(renderExplanation).join('\n\n'));
    });
}
