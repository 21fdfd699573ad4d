/** What does not fit is refused at its node, with the numbers that would help; what is done differently is said. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic, tensor } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import type { Machine } from '../../models/machine/index.js';
import { check } from './check.js';
import { machineOf, NetworkBuilder } from './networks.js';

function messages(graph: Graph, machine: Machine): string {
  return schedule(graph, machine).diagnostics.map(renderDiagnostic).join('\n');
}

const small = { rows: 4, columns: 4, lanes: 2 };

describe('schedule diagnostics', () => {
  it('names the act buffer when one window does not fit', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.conv(b.input('x', [1, 4, 9, 9]), { channels: 4, kernel: [9, 9] }));
    expect(messages(graph, machineOf({ ...small, actRows: 64 }))).toBe(
      [
        'error[schedule/buffer-too-small]: the smallest tile needs 81 rows of the act buffer, the machine has 64',
        '  --> net, node "IntegerConv_0" (IntegerConv)',
        '  = hint: the smallest buffers.activation.rowsPerBank that would fit is 128',
      ].join('\n'),
    );
  });

  it('names the wgt buffer when one weight tile does not fit, and the size it names does fit', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.conv(b.input('x', [1, 4, 3, 3]), { channels: 4, kernel: [1, 1] }));
    const text = messages(graph, machineOf({ ...small, wgtRows: 2 }));
    expect(text).toContain('needs 4 rows of the wgt buffer, the machine has 2');
    expect(text).toContain('buffers.weight.rows that would fit is 4');
    expect(messages(graph, machineOf({ ...small, wgtRows: 4 }))).toBe('');
  });

  it('names the par buffer when the parameters of one output block do not fit', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.conv(b.input('x', [1, 4, 3, 3]), { channels: 16, kernel: [1, 1] }));
    const machine = machineOf({ rows: 16, columns: 16, lanes: 1, parRows: 4 });
    expect(messages(graph, machine)).toContain('needs 16 rows of the par buffer, the machine has 4');
  });

  it('names the vector function that a machine lacks', () => {
    const b = new NetworkBuilder(1);
    const x = b.input('x', [1, 4, 4, 4]);
    const graph = b.build(b.add(x, b.pool(x, 'IntegerMaxPool', [1, 1], [1, 1])));
    const machine = machineOf({ ...small, functions: ['add'] });
    expect(messages(graph, machine)).toContain('the vector unit of machine test lacks the function "pool"');
  });

  it('names an operator that the accelerator does not have', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.rescale(b.input('x', [1, 4, 4, 4])));
    const nodes = graph.nodes.map((node) => ({ ...node, operator: 'NonZero' }));
    const text = messages({ ...graph, nodes }, machineOf(small));
    expect(text).toContain('error[schedule/unsupported-operator]: NonZero cannot be scheduled');
    expect(text).toContain('node "IntegerRescale_0"');
  });

  it('refuses a flattening that nothing turns into a convolution', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.flatten(b.rescale(b.input('x', [1, 4, 4, 4]))));
    expect(messages(graph, machineOf(small))).toContain('[1,4,4,4] to [1,64] moves elements');
  });

  it('refuses a constant operand and a value that is not int8', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.add(b.input('x', [1, 4, 4, 4]), b.input('z', [1, 4, 4, 4])));
    const values = new Map(graph.values);
    values.set('z', { ...values.get('z')!, constant: tensor('int8', [1, 4, 4, 4], new Int8Array(64)) });
    const text = messages({ ...graph, values, inputs: ['x'] }, machineOf(small));
    expect(text).toContain('error[schedule/constant-operand]: operand z of IntegerAdd is a constant');
    const float = new Map(graph.values);
    float.set('x', { name: 'x', type: { element: 'float32', shape: [1, 4, 4, 4] } });
    expect(messages({ ...graph, values: float }, machineOf(small))).toContain('x is float32[1,4,4,4]');
  });

  it('refuses weights whose sums could leave a narrow accumulator', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.conv(b.input('x', [1, 64, 5, 5]), { channels: 4, kernel: [3, 3] }));
    const machine = machineOf({ ...small, wgtRows: 4096 });
    const narrow = { ...machine, elements: { ...machine.elements, accumulatorBits: 20 } };
    expect(messages(graph, machine)).toBe('');
    expect(messages(graph, narrow)).toContain('can need 24 bits, the accumulator has 20');
  });

  it.each([
    [
      'the sum',
      'IntegerAdd',
      { aMultiplier: 2 ** 31 - 1, aShift: 14, bMultiplier: 2 ** 31 - 1, bShift: 14 },
      33,
    ],
    ['operand b', 'IntegerAdd', { bBias: 2 ** 31 - 1 }, 33],
    ['bias 2147483600', 'IntegerRescale', { bias: 2147483600 }, 33],
    ['bias -2147483648', 'IntegerAveragePool', { bias: -(2 ** 31) }, 33],
    ['bias 4294967296', 'IntegerMaxPool', { bias: 2 ** 32 }, 34],
  ] as const)('refuses %s of %s where 32 bits can wrap', (what, operator, attributes, needed) => {
    const b = new NetworkBuilder(1);
    const x = b.input('x', [1, 4, 4, 4]);
    if (operator === 'IntegerAdd') b.add(x, x);
    else if (operator === 'IntegerRescale') b.rescale(x);
    else b.pool(x, operator, [2, 2], [1, 1]);
    const graph = b.build(`${operator}_0_y`);
    const machine = machineOf(small);
    expect(messages(graph, machine)).toBe('');
    const nodes = graph.nodes.map((node) => ({ ...node, attributes: { ...node.attributes, ...attributes } }));
    expect(messages({ ...graph, nodes }, machine)).toBe(
      [
        `error[schedule/sum-overflow]: with its bias, ${what} can need ${needed} bits; the vector unit adds in 32`,
        `  --> net, node "${operator}_0" (${operator})`,
        '  = hint: quantise with smaller biases, or scale the operands down before they are added',
      ].join('\n'),
    );
  });

  it('refuses a convolution of which sum and bias leave 32 bits', () => {
    const b = new NetworkBuilder(1);
    const graph = b.build(b.conv(b.input('x', [1, 4, 4, 4]), { channels: 4, kernel: [1, 1] }));
    const values = new Map(graph.values);
    const bias = graph.nodes[0]!.inputs[2]!;
    const data = Int32Array.of(0, 0, -(2 ** 31), 0);
    values.set(bias, { ...values.get(bias)!, constant: tensor('int32', [4], data) });
    expect(messages({ ...graph, values }, machineOf(small))).toContain(
      'with its bias, output channel 2 can need 33 bits',
    );
  });

  it('says that a grouped convolution was made dense where one group is too much for act, and computes it', () => {
    const build = (b: NetworkBuilder) =>
      b.build(b.conv(b.input('x', [1, 64, 3, 3]), { channels: 8, kernel: [3, 3], group: 2 }));
    const machine = machineOf({ ...small, actRows: 64 });
    // 8 blocks of 9 rows; a dense convolution takes its input block by block.
    expect(messages(build(new NetworkBuilder(1)), machine)).toContain('warning[schedule/expanded-groups]');
    expect(check(build, machine, 7)).toEqual([]);
  });

  it('does a depthwise convolution densely on a machine without the function', () => {
    const build = (b: NetworkBuilder) =>
      b.build(b.conv(b.input('x', [1, 6, 5, 5]), { channels: 6, kernel: [3, 3], group: 6 }));
    expect(check(build, machineOf({ ...small, functions: ['pool', 'add'] }), 7)).toEqual([]);
  });

  it('says that an unaligned concatenation went through the array, and computes it', () => {
    const build = (b: NetworkBuilder) => {
      const x = b.input('x', [1, 3, 5, 5]);
      return b.build(b.concat([x, b.rescale(x), x]));
    };
    const b = new NetworkBuilder(1);
    expect(messages(build(b), machineOf(small))).toContain(
      'channel offset 3 is no multiple of the 2 vector lanes',
    );
    expect(check(build, machineOf(small), 7)).toEqual([]);
  });

  it('gives a graph output that is an input, and one that is another name of a layer, tensors of their own', () => {
    const build = (b: NetworkBuilder) => {
      const x = b.input('x', [1, 3, 1, 1]);
      const y = b.rescale(x);
      return b.build(y, b.flatten(y), b.flatten(x));
    };
    expect(check(build, machineOf(small), 7)).toEqual([]);
  });
});
