/** Pools of whole pictures that no instruction counts or no bank holds: viewed under other sides, or by maxima of stretches; depthwise windows that none counts: dense. The values stay. */

import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { legalize } from '../../compiler/schedule/index.js';
import { check } from './check.js';
import { machineOf, NetworkBuilder } from './networks.js';

const machine = machineOf({ rows: 4, columns: 4, lanes: 2 });

const whole =
  (kind: 'IntegerMaxPool' | 'IntegerAveragePool', height: number, width: number) => (b: NetworkBuilder) =>
    b.build(b.pool(b.input('x', [2, 6, height, width]), kind, [height, width], [1, 1]));

const operators = (build: ReturnType<typeof whole>) =>
  unwrap(legalize(build(new NetworkBuilder(3)), machine)).nodes.map(({ operator }) => operator);

describe('pools of whole pictures', () => {
  it.each([
    ['a maximum of 300 pixels in a row is one of 15 x 20', 'IntegerMaxPool', 1, 300, 2],
    ['and so is a mean', 'IntegerAveragePool', 1, 300, 2],
    [
      'a picture of 2 x 257 has no such sides: its maximum is taken by stretches',
      'IntegerMaxPool',
      2,
      257,
      3,
    ],
    ['a maximum of 509 pixels, a prime', 'IntegerMaxPool', 1, 509, 3],
    ['a maximum of 60 x 60 pixels, more than a bank of act holds, by stretches', 'IntegerMaxPool', 60, 60, 3],
    ['what instructions count stays', 'IntegerMaxPool', 2, 150, 1],
  ] as const)('%s', (_, kind, height, width, layers) => {
    const build = whole(kind, height, width);
    expect(operators(build)).toHaveLength(layers);
    for (const seed of [1, 2]) expect(check(build, machine, seed)).toEqual([]);
  });

  it('refuses a mean over a prime number of pixels, and a window within a picture, that are too long', () => {
    const refusal = (build: ReturnType<typeof whole>) => {
      const result = legalize(build(new NetworkBuilder(3)), machine);
      return result.ok ? [] : result.diagnostics.map(({ code, message }) => `${code}: ${message}`);
    };
    expect(refusal(whole('IntegerAveragePool', 1, 509))).toEqual([
      'schedule/unsupported-operator: IntegerAveragePool cannot be scheduled: its window is 1 x 509, and no two numbers that are counted make 509; instructions count to 255',
    ]);
    const within = (b: NetworkBuilder) =>
      b.build(b.pool(b.input('x', [1, 4, 1, 400]), 'IntegerMaxPool', [1, 300], [1, 1]));
    expect(refusal(within)).toEqual([
      'schedule/unsupported-operator: IntegerMaxPool cannot be scheduled: its window is 1 x 300; instructions count to 255',
    ]);
  });
});

describe('depthwise convolutions', () => {
  const along =
    (o: { kernel: number; stride?: number; dilation?: number; width: number }) => (b: NetworkBuilder) =>
      b.build(
        b.conv(b.input('x', [1, 4, 1, o.width]), {
          ...{ channels: 4, group: 4, kernel: [1, o.kernel] },
          ...{ stride: [1, o.stride ?? 1], dilation: [1, o.dilation ?? 1] },
        }),
      );

  it.each([
    ['of 64 taps', { kernel: 64, width: 100 }],
    ['with a dilation of 256', { kernel: 3, dilation: 256, width: 600 }],
    ['with a stride of 256', { kernel: 3, stride: 256, width: 600 }],
  ] as const)('%s run as dense ones, and say so', (_, o) => {
    const legal = legalize(along(o)(new NetworkBuilder(2)), machine);
    expect(legal.diagnostics.map(({ code }) => code)).toEqual(['schedule/expanded-groups']);
    expect(legal.diagnostics[0]!.hint).toContain('a shorter kernel, stride or dilation');
    for (const seed of [1, 2]) expect(check(along(o), machine, seed)).toEqual([]);
  });

  it('of 63 taps stay what they are', () => {
    expect(legalize(along({ kernel: 63, width: 100 })(new NetworkBuilder(2)), machine).diagnostics).toEqual(
      [],
    );
    expect(check(along({ kernel: 63, width: 100 }), machine, 1)).toEqual([]);
  });
});
