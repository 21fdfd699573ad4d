/** One script of OpenSTA's as a step of a flow, and what every script begins with. In: a netlist and Tcl. Out: the log. */

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiagnosticError } from '../../base/index.js';
import { toolFailed } from './diagnostics.js';
import { runTool } from './process.js';
import type { SynthesisRequest } from './request.js';
import { runStage } from './stage.js';

const PROGRESS = { sta: 'sta: timing', power: 'sta: power', 'cell-power': 'sta: power of each cell' };

/** Runs one script on one netlist, `NAME.v`; returns its log. */
export async function staStage(
  { folder, liberty, signal, onProgress }: SynthesisRequest,
  name: 'sta' | 'power' | 'cell-power',
  script: string,
  netlist: string,
): Promise<string> {
  await runStage({
    name,
    folder,
    key: [script, netlist, liberty!.text],
    outputs: [`${name}.log`],
    run: async () => {
      onProgress?.(PROGRESS[name]);
      writeFileSync(join(folder, `${name}.v`), netlist);
      writeFileSync(join(folder, `${name}.tcl`), script);
      const args = ['-no_splash', '-exit', `${name}.tcl`];
      const log = join(folder, `${name}.log`);
      await runTool({ tool: 'sta', command: 'sta', args, cwd: folder, log, signal });
    },
  });
  const path = join(folder, `${name}.log`);
  const log = readFileSync(path, 'utf8');
  // It goes on after a syntax error, without the module that has it, and ends with 0.
  const error = /^Error:.*/m.exec(log)?.[0];
  if (error === undefined) return log;
  rmSync(join(folder, `${name}.stamp`), { force: true });
  throw new DiagnosticError([toolFailed('sta', error, path)]);
}

/** Reads library and netlist and states the clock. @param period in the library's unit. */
export const linked = (netlist: string, period: number): readonly string[] => [
  'read_liberty cells.lib',
  `read_verilog ${netlist}`,
  'link_design systole_core',
  `create_clock -name clk -period ${period.toPrecision(8)} [get_ports clk_i]`,
];
