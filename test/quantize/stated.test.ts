/** What quantised files may state in odd ways: names, element types, scales that differ, scales that have no integer form. */

import { describe, expect, it } from 'vitest';
import { type Result, renderDiagnostic, type Tensor, tensor, unwrap } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { readOnnx } from '../../compiler/importers/onnx/index.js';
import { runPasses } from '../../compiler/passes/index.js';
import {
  bodyInputs,
  bodyOf,
  finishOutputs,
  importQuantized,
  type QuantizedNetwork,
} from '../../compiler/quantize/index.js';
import { randomTensor } from '../support/compare.js';
import {
  makeOnnxModel,
  type OnnxModelSpec,
  type OnnxNodeSpec,
  runOnnxruntime,
} from '../support/onnx-model.js';

const scalar = (value: number) => tensor('float32', [], Float32Array.of(value));
const uint8 = (value: number) => tensor('uint8', [], Uint8Array.of(value));
const int8 = (value: number) => tensor('int8', [], Int8Array.of(value));
const q = (x: string, s: string, z: string, y: string): OnnxNodeSpec => ({
  op: 'QuantizeLinear',
  inputs: [x, s, z],
  outputs: [y],
});
const dq = (x: string, s: string, z: string, y: string): OnnxNodeSpec => ({
  op: 'DequantizeLinear',
  inputs: [x, s, z],
  outputs: [y],
});

function imported(spec: OnnxModelSpec): { bytes: Uint8Array; result: Result<QuantizedNetwork> } {
  const bytes = makeOnnxModel({ opset: 13, ...spec });
  return { bytes, result: importQuantized(runPasses(unwrap(readOnnx(bytes, { name: 'test' })))) };
}

const refusal = (spec: OnnxModelSpec) => imported(spec).result.diagnostics.map(renderDiagnostic).join('\n');

/** Both networks' outputs on one input, ours also through the split into host and accelerator. */
async function both(spec: OnnxModelSpec, feed: ReadonlyMap<string, Tensor>) {
  const { bytes, result } = imported(spec);
  const network = unwrap(result);
  const whole = evaluateGraph(network.graph, feed);
  const split = finishOutputs(network, evaluateGraph(bodyOf(network), bodyInputs(network, feed)));
  expect([...split]).toEqual([...whole]);
  return { network, ours: whole, theirs: await runOnnxruntime(bytes, feed) };
}

function largestDifference(a: Tensor, b: Tensor): number {
  expect([a.element, a.shape]).toEqual([b.element, b.shape]);
  return Math.max(...Array.from(a.data as Float32Array, (v, i) => Math.abs(v - Number(b.data[i]))));
}

