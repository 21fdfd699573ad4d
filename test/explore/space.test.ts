/** Spaces: what they mean, and where the user's mistakes are pointed at. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderDiagnostic, unwrap } from '../../base/index.js';
import {
  genesOf,
  idOf,
  machineAt,
  parseExpression,
  parseSpace,
  type Space,
} from '../../tools/explore/index.js';

const head = 'name: s\nmachine: edge8\n';
const space = (text: string): Space => unwrap(parseSpace(head + text, 's.yaml', ['digits']));

function faults(text: string): string {
  const result = parseSpace(head + text, 's.yaml', ['digits']);
  return result.ok ? 'ok' : result.diagnostics.map(renderDiagnostic).join('\n');
}

describe('values', () => {
  it('are lists, linear ranges and powers, both ends included', () => {
    const { parameters, size } = space(
      'parameters:\n  array.rows: [4, 8]\n  clockMegahertz: {from: 50, to: 100, step: 25}\n  buffers.weight.rows: {from: 512, to: 4096, factor: 2}\n',
    );
    expect(parameters.map(({ values }) => values)).toEqual([
      [4, 8],
      [50, 75, 100],
      [512, 1024, 2048, 4096],
    ]);
    expect(size).toBe(24);
  });

  it('property: a point’s number and its indices are inverse', () => {
    const s = space(
      'parameters:\n  array.rows: [4, 8, 12]\n  array.columns: [4, 8]\n  queueDepth: [1, 2, 4, 8]\n',
    );
    fc.assert(fc.property(fc.nat(s.size - 1), (id) => idOf(s, genesOf(s, id)) === id));
  });

  it('make machines whose derived fields follow', () => {
    const s = space(
      'parameters:\n  array.rows: [4, 6]\nderived:\n  array.columns: 2 * array.rows\n  vector.lanes: array.rows / 2\n',
    );
    const point = machineAt(s, 1);
    expect(point.ok && point.machine).toMatchObject({
      array: { rows: 6, columns: 12 },
      vector: { lanes: 3 },
    });
  });

  it('tell constraints of the space from rules of every machine', () => {
    const s = space('parameters:\n  array.rows: [3, 8, 16]\nconstraints: [array.rows < 16]\n');
    expect([0, 1, 2].map((id) => machineAt(s, id))).toMatchObject([
      { ok: false, reason: 'machine' },
      { ok: true },
      { ok: false, reason: 'constraint', message: 'array.rows < 16' },
    ]);
  });
});

describe('mistakes are pointed at', () => {
  it.each([
    ['parameters:\n  array.rws: [4]\n', 'there is no "array.rws" here\n  --> s.yaml:4:15'],
    [
      'parameters:\n  array.rows: [4, 400]\n',
      '400 for array.rows: Too big: expected number to be <=256\n  --> s.yaml:4:19',
    ],
    ['parameters:\n  buffers.weight.rows: [100]\n', 'must be a power of two\n  --> s.yaml:4:25'],
    [
      'parameters:\n  array.rows: {from: 4, to: 8}\n',
      'give one of `step` (linear) and `factor` (powers)\n  --> s.yaml:4:15',
    ],
    ['parameters:\n  array.rows: {from: 9, to: 8, step: 1}\n', 'array.rows has no values\n  --> s.yaml:4:15'],
    [
      'parameters: {}\nconstraints:\n  - array.rows <= array.cols\n',
      'there is no "array.cols" here\n  --> s.yaml:5:19',
    ],
    ['parameters: {}\nconstraints:\n  - array.rows <\n', 'the expression does not parse'],
    [
      'parameters: {}\nconstraints:\n  - array.rows + 1\n',
      'a comparison is needed, this is a number\n  --> s.yaml:5:5',
    ],
    [
      'parameters: {}\nconstraints:\n  - array.dataflow > 2\n',
      'a string is compared with a number\n  --> s.yaml:5:22',
    ],
    ['parameters: {}\nobjectives: [latency, beauty]\n', 'there is no "beauty" here\n  --> s.yaml:4:23'],
    ['parameters: {}\nlimits: [area <= "5"]\n', 'a number is compared with a string'],
    ['parameters: {}\nfits: spartan\n', 'there is no "spartan" here\n  --> s.yaml:4:7'],
    ['parameters: {}\nweights: {lenet: 2}\n', 'there is no "lenet" here\n  --> s.yaml:4:18'],
    ['parameters: {}\nobjektives: [latency]\n', 'objektives: there is no such field\n  --> s.yaml:4:13'],
    ['parameters: [4\n', 'explore/syntax'],
  ])('%j', (text, expected) => {
    expect(faults(text)).toContain(expected);
  });

  it('all at once, not one by one', () => {
    expect(
      faults('parameters:\n  array.rows: [0]\n  array.columns: [0]\nobjectives: [x]\n').match(/error/g),
    ).toHaveLength(3);
  });
});

describe('expressions', () => {
  const names = new Map([
    ['a.b', 'number' as const],
    ['kind', 'string' as const],
  ]);
  const place = () => ({ kind: 'file', file: 'f' }) as const;
  const value = (text: string) =>
    unwrap(parseExpression(text, names, place)).evaluate((name) => (name === 'kind' ? 'os' : 6));

  it.each([
    ['1 + 2 * 3 ^ 2', 19],
    ['-a.b % 4', -2],
    ['(1 + 2) * min(a.b, 4, 9)', 12],
    ['log2(8) + ceil(1.2) - floor(1.8)', 4],
    ["kind == 'os' and not a.b > 7", true],
    ['kind != "os" or 1e3 >= 1000', true],
    ['2 ^ 3 ^ 2', 512],
    ['8 - 4 - 2', 2],
  ])('%s is %s', (text, expected) => {
    expect(value(text)).toBe(expected);
  });

  it('property: sums, products and comparisons are JavaScript’s', () => {
    const term = fc.nat(99).map(String);
    const operator = fc.constantFrom('+', '-', '*', '<', '>=');
    fc.assert(
      fc.property(term, operator, term, (a, o, b) => {
        // biome-ignore lint/security/noGlobalEval: the language itself is the reference
        expect(value(`${a} ${o} ${b}`)).toBe(globalThis.eval(`${a} ${o} ${b}`));
      }),
    );
  });
});
