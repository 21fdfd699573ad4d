/** The rendered text of every diagnostic of the byte layer and the ONNX importer, beside the file that causes it. */

import { describe, expect, it } from 'vitest';
import { float32Tensor, renderDiagnostic, tensor, unwrap } from '../../base/index.js';
import { looksLikeOnnx, type ReadOnnxOptions, readOnnx } from '../../compiler/importers/onnx/index.js';
import { onnxMessage } from '../../compiler/importers/wire/index.js';
import { makeOnnxModel, type OnnxModelSpec, type OnnxNodeSpec } from '../support/onnx-model.js';

const x = { name: 'x', shape: [1, 2, 4, 4] };
const y = { name: 'y', shape: [1, 2, 4, 4] };

function model(nodes: readonly OnnxNodeSpec[], rest: Partial<OnnxModelSpec> = {}): Uint8Array {
  return makeOnnxModel({ nodes, inputs: [x], outputs: [y], ...rest });
}

function rendered(bytes: Uint8Array, options: ReadOnnxOptions = {}): string {
  return readOnnx(bytes, { name: 'net.onnx', ...options })
    .diagnostics.map(renderDiagnostic)
    .join('\n');
}

interface EditableGraph {
  readonly initializer: { dataLocation: number }[];
  readonly input: { type: object }[];
}

/** A model whose message is edited as an object before it is written. */
function edited(bytes: Uint8Array, edit: (graph: EditableGraph) => void): Uint8Array {
  const type = onnxMessage('Model');
  const message = type.toObject(type.decode(bytes)) as { graph: EditableGraph };
  edit(message.graph);
  return type.encode(type.fromObject(message)).finish();
}

const relu: OnnxNodeSpec = { op: 'Relu', inputs: ['x'], outputs: ['y'], name: 'act' };
const two = tensor('int64', [2], BigInt64Array.of(1n, -1n));

