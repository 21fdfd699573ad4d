/** A network with the host in the middle as a user meets it: run, verify, simulate, diff, the bundle and the record. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultHost, hostSeconds } from '../../models/host/index.js';
import { arrayEngine } from '../../simulator/array/index.js';
import type { Engine } from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import {
  compile,
  makeBundle,
  packageRoot,
  run,
  simulate,
  simulateSegment,
  verify,
} from '../../tools/library/index.js';
import { verifyWhole } from '../../tools/library/verify-whole.js';
import { isVerified, parseRunRecord, renderText } from '../../tools/report/index.js';
import { makeOnnxModel } from '../support/onnx-model.js';
import { hasTool } from '../verilog/support.js';
import { randomTensor } from './networks.js';

const folder = mkdtempSync(join(tmpdir(), 'systole-segments-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** conv, LRN, conv, a quotient by the sigmoid of, and a sum with, what skips from the first convolution, conv. */
const file = join(folder, 'gated.onnx');
const conv = (from: string, to: string, weights: string) =>
  ({
    op: 'Conv',
    inputs: [from, weights],
    outputs: [to],
    name: to,
    attributes: { pads: [1, 1, 1, 1] },
  }) as const;
writeFileSync(
  file,
  makeOnnxModel({
    nodes: [
      conv('x', 'first', 'w1'),
      { op: 'LRN', inputs: ['first'], outputs: ['normal'], name: 'normal', attributes: { size: 3 } },
      conv('normal', 'second', 'w2'),
      { op: 'Sigmoid', inputs: ['first'], outputs: ['gate'], name: 'gate' },
      { op: 'Div', inputs: ['second', 'gate'], outputs: ['gated'], name: 'gated' },
      { op: 'Add', inputs: ['gated', 'first'], outputs: ['sum'], name: 'sum' },
      conv('sum', 'third', 'w3'),
    ],
    inputs: [{ name: 'x', shape: [1, 3, 6, 6] }],
    outputs: [{ name: 'third', shape: [1, 3, 6, 6] }],
    initializers: Object.fromEntries(
      ['w1', 'w2', 'w3'].map((name, i) => [name, randomTensor([3, 3, 3, 3], i)]),
    ),
  }),
);

const subject = compile(file, { machine: 'edge4' });

