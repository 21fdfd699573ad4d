/** `systole diff NETWORK`: two engines in lock step; where they part, and why. */

import { type Command, InvalidArgumentError } from 'commander';
import { DiagnosticError } from '../../base/index.js';
import { initialDram } from '../../compiler/isa/index.js';
import { nothingToAccelerate } from '../../compiler/pipeline/index.js';
import type { Engine } from '../../simulator/engine/index.js';
import { timingEngine } from '../../simulator/timing/index.js';
import { diffEngines, formatDivergence } from '../../simulator/trace/index.js';
import { compile, engineFor, segmentInputs } from '../library/index.js';
import { nameList, print, progressTo, ResultAtFault } from './io.js';

const engineNames = ['timing', 'array', 'rtl'] as const;
type EngineName = (typeof engineNames)[number];

interface DiffFlags {
  readonly machine?: string;
  readonly engines: readonly [EngineName, EngineName];
  readonly signals: string[];
}

export function addDiffCommand(program: Command): void {
  program
    .command('diff')
    .description(
      'run two engines and report where they part: cycle, signal or address, values, and the cause',
    )
    .argument('<network>', 'a network file (docs/formats.md), or the name of a shipped example')
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .option('--engines <a,b>', 'two of timing, array, rtl', enginePair, ['array', 'rtl'])
    .option('--signals <patterns>', 'signals to compare, comma separated, * and ? are wild', nameList, [])
    .action(diffCommand);
}

function enginePair(text: string): [EngineName, EngineName] {
  const [a, b, ...rest] = nameList(text).map((name) => engineNames.find((known) => known === name));
  if (a === undefined || b === undefined || rest.length > 0)
    throw new InvalidArgumentError(`two of ${engineNames.join(', ')} are needed, with a comma between.`);
  return [a, b];
}

async function diffCommand(network: string, flags: DiffFlags): Promise<void> {
  const onProgress = progressTo(false);
  const { opened, compiled } = compile(network, {
    ...(flags.machine !== undefined && { machine: flags.machine }),
    onProgress,
  });
  const engines: [Engine, Engine] = [await open(flags.engines[0]), await open(flags.engines[1])];
  const inputs = segmentInputs(compiled, opened.tests[0]!);
  const { segments } = compiled;
  if (segments.length === 0) throw new DiagnosticError([nothingToAccelerate(compiled.network)]);
  for (const [index, { machine, program }] of segments.entries()) {
    const part = segments.length === 1 ? '' : `segment ${index}: `;
    onProgress(`${part}running ${flags.engines.join(' and ')}`);
    const dram = initialDram(program, inputs[index]!);
    const found = await diffEngines({ machine, program, dram }, engines, flags.signals);
    const text = found
      ? formatDivergence(found, flags.engines)
      : agreement(flags.engines, program.instructions.length);
    print(`${part}${text}`);
    if (found) throw new ResultAtFault('engines differ');
  }
}

const open = async (name: EngineName): Promise<Engine> =>
  name === 'timing' ? timingEngine : engineFor(name);

function agreement([a, b]: DiffFlags['engines'], instructions: number): string {
  const values = a === 'timing' || b === 'timing' ? '' : ' and every byte of DRAM';
  return `${a} and ${b} agree: the times of ${instructions} instructions${values}`;
}
