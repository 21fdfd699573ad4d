/** `systole synth`: a machine through the real synthesis tools, the netlist held against the evaluation. */

import { type Command, InvalidArgumentError, Option } from 'commander';
import { synth } from '../library/index.js';
import { netlistAgrees, renderSynthesis, type SynthesisFlow, synthesisFlows } from '../report/index.js';
import { positiveInteger, print, progressTo, ResultAtFault, writeOne } from './io.js';

interface SynthFlags {
  readonly machine?: string;
  readonly flow?: SynthesisFlow;
  readonly liberty?: string;
  readonly network?: string;
  readonly out?: string;
  readonly device?: string;
  readonly seed?: number;
  readonly clock?: number;
  readonly activity?: number;
  readonly map?: boolean;
  readonly check: 'none' | 'layer' | 'layers';
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function addSynthCommand(program: Command): void {
  program
    .command('synth')
    .description(
      'run Yosys, place-and-route and timing on the Verilog of a machine, then run a layer on the mapped netlist',
    )
    .option('-m, --machine <machine>', 'preset name or YAML/JSON file')
    .addOption(
      new Option('-f, --flow <flow>', "tools (default: the machine's target)").choices(synthesisFlows),
    )
    .option('--liberty <file>', 'cell library of the asic flow (.lib or .lib.gz)')
    .option('-n, --network <network>', 'whose layers the netlist runs (default: digits)')
    .option(
      '-o, --out <dir>',
      'keep scripts, netlists, reports, logs and the bitstream there, and do no step twice',
    )
    .option('--device <device>', 'device to place on, e.g. up5k-sg48, hx8k-ct256 (default: hx8k-ct256)')
    .option('--seed <n>', 'seed of place-and-route', positiveInteger)
    .option('--clock <MHz>', 'asic: the clock to map for and to state power at', positiveNumber)
    .option(
      '--activity <t>',
      'asic: transitions of a net a cycle (default: counted in the array while the network runs)',
      positiveNumber,
    )
    .addOption(
      new Option('--check <layers>', 'layers to run on the netlist: the shortest, one of each kind, none')
        .choices(['layer', 'layers', 'none'])
        .default('layer'),
    )
    .option('--map', 'map only: leave out place-and-route')
    .option('--json', 'print one RunRecord as JSON')
    .option('-q, --quiet', 'no progress on standard error')
    .action(synthCommand);
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('a positive number is needed.');
  return value;
}

async function synthCommand(flags: SynthFlags): Promise<void> {
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  // Elsewhere the signals end this program as usual: a listener would only run after a simulation.
  const onTools = (running: boolean) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      if (running) process.on(name, onSignal);
      else process.off(name, onSignal);
  };
  const record = await synth({
    ...optionsOf(flags),
    signal: stop.signal,
    onTools,
    onProgress: progressTo(flags.quiet === true),
  });
  const text = JSON.stringify(record);
  print(flags.json ? text : renderSynthesis(record));
  if (flags.out !== undefined) writeOne(`${flags.out}/run.json`, `${text}\n`);
  const { netlist } = record.synthesis!;
  if (netlist !== null && !netlistAgrees(netlist))
    throw new ResultAtFault('the netlist computes something else');
}

function optionsOf(flags: SynthFlags) {
  const { machine, flow, liberty, network, out, device, seed, clock, activity, map, check } = flags;
  return {
    check,
    ...(flow !== undefined && { flow }),
    ...(machine !== undefined && { machine }),
    ...(liberty !== undefined && { liberty }),
    ...(network !== undefined && { network }),
    ...(out !== undefined && { out }),
    ...(device !== undefined && { device }),
    ...(seed !== undefined && { seed }),
    ...(clock !== undefined && { megahertz: clock }),
    ...(activity !== undefined && { activity: { mean: activity, basis: 'given with --activity' } }),
    ...(map === true && { mapOnly: true }),
  };
}
