/** The commands of docs/tracing.md, executed as they stand; what they write is read back. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DiagnosticError } from '../../base/index.js';
import type { ChromeTrace } from '../../simulator/trace/index.js';
import { buildProgram } from '../../tools/cli/main.js';
import { packageRoot } from '../../tools/library/index.js';
import { readVcd } from './read-vcd.js';

const page = readFileSync(join(packageRoot(), 'docs/tracing.md'), 'utf8');
const commands = [...page.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block]) => block!.trim().split('\n'));
const folder = mkdtempSync(join(tmpdir(), 'systole-tracing-'));
const home = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Words of a shell line with single quotes. */
const wordsOf = (line: string) => [...line.matchAll(/'([^']*)'|(\S+)/g)].map((m) => m[1] ?? m[2]!);

/** Runs a command line of the program; gives what it printed. @throws what the program reports with exit code 1. */
async function systole(line: string): Promise<string> {
  const printed: string[] = [];
  const spies = [
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
    vi.spyOn(process.stderr, 'write').mockReturnValue(true),
  ];
  try {
    await buildProgram().parseAsync(['node', ...wordsOf(line)]);
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return printed.join('');
}

const commandWith = (part: string) => commands.find((line) => line.includes(part))!;

describe('docs/tracing.md', () => {
  it('every command starts with systole and is executed below', () => {
    expect(commands.map((line) => wordsOf(line)[0])).toEqual(commands.map(() => 'systole'));
    expect(commands.length).toBe(6);
  });

  it('the timeline is Chrome trace JSON of the whole run', async () => {
    const stdout = await systole(commandWith('--timeline'));
    const timeline = JSON.parse(readFileSync(join(folder, 'timeline.json'), 'utf8')) as ChromeTrace;
    expect(stdout.trim()).toBe(`${timeline.otherData.cycles} cycles`);
    expect(timeline.traceEvents.some((e) => e.args?.node === '/conv2/Conv')).toBe(true);
  });

  it('--trace has a line an instruction with its place', async () => {
    const stdout = await systole(commandWith('--trace'));
    expect(stdout).toMatch(
      /^\d+\tmatmul\t\d+\t\d+\t\d+\tinstruction \d+ \(matmul\), layer .*, dataflow line \d+$/m,
    );
  });

  it('the waveform has the window and the signals that were asked for', async () => {
    await systole(commandWith('--vcd'));
    const waves = readVcd(readFileSync(join(folder, 'pe.vcd'), 'utf8'));
    expect(waves.cycles.length).toBe(501);
    const names = [...waves.bits.keys()];
    expect(names.filter((name) => name.endsWith('sum_q')).length).toBe(16);
    expect(names.filter((name) => name.startsWith('u_semaphores.')).length).toBe(12);
    expect(names).not.toContain('u_matmul_shell.running_q');
  });

  it('the RTL engine has a waveform of its ports and units', async () => {
    await systole(commandWith('--engine rtl'));
    const waves = readVcd(readFileSync(join(folder, 'load.vcd'), 'utf8'));
    expect(waves.cycles.length).toBe(201);
    const names = [...waves.bits.keys()];
    expect(names).toContain('m_axi_araddr_o');
    expect(names).toContain('u_load_shell.running_q');
    expect(names).toContain('u_compute.u_matmul.u_array.g_row[0].g_col[0].u_pe.sum_q');
    // The first load asks for its data within the window.
    expect(waves.cycles.some((values) => values.get('m_axi_arvalid_o') === '1')).toBe(true);
  });

  it('array and RTL engine agree', async () => {
    const stdout = await systole(commandWith('array,rtl'));
    expect(stdout).toMatch(/agree: the times of \d+ instructions and every byte of DRAM$/m);
  });

  it('the engines agree', async () => {
    const stdout = await systole(commandWith('array,timing'));
    expect(stdout).toMatch(/^array and timing agree: the times of \d+ instructions$/m);
  });

  it('mistakes get a diagnostic', async () => {
    const vcd = 'systole simulate digits --engine array --vcd no.vcd';
    for (const [line, code] of [
      ['systole simulate digits --vcd no.vcd', 'trace/no-signals'],
      [`${vcd} --signals u_nobody`, 'trace/no-such-signal'],
      [`${vcd} --from 5 --to 4`, 'trace/empty-window'],
    ] as const) {
      const error = await systole(line).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DiagnosticError);
      expect((error as DiagnosticError).diagnostics[0]).toMatchObject({ code, where: { kind: 'option' } });
    }
  });
});