const integerNetwork: OnnxModelSpec = {
  nodes: [
    {
      op: 'QLinearConv',
      inputs: ['x', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'b'],
      outputs: ['c'],
      attributes: { pads: [1, 1, 1, 1] },
    },
    { op: 'MaxPool', inputs: ['c'], outputs: ['p'], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
    { op: 'Flatten', inputs: ['p'], outputs: ['f'] },
    { op: 'QLinearMatMul', inputs: ['f', 'ys', 'yz', 'm', 'ms', 'mz', 'os', 'oz'], outputs: ['y'] },
  ],
  initializers: {
    ...{
      xs: scalar(1 / 127),
      xz: uint8(120),
      ys: scalar(0.0391),
      yz: uint8(90),
      os: scalar(0.21),
      oz: uint8(131),
    },
    // Larger ones saturate in onnxruntime on x86 without VNNI.
    w: randomTensor([3, 2, 3, 3], 4, 'int8', [-63, 63]),
    ws: tensor('float32', [3], Float32Array.of(0.011, 0.007, 0.013)),
    wz: tensor('int8', [3], new Int8Array(3)),
    b: tensor('int32', [3], Int32Array.of(-700, 12345, 8)),
    m: randomTensor([12, 5], 5, 'uint8', [3, 250]),
    ms: scalar(0.017),
    mz: uint8(125),
  },
  inputs: [{ name: 'x', element: 'uint8', shape: [1, 2, 4, 4] }],
  outputs: [{ name: 'y', element: 'uint8', shape: [1, 5] }],
};

describe('quantised files', () => {
  it('uint8 inputs and outputs keep their names and types; uint8 weights become symmetric where they fit', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const feed = new Map([['x', randomTensor([1, 2, 4, 4], seed, 'uint8')]]);
      const { network, ours, theirs } = await both(integerNetwork, feed);
      expect(network.graph.outputs).toEqual(['y']);
      expect(largestDifference(ours.get('y')!, theirs.get('y')!)).toBeLessThanOrEqual(1);
      expect(bodyOf(network).nodes.map((n) => n.operator)).toEqual([
        'IntegerConv',
        'IntegerMaxPool',
        'Flatten',
        'IntegerMatMul',
      ]);
    }
  });

  const weighted = {
    nodes: [
      q('x', 'xs', 'xz', 'xq'),
      dq('xq', 'xs', 'xz', 'xd'),
      dq('w', 'ws', 'wz', 'wd'),
      { op: 'MatMul', inputs: ['xd', 'wd'], outputs: ['m'] },
      q('m', 'ms', 'mz', 'mq'),
      dq('mq', 'ms', 'mz', 'y'),
    ],
    initializers: {
      ...{ xs: scalar(1 / 127), xz: int8(0), ms: scalar(0.03), mz: int8(4) },
      ...{ w: randomTensor([6, 4], 3, 'int8', [-127, 127]), ws: scalar(0.013), wz: int8(0) },
    },
    inputs: [{ name: 'x', shape: [2, 6] }],
    outputs: [{ name: 'y', shape: [2, 4] }],
  } satisfies OnnxModelSpec;
  const feed = new Map([['x', randomTensor([2, 6], 8)]]);

  it('the output of a QDQ network keeps its name', async () => {
    const { network, ours, theirs } = await both(weighted, feed);
    expect(network.graph.outputs).toEqual(['y']);
    expect(largestDifference(ours.get('y')!, theirs.get('y')!)).toBeLessThan(0.0301);
  });

  it('a second QuantizeLinear at another scale rescales instead of replacing the first', async () => {
    const { network, ours, theirs } = await both(
      {
        ...weighted,
        nodes: [...weighted.nodes, q('y', 'ts', 'mz', 'tq'), dq('tq', 'ts', 'mz', 'z')],
        initializers: { ...weighted.initializers, ts: scalar(0.05) },
        outputs: [
          { name: 'y', shape: [2, 4] },
          { name: 'z', shape: [2, 4] },
        ],
      },
      feed,
    );
    expect(bodyOf(network).nodes.map((n) => n.operator)).toEqual(['IntegerMatMul', 'IntegerRescale']);
    expect(network.graph.outputs).toEqual(['y', 'z']);
    expect(largestDifference(ours.get('y')!, theirs.get('y')!)).toBeLessThan(0.0301);
    expect(largestDifference(ours.get('z')!, theirs.get('z')!)).toBeLessThan(0.0501);
  });

  it('another scale behind a Flatten is a rescaling, too', async () => {
    const spec: OnnxModelSpec = {
      nodes: [
        q('x', 'xs', 'z', 'xq'),
        dq('xq', 'xs', 'z', 'xd'),
        { op: 'Flatten', inputs: ['xd'], outputs: ['f'] },
        q('f', 'fs', 'z', 'fq'),
        dq('fq', 'fs', 'z', 'y'),
      ],
      initializers: { xs: scalar(1 / 127), fs: scalar(0.02), z: int8(0) },
      inputs: [{ name: 'x', shape: [1, 2, 3] }],
      outputs: [{ name: 'y', shape: [1, 6] }],
    };
    const { ours, theirs } = await both(spec, new Map([['x', randomTensor([1, 2, 3], 2)]]));
    expect(largestDifference(ours.get('y')!, theirs.get('y')!)).toBeLessThan(0.0201);
  });

  it('operators behind the last scale run on the host', async () => {
    const { network, ours, theirs } = await both(
      {
        ...weighted,
        nodes: [...weighted.nodes, { op: 'Sigmoid', inputs: ['y'], outputs: ['s'] }],
        outputs: [{ name: 's', shape: [2, 4] }],
      },
      feed,
    );
    expect(network.graph.nodes.at(-1)!.operator).toBe('Sigmoid');
    expect(largestDifference(ours.get('s')!, theirs.get('s')!)).toBeLessThan(0.01);
  });

  it('a bias whose scale is not input x weight scale is converted', async () => {
    const spec: OnnxModelSpec = {
      ...weighted,
      nodes: weighted.nodes.flatMap((node) =>
        node.op === 'MatMul'
          ? [dq('b', 'bs', 'bz', 'bd'), { op: 'Gemm', inputs: ['xd', 'wd', 'bd'], outputs: ['m'] }]
          : [node],
      ),
      initializers: {
        ...weighted.initializers,
        b: tensor('int32', [4], Int32Array.of(100, -50, 7, 0)),
        bs: scalar(0.01),
        bz: tensor('int32', [], Int32Array.of(0)),
      },
    };
    const { ours, theirs } = await both(spec, feed);
    expect(largestDifference(ours.get('y')!, theirs.get('y')!)).toBeLessThan(0.0301);
  });
});

