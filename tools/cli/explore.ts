/** `systole explore NETWORK...`: the best machines of a design space. */

import { type Command, Option } from 'commander';
import { DiagnosticError, renderDiagnostic } from '../../base/index.js';
import {
  type ChunkEngine,
  type ExploreProgress,
  progressLine,
  readTask,
  renderFront,
  resumeSetup,
  runExploration,
  type Setup,
  setupExploration,
  startSlurmEngine,
  strategyNames,
  TaskRunner,
} from '../explore/index.js';
import { exploreNeeds, resumeAlone } from './diagnostics.js';
import { cycleNumber, positiveInteger, print, progressTo } from './io.js';

interface ExploreFlags {
  readonly space?: string;
  readonly out?: string;
  readonly seed?: number;
  readonly strategy?: (typeof strategyNames)[number];
  readonly budget?: number;
  readonly population?: number;
  readonly chunk?: number;
  readonly threads?: number;
  readonly engine: 'local' | 'slurm';
  readonly slurmOptions: string[];
  readonly resume?: string;
  readonly json?: boolean;
}

export function addExploreCommand(program: Command): void {
  program
    .command('explore')
    .description('search a space of machines for those that no other beats (docs/exploration.md)')
    .argument('[network...]', 'network files (docs/formats.md), or names of shipped examples')
    .option('--space <file>', 'the space: parameters, constraints, objectives, limits (YAML)')
    .option('-o, --out <dir>', 'results folder (default: NAME.explore)')
    .option('--seed <n>', 'seed of the search (default: 1)', cycleNumber)
    .addOption(
      new Option(
        '--strategy <strategy>',
        'how points are chosen (default: exhaustive up to 2000 points, nsga2 above)',
      ).choices(strategyNames),
    )
    .option(
      '--budget <n>',
      'evaluations at most (default: a twentieth of the space, 500 or more)',
      positiveInteger,
    )
    .option('--population <n>', 'points of an NSGA-II generation (default: 64)', positiveInteger)
    .option(
      '--chunk <n>',
      'points of a chunk, the most that a crash costs each thread (default: 16; Slurm: what takes about two minutes)',
      positiveInteger,
    )
    .option('--threads <n>', 'worker threads (default: one a core)', positiveInteger)
    .addOption(
      new Option('--engine <engine>', 'where chunks are computed')
        .choices(['local', 'slurm'])
        .default('local'),
    )
    .option('--slurm-options <options>', 'what sbatch is given besides, as in a shell', words, [])
    .option('--resume <dir>', 'go on with the exploration in this folder')
    .option('--json', 'print the front as JSON')
    .action(exploreCommand);
  // What an element of a job array runs.
  program
    .command('explore-chunk', { hidden: true })
    .argument('<tasks>')
    .argument('<index>', 'element', cycleNumber)
    .action((tasks: string, index: number) => {
      const { setup, task } = readTask(tasks, index);
      new TaskRunner(setup).run(task);
    });
}

/** Words of a line, quotes kept off; sbatch's options need no more. */
function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

async function exploreCommand(networks: readonly string[], flags: ExploreFlags): Promise<void> {
  const say = progressTo(false);
  const setup = openExploration(networks, flags, say);
  const { record } = await runExploration(setup, {
    ...(flags.threads !== undefined && { threads: flags.threads }),
    ...(flags.engine === 'slurm' && { engine: (opened: Setup) => slurmEngine(opened, flags, say) }),
    onProgress: everySecond(say),
    warn: (diagnostic) => process.stderr.write(`${renderDiagnostic(diagnostic)}\n`),
  });
  say(`results in ${setup.folder}`);
  print(flags.json ? JSON.stringify(record) : renderFront(record, setup.folder));
}

function slurmEngine(setup: Setup, flags: ExploreFlags, say: (message: string) => void): ChunkEngine {
  const command = [process.execPath, process.argv[1]!, 'explore-chunk'];
  return startSlurmEngine(setup, { options: flags.slurmOptions, command, pollSeconds: 1, say });
}

/** Long beside a job's start, short beside what a lost node costs. */
const SLURM_CHUNK_SECONDS = 120;

function openExploration(
  networks: readonly string[],
  flags: ExploreFlags,
  say: (message: string) => void,
): Setup {
  const { resume, space, threads: _, json: __, engine, slurmOptions: ___, ...rest } = flags;
  if (resume !== undefined) {
    const idle = [
      ...(networks.length > 0 ? ['NETWORK'] : []),
      ...(space === undefined ? [] : ['--space']),
      ...Object.keys(rest).map((name) => `--${name}`),
    ];
    if (idle.length > 0) throw new DiagnosticError(idle.map(resumeAlone));
    return resumeSetup(resume);
  }
  const missing = [
    ...(networks.length > 0 ? [] : ['NETWORK']),
    ...(space === undefined ? ['--space FILE'] : []),
  ];
  if (space === undefined || missing.length > 0) throw new DiagnosticError(missing.map(exploreNeeds));
  return setupExploration(
    { ...rest, space, networks, ...(engine === 'slurm' && { chunkSeconds: SLURM_CHUNK_SECONDS }) },
    say,
  );
}

/** Progress about once a second, and at the end. */
function everySecond(say: (message: string) => void): (progress: ExploreProgress) => void {
  const started = performance.now();
  let last = 0;
  return (progress) => {
    const seconds = (performance.now() - started) / 1e3;
    if (seconds - last < 1 && progress.evaluated < progress.total) return;
    last = seconds;
    say(progressLine(progress, seconds));
  };
}
