/**
 * Small networks in the shapes of newer families (modern.py writes them with PyTorch): what runs where, values of the array engine against
 * the integer graph, cycles against the timing engine, and how far integers are from floats.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { type Compiled, compile } from '../../compiler/pipeline/index.js';
import { type CompiledNetwork, openMachine, openNetwork, verify } from '../../tools/library/index.js';
import { isVerified } from '../../tools/report/index.js';

const python = '/usr/bin/python3';
const present = spawnSync(python, ['-c', 'import torch, onnx']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'systole-modern-'));
afterAll(() => rmSync(folder, { recursive: true }));

const machine = openMachine('edge16');

/** An input and PyTorch's results, flat. */
interface Recorded {
  readonly x: readonly number[];
  readonly y: readonly (readonly number[])[];
}

function compiled(name: string): CompiledNetwork {
  const opened = openNetwork(join(folder, `${name}.onnx`));
  return { opened, compiled: unwrap(compile(opened.graph, machine, { calibration: opened.calibration })) };
}

/** Root of the mean square of a result's difference from the float network's, over that of the float result; the largest of the outputs. */
function relativeError({ opened, compiled: { network, quantized } }: CompiledNetwork): number {
  const sample = opened.tests[0]!;
  const found = evaluateGraph(quantized.graph, sample);
  return Math.max(
    ...[...evaluateGraph(network, sample)].map(([name, { data }]) => {
      const wanted = Array.from(data, Number);
      const mean = wanted.reduce((a, b) => a + b, 0) / wanted.length;
      const got = Array.from(found.get(name)!.data, Number);
      const square = (list: readonly number[]) => list.reduce((sum, v) => sum + v * v, 0);
      return Math.sqrt(square(got.map((v, i) => v - wanted[i]!)) / square(wanted.map((v) => v - mean)));
    }),
  );
}

/** Operators of the host but the conversions at its borders. */
function hostKinds({ quantized, segments }: Compiled): readonly string[] {
  const inBody = new Set(segments.flatMap(({ body }) => body.nodes.map(({ name }) => name)));
  const conversions = ['QuantizeLinear', 'DequantizeLinear'];
  const kinds = quantized.graph.nodes.filter(({ name }) => !inBody.has(name)).map(({ operator }) => operator);
  return [...new Set(kinds)].filter((kind) => !conversions.includes(kind)).sort();
}

/** A bound of the error relative to the spread of the result, and what stays on the host. */
const networks: readonly (readonly [string, number, readonly string[]])[] = [
  ['efficient', 0.03, []],
  ['mobile', 0.03, []],
  ['shuffle', 0.03, []],
  ['aggregated', 0.03, []],
  ['yolo', 0.06, []],
  ['unet', 0.06, []],
  // Frames become rows before the first product.
  ['rnn', 0.06, ['Reshape']],
  ['gru', 0.06, ['Reshape']],
  ['lstm', 0.06, ['Reshape']],
  ['bilstm', 0.06, ['Reshape']],
];

describe.skipIf(!present)('networks of newer families (skipped without PyTorch)', () => {
  beforeAll(() => {
    const { status, stderr } = spawnSync(python, [join(import.meta.dirname, 'modern.py'), folder], {
      encoding: 'utf8',
    });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  }, 120_000);

  it.each(networks)(
    '%s: verified, within %f of the float result, on the host %j',
    async (name, bound, kinds) => {
      const subject = compiled(name);
      expect(hostKinds(subject.compiled)).toEqual(kinds);
      expect(subject.compiled.segments).toHaveLength(1);
      const record = await verify(subject, { scope: 'full', engine: 'array' });
      expect(isVerified(record)).toBe(true);
      expect(relativeError(subject)).toBeLessThan(bound);
    },
  );

  it.each([...networks.map(([name]) => name), 'vit'])('%s: imported, it gives what PyTorch does', (name) => {
    const { graph } = openNetwork(join(folder, `${name}.onnx`));
    const { x, y } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Recorded;
    const [input] = graph.inputs;
    const { shape } = graph.values.get(input!)!.type;
    const found = evaluateGraph(graph, new Map([[input!, tensor('float32', shape, Float32Array.from(x))]]));
    graph.outputs.forEach((output, i) => {
      const wanted = y[i]!;
      const largest = Math.max(...wanted.map(Math.abs));
      const errors = Array.from(found.get(output)!.data as Float32Array, (v, k) => Math.abs(v - wanted[k]!));
      expect(errors).toHaveLength(wanted.length);
      expect(Math.max(...errors) / largest).toBeLessThan(1e-4);
    });
  });

  it('a vision transformer: products on the array, attention and normalisation on the host', async () => {
    const subject = compiled('vit');
    // The patches, four products a block, the classes.
    const layers = subject.compiled.segments.flatMap(({ program }) => program.layers);
    expect(layers.filter(({ macs }) => macs > 0)).toHaveLength(1 + 2 * 4 + 1);
    expect(hostKinds(subject.compiled)).toContain('Softmax');
    expect(hostKinds(subject.compiled)).not.toContain('Gemm');
    expect(isVerified(await verify(subject, { scope: 'full', engine: 'array' }))).toBe(true);
    expect(relativeError(subject)).toBeLessThan(0.03);
  });
});
