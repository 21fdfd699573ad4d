/** Networks that the host computes alone, or whose few integer operators nobody drew by hand: the whole way through the tool. */

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DiagnosticError, tensor } from '../../base/index.js';
import {
  compile,
  explain,
  makeBundle,
  openMachine,
  run,
  simulate,
  verify,
} from '../../tools/library/index.js';
import {
  isNothingToVerify,
  isVerified,
  parseRunRecord,
  renderText,
  renderVerification,
} from '../../tools/report/index.js';
import { randomTensor } from '../support/compare.js';
import { conformanceRoot, conformanceRows } from '../support/conformance.js';
import { makeOnnxModel } from '../support/onnx-model.js';

const folder = mkdtempSync(join(tmpdir(), 'systole-host-only-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** softmax(x x^T): a product of two activations, which the accelerator has no matmul for. */
function attention(): string {
  const file = join(folder, 'attention.onnx');
  const bytes = makeOnnxModel({
    name: 'attention',
    nodes: [
      { op: 'Transpose', inputs: ['x'], outputs: ['t'], attributes: { perm: [0, 2, 1] } },
      { op: 'MatMul', inputs: ['x', 't'], outputs: ['scores'] },
      { op: 'Softmax', inputs: ['scores'], outputs: ['y'], attributes: { axis: -1 } },
    ],
    inputs: [{ name: 'x', shape: [1, 8, 4] }],
    outputs: [{ name: 'y' }],
  });
  writeFileSync(file, bytes);
  return file;
}

const codesOf = (error: unknown) =>
  error instanceof DiagnosticError ? error.diagnostics.map((d) => d.code) : [];

describe('a network of host operators alone', () => {
  it('runs: no cycles, no energy, the host counted and priced, and a warning that says so', async () => {
    const { record } = await run(attention(), {
      engine: 'array',
      host: { operationsPerSecond: 1e6, bytesPerSecond: 1e6 },
    });
    expect(record).toMatchObject({ cycles: 0, latencySeconds: 0, energyJoules: 0, layers: [], segments: [] });
    const [step] = record.host!.steps;
    expect(step!.operators.map(({ operator }) => operator)).toEqual(['Transpose', 'MatMul', 'Softmax']);
    // Two a multiply-accumulate of [8, 4] by [4, 8]; operands and result of 4 bytes each.
    expect(step!.operators[1]).toMatchObject({ operations: 2 * 8 * 8 * 4, bytes: 4 * (32 + 32 + 64) });
    expect(record.host!.latencySeconds).toBeCloseTo((step!.operations + step!.bytes) / 1e6, 12);
    expect(record.comparison[0]).toMatchObject({ powerWatts: null, energyJoules: null, how: 'modelled' });
    expect(record.comparison.length).toBeGreaterThan(3);
    expect(record.notes.join('\n')).toContain('warning[compile/host-only]');
    expect(parseRunRecord(JSON.stringify(record))).toEqual(record);
    expect(renderText(record)).toContain('nothing runs on the accelerator: the host computes all of it');
  });

  it('has nothing to verify, and says so: neither verified nor failed', async () => {
    const record = await verify(compile(attention()), { scope: 'full', engine: 'array' });
    expect({ verified: isVerified(record), nothing: isNothingToVerify(record) }).toEqual({
      verified: false,
      nothing: true,
    });
    expect(renderVerification(record)).toContain('nothing to verify');
  });

  it('makes a bundle without programs; what needs a program is refused', async () => {
    const subject = compile(attention());
    const paths = makeBundle(subject).map(({ path }) => path);
    expect(paths).toContain('host.json');
    expect(paths.filter((path) => /segments|run_icarus/.test(path))).toEqual([]);
    expect(codesOf(await simulate(subject, 'timing').catch((error: unknown) => error))).toEqual([
      'compile/nothing-to-accelerate',
    ]);
    expect(() => explain(attention())).toThrow('no operator of the network runs on the accelerator');
  });
});

describe('a network of which the machine lacks every function', () => {
  const pools = (count: number): string => {
    const file = join(folder, `pools${count}.onnx`);
    const pool = { op: 'MaxPool', attributes: { kernel_shape: [2, 2] } };
    const weights = tensor('float32', [3, 3, 1, 1], new Float32Array(9).fill(1));
    writeFileSync(
      file,
      makeOnnxModel({
        name: 'pools',
        nodes: [
          { ...pool, inputs: ['x'], outputs: [count === 0 ? 'y' : 'z'] },
          ...(count === 0 ? [] : [{ op: 'Conv', inputs: ['z', 'w'], outputs: ['y'] }]),
        ],
        inputs: [{ name: 'x', shape: [1, 3, 4, 4] }],
        outputs: [{ name: 'y' }],
        initializers: count === 0 ? {} : { w: weights },
      }),
    );
    return file;
  };
  const edge8 = openMachine('edge8');
  const plain = { ...edge8, vector: { ...edge8.vector, functions: ['add' as const] } };

  it('runs on the host, and the reason is said', () => {
    const { compiled } = compile(pools(0), { machine: plain });
    expect(compiled.segments).toEqual([]);
    expect(compiled.diagnostics.map(({ message }) => message).join()).toContain('lacks the function "pool"');
  });

  it('but where it runs a part, the missing function is the user’s to decide on', () => {
    expect(() => compile(pools(1), { machine: plain })).toThrow('lacks the function "pool"');
  });
});

describe('infinities inside a network', () => {
  it('what they touch runs on the host, the rest on the accelerator', async () => {
    const file = join(folder, 'masked.onnx');
    const mask = Float32Array.from({ length: 16 }, (_, i) => (i % 4 > i / 4 ? Number.NEGATIVE_INFINITY : 0));
    const weights = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i));
    writeFileSync(
      file,
      makeOnnxModel({
        name: 'masked',
        nodes: [
          { op: 'MatMul', inputs: ['x', 'w'], outputs: ['dense'] },
          { op: 'Add', inputs: ['dense', 'mask'], outputs: ['scores'] },
          { op: 'Softmax', inputs: ['scores'], outputs: ['y'], attributes: { axis: -1 } },
        ],
        inputs: [{ name: 'x', shape: [4, 4] }],
        outputs: [{ name: 'y' }],
        initializers: { mask: tensor('float32', [4, 4], mask), w: tensor('float32', [4, 4], weights) },
      }),
    );
    const { record } = await run(file, { engine: 'array' });
    expect(record.network.hostOperators.join()).toContain('(Add)');
    expect(record.layers.length).toBeGreaterThan(0);
    expect(isVerified(record.verification)).toBe(true);
  });
});

