/** If and Loop with constant conditions, dynamic quantisation and external data: against onnxruntime and by hand. */

import { describe, expect, it } from 'vitest';
import { float32Tensor, type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, verifyGraph } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { onnxMessage } from '../../compiler/importers/wire/index.js';
import { onnxCode, runOnnxruntime, tensorMessage } from '../support/onnx-model.js';

const value = (name: string, shape: readonly number[], element: Tensor['element'] = 'float32') => ({
  name,
  type: {
    tensorType: { elemType: onnxCode(element), shape: { dim: shape.map((dimValue) => ({ dimValue })) } },
  },
});
const scalar = (name: string, element: Tensor['element']) => value(name, [], element);
const bytesOf = (graph: object, opset = 17): Uint8Array => {
  const model = onnxMessage('Model');
  return model
    .encode(model.fromObject({ irVersion: 8, graph, opsetImport: [{ domain: '', version: opset }] }))
    .finish();
};
const int64 = (name: string, data: bigint) =>
  tensorMessage(name, tensor('int64', [], BigInt64Array.of(data)));
const bool = (name: string, data: number) => tensorMessage(name, tensor('bool', [], Uint8Array.of(data)));
const x = float32Tensor([1, 4], [1, -2, 3, -4]);

async function agree(
  graph: object,
  inputs: ReadonlyMap<string, Tensor> = new Map([['x', x]]),
): Promise<void> {
  const bytes = bytesOf(graph);
  const ours = unwrap(readOnnx(bytes, { name: 'net' }));
  expect(verifyGraph(ours)).toEqual([]);
  const [found, expected] = [evaluateGraph(ours, inputs), await runOnnxruntime(bytes, inputs)];
  for (const [name, wanted] of expected) {
    expect(found.get(name)!.shape).toEqual(wanted.shape);
    expect(Array.from(found.get(name)!.data, Number)).toEqual(Array.from(wanted.data, Number));
  }
}

const branch = (operator: string) => ({
  name: operator,
  // Both branches use the same name inside, and read x from around them.
  node: [
    { opType: operator, input: ['x'], output: ['t'] },
    { opType: 'Relu', input: ['t'], output: ['r'] },
  ],
  output: [value('r', [1, 4])],
});
const conditional = (condition: object[], initializer: object[]) => ({
  name: 'g',
  node: [
    ...condition,
    {
      opType: 'If',
      input: ['c'],
      output: ['y'],
      attribute: [
        { name: 'then_branch', type: 5, g: branch('Neg') },
        { name: 'else_branch', type: 5, g: branch('Exp') },
      ],
    },
  ],
  initializer,
  input: [value('x', [1, 4])],
  output: [value('y', [1, 4])],
});

describe('If with a constant condition', () => {
  it.each([0, 1])('becomes the branch that is taken (%i)', async (taken) => {
    await agree(conditional([], [bool('c', taken)]));
  });

  it('takes a condition that the shape of the input decides', async () => {
    const condition = [
      { opType: 'Size', input: ['x'], output: ['n'] },
      { opType: 'Equal', input: ['n', 'four'], output: ['c'] },
    ];
    await agree(conditional(condition, [int64('four', 4n)]));
  });

  it('refuses one that depends on the data', () => {
    const condition = [
      { opType: 'ReduceMax', input: ['x'], output: ['m'], attribute: [{ name: 'keepdims', type: 2, i: 0 }] },
      { opType: 'Less', input: ['m', 'zero'], output: ['c'] },
    ];
    const zero = tensorMessage('zero', float32Tensor([], [0]));
    const result = readOnnx(bytesOf(conditional(condition, [zero])), { name: 'net' });
    expect(result.ok).toBe(false);
    expect(result.diagnostics[0]).toMatchObject({
      code: 'onnx/dynamic-input',
      where: { kind: 'node', operator: 'If' },
    });
  });
});

/** y = x after `turns` doublings plus the turn's number, and the values of all turns. */
const loop = (trips: bigint, condition: object[], outcome: string) => ({
  name: 'g',
  node: [
    {
      opType: 'Loop',
      input: ['trips', 'on', 'x'],
      output: ['y', 'all'],
      attribute: [
        {
          name: 'body',
          type: 5,
          g: {
            name: 'body',
            node: [
              { opType: 'Add', input: ['v', 'v'], output: ['d'] },
              { opType: 'Cast', input: ['i'], output: ['f'], attribute: [{ name: 'to', type: 2, i: 1 }] },
              { opType: 'Add', input: ['d', 'f'], output: ['next'] },
              { opType: 'Identity', input: ['next'], output: ['seen'] },
              ...condition,
            ],
            input: [scalar('i', 'int64'), scalar('go', 'bool'), value('v', [1, 4])],
            output: [scalar(outcome, 'bool'), value('next', [1, 4]), value('seen', [1, 4])],
          },
        },
      ],
    },
  ],
  initializer: [int64('trips', trips), bool('on', 1), int64('two', 2n)],
  input: [value('x', [1, 4])],
  output: [value('y', [1, 4]), { name: 'all', type: { tensorType: { elemType: 1 } } }],
});
const keepOn = [{ opType: 'Identity', input: ['go'], output: ['more'] }];

