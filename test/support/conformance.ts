/**
 * One case of the ONNX conformance suite: read, evaluated, compared. A case passes (all outputs agree), is refused (a diagnostic), or is
 * wrong. Used by the conformance test and by the script that writes its table.
 */

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DiagnosticError, type Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { readOnnx, readTensor } from '../../compiler/importers/onnx/index.js';
import { decodeOnnxModel, decodeOnnxTensor, onnxMessage } from '../../compiler/importers/wire/index.js';

export const conformanceRoot = resolve(import.meta.dirname, '../../../shared/data/networks/onnx');
const root = conformanceRoot;

/** A row of conformance.json, which says what the standard's own runtime does with a case. */
export interface ConformanceRow {
  readonly test: string;
  readonly ops: readonly string[];
  readonly opset: string;
  readonly ort_1_30: string;
}

export function conformanceRows(): readonly ConformanceRow[] {
  return JSON.parse(readFileSync(join(root, 'conformance.json'), 'utf8')) as readonly ConformanceRow[];
}

/** The tensor in a file, or undefined when it holds something else. */
function readPb(path: string): Tensor | undefined {
  const decoded = decodeOnnxTensor(readFileSync(path), path);
  if (!decoded.ok) return undefined;
  const found = readTensor(decoded.value);
  return 'fault' in found ? undefined : found;
}

/** The model with every fed input but `except` turned into an initializer, as its file stores it. */
function bindInputs(
  bytes: Uint8Array,
  test: string,
  fed: ReadonlyMap<string, number>,
  except: string,
): Uint8Array {
  const [type, stored] = [onnxMessage('Model'), onnxMessage('Tensor')];
  const model = type.toObject(type.decode(bytes)) as { graph: { initializer?: object[] } };
  const bound = [...fed].filter(([name]) => name !== except);
  model.graph.initializer = [
    ...(model.graph.initializer ?? []),
    ...bound.map(([name, index]) => ({
      ...stored.toObject(stored.decode(readFileSync(inputPath(test, index)))),
      name,
    })),
  ];
  return type.encode(type.fromObject(model)).finish();
}

function inputPath(test: string, index: number): string {
  return join(root, test, 'test_data_set_0', `input_${index}.pb`);
}

/** Largest |actual - expected| / (atol + rtol |expected|), with the tolerances of the standard's own runner (1e-7, 1e-3; integers exact). */
function errorOf(actual: Tensor, expected: Tensor): number {
  if (actual.element !== expected.element || actual.shape.join() !== expected.shape.join())
    return Number.POSITIVE_INFINITY;
  const float = /float/.test(expected.element);
  let worst = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, e] = [actual.data[i]!, expected.data[i]!];
    if (Object.is(a, e) || a === e) continue;
    if (!float) return Number.POSITIVE_INFINITY;
    const [x, y] = [Number(a), Number(e)];
    if (!Number.isFinite(x) || !Number.isFinite(y)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, Math.abs(x - y) / (1e-7 + 1e-3 * Math.abs(y)));
  }
  return worst;
}

export interface Outcome {
  readonly test: string;
  readonly verdict: 'pass' | 'refused' | 'wrong';
  readonly reason: string;
  /** Operators of the graph that was evaluated (folded ones are gone). */
  readonly operators: readonly string[];
}

export function runCase(test: string): Outcome {
  try {
    return judge(test);
  } catch (error) {
    // A diagnostic of the evaluator refuses; anything else is a bug and counts as wrong.
    const refused = error instanceof DiagnosticError;
    return { test, verdict: refused ? 'refused' : 'wrong', reason: String(error), operators: [] };
  }
}

function judge(test: string): Outcome {
  const folder = join(root, test);
  const bytes = readFileSync(join(folder, 'model.onnx'));
  const model = unwrap(decodeOnnxModel(bytes, test));
  const initializers = new Set(model.graph?.initializer.map(({ name }) => name));
  const names = (model.graph?.input ?? []).map(({ name }) => name);
  const shapes: Record<string, readonly number[]> = {};
  const feeds = new Map<string, Tensor>();
  const fed = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    const path = inputPath(test, index);
    const given = existsSync(path) ? readPb(path) : undefined;
    if (given === undefined || initializers.has(name)) continue;
    feeds.set(name, given);
    fed.set(name, index);
    shapes[name] = given.shape;
  }
  const graph = readBound(bytes, test, fed, names, shapes);
  if (!graph.ok) {
    const { code, message } = graph.diagnostics[0]!;
    return { test, verdict: 'refused', reason: `${code}: ${message}`, operators: [] };
  }
  const operators = graph.value.nodes.map(({ operator }) => operator);
  const faults = verifyGraph(graph.value);
  if (faults.length > 0) return { test, verdict: 'wrong', reason: faults[0]!.message, operators };
  const missing = graph.value.inputs.filter((name) => !feeds.has(name));
  if (missing.length > 0)
    return { test, verdict: 'refused', reason: `no tensor for ${missing.join(', ')}`, operators };
  const results = evaluateGraph(graph.value, feeds);
  const errors = graph.value.outputs.map((name, index) => {
    const expected = readPb(join(folder, 'test_data_set_0', `output_${index}.pb`));
    return expected === undefined ? Number.POSITIVE_INFINITY : errorOf(results.get(name)!, expected);
  });
  const worst = Math.max(0, ...errors);
  return {
    test,
    verdict: worst <= 1 ? 'pass' : 'wrong',
    reason: `${worst} of the tolerance`,
    operators,
  };
}

/**
 * The suite feeds shapes and axes at run time; a network has them as constants. Where the importer asks for constants, all inputs
 * but the first become initializers, and if that does not do, that one too. The values are the same.
 */
function readBound(
  bytes: Uint8Array,
  test: string,
  fed: ReadonlyMap<string, number>,
  names: readonly string[],
  shapes: Readonly<Record<string, readonly number[]>>,
): ReturnType<typeof readOnnx> {
  const known = Object.fromEntries(Object.entries(shapes).filter(([, shape]) => !shape.includes(0)));
  const empty = Object.keys(known).length < Object.keys(shapes).length;
  const graph = readOnnx(bytes, { shapes: known });
  const dynamic = !graph.ok && graph.diagnostics.some(({ code }) => code === 'onnx/dynamic-input');
  if (!dynamic && !empty) return graph;
  const [first = ''] = names;
  const rest = readOnnx(bindInputs(bytes, test, fed, first), {
    shapes: first in known ? { [first]: known[first]! } : {},
  });
  return rest.ok && !empty ? rest : readOnnx(bindInputs(bytes, test, fed, ''), { shapes: {} });
}