describe('quantised files without integer form are refused with place and reason', () => {
  const base = {
    nodes: [
      q('x', 'xs', 'xz', 'xq'),
      dq('xq', 'xs', 'xz', 'xd'),
      dq('w', 'ws', 'wz', 'wd'),
      { op: 'Gemm', inputs: ['xd', 'wd'], outputs: ['m'], name: 'dense', attributes: { transB: 1 } },
      q('m', 'ms', 'mz', 'mq'),
      dq('mq', 'ms', 'mz', 'y'),
    ] as OnnxNodeSpec[],
    initializers: {
      ...{ xs: scalar(1 / 127), xz: int8(0), ms: scalar(0.03), mz: int8(4) },
      ...{ w: randomTensor([4, 4], 3, 'int8', [-127, 127]), ws: scalar(0.013), wz: int8(0) },
    },
    inputs: [{ name: 'x', shape: [2, 4] }],
    outputs: [{ name: 'y', shape: [2, 4] }],
  };

  it('scales along the wrong axis of the weights', () => {
    const initializers = {
      ...base.initializers,
      ws: tensor('float32', [4], Float32Array.of(1, 2, 3, 4)),
      wz: tensor('int8', [4], new Int8Array(4)),
    };
    expect(refusal({ ...base, initializers })).toMatchInlineSnapshot(`
      "error[quantize/weight-axis]: the weights have a scale for each index of axis 1, not of axis 0, their output channels
        --> test, node "dense" (Gemm)"
    `);
  });

  it('an activation with a scale per channel', () => {
    const initializers = {
      ...base.initializers,
      xs: tensor('float32', [4], Float32Array.of(1, 2, 3, 4)),
      xz: tensor('int8', [4], new Int8Array(4)),
    };
    expect(refusal({ ...base, initializers })).toMatchInlineSnapshot(`
      "error[quantize/unsupported-scale]: an activation has 4 scales, one for each index of an axis
        --> test, node "QuantizeLinear_0" (QuantizeLinear)
        = hint: activations need one constant scale and zero point in int8, uint8 or int16"
    `);
  });

  it('a 16-bit activation', () => {
    const initializers = { ...base.initializers, xz: tensor('uint16', [], Uint16Array.of(9)) };
    expect(refusal({ ...base, opset: 21, initializers })).toMatchInlineSnapshot(`
      "error[quantize/unsupported-scale]: an activation is uint16, not int8 or uint8
        --> test, node "QuantizeLinear_0" (QuantizeLinear)
        = hint: activations need one constant scale and zero point in int8, uint8 or int16"
    `);
  });

  it('a DequantizeLinear that reads another scale than was written', () => {
    const nodes = base.nodes.map((node) => (node.outputs[0] === 'xd' ? dq('xq', 'ms', 'xz', 'xd') : node));
    expect(refusal({ ...base, nodes })).toMatchInlineSnapshot(`
      "error[quantize/unsupported-scale]: its scale 0.029999999329447746 is not the 0.007874015718698502 of its input
        --> test, node "DequantizeLinear_1" (DequantizeLinear)
        = hint: activations need one constant scale and zero point in int8, uint8 or int16"
    `);
  });

  it('a scale that is computed while the network runs', () => {
    const nodes = base.nodes.flatMap((node) =>
      node.outputs[0] === 'xq'
        ? [{ op: 'Sigmoid', inputs: ['s'], outputs: ['dynamic'] }, q('x', 'dynamic', 'xz', 'xq')]
        : [node],
    );
    const inputs = [...base.inputs, { name: 's', shape: [] }];
    expect(refusal({ ...base, nodes, inputs })).toMatchInlineSnapshot(`
      "error[quantize/unsupported-scale]: input 1 is computed while the network runs, not constant
        --> test, node "QuantizeLinear_1" (QuantizeLinear)
        = hint: activations need one constant scale and zero point in int8, uint8 or int16"
    `);
  });

  it('a layer behind which no scale stands', () => {
    const nodes = base.nodes.slice(0, 4);
    expect(refusal({ ...base, nodes, outputs: [{ name: 'm', shape: [2, 4] }] })).toMatchInlineSnapshot(`
      "error[quantize/unknown-scale]: tensor "m" carries no scale and zero point
        --> test, node "dense" (Gemm)
        = hint: a quantised network must have QuantizeLinear after every operator that the accelerator runs"
    `);
  });
});