describe('Loop with a constant number of turns', () => {
  it('is unrolled, its collected results stacked', async () => {
    await agree(loop(3n, keepOn, 'more'));
  });

  it('ends where its condition does', async () => {
    await agree(loop(9n, [{ opType: 'Less', input: ['i', 'two'], output: ['more'] }], 'more'));
  });

  it('refuses one that never ends', () => {
    const result = readOnnx(bytesOf(loop(10n ** 12n, keepOn, 'more')), { name: 'net' });
    expect(result.diagnostics[0]?.message).toContain('more than 1024 turns');
  });
});

describe('dynamic quantisation', () => {
  const weights = tensor('uint8', [4, 3], Uint8Array.from([1, 250, 128, 7, 9, 200, 130, 120, 0, 255, 3, 77]));
  const dynamic = { opType: 'DynamicQuantizeLinear', input: ['x'], output: ['q', 's', 'z'] };

  it('multiplies as onnxruntime does', async () => {
    await agree({
      name: 'g',
      node: [
        dynamic,
        { opType: 'MatMulInteger', input: ['q', 'w', 'z', 'wz'], output: ['i'] },
        { opType: 'Cast', input: ['i'], output: ['f'], attribute: [{ name: 'to', type: 2, i: 1 }] },
        { opType: 'Mul', input: ['f', 's'], output: ['y'] },
      ],
      initializer: [
        tensorMessage('w', weights),
        tensorMessage('wz', tensor('uint8', [], Uint8Array.of(128))),
      ],
      input: [value('x', [1, 4])],
      output: [value('y', [1, 3])],
    });
  });

  it('convolves as onnxruntime does', async () => {
    const picture = float32Tensor(
      [1, 1, 4, 4],
      Array.from({ length: 16 }, (_, i) => Math.sin(i * 3)),
    );
    const kernel = tensor(
      'uint8',
      [2, 1, 3, 3],
      Uint8Array.from({ length: 18 }, (_, i) => (i * 37) % 256),
    );
    const graph = {
      name: 'g',
      node: [
        dynamic,
        {
          opType: 'ConvInteger',
          input: ['q', 'w', 'z', 'wz'],
          output: ['i'],
          attribute: [{ name: 'pads', type: 7, ints: [1, 1, 1, 1] }],
        },
        { opType: 'Cast', input: ['i'], output: ['f'], attribute: [{ name: 'to', type: 2, i: 1 }] },
        { opType: 'Mul', input: ['f', 's'], output: ['y'] },
      ],
      initializer: [tensorMessage('w', kernel), tensorMessage('wz', tensor('uint8', [], Uint8Array.of(100)))],
      input: [value('x', [1, 1, 4, 4])],
      output: [value('y', [1, 2, 4, 4])],
    };
    await agree(graph, new Map([['x', picture]]));
  });
});

describe('external data', () => {
  const stored = (entries: Readonly<Record<string, string>>) =>
    bytesOf({
      name: 'g',
      node: [{ opType: 'Add', input: ['x', 'w'], output: ['y'] }],
      initializer: [
        {
          name: 'w',
          dims: [1, 4],
          dataType: 1,
          dataLocation: 1,
          externalData: Object.entries(entries).map(([key, text]) => ({ key, value: text })),
        },
      ],
      input: [value('x', [1, 4])],
      output: [value('y', [1, 4])],
    });
  const file = new Uint8Array(Float32Array.from([9, 9, 1, 2, 3, 4, 9]).buffer);
  const beside = (path: string) => (path === 'sub/w.bin' ? file : undefined);
  const read = (entries: Readonly<Record<string, string>>) =>
    readOnnx(stored(entries), { name: 'net', beside });

  it('takes offset and length of a file beside the model', () => {
    const graph = unwrap(read({ location: 'sub/w.bin', offset: '8', length: '16' }));
    expect(Array.from(evaluateGraph(graph, new Map([['x', x]])).get('y')!.data, Number)).toEqual([
      2, 0, 6, 0,
    ]);
  });

  it.each([
    [{ location: '../w.bin' }, "outside the model's folder"],
    [{ location: 'sub/../../w.bin' }, "outside the model's folder"],
    [{ location: '/etc/w.bin' }, "outside the model's folder"],
    [{ location: 'C:\\w.bin' }, "outside the model's folder"],
    [{ location: 'other.bin' }, 'not beside the model'],
    [{ location: 'sub/w.bin', offset: '-8', length: '16' }, 'is no number'],
    [{ location: 'sub/w.bin', offset: '8', length: '1600' }, 'do not exist: it has 28'],
    [{ location: 'sub/w.bin', offset: '8' }, 'the data have 20 bytes, the shape needs 16'],
    [{}, 'which the model does not name'],
  ])('refuses %j', (entries: Readonly<Record<string, string>>, message) => {
    const [diagnostic] = read(entries).diagnostics;
    expect(diagnostic).toMatchObject({ code: 'onnx/bad-tensor', where: { kind: 'value', value: 'w' } });
    expect(diagnostic!.message).toContain(message);
  });
});