describe('a number that no instruction field holds', () => {
  it('takes its node to the host, with the reason; the rest stays on the accelerator', async () => {
    const file = join(folder, 'dilated.onnx');
    writeFileSync(
      file,
      makeOnnxModel({
        name: 'dilated',
        nodes: [
          { op: 'Conv', inputs: ['x', 'v'], outputs: ['before'] },
          {
            op: 'MaxPool',
            inputs: ['before'],
            outputs: ['pooled'],
            attributes: { kernel_shape: [1, 3], dilations: [1, 300] },
          },
          { op: 'Conv', inputs: ['pooled', 'w'], outputs: ['y'] },
        ],
        inputs: [{ name: 'x', shape: [1, 2, 1, 700] }],
        outputs: [{ name: 'y' }],
        initializers: { v: randomTensor([4, 2, 1, 1], 1), w: randomTensor([2, 4, 1, 1], 2) },
      }),
    );
    const { record } = await run(file, { engine: 'array', machine: 'edge8' });
    expect(record.segments).toHaveLength(2);
    expect(record.network.hostOperators.join()).toContain('(MaxPool)');
    expect(renderText(record)).toContain(
      'field strideKx of pool is 300; it must be an integer from 0 to 255',
    );
    expect(isVerified(record.verification)).toBe(true);
  });
});

const present = existsSync(join(conformanceRoot, 'conformance.json'));

describe.skipIf(!present)('ONNX conformance networks (skipped without ../shared)', () => {
  it('whatever imports compiles, runs and is verified, or is all the host’s', {
    timeout: 60_000,
  }, async () => {
    const outcomes = { accelerated: 0, host: 0, refused: [] as string[], wrong: [] as string[] };
    const rows = conformanceRows().filter((_, i) => i % 6 === 0);
    for (const { test } of rows) {
      const file = join(conformanceRoot, test, 'model.onnx');
      if (!existsSync(file)) continue;
      try {
        const { record } = await run(file, { verify: 'full', engine: 'array', machine: 'edge16' });
        if (isNothingToVerify(record.verification)) outcomes.host++;
        else if (isVerified(record.verification)) outcomes.accelerated++;
        else outcomes.wrong.push(test);
      } catch (error) {
        outcomes.refused.push(...codesOf(error).slice(0, 1));
        if (!(error instanceof DiagnosticError)) outcomes.wrong.push(`${test}: ${String(error)}`);
      }
    }
    // Every refusal is the importer's: an input, type or rank that it does not take.
    expect(outcomes.refused.filter((code) => !/^(onnx|graph)\//.test(code))).toEqual([]);
    expect(outcomes.wrong).toEqual([]);
    expect(outcomes.host).toBeGreaterThan(50);
    expect(outcomes.accelerated).toBeGreaterThan(30);
  });
});
