/** Branches of TensorFlow 1 and 2 with stated conditions are followed, others are refused at their node. */

import { describe, expect, it } from 'vitest';
import { float32Tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { importGraphDef } from '../../compiler/importers/tensorflow/index.js';
import { attr, type Field, FLOAT, functionDef, message, node, shapeMessage } from './saved-model-files.js';

const BOOL = 10;
const truth = (value: boolean) =>
  message([8, message([1, BOOL], [2, shapeMessage([])], [4, Uint8Array.of(value ? 1 : 0)])]);
const scalar = (value: number) =>
  message([
    8,
    message([1, FLOAT], [2, shapeMessage([])], [4, new Uint8Array(Float32Array.of(value).buffer)]),
  ]);

const graph = (nodes: readonly Uint8Array[], functions: readonly Uint8Array[] = []) =>
  message(
    ...nodes.map((one): Field => [1, one]),
    ...(functions.length > 0 ? [[2, message(...functions.map((f): Field => [1, f]))] as Field] : []),
  );
const float = { T: attr.type(FLOAT) };
const x = node('x', 'Placeholder', [], { dtype: attr.type(FLOAT), shape: attr.shape([1, 2]) });
const yes = (name: string, value: boolean) =>
  node(name, 'Const', [], { dtype: attr.type(BOOL), value: truth(value) });

function run(bytes: Uint8Array): number[] {
  const read = unwrap(importGraphDef(bytes));
  expect(verifyGraph(read)).toEqual([]);
  expect(read.outputs.length).toBe(1);
  const result = evaluateGraph(read, new Map([['x', float32Tensor([1, 2], [3, -4])]]));
  return Array.from(result.get(read.outputs[0]!)!.data, Number);
}

/** tf.cond of TensorFlow 1: Relu where the condition holds, else a constant that only a control dependency ties to its branch. */
const conditional = (condition: readonly Uint8Array[]) =>
  graph([
    x,
    ...condition,
    node('switch', 'Switch', ['x', 'condition'], float),
    node('pivot', 'Switch', ['condition', 'condition'], { T: attr.type(BOOL) }),
    node('on_true', 'Identity', ['pivot:1'], { T: attr.type(BOOL) }),
    node('on_false', 'Identity', ['pivot'], { T: attr.type(BOOL) }),
    node('relu', 'Relu', ['switch:1', '^on_true'], float),
    node('ten', 'Const', ['^on_false'], { dtype: attr.type(FLOAT), value: scalar(10) }),
    node('sum', 'Add', ['switch', 'ten'], float),
    node('merge', 'Merge', ['sum', 'relu'], float),
    node('y', 'Neg', ['merge'], float),
  ]);

describe('Switch and Merge', () => {
  it.each([
    [true, [-3, 0]],
    [false, [-13, -6]],
  ])('follow a condition that is %s', (value, expected) => {
    expect(run(conditional([yes('condition', value)])).map((v) => v + 0)).toEqual(expected);
    const passed = [yes('stated', value), node('condition', 'Identity', ['stated'], { T: attr.type(BOOL) })];
    expect(run(conditional(passed)).map((v) => v + 0)).toEqual(expected);
  });

  it('are refused where the condition is an input', () => {
    const fed = node('condition', 'Placeholder', [], { dtype: attr.type(BOOL), shape: attr.shape([]) });
    const result = importGraphDef(conditional([fed]));
    expect(result.ok).toBe(false);
    for (const { code, where } of result.diagnostics) {
      expect(code).toBe('tensorflow/computed-control');
      expect(where).toMatchObject({ kind: 'node' });
    }
  });
});

describe('If', () => {
  const functions = [
    functionDef('positive', ['a'], { out: 'r:activations:0' }, [node('r', 'Relu', ['a'], float)]),
    functionDef('negative', ['a'], { out: 'n:y:0' }, [node('n', 'Neg', ['a'], float)]),
  ];
  const call = (op: string, condition: Uint8Array) =>
    graph(
      [
        x,
        condition,
        node('branch', op, ['condition', 'x'], {
          then_branch: attr.func('positive'),
          else_branch: attr.func('negative'),
        }),
        node('y', 'Abs', ['branch'], float),
      ],
      functions,
    );

  it.each(['If', 'StatelessIf'])('%s calls the function that its condition says', (op) => {
    expect(run(call(op, yes('condition', true)))).toEqual([3, 0]);
    expect(run(call(op, yes('condition', false)))).toEqual([3, 4]);
  });

  it.each(['If', 'StatelessWhile'])('%s is refused where the condition is computed', (op) => {
    const fed = node('condition', 'Placeholder', [], { dtype: attr.type(BOOL), shape: attr.shape([]) });
    const result = importGraphDef(call(op, fed));
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]).toMatchObject({
      code: 'tensorflow/computed-control',
      where: { kind: 'node', node: 'branch' },
    });
  });
});
