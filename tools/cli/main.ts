/**
 * The `systole` program. Results go to standard output, progress and diagnostics to standard error. Exit codes: 0 done,
 * 1 the input or the result is at fault, 2 wrong usage, 3 internal error, 130 stopped by the user.
 */

import { Command, CommanderError } from 'commander';
import { DiagnosticError, renderDiagnostic } from '../../base/index.js';
import { EngineStop } from '../../simulator/engine/index.js';
import { packageVersion } from '../library/index.js';
import { addCompareCommand } from './compare.js';
import { addCompileCommands } from './compile.js';
import { addDiffCommand } from './diff.js';
import { addExplainCommand } from './explain.js';
import { addExploreCommand } from './explore.js';
import { addImportCommand } from './import.js';
import { ResultAtFault } from './io.js';
import { addListCommand } from './list.js';
import { addResultsCommand } from './results.js';
import { addRunCommand } from './run.js';
import { addSimulateCommand } from './simulate.js';
import { addSynthCommand } from './synth.js';
import { addVerifyCommand } from './verify.js';

export function buildProgram(): Command {
  const program = new Command('systole')
    .description('A trained network in, verified systolic-array hardware out.')
    .version(packageVersion())
    .exitOverride()
    .showHelpAfterError('(systole help lists the commands)')
    .addHelpText('after', EXAMPLES);
  addRunCommand(program);
  addCompileCommands(program);
  addSimulateCommand(program);
  addVerifyCommand(program);
  addDiffCommand(program);
  addExplainCommand(program);
  addCompareCommand(program);
  addSynthCommand(program);
  addExploreCommand(program);
  addResultsCommand(program);
  addImportCommand(program);
  addListCommand(program);
  return program;
}

const EXAMPLES = `
Examples:
  systole run digits                              the shipped network on the default machine, verified against its Verilog
  systole run net.onnx --machine edge16 --out hw  a bundle an engineer can pick up
  systole emit --machine mine.yaml --out hw       the Verilog alone
  systole list machines`;

/** Runs the command line and sets the process's exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  // A reader that stops early (systole list | head) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Exit code of what the user stopped, as shells have it. */
const INTERRUPTED = 130;

function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof ResultAtFault) return 1;
  if (error instanceof DiagnosticError) {
    process.stderr.write(`${error.diagnostics.map(renderDiagnostic).join('\n')}\n`);
    return error.diagnostics.some(({ code }) => code === 'synth/cancelled') ? INTERRUPTED : 1;
  }
  if (error instanceof EngineStop) {
    process.stderr.write(
      `error[engine/${error.reason}]: unit ${error.unit}, cycle ${error.cycle}: ${error.message}\n`,
    );
    return 1;
  }
  process.stderr.write(
    `internal error, please report it: ${error instanceof Error ? error.stack : String(error)}\n`,
  );
  return 3;
}
