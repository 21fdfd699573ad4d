/**
 * The node cases of the ONNX conformance suite. A case passes (all outputs agree), is refused (a diagnostic), or is wrong.
 * None may be wrong, and none may throw. Skips when the shared data are absent.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { readOnnx, readTensor } from '../../compiler/importers/onnx/index.js';
import { decodeOnnxModel, decodeOnnxTensor, onnxMessage } from '../../compiler/importers/wire/index.js';
import { relativeError } from '../support/compare.js';
import { tensorMessage } from '../support/onnx-model.js';

const root = resolve(import.meta.dirname, '../../../shared/data/networks/onnx');
const suites = ['node', 'pytorch-converted', 'pytorch-operator', 'simple'];

/** The tensor in a file, or undefined when it holds something else. */
function readPb(path: string): Tensor | undefined {
  const decoded = decodeOnnxTensor(readFileSync(path), path);
  if (!decoded.ok) return undefined;
  const found = readTensor(decoded.value);
  return 'fault' in found ? undefined : found;
}

/** The model with every fed input but `except` turned into an initializer; with no other input, that one too. */
function bindInputs(bytes: Uint8Array, feeds: ReadonlyMap<string, Tensor>, except: string): Uint8Array {
  const type = onnxMessage('Model');
  const model = type.toObject(type.decode(bytes)) as { graph: { initializer?: object[] } };
  const bound = [...feeds].filter(([name]) => name !== except || feeds.size === 1);
  model.graph.initializer = [
    ...(model.graph.initializer ?? []),
    ...bound.map(([name, t]) => tensorMessage(name, t)),
  ];
  return type.encode(type.fromObject(model)).finish();
}

/** Cases whose expected values are written to four digits. */
const rounded = new Set(['node/test_averagepool_2d_ceil_last_window_starts_on_pad']);

interface Outcome {
  readonly test: string;
  readonly verdict: 'pass' | 'refused' | 'wrong';
  readonly reason: string;
}

function runCase(test: string): Outcome {
  const folder = join(root, test);
  const bytes = readFileSync(join(folder, 'model.onnx'));
  const model = unwrap(decodeOnnxModel(bytes, test));
  const initializers = new Set(model.graph?.initializer.map(({ name }) => name));
  const names = (model.graph?.input ?? []).map(({ name }) => name);
  const shapes: Record<string, readonly number[]> = {};
  const feeds = new Map<string, Tensor>();
  for (const [index, name] of names.entries()) {
    const path = join(folder, 'test_data_set_0', `input_${index}.pb`);
    const given = existsSync(path) ? readPb(path) : undefined;
    if (given === undefined || initializers.has(name)) continue;
    feeds.set(name, given);
    if (given.shape.every((extent) => extent > 0)) shapes[name] = given.shape;
  }
  let graph = readOnnx(bytes, { shapes });
  if (!graph.ok && graph.diagnostics.some(({ code }) => code === 'onnx/dynamic-input')) {
    // The suite feeds shapes and axes at run time; a network has them as constants. The values are the same.
    const [first = ''] = names;
    graph = readOnnx(bindInputs(bytes, feeds, first), {
      shapes: first in shapes ? { [first]: shapes[first]! } : {},
    });
  }
  if (!graph.ok) return { test, verdict: 'refused', reason: graph.diagnostics[0]!.code };
  const faults = verifyGraph(graph.value);
  if (faults.length > 0) return { test, verdict: 'wrong', reason: faults[0]!.message };
  // Extents of 0 mean "unknown" to the importer: the few cases with empty inputs are not its business.
  if ([...feeds.values()].some((t) => t.data.length === 0))
    return { test, verdict: 'refused', reason: 'empty input' };
  const missing = graph.value.inputs.filter((name) => !feeds.has(name));
  if (missing.length > 0) return { test, verdict: 'refused', reason: `no tensor for ${missing.join(', ')}` };
  const results = evaluateGraph(graph.value, feeds);
  const errors = graph.value.outputs.map((name, index) => {
    const expected = readPb(join(folder, 'test_data_set_0', `output_${index}.pb`));
    return expected === undefined ? Number.POSITIVE_INFINITY : relativeError(results.get(name)!, expected);
  });
  const worst = Math.max(0, ...errors);
  return {
    test,
    verdict: worst <= (rounded.has(test) ? 1e-3 : 1e-4) ? 'pass' : 'wrong',
    reason: `relative error ${worst}`,
  };
}

describe.skipIf(!existsSync(root))('ONNX conformance (skipped when ../shared/data is absent)', () => {
  it('runs or refuses every case, and is never wrong', () => {
    const outcomes = suites.flatMap((suite) =>
      readdirSync(join(root, suite))
        .filter((name) => existsSync(join(root, suite, name, 'model.onnx')))
        .map((name) => runCase(`${suite}/${name}`)),
    );
    const count = (verdict: Outcome['verdict']) => outcomes.filter((o) => o.verdict === verdict).length;
    const counts = `${count('pass')} pass, ${count('refused')} refused, ${count('wrong')} wrong of ${outcomes.length}`;
    console.info(`ONNX conformance: ${counts}`);
    expect(outcomes.filter(({ verdict }) => verdict === 'wrong')).toEqual([]);
    expect(count('pass')).toBeGreaterThan(250);
  });
});
