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

/**
 * @param stimuli by cycle, by input: the value held from just after one rising edge to the next.
 * @returns by cycle, by output: binary digits just before the rising edge that ends the cycle.
 */
export function runIcarus(
  text: string,
  ports: { readonly inputs: readonly ReferencePort[]; readonly outputs: readonly ReferencePort[] },
  stimuli: readonly (readonly bigint[])[],
): string[][] {
  const { inputs, outputs } = ports;
  const width = inputs.reduce((sum, port) => sum + port.width, 0);
  const lines = stimuli.map((values) => {
    const digits = values.map((value, i) => value.toString(2).padStart(inputs[i]!.width, '0')).join('');
    return digits;
  });
  const declare = (kind: string) => (port: ReferencePort) => `  ${kind} [${port.width - 1}:0] ${port.name};`;
  const connections = ['.clk(clk)', ...[...inputs, ...outputs].map(({ name }) => `.${name}(${name})`)];
  const hasClock = /\binput clk\b/.test(text);
  const bench = `module bench;
  reg clk = 0; integer t; reg [${width - 1}:0] stimulus [0:${stimuli.length - 1}];
${inputs.map(declare('reg')).join('\n')}
${outputs.map(declare('wire')).join('\n')}
  top dut(${(hasClock ? connections : connections.slice(1)).join(', ')});
  initial begin
    $readmemb("stimuli.bin", stimulus);
    for (t = 0; t < ${stimuli.length}; t = t + 1) begin
      {${inputs.map(({ name }) => name).join(', ')}} = stimulus[t];
      #4 $display("OUT ${outputs.map(() => '%b').join(' ')}", ${outputs.map(({ name }) => name).join(', ')});
      #1 clk = 1; #5 clk = 0;
    end
    $finish;
  end
endmodule
`;
  const folder = mkdtempSync(join(tmpdir(), 'systole-rtl-'));
  try {
    writeFileSync(join(folder, 'top.v'), `${text}\n${bench}`);
    writeFileSync(join(folder, 'stimuli.bin'), `${lines.join('\n')}\n`);
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