describe('a network with the host in the middle', () => {
  it('runs and is verified, and its record adds up and reads back', async () => {
    const { record } = await run(file, { machine: 'edge4', engine: 'array', compare: ['cpu'] });
    expect(isVerified(record.verification)).toBe(true);
    expect(record.verification.layersCompared).toBe(record.verification.layersTotal);
    const { segments, host, layers } = parseRunRecord(JSON.stringify(record));
    expect(segments!.length).toBe(3);
    expect(segments!.reduce((sum, segment) => sum + segment.cycles, 0)).toBe(record.cycles);
    for (const [index, { cycles }] of segments!.entries()) {
      const own = layers.filter(({ segment }) => segment === index);
      expect(own.reduce((sum, layer) => sum + layer.cycles, 0)).toBe(cycles);
    }
    expect(
      Object.values(record.unitCycles).map(
        ({ busy, waiting, idle }) => busy + idle + Object.values(waiting).reduce((a, b) => a + b, 0),
      ),
    ).toEqual(Object.values(record.unitCycles).map(() => record.cycles));
    expect(host!.latencySeconds).toBeCloseTo(record.latencySeconds + host!.seconds, 12);
    expect(record.comparison[0]).toMatchObject({ known: 'assumed', latencySeconds: host!.latencySeconds });
    expect(record.energyComponents.reduce((sum, c) => sum + c.joules, 0)).toBeCloseTo(
      record.energyJoules,
      12,
    );
  });

  it('counts what the host does from the shapes', async () => {
    const { record } = await run(file, { machine: 'edge4', verify: 'none' });
    const { steps, seconds } = record.host!;
    expect(steps.map(({ before, operators }) => [before, operators.map((o) => o.operator)])).toEqual([
      [0, ['QuantizeLinear']],
      [1, ['DequantizeLinear', 'LRN', 'QuantizeLinear', 'DequantizeLinear']],
      [2, ['DequantizeLinear', 'Div', 'QuantizeLinear']],
      [3, ['DequantizeLinear']],
    ]);
    // 3 x 6 x 6 floats in and out; three neighbours an element.
    expect(steps[1]!.operators[1]).toMatchObject({ operations: 3 * 108, bytes: 2 * 4 * 108 });
    // The sum's other operand skips the host: 108 bytes read from one memory map and written to the next.
    expect(steps.map(({ copiedBytes }) => copiedBytes)).toEqual([0, 0, 216, 0]);
    expect(seconds).toBeCloseTo(hostSeconds(defaultHost, record.host!), 12);
  });

  it('takes the host’s rates from the user, and then says them of a single segment too', async () => {
    const host = { operationsPerSecond: 5e8, bytesPerSecond: 2e9 };
    const { record } = await run('digits', { verify: 'none', host });
    expect(record.segments).toBeUndefined();
    const { operations, bytes, seconds } = record.host!;
    expect(seconds).toBeCloseTo(operations / 5e8 + bytes / 2e9, 12);
    expect(renderText(record)).toContain('at the end');
    expect((await run('digits', { verify: 'none' })).record.host).toBeUndefined();
  });

  it('is verified layer by layer as well, from all segments', async () => {
    const sampled = await verify(subject, { scope: 'sample', engine: 'array' });
    expect(isVerified(sampled)).toBe(true);
  });

  it.each([0, 1, 2])('a wrong value that segment %i stores is found and named', async (wrong) => {
    let index = 0;
    const faulty: Engine = {
      name: 'array',
      run: async (request) => {
        const result = await arrayEngine.run(request);
        if (index++ !== wrong) return result;
        const segment = request.program.segments.find(({ kind }) => kind === 'output')!;
        const dram = result.dram!.slice();
        dram[segment.address]! ^= 1;
        return { ...result, dram };
      },
    };
    const found = await verifyWhole(faulty, subject.compiled, subject.opened.tests[0]!);
    expect(found.mismatches).toBeGreaterThan(0);
    expect(found.firstMismatch).toMatch(/^layer .* element 0 /);
    expect(found.timeMismatches).toBe(0);
  });

  it('each segment is simulated on its own; what needs a single program says so', async () => {
    for (const [index, { machine, program }] of subject.compiled.segments.entries()) {
      const { cycles } = await simulateSegment(subject, 'array', { index });
      expect(cycles).toBe(simulateTiming(machine, program).cycles);
    }
    await expect(simulate(subject, 'timing')).rejects.toThrow('compile/several-segments');
  });

  it('toggles are counted in every segment', async () => {
    const { record } = await run(file, { machine: 'edge4', verify: 'none', toggles: true });
    const total = (counts: object | undefined) => Object.values(counts ?? {}).reduce((a, b) => a + b, 0);
    expect(total(record.toggles)).toBeGreaterThan(0);
    expect(record.layers.reduce((sum, layer) => sum + total(layer.toggles), 0)).toBe(total(record.toggles));
  });
});

describe('the command line', () => {
  const systole = (...args: string[]) =>
    spawnSync(process.execPath, [join(packageRoot(), 'bin/systole.js'), ...args], { encoding: 'utf8' });

  it('simulates and compares engines segment by segment', () => {
    const all = systole('simulate', file, '--machine', 'edge4');
    expect(all.stdout).toMatch(/^segment 0 of 3: \d+ cycles\n.*\n.*\n\d+ cycles\n$/);
    const refused = systole('simulate', file, '--machine', 'edge4', '--timeline', join(folder, 't.json'));
    expect(refused.stderr).toContain('error[option/segment]: the network runs as 3 programs');
    expect(refused.status).toBe(1);
    const diff = systole('diff', file, '--machine', 'edge4', '--engines', 'timing,array');
    expect(diff.stdout).toMatch(/segment 2: timing and array agree/);
  });
});

describe.skipIf(!hasTool('iverilog'))('the bundle (skipped where iverilog is not installed)', () => {
  it('has one core and a test bench a segment, and all of them pass in Icarus Verilog', () => {
    const out = join(folder, 'hw');
    const files = makeBundle(subject);
    for (const { path, content } of files) {
      mkdirSync(dirname(join(out, path)), { recursive: true });
      writeFileSync(join(out, path), content);
    }
    expect(files.filter(({ path }) => path.endsWith('systole_core.v')).length).toBe(1);
    const { stdout, status } = spawnSync('sh', ['run_icarus.sh'], { cwd: out, encoding: 'utf8' });
    expect(stdout.match(/^PASS/gm)).toHaveLength(3);
    expect(status).toBe(0);
    const corrupt = spawnSync('sh', ['run_icarus.sh', '+corrupt'], { cwd: out, encoding: 'utf8' });
    expect(corrupt.status).not.toBe(0);
  }, 60_000);
});
