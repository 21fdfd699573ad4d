/** A machine without one of the optional functions refuses, at its node, what needs it, and runs everything else. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { type VectorFunction, vectorFunctionNames } from '../../models/machine/index.js';
import { machineOf, NetworkBuilder } from './networks.js';

interface Use {
  readonly what: string;
  /** What the machine must have. */
  readonly needs: VectorFunction;
  readonly node: string;
  readonly build: (b: NetworkBuilder, x: string) => string;
}

const uses: readonly Use[] = [
  {
    what: 'a maximum',
    needs: 'pool',
    node: 'IntegerMaxPool_0',
    build: (b, x) => b.pool(x, 'IntegerMaxPool', [2, 2], [2, 2]),
  },
  {
    what: 'an average',
    needs: 'pool',
    node: 'IntegerAveragePool_0',
    build: (b, x) => b.pool(x, 'IntegerAveragePool', [2, 2], [2, 2]),
  },
  { what: 'a residual sum', needs: 'add', node: 'IntegerAdd_0', build: (b, x) => b.add(x, x) },
  {
    what: 'a convolution with a table',
    needs: 'lookup',
    node: 'IntegerConv_0',
    build: (b, x) => b.conv(x, { channels: 4, kernel: [1, 1], table: true }),
  },
];

function refusals(use: Use, functions: readonly VectorFunction[]): readonly string[] {
  const b = new NetworkBuilder(1);
  const graph: Graph = b.build(use.build(b, b.input('x', [1, 4, 6, 6])));
  const scheduled = schedule(graph, machineOf({ rows: 4, columns: 4, lanes: 2, functions: [...functions] }));
  return scheduled.ok ? [] : scheduled.diagnostics.map((d) => renderDiagnostic(d));
}

function depthwiseMnemonics(functions: readonly VectorFunction[]): readonly string[] {
  const b = new NetworkBuilder(1);
  const x = b.input('x', [1, 4, 6, 6]);
  const graph = b.build(b.conv(x, { channels: 4, kernel: [3, 3], group: 4 }));
  // As many lanes as columns: the vector unit alone is as quick as the array.
  const machine = machineOf({ rows: 4, columns: 4, lanes: 4, functions: [...functions] });
  const { dataflow, image } = unwrap(schedule(graph, machine));
  return unwrap(lower(dataflow, machine, image)).instructions.map(({ mnemonic }) => mnemonic);
}

describe('optional vector functions', () => {
  it('are all covered here', () => {
    // row-parameters allows a mapping (exchange.test.ts); no operator needs it.
    const others = ['depthwise', 'row-parameters'] as const;
    expect(new Set([...uses.map(({ needs }) => needs), ...others])).toEqual(new Set(vectorFunctionNames));
  });

  it('a depthwise convolution needs none: without its function it becomes a convolution on the array', () => {
    const onArray = depthwiseMnemonics(vectorFunctionNames.filter((name) => name !== 'depthwise'));
    expect(onArray).toContain('matmul');
    expect(onArray).not.toContain('dwconv');
    const onVector = depthwiseMnemonics(['depthwise']);
    expect(onVector).toContain('dwconv');
    expect(onVector).not.toContain('matmul');
  });

  it.each(uses)('$what is refused at its node where the machine has no $needs', (use) => {
    const others = vectorFunctionNames.filter((name) => name !== use.needs);
    const found = refusals(use, others);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain('error[schedule/missing-function]');
    expect(found[0]).toContain(use.needs);
    expect(found[0]).toContain(`node "${use.node}"`);
  });

  it.each(uses)('$what needs nothing but $needs', (use) => {
    expect(refusals(use, [use.needs])).toEqual([]);
  });
});
