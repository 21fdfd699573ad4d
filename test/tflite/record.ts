/**
 * Records what other runtimes compute for the quantised TFLite networks: golden.json beside this file.
 *
 *     node --import tsx test/tflite/record.ts --single P --double P --tfjs FOLDER [--python /usr/bin/python3]
 *
 * P: the program of reference/build.sh, built with and without -DTFLITE_SINGLE_ROUNDING=1. FOLDER: where @tensorflow/tfjs-tflite is installed. ArmNN is Debian's.
 * The file holds outputs and hashes only, no weights.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteBuffer } from 'flatbuffers';
import { scriptOptions } from '../support/script-options.js';
import { type ExactCase, exactCases, inputsOf, networkBytes } from './cases.js';
import type { Golden, GoldenCase, Others } from './golden.js';

const options = scriptOptions({
  single: { type: 'string' },
  double: { type: 'string' },
  tfjs: { type: 'string' },
  python: { type: 'string', default: '/usr/bin/python3' },
});
const folder = mkdtempSync(join(tmpdir(), 'systole-tflite-'));
const at = (name: string): string => join(folder, name);

function required(option: 'single' | 'double' | 'tfjs'): string {
  const value = options[option];
  if (value === undefined) throw new Error(`--${option} is missing`);
  return value;
}

/** A table's field, 0 where it is absent. */
function field(file: ByteBuffer, table: number, index: number): number {
  const offset = file.__offset(table, 4 + 2 * index);
  return offset === 0 ? 0 : table + offset;
}

/**
 * person_detect.tflite states axis 3 for the scales of its biases, which have rank 1: TFLite for Microcontrollers does not look, others refuse it. The axis
 * becomes 0.
 */
function repaired(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  const file = new ByteBuffer(copy);
  const root = file.readInt32(0);
  const graphs = file.__indirect(field(file, root, 2));
  const graph = file.__indirect(graphs + 4);
  const tensors = file.__indirect(field(file, graph, 0));
  for (let i = 0; i < file.readInt32(tensors); i++) {
    const tensor = file.__indirect(tensors + 4 + 4 * i);
    const [shape, quantization] = [field(file, tensor, 0), field(file, tensor, 4)];
    if (shape === 0 || quantization === 0 || file.readInt32(file.__indirect(shape)) !== 1) continue;
    const axis = field(file, file.__indirect(quantization), 6);
    if (axis !== 0) file.writeInt32(axis, 0);
  }
  return copy;
}

interface Result {
  readonly name: string;
  readonly element: string;
  readonly bytes: Buffer;
}

/** What every operator gives, inference after inference. */
function kernels(program: string, kind: 'reference' | 'builtin'): Result[] {
  const stream = execFileSync(program, [at('network'), kind], {
    input: readFileSync(at('inputs')),
    maxBuffer: 2 ** 30,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const results: Result[] = [];
  for (let from = 0; from < stream.length; ) {
    const line = stream.indexOf(10, from);
    const [name, element, size] = stream.subarray(from, line).toString().split('\t') as [
      string,
      string,
      string,
    ];
    from = line + 1 + Number(size);
    results.push({ name, element: element.toLowerCase(), bytes: stream.subarray(line + 1, from) });
  }
  return results;
}

function otherTool(command: string, script: string, cwd: string): readonly [string, Buffer] | undefined {
  const args = [join(import.meta.dirname, script), at('network'), at('inputs'), at('outputs')];
  try {
    const version = execFileSync(command, args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [version.trim().split('\n').at(-1)!, readFileSync(at('outputs'))] as const;
  } catch {
    return undefined;
  }
}

/** Outputs of all inferences, one behind the other. */
function joined(results: readonly Result[], inferences: number): Buffer {
  const each = results.length / inferences;
  return Buffer.concat(results.filter((_, i) => i % each === each - 1).map(({ bytes }) => bytes));
}

/** How many numbers of `other` differ, of how many, and by how much at most; null where the tool refuses the network. */
function difference(exact: ExactCase, expected: Buffer, other: Buffer | undefined): Others[string] {
  if (other === undefined || other.length !== expected.length) return null;
  const values = (b: Buffer) => (exact.element === 'int8' ? new Int8Array(b) : new Uint8Array(b));
  const [e, o] = [values(expected), values(other)];
  const steps = Array.from(e, (v, i) => Math.abs(v - o[i]!));
  return { of: e.length, different: steps.filter((s) => s > 0).length, most: Math.max(...steps) };
}

function record(exact: ExactCase): GoldenCase {
  const inputs = inputsOf(exact);
  writeFileSync(at('network'), repaired(networkBytes(exact)));
  writeFileSync(at('inputs'), Buffer.concat(inputs.map((x) => Buffer.from(x.buffer))));
  const results = kernels(required('single'), 'reference');
  const count = inputs.length;
  const each = results.length / count;
  const outputs = joined(results, count);
  const plain = (program: string, kind: 'reference' | 'builtin') => joined(kernels(program, kind), count);
  const arm = otherTool(options.python, 'record.py', folder);
  const web = otherTool(process.execPath, 'record-tfjs.cjs', required('tfjs'));
  const layers = Array.from({ length: each }, (_, layer) => {
    const { name, element } = results[layer]!;
    const hashes = Array.from({ length: count }, (_, k) => hashOf(results[k * each + layer]!.bytes));
    return { name, element, hashes };
  });
  return {
    outputs: Array.from({ length: count }, (_, k) => results[k * each + each - 1]!.bytes.toString('base64')),
    layers,
    others: {
      'portable kernels, two roundings': difference(exact, outputs, plain(required('double'), 'reference')),
      'default kernels (ruy, gemmlowp)': difference(exact, outputs, plain(required('double'), 'builtin')),
      'tfjs-tflite 0.0.1-alpha.10': difference(exact, outputs, web?.[1]),
      [arm?.[0] ?? 'ArmNN 22.0.0 CpuRef']: difference(exact, outputs, arm?.[1]),
    },
  };
}

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex').slice(0, 12);

try {
  const golden: Golden = {
    reference:
      'TensorFlow Lite 2.10.0, portable kernels (kernels/internal/reference), TFLITE_SINGLE_ROUNDING, from Debian source package qt6-webengine 6.4.2-final+dfsg-1',
    inputs: 'test/tflite/cases.ts: linear congruential generator, seed 12345, then pictures',
    networks: Object.fromEntries(exactCases.map((exact) => [exact.file, record(exact)])),
  };
  writeFileSync(join(import.meta.dirname, 'golden.json'), `${JSON.stringify(golden, null, 1)}\n`);
} finally {
  rmSync(folder, { recursive: true });
}
