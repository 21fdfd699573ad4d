/**
 * Files that Keras 3 wrote (`golden/make.py`) against what Keras computed from them; archives, weights and configurations that do not fit each
 * other are named.
 */

import { readFileSync } from 'node:fs';
import { unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { float32Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import {
  importKerasArchive,
  importKerasJson,
  looksLikeKerasArchive,
  looksLikeKerasJson,
} from '../../compiler/importers/keras/index.js';
import { storedName } from '../../compiler/importers/keras/stored.js';
import { readNpy } from '../../tools/library/npy.js';

const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`golden/${name}`, import.meta.url)));
const archive = bytesOf('small.keras');
const shapes = { picture: [2, 12, 12, 3] };

function holdToKeras(graph: Graph): void {
  expect(verifyGraph(graph)).toEqual([]);
  const { shape, data } = readNpy(bytesOf('small.input.npy'), 'input');
  const result = evaluateGraph(graph, new Map([['picture', float32Tensor(shape, data as Float32Array)]]));
  const [output] = [...result.values()];
  const expected = readNpy(bytesOf('small.output.npy'), 'output');
  expect(output!.shape).toEqual(expected.shape);
  for (const [i, value] of output!.data.entries())
    expect(Math.abs(Number(value) - Number(expected.data[i]))).toBeLessThan(1e-5);
}

/** The archive with some members changed; undefined leaves one out. */
function changed(members: Readonly<Record<string, Uint8Array | undefined>>): Uint8Array {
  const all = { ...unzipSync(archive), ...members };
  const kept = Object.entries(all).filter((entry): entry is [string, Uint8Array] => entry[1] !== undefined);
  return zipSync(Object.fromEntries(kept));
}

function refusal(result: ReturnType<typeof importKerasArchive>): string {
  if (result.ok) throw new Error('it was read');
  return result.diagnostics.map(({ code, message }) => `${code}: ${message}`).join('\n');
}

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: string) => new TextEncoder().encode(value);

describe('files of Keras 3', () => {
  it('an archive computes what Keras computed', () => {
    expect(looksLikeKerasArchive(archive)).toBe(true);
    holdToKeras(unwrap(importKerasArchive(archive, { shapes })));
  });

  it('a configuration as JSON with the weights of their own file does', () => {
    expect(looksLikeKerasJson(bytesOf('small.model'))).toBe(true);
    holdToKeras(unwrap(importKerasJson(bytesOf('small.model'), bytesOf('small.weights.h5'), { shapes })));
  });

  it('an archive that was packed again and compressed does', () => {
    holdToKeras(unwrap(importKerasArchive(changed({}), { shapes })));
  });

  it('a hard sigmoid of Keras 2 is another function', () => {
    const old = changed({ 'metadata.json': bytes('{"keras_version": "2.15.0"}') });
    expect(() => holdToKeras(unwrap(importKerasArchive(old, { shapes })))).toThrow();
  });

  it('groups are called after classes', () => {
    expect(
      ['Conv2D', 'LeakyReLU', 'ReLU', 'BatchNormalization', 'MaxPooling2D', 'PReLU'].map(storedName),
    ).toEqual(['conv2d', 'leaky_re_lu', 're_lu', 'batch_normalization', 'max_pooling2d', 'p_re_lu']);
  });
});

describe.each([
  ['layers', 'picture', 20],
  ['sequences', 'sequence', 7],
] as const)('%s that Keras 3 computed (golden/make_layers.py)', (model, input, count) => {
  const { shape, data } = readNpy(bytesOf(`${model}.input.npy`), 'input');
  const graph = unwrap(importKerasArchive(bytesOf(`${model}.keras`), { shapes: { [input]: shape } }));
  const feed = new Map([[input, float32Tensor(shape, data as Float32Array)]]);
  const results = [...evaluateGraph(graph, feed).entries()];
  const expected = readNpy(bytesOf(`${model}.output.npy`), 'output').data;

  it('are all there', () => {
    expect(verifyGraph(graph)).toEqual([]);
    expect(results.length).toBe(count);
    expect(results.reduce((sum, [, { data: values }]) => sum + values.length, 0)).toBe(expected.length);
  });

  it.each(results.map(([name], at) => ({ name, at })))('$name', ({ at }) => {
    const before = results.slice(0, at).reduce((sum, [, { data: values }]) => sum + values.length, 0);
    const [, { data: values }] = results[at]!;
    for (const [i, value] of values.entries())
      expect(Math.abs(Number(value) - Number(expected[before + i])), `element ${i}`).toBeLessThan(1e-5);
  });
});

describe('bad archives', () => {
  it.each(['config.json', 'model.weights.h5', 'metadata.json'])('without %s', (name) => {
    expect(refusal(importKerasArchive(changed({ [name]: undefined })))).toContain(`without ${name}`);
  });

  it('cut off at any length: a diagnostic, no exception', () => {
    for (let length = 4; length < archive.length; length += 499)
      expect(refusal(importKerasArchive(archive.subarray(0, length)))).toMatch(/^keras\//);
  });

  it('a member that would unpack to more than is unpacked is refused before it is', () => {
    const bomb = Buffer.from(changed({}));
    const entry = bomb.lastIndexOf('model.weights.h5') - 46;
    expect(bomb.readUInt32LE(entry)).toBe(0x02014b50);
    bomb.writeUInt32LE(2 ** 28 + 1, entry + 24);
    expect(refusal(importKerasArchive(bomb))).toContain('would unpack to 268435457 bytes');
  });

  it('weights of another model', () => {
    const config = text(unzipSync(archive)['config.json']!);
    const renamed = changed({ 'config.json': bytes(config.replaceAll('"stem"', '"root"')) });
    expect(refusal(importKerasArchive(renamed))).toContain(
      'weights of layer "stem" stand where those of "root"',
    );
    const fewer = changed({ 'config.json': bytes(config.replace('"use_bias": true', '"use_bias": false')) });
    expect(refusal(importKerasArchive(fewer))).toContain('layer "stem" has 2 arrays, not kernel');
  });

  it('a configuration without weights, and weights that are none', () => {
    const json = bytesOf('small.model');
    expect(refusal(importKerasJson(json, undefined))).toContain('keras/no-weights');
    expect(refusal(importKerasJson(json, json))).toContain('keras/broken-file');
    expect(looksLikeKerasJson(bytes('{"modelTopology": {"class_name": "Model"}}'))).toBe(false);
  });
});
