/** Tools as processes: their logs, their own messages, their end when the user stops them; steps that are not done twice. */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DiagnosticError } from '../../base/index.js';
import { machinePresets } from '../../models/machine/index.js';
import { synthesize } from '../../tools/synth/index.js';
import { runTool } from '../../tools/synth/process.js';
import { runStage } from '../../tools/synth/stage.js';
import { runYosysJob } from '../../tools/synth/yosys.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'systole-process-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = (code: string, log: string) => ({
  tool: 'node',
  command: process.execPath,
  args: ['-e', code],
  cwd: folder,
  log: join(folder, log),
});

const codesOf = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof DiagnosticError)) throw new Error(`no diagnostic but ${String(error)}`);
  return error.diagnostics.map(({ code, message }) => `${code}: ${message}`);
};

describe('a tool', () => {
  test('its output goes to the log and to the caller, line by line', async () => {
    const lines: string[] = [];
    await runTool({
      ...node('console.log("a\\nb"); console.error("c")', 'out.log'),
      onLine: (line) => lines.push(line),
    });
    expect(lines.sort()).toEqual(['a', 'b', 'c']);
    expect(readFileSync(join(folder, 'out.log'), 'utf8').split('\n').sort()).toEqual(['', 'a', 'b', 'c']);
  });

  test('that fails is quoted', async () => {
    const failing = node('console.log("ERROR: no room"); console.log("bye"); process.exit(2)', 'fail.log');
    expect(await codesOf(runTool(failing))).toEqual(['synth/tool-failed: node: ERROR: no room']);
  });

  test('that is not there is named', async () => {
    const absent = { ...node('', 'absent.log'), command: 'systole-has-no-such-tool' };
    expect((await codesOf(runTool(absent)))[0]).toContain('systole-has-no-such-tool');
  });

  test('that the user stops is killed, and what it would have done is not done', async () => {
    const stop = new AbortController();
    const code = `process.stdout.write("up\\n"); setTimeout(() => require('fs').writeFileSync('late', ''), 3000)`;
    const running = runTool({ ...node(code, 'stop.log'), signal: stop.signal, onLine: () => stop.abort() });
    expect(await codesOf(running)).toEqual([
      'synth/cancelled: cancelled while node was running; the tool was stopped',
    ]);
    expect(existsSync(join(folder, 'late'))).toBe(false);
    expect(await codesOf(runTool({ ...node('', 'never.log'), signal: stop.signal }))).toHaveLength(1);
    expect(existsSync(join(folder, 'never.log'))).toBe(false);
  });
});

describe('a step', () => {
  test('is done once for the same inputs, and again for others or when its output is gone', async () => {
    let runs = 0;
    const step = (key: string) =>
      runStage({
        name: 'step',
        folder,
        key: [key],
        outputs: ['step.out'],
        run: async () => {
          runs++;
          const { writeFileSync } = await import('node:fs');
          writeFileSync(join(folder, 'step.out'), key);
        },
      });
    expect([await step('a'), await step('a'), await step('b')]).toEqual([false, true, false]);
    rmSync(join(folder, 'step.out'));
    expect(await step('b')).toBe(false);
    expect(runs).toBe(3);
  });

  test('that fails is not taken for done', async () => {
    const broken = {
      name: 'broken',
      folder,
      key: ['a'],
      outputs: [],
      run: () => Promise.reject(new Error('no')),
    };
    await expect(runStage(broken)).rejects.toThrow('no');
    expect(await runStage({ ...broken, run: () => Promise.resolve() })).toBe(false);
  });
});

describe('Yosys', () => {
  const job = (script: readonly string[]) => ({
    name: 'job',
    folder,
    script,
    inputs: [{ path: 'm.v', text: 'module m(input wire a, output wire y); assign y = ~a; endmodule\n' }],
    outputs: ['m.json'],
  });

  test('runs a script on texts and keeps script and log', async () => {
    await runYosysJob(job(['read_verilog m.v', 'write_json m.json']));
    expect(JSON.parse(readFileSync(join(folder, 'm.json'), 'utf8'))).toHaveProperty('modules.m');
    expect(readFileSync(join(folder, 'job.log'), 'utf8')).toContain('Executing JSON backend');
    expect(readFileSync(join(folder, 'job.ys'), 'utf8')).toBe('read_verilog m.v\nwrite_json m.json\n');
  });

  test('is quoted when it refuses', async () => {
    const [message] = await codesOf(runYosysJob(job(['read_verilog m.v', 'hierarchy -check -top absent'])));
    expect(message).toMatch(/^synth\/tool-failed: yosys: ERROR: Module `absent' not found!/);
  });
});

test('the asic flow without a library says what to give', async () => {
  const machine = machinePresets.get('edge4')!;
  expect(await codesOf(synthesize({ machine, flow: 'asic', folder }))).toEqual([
    'synth/no-liberty: the asic flow needs the cells to map to',
  ]);
});
