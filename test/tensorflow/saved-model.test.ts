/** SavedModels: a real one against its TFLite twin, and written ones with functions, shards and every kind of damage. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  elementCount,
  float32Tensor,
  renderDiagnostic,
  type Tensor,
  tensor,
  unwrap,
} from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importGraphDef, importSavedModel } from '../../compiler/importers/tensorflow/index.js';
import { importTflite } from '../../compiler/importers/tflite/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import {
  attr,
  bundle,
  FLOAT,
  functionDef,
  type ModelParts,
  node,
  savedModel,
  sortedTable,
} from './saved-model-files.js';

const trained = join(
  import.meta.dirname,
  '../../../shared/data/networks/mlcommons-tiny/benchmark/training/keyword_spotting/trained_models',
);
const absent = !existsSync(trained);
const note = absent ? ' (skipped: ../shared is absent)' : '';

function folder(path: string) {
  return (name: string) =>
    existsSync(join(path, name)) ? new Uint8Array(readFileSync(join(path, name))) : undefined;
}

/** Deterministic numbers in [-1, 1). */
function noise(count: number): Float32Array {
  let state = 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

function run(graph: Graph, values: Float32Array): ArrayLike<number> {
  const [input, output] = [graph.inputs[0]!, graph.outputs[0]!];
  const { shape } = graph.values.get(input)!.type;
  expect(elementCount(shape)).toBe(values.length);
  const result = evaluateGraph(graph, new Map([[input, tensor('float32', shape, values)]]));
  return result.get(output)!.data as Float32Array;
}

/**
 * The SavedModel in the collection is of another training than the TFLite files (their kernels do not even correlate), so what can
 * agree is the network: the TFLite file's graph, which bit-exact references check, with the SavedModel's variables put in.
 */
it.skipIf(absent)(
  `MLPerf Tiny keyword spotting: the SavedModel computes what the TFLite file's graph does${note}`,
  () => {
    const saved = runPasses(
      unwrap(importSavedModel(folder(join(trained, 'kws_ref_model')), { name: 'kws' })),
    );
    const bytes = new Uint8Array(readFileSync(join(trained, 'kws_ref_model_float32.tflite')));
    const twin = runPasses(unwrap(importTflite(bytes, { name: 'kws' })));
    expect(verifyGraph(saved)).toEqual([]);
    expect(saved.nodes.map(({ operator }) => operator)).toEqual(twin.nodes.map(({ operator }) => operator));
    const input = noise(490).map((x) => 20 * x);
    const [a, b] = [run(saved, input), run(withConstantsOf(twin, saved), input)];
    expect(a.length).toBe(12);
    for (let i = 0; i < a.length; i++) expect(Math.abs(a[i]! - b[i]!)).toBeLessThan(1e-4);
    expect(Math.max(...Array.from(a))).toBeGreaterThan(0.2);
  },
);

/** The graph with every weight and bias replaced by that of the same node of the other graph. */
function withConstantsOf(graph: Graph, other: Graph): Graph {
  const values = new Map(graph.values);
  graph.nodes.forEach(({ inputs, attributes, operator }, i) => {
    inputs.forEach((name, k) => {
      const value = values.get(name)!;
      const replacement = other.values.get(other.nodes[i]!.inputs[k]!)?.constant;
      if (value.constant === undefined || replacement === undefined) return;
      const transposed = operator === 'Gemm' && k === 1 && attributes.transB === true;
      const constant = transposed ? transpose(replacement) : replacement;
      expect(constant.shape).toEqual(value.constant.shape);
      values.set(name, { ...value, constant });
    });
  });
  return { ...graph, values };
}

function transpose({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  const turned = Float32Array.from({ length: data.length }, (_, i) =>
    Number(data[(i % rows) * columns + Math.floor(i / rows)]),
  );
  return tensor('float32', [columns, rows], turned);
}

const regression = join(
  import.meta.dirname,
  '../../../shared/data/networks/tensorflow-onnx/tests/models/regression',
);

it.skipIf(absent)(`a SavedModel of TensorFlow 1 equals the frozen graph of the same training${note}`, () => {
  const options = { name: 'regression', shapes: { X: [4] } };
  const saved = unwrap(importSavedModel(folder(join(regression, 'saved_model')), options));
  const bytes = new Uint8Array(readFileSync(join(regression, 'graphdef/frozen.pb')));
  const frozen = unwrap(importGraphDef(bytes, options));
  const input = noise(4);
  expect([...Array.from(run(saved, input))]).toEqual([...Array.from(run(frozen, input))]);
});

const weights = { key: 'layer/kernel/.ATTRIBUTES/VARIABLE_VALUE', fullName: 'dense/kernel', shape: [2, 4] };
const bias = { key: 'layer/bias/.ATTRIBUTES/VARIABLE_VALUE', fullName: 'dense/bias', shape: [4] };
const variables = [
  { ...weights, values: [1, 2, 3, 4, -5, -6, -7, -8] },
  { ...bias, values: [0.5, -0.5, 0.25, 100] },
];

const inner = functionDef('inner', ['x', 'w', 'b'], { first: 'cut:output:1', second: 'cut:output:0' }, [
  node('read', 'ReadVariableOp', ['w']),
  node('product', 'MatMul', ['x', 'read:value:0']),
  node('read_b', 'ReadVariableOp', ['b']),
  node('biased', 'BiasAdd', ['product:product:0', 'read_b:value:0', '^read']),
  node('axis', 'Const', [], { value: attr.integers([1]), dtype: attr.type(3) }),
  node('cut', 'Split', ['axis:output:0', 'biased:output:0'], { num_split: attr.integer(2) }),
]);
const outer = functionDef('outer', ['x', 'w', 'b'], { y: 'act:activations:0', z: 'call:output:1' }, [
  node('call', 'StatefulPartitionedCall', ['x', 'w', 'b'], { f: attr.func('inner') }),
  node('act', 'Relu', ['call:output:0']),
]);
const variable = (name: string, shared: string) =>
  node(name, 'VarHandleOp', [], { shared_name: attr.text(shared), dtype: attr.type(FLOAT) });
const parts: ModelParts = {
  nodes: [
    node('serving_default_x', 'Placeholder', [], { dtype: attr.type(FLOAT), shape: attr.shape([-1, 2]) }),
    variable('w', 'dense/kernel'),
    variable('b', 'dense/bias'),
    node('StatefulPartitionedCall', 'StatefulPartitionedCall', ['serving_default_x', 'w', 'b'], {
      f: attr.func('outer'),
    }),
  ],
  functions: [inner, outer],
  inputs: { x: 'serving_default_x:0' },
  outputs: { y: 'StatefulPartitionedCall:0', z: 'StatefulPartitionedCall:1' },
};

function files(model: ModelParts, more: ReadonlyMap<string, Uint8Array> = bundle(variables, 2)) {
  const all = new Map([['saved_model.pb', savedModel(model)], ...more]);
  return (name: string) => all.get(name);
}

function refusal(lookup: (name: string) => Uint8Array | undefined, signature?: string): string {
  const result = importSavedModel(lookup, signature === undefined ? {} : { signature });
  if (result.ok) throw new Error('it was read');
  for (const { where } of result.diagnostics) expect(where).toBeDefined();
  return result.diagnostics.map(renderDiagnostic).join('\n');
}

describe('a written SavedModel', () => {
  it('computes what its functions say, with variables from two shards', () => {
    const graph = unwrap(importSavedModel(files(parts)));
    expect(graph.inputs).toEqual(['x']);
    expect(graph.outputs).toEqual(['y', 'z']);
    const result = evaluateGraph(graph, new Map([['x', float32Tensor([1, 2], [2, 1])]]));
    // [2, 1] times the kernel is [-3, -2, -1, 0], with the bias [-2.5, -2.5, -0.75, 100]; y is the second half, rectified.
    expect([...result.get('y')!.data]).toEqual([0, 100]);
    expect([...result.get('z')!.data]).toEqual([-2.5, -2.5]);
  });

  it('takes a batch by the name of the signature and refuses a name that it does not have', () => {
    const graph = unwrap(importSavedModel(files(parts), { shapes: { x: [3, 2] } }));
    expect(graph.values.get('y')!.type.shape).toEqual([3, 2]);
    const stray = importSavedModel(files(parts), { shapes: { nothing: [3, 2] } });
    expect(stray.ok).toBe(false);
    expect(stray.diagnostics[0]!.hint).toBe('inputs: x');
  });

  it('reads variables of TensorFlow 1, named in the checkpoint as in the graph', () => {
    const model: ModelParts = {
      nodes: [
        node('x', 'Placeholder', [], { dtype: attr.type(FLOAT), shape: attr.shape([1, 2]) }),
        node('kernel', 'VariableV2', [], { dtype: attr.type(FLOAT) }),
        node('kernel/read', 'Identity', ['kernel']),
        node('product', 'MatMul', ['x', 'kernel/read']),
      ],
      inputs: { x: 'x:0' },
      outputs: { y: 'product:0' },
      signature: 'predict',
    };
    const stored = bundle([{ key: 'kernel', shape: [2, 1], values: [3, 4] }]);
    const graph = unwrap(importSavedModel(files(model, stored)));
    const result = evaluateGraph(graph, new Map([['x', float32Tensor([1, 2], [2, 1])]]));
    expect([...result.get('y')!.data]).toEqual([10]);
  });
});

describe('a damaged SavedModel is refused where the damage is', () => {
  const stored = bundle(variables, 2);
  const changed = (name: string, bytes: Uint8Array | undefined) => {
    const all = new Map(stored);
    if (bytes === undefined) all.delete(name);
    else all.set(name, bytes);
    return files(parts, all);
  };
  const index = 'variables/variables.index';
  const shard = 'variables/variables.data-00001-of-00002';

  it('files that are missing', () => {
    expect(refusal(() => undefined)).toContain('saved_model.pb');
    expect(refusal(changed(index, undefined))).toMatch(/file is missing[\s\S]*variables\.index/);
    expect(refusal(changed(shard, undefined))).toMatch(/file is missing[\s\S]*data-00001-of-00002/);
  });

  it('files that are cut short or changed', () => {
    expect(refusal(changed(index, stored.get(index)!.subarray(0, 90)))).toContain('does not end as a table');
    expect(refusal(changed(shard, stored.get(shard)!.subarray(0, 12)))).toContain('cut short');
    const flipped = stored.get(shard)!.slice();
    flipped[3]! ^= 1;
    expect(refusal(changed(shard, flipped))).toContain('checksum');
    const bent = stored.get(index)!.slice();
    bent[20]! ^= 1;
    expect(refusal(changed(index, bent))).toContain('checksum');
    expect(refusal(changed(index, sortedTable([['', new Uint8Array(2)]], 1)))).toContain('compressed');
  });

  it('a variable without a value', () => {
    const nodes = parts.nodes.with(1, variable('w', 'dense/other'));
    expect(refusal(files({ ...parts, nodes }))).toContain('dense/other');
  });

  it('functions that are missing, or call themselves, or get the wrong tensors', () => {
    expect(refusal(files({ ...parts, functions: [outer] }))).toContain('calls "inner"');
    const circle = functionDef('inner', ['x', 'w', 'b'], { o: 'call:output:0' }, [
      node('call', 'StatefulPartitionedCall', ['x', 'w', 'b'], { f: attr.func('outer') }),
    ]);
    expect(refusal(files({ ...parts, functions: [circle, outer] }))).toContain('outer -> inner -> outer');
    const few = functionDef('inner', ['x'], { first: 'x', second: 'x' }, []);
    expect(refusal(files({ ...parts, functions: [few, outer] }))).toContain('takes 1 tensors, not 3');
  });

  it('signatures that are not there', () => {
    expect(refusal(files(parts), 'train')).toContain('--signature: serving_default');
    expect(refusal(files({ ...parts, outputs: { y: 'nowhere:0' } }))).toContain('"nowhere"');
    expect(refusal(files({ ...parts, outputs: {} }))).toContain('no outputs');
  });

  it('any mutation gives a graph that verifies or located errors, never a crash', () => {
    const all = new Map([['saved_model.pb', savedModel(parts)], ...stored]);
    const mutation = fc.record({
      file: fc.constantFrom(...all.keys()),
      flips: fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      keep: fc.oneof(fc.constant(1), fc.double({ min: 0, max: 1, noNaN: true })),
    });
    fc.assert(
      fc.property(mutation, ({ file, flips, keep }) => {
        const bytes = all.get(file)!.slice();
        for (const [at, value] of flips) bytes[at % bytes.length] = value;
        const cut = bytes.subarray(0, Math.ceil(keep * bytes.length));
        const result = importSavedModel((name) => (name === file ? cut : all.get(name)));
        if (result.ok) expect(verifyGraph(result.value)).toEqual([]);
        else for (const { where } of result.diagnostics) expect(where).toBeDefined();
      }),
      { numRuns: Number(process.env.SYSTOLE_RUNS ?? 300) },
    );
  });
});
