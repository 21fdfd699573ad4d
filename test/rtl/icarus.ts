/**
 * The reference: Icarus Verilog runs a design on given inputs and prints every output every cycle. In: the design, its ports, stimuli as hex.
 * Out: one line of binary words a cycle, x and z included.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface ReferencePort {
  readonly name: string;
  readonly width: number;
}

export const hasIcarus = spawnSync('iverilog', ['-V']).status === 0;

export interface Ports {
  readonly inputs: readonly ReferencePort[];
  readonly outputs: readonly ReferencePort[];
}

/** How a bench is called, what it prints, what it reads, and whether it ends the simulation. */
export interface BenchNames {
  readonly name: string;
  readonly label: string;
  readonly stimuli: string;
  readonly top: string;
  readonly ends: boolean;
}

/** Ports without the clock: a design whose registers were all optimised away has it among its inputs. */
const driven = ({ inputs }: Ports) => inputs.filter(({ name }) => name !== 'clk');

/** A module that drives the top of a design and prints its outputs before each rising edge. */
export function benchText(text: string, ports: Ports, cycles: number, names: BenchNames): string {
  const inputs = driven(ports);
  const { outputs } = ports;
  const width = inputs.reduce((sum, port) => sum + port.width, 0);
  const declare = (kind: string) => (port: ReferencePort) => `  ${kind} [${port.width - 1}:0] ${port.name};`;
  const connections = ['.clk(clk)', ...[...inputs, ...outputs].map(({ name }) => `.${name}(${name})`)];
  const hasClock = /\binput (wire )?clk\b/.test(text);
  return `module ${names.name};
  reg clk = 0; integer t; reg [${width - 1}:0] stimulus [0:${cycles - 1}];
${inputs.map(declare('reg')).join('\n')}
${outputs.map(declare('wire')).join('\n')}
  ${names.top} dut(${(hasClock ? connections : connections.slice(1)).join(', ')});
  initial begin
    $readmemb("${names.stimuli}", stimulus);
    for (t = 0; t < ${cycles}; t = t + 1) begin
      {${inputs.map(({ name }) => name).join(', ')}} = stimulus[t];
      #4 $display("${names.label} ${outputs.map(() => '%b').join(' ')}", ${outputs.map(({ name }) => name).join(', ')});
      #1 clk = 1; #5 clk = 0;
    end
    ${names.ends ? '$finish;' : ''}
  end
endmodule
`;
}

/** One line a cycle: all inputs but the clock, in binary. */
export function stimuliText(ports: Ports, stimuli: readonly (readonly bigint[])[]): string {
  const lines = stimuli.map((values) =>
    values
      .flatMap((value, i) => {
        const { name, width } = ports.inputs[i]!;
        return name === 'clk' ? [] : [value.toString(2).padStart(width, '0')];
      })
      .join(''),
  );
  return `${lines.join('\n')}\n`;
}

/**
 * @param stimuli by cycle, by input: the value held from just after one rising edge to the next.
 * @returns by cycle, by output: binary digits just before the rising edge that ends the cycle.
 */
export function runIcarus(text: string, ports: Ports, stimuli: readonly (readonly bigint[])[]): string[][] {
  const names = { name: 'bench', label: 'OUT', stimuli: 'stimuli.bin', top: 'top', ends: true };
  const bench = benchText(text, ports, stimuli.length, names);
  const folder = mkdtempSync(join(tmpdir(), 'systole-rtl-'));
  try {
    writeFileSync(join(folder, 'top.v'), `${text}\n${bench}`);
    writeFileSync(join(folder, 'stimuli.bin'), stimuliText(ports, stimuli));
    const run = (command: string, ...args: string[]) =>
      spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
    const built = run('iverilog', '-g2005', '-o', 'bench', '-s', 'bench', 'top.v');
    if (built.status !== 0) throw new Error(built.stderr);
    const { stdout } = run('vvp', '-n', 'bench');
    return stdout.split('\n').flatMap((line) => (line.startsWith('OUT ') ? [line.slice(4).split(' ')] : []));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