describe('diagnostics of the ONNX importer', () => {
  it('wire/broken-file: a truncated file', () => {
    const bytes = model([relu]);
    expect(rendered(bytes.subarray(0, bytes.length - 20))).toMatchInlineSnapshot(`
      "error[wire/broken-file]: the file is not a readable ONNX model: a field reaches beyond the end of the data
        --> net.onnx, byte 18
        = hint: the file may be truncated or of another format; check it with onnx.checker"
    `);
  });

  it('onnx/no-graph: an empty file', () => {
    expect(rendered(new Uint8Array())).toMatchInlineSnapshot(`
      "error[onnx/no-graph]: the model holds no graph
        --> net.onnx"
    `);
  });

  it('onnx/unsupported-opset', () => {
    expect(rendered(model([relu], { opset: 5 }))).toMatchInlineSnapshot(`
      "error[onnx/unsupported-opset]: operator set 5 is older than 6, the oldest supported
        --> net.onnx
        = hint: convert the model with onnx.version_converter"
    `);
  });

  it('onnx/unmapped-operator: all of them, each at its node', () => {
    const nodes = [
      { op: 'NonZero', inputs: ['x'], outputs: ['a'], name: 'mask' },
      { op: 'Relu', inputs: ['a'], outputs: ['b'] },
      { op: 'FusedConv', domain: 'com.microsoft', inputs: ['b'], outputs: ['y'] },
    ];
    expect(rendered(model(nodes))).toMatchInlineSnapshot(`
      "error[onnx/unmapped-operator]: operator NonZero is not supported
        --> net.onnx, node "mask" (NonZero)
        = hint: \`systole list operators\` prints the supported ones
      error[onnx/unmapped-operator]: operator com.microsoft.FusedConv is not supported
        --> net.onnx, node "FusedConv_2" (FusedConv)
        = hint: \`systole list operators\` prints the supported ones"
    `);
  });

  it('onnx/unsupported-attribute: unknown, of another kind, and of an unsupported value', () => {
    const nodes: OnnxNodeSpec[] = [
      { op: 'Relu', inputs: ['x'], outputs: ['a'], name: 'act', attributes: { slope: 3 } },
      { op: 'LeakyRelu', inputs: ['x'], outputs: ['b'], name: 'leaky', attributes: { alpha: 1 } },
      { op: 'Pad', inputs: ['x', 'p'], outputs: ['c'], name: 'pad', attributes: { depth: 1 } },
      { op: 'Cast', inputs: ['x'], outputs: ['y'], name: 'cast', attributes: { to: 99 } },
    ];
    const initializers = { p: tensor('int64', [8], new BigInt64Array(8)) };
    expect(rendered(model(nodes, { initializers }))).toMatchInlineSnapshot(`
      "error[onnx/unsupported-attribute]: attribute "slope" is unknown
        --> net.onnx, node "act" (Relu)
      error[onnx/unsupported-attribute]: attribute "alpha" is not of kind float
        --> net.onnx, node "leaky" (LeakyRelu)
      error[onnx/unsupported-attribute]: attribute "depth" is unknown
        --> net.onnx, node "pad" (Pad)
      error[onnx/unsupported-attribute]: attribute "to" has the unknown value 99
        --> net.onnx, node "cast" (Cast)"
    `);
  });

  it('onnx/unsupported-node', () => {
    const nodes: OnnxNodeSpec[] = [
      {
        op: 'MaxPool',
        inputs: ['x'],
        outputs: ['y', 'where'],
        name: 'pool',
        attributes: { kernel_shape: [2, 2] },
      },
    ];
    expect(rendered(model(nodes))).toMatchInlineSnapshot(`
      "error[onnx/unsupported-node]: MaxPool: the output "Indices" is not supported
        --> net.onnx, node "pool" (MaxPool)"
    `);
  });

  it('onnx/dynamic-input', () => {
    const nodes = [{ op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'], name: 'view' }];
    const inputs = [x, { name: 'shape', element: 'int64', shape: [2] } as const];
    expect(rendered(model(nodes, { inputs }))).toMatchInlineSnapshot(`
      "error[onnx/dynamic-input]: the input "shape" is computed at run time; it must be constant
        --> net.onnx, node "view" (Reshape)
        = hint: export with fixed shapes, or fold constants with onnxsim first"
    `);
  });

  it('onnx/undefined-input', () => {
    const nodes = [{ op: 'Add', inputs: ['x', 'ghost'], outputs: ['y'], name: 'sum' }];
    expect(rendered(model(nodes))).toMatchInlineSnapshot(`
      "error[onnx/undefined-input]: input "ghost" is no graph input, no initializer and no output of any node
        --> net.onnx, node "sum" (Add)"
    `);
  });

  it('onnx/cyclic-graph', () => {
    const nodes = [
      { op: 'Add', inputs: ['x', 'c'], outputs: ['a'], name: 'first' },
      { op: 'Relu', inputs: ['a'], outputs: ['b'], name: 'second' },
      { op: 'Relu', inputs: ['b'], outputs: ['c'], name: 'third' },
      { op: 'Relu', inputs: ['c'], outputs: ['y'], name: 'last' },
    ];
    expect(rendered(model(nodes))).toMatchInlineSnapshot(`
      "error[onnx/cyclic-graph]: nodes depend on themselves: "first" -> "second" -> "third" -> "first"
        --> net.onnx, node "first" (Add)"
    `);
  });

  it('onnx/redefined-value', () => {
    expect(rendered(model([relu, { ...relu, name: 'again' }]))).toMatchInlineSnapshot(`
      "error[onnx/redefined-value]: the tensor is defined more than once
        --> net.onnx, tensor "y""
    `);
  });

  it('onnx/bad-tensor: data that do not fill the shape', () => {
    const nodes = [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'], name: 'sum' }];
    const initializers = { w: { ...float32Tensor([4], [1, 2, 3, 4]), shape: [1, 1, 4, 4] } };
    expect(rendered(model(nodes, { initializers }))).toMatchInlineSnapshot(`
      "error[onnx/bad-tensor]: the data have 16 bytes, the shape needs 64
        --> net.onnx, tensor "w""
    `);
  });

  it('onnx/bad-tensor: data in another file that the model does not name', () => {
    const nodes = [{ op: 'Add', inputs: ['x', 'w'], outputs: ['y'], name: 'sum' }];
    const bytes = edited(model(nodes, { initializers: { w: float32Tensor([1], [1]) } }), (graph) => {
      graph.initializer[0]!.dataLocation = 1;
    });
    expect(rendered(bytes)).toMatchInlineSnapshot(`
      "error[onnx/bad-tensor]: the data are in another file, which the model does not name
        --> net.onnx, tensor "w""
    `);
  });

  it('onnx/unsupported-input: an input that is no tensor of numbers', () => {
    const bytes = edited(model([relu]), (graph) => {
      graph.input[0]!.type = {};
    });
    expect(rendered(bytes)).toMatchInlineSnapshot(`
      "error[onnx/unsupported-input]: the input is not a tensor of numbers
        --> net.onnx, tensor "x""
    `);
  });

  it('symbols of the file are bound by their names, in every input that has them', () => {
    const inputs = [{ name: 'x', shape: ['N', 2, 'height', 4] }];
    const shapes = { height: [6], N: [3] };
    const graph = unwrap(readOnnx(model([relu], { inputs }), { shapes }));
    expect(graph.values.get('x')!.type.shape).toEqual([3, 2, 6, 4]);
    const partly = readOnnx(model([relu], { inputs }), { shapes: { N: [3] } });
    expect(partly.diagnostics[0]).toMatchObject({ code: 'onnx/unknown-extent' });
    const wrong = readOnnx(model([relu], { inputs }), { shapes: { height: [6, 6] } });
    expect(wrong.diagnostics[0]).toMatchObject({ code: 'onnx/bad-shape' });
  });

  it('onnx/unknown-extent: only the batch may be symbolic', () => {
    const inputs = [{ name: 'x', shape: ['N', 2, 'height', 4] }];
    expect(rendered(model([relu], { inputs }))).toMatchInlineSnapshot(`
      "error[onnx/unknown-extent]: the extent of axis 2 is the symbol "height"
        --> net.onnx, tensor "x"
        = hint: state the shape: --shape x=..., or the symbol: --shape height=..."
    `);
    expect(rendered(model([relu], { inputs }), { shapes: { x: [1, 2, 4, 4] } })).toBe('');
  });

  it('onnx/bad-shape: a stated shape that cannot be', () => {
    const stated = (shapes: Record<string, number[]>) => rendered(model([relu]), { shapes });
    expect(stated({ x: [1, 2, -4, 4] })).toMatchInlineSnapshot(`
      "error[onnx/bad-shape]: [1, 2, -4, 4] has an extent that is not a positive integer
        --> net.onnx, tensor "x""
    `);
    expect(stated({ x: [1, 2] })).toMatchInlineSnapshot(`
      "error[onnx/bad-shape]: [1, 2] has rank 2, the file's input has rank 4
        --> net.onnx, tensor "x""
    `);
    expect(stated({ image: [1, 2, 4, 4] })).toMatchInlineSnapshot(`
      "error[onnx/bad-shape]: [1, 2, 4, 4] is stated for no input of the network
        --> net.onnx, tensor "image""
    `);
    expect(stated({ x: [4096, 4096, 4096, 4096] })).toMatchInlineSnapshot(`
      "error[onnx/bad-shape]: [4096, 4096, 4096, 4096] is too large
        --> net.onnx, tensor "x""
    `);
  });

  it('onnx/undefined-output', () => {
    expect(rendered(model([{ ...relu, outputs: ['z'] }]))).toMatchInlineSnapshot(`
      "error[onnx/undefined-output]: no node computes this graph output
        --> net.onnx, tensor "y""
    `);
  });

  it('onnx/type-mismatch', () => {
    const outputs = [{ ...y, element: 'int8' } as const];
    expect(rendered(model([relu], { outputs }))).toMatchInlineSnapshot(`
      "error[onnx/type-mismatch]: the file states int8, the operators give float32
        --> net.onnx, tensor "y""
    `);
  });

  it('onnx/shape-mismatch is a warning', () => {
    const bytes = model([relu], { outputs: [{ name: 'y', shape: [1, 2, 4, 5] }] });
    expect(rendered(bytes)).toMatchInlineSnapshot(`
      "warning[onnx/shape-mismatch]: the file states float32[1, 2, 4, 5], the operators give float32[1, 2, 4, 4]
        --> net.onnx, tensor "y""
    `);
    expect(readOnnx(bytes).ok).toBe(true);
  });

  it('graph/bad-inputs: shapes that do not fit, once, at their cause', () => {
    const nodes = [
      { op: 'Conv', inputs: ['x', 'w'], outputs: ['a'], name: 'conv' },
      { op: 'Relu', inputs: ['a'], outputs: ['y'], name: 'act' },
    ];
    const initializers = { w: float32Tensor([1, 3, 1, 1], [1, 2, 3]) };
    expect(rendered(model(nodes, { initializers }))).toMatchInlineSnapshot(`
      "error[graph/bad-inputs]: Conv: the weights take 3 channels, the input gives 2 per group
        --> net.onnx, node "conv" (Conv)"
    `);
  });

  it('graph/bad-inputs: a constant index beyond its axis', () => {
    const nodes: OnnxNodeSpec[] = [
      { op: 'Gather', inputs: ['two', 'five'], outputs: ['a'], name: 'pick' },
      { op: 'Reshape', inputs: ['x', 'a'], outputs: ['y'], name: 'view' },
    ];
    const initializers = { two, five: tensor('int64', [1], BigInt64Array.of(5n)) };
    expect(rendered(model(nodes, { initializers }))).toMatchInlineSnapshot(`
      "error[graph/bad-inputs]: Gather: index 5 is outside an axis of extent 2
        --> net.onnx, node "pick" (Gather)"
    `);
  });

  it('onnx/unsupported-node: a shape that is not made of integers', () => {
    const nodes = [{ op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'], name: 'view' }];
    const initializers = { shape: float32Tensor([2], [1, 2.5]) };
    expect(rendered(model(nodes, { initializers }))).toMatchInlineSnapshot(`
      "error[onnx/unsupported-node]: Reshape: the input "shape" is float32, not int64 or int32
        --> net.onnx, node "view" (Reshape)"
    `);
  });

  it('graph/bad-arity: a missing operand', () => {
    expect(
      rendered(model([{ op: 'Add', inputs: ['x'], outputs: ['y'], name: 'sum' }])),
    ).toMatchInlineSnapshot(`
      "error[graph/bad-arity]: Add takes 2 inputs, not 1
        --> net.onnx, node "sum" (Add)"
    `);
  });
});

describe('importing', () => {
  it('accepts nodes in any order', () => {
    const nodes = [
      { op: 'Relu', inputs: ['a'], outputs: ['y'], name: 'second' },
      { op: 'Neg', inputs: ['x'], outputs: ['a'], name: 'first' },
    ];
    const result = readOnnx(model(nodes));
    expect(result.ok && result.value.nodes.map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('folds Shape, Gather, Concat and Reshape chains away', () => {
    const nodes: OnnxNodeSpec[] = [
      { op: 'Shape', inputs: ['x'], outputs: ['s'] },
      {
        op: 'Constant',
        inputs: [],
        outputs: ['zero'],
        attributes: { value: tensor('int64', [], BigInt64Array.of(0n)) },
      },
      { op: 'Gather', inputs: ['s', 'zero'], outputs: ['n'], attributes: { axis: 0 } },
      { op: 'Unsqueeze', inputs: ['n', 'axes'], outputs: ['n1'] },
      { op: 'Concat', inputs: ['n1', 'rest'], outputs: ['shape'], attributes: { axis: 0 } },
      { op: 'Reshape', inputs: ['x', 'shape'], outputs: ['y'], name: 'view' },
    ];
    const initializers = {
      axes: tensor('int64', [1], BigInt64Array.of(0n)),
      rest: tensor('int64', [1], BigInt64Array.of(-1n)),
    };
    const result = readOnnx(model(nodes, { initializers, outputs: [{ name: 'y', shape: ['N', 32] }] }));
    expect(result.ok && result.value.nodes.map(({ operator }) => operator)).toEqual(['Reshape']);
    expect(result.ok && result.value.values.get('y')!.type.shape).toEqual([1, 32]);
    expect(result.ok && [...result.value.values.keys()].sort()).toEqual(['x', 'y']);
  });

  it('keeps the integers of quantised weights and notes what they mean', () => {
    const nodes: OnnxNodeSpec[] = [
      { op: 'DequantizeLinear', inputs: ['q', 'scale', 'zero'], outputs: ['w'], attributes: { axis: 0 } },
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] },
    ];
    const initializers = {
      q: tensor('int8', [2, 3], Int8Array.of(1, 2, 3, 4, 5, 6)),
      scale: float32Tensor([2], [0.5, 0.25]),
      zero: tensor('int8', [2], Int8Array.of(0, 1)),
    };
    const result = readOnnx(
      model(nodes, {
        initializers,
        inputs: [{ name: 'x', shape: [1, 2] }],
        outputs: [{ name: 'y', shape: [1, 3] }],
      }),
    );
    expect(result.ok && result.value.nodes.map(({ operator }) => operator)).toEqual([
      'DequantizeLinear',
      'MatMul',
    ]);
    const noted = result.ok ? result.value.values.get('q')!.quantization : undefined;
    expect(noted).toEqual({ scale: [0.5, 0.25], zeroPoint: [0, 1], axis: 0 });
  });

  it('tells ONNX files from others by their outline', () => {
    const bytes = model([relu], { initializers: { unused: two } });
    expect(looksLikeOnnx(bytes)).toBe(true);
    expect(looksLikeOnnx(bytes.subarray(0, bytes.length - 10))).toBe(true);
    const texts = [
      '',
      'name: "net"\nlayer {',
      '{"model": 1}',
      '\x89HDF\r\n\x1a\n',
      'PK\x03\x04',
      '\x1c\x00\x00\x00TFL3',
    ];
    expect(texts.filter((text) => looksLikeOnnx(Buffer.from(text, 'latin1')))).toEqual([]);
  });
});
