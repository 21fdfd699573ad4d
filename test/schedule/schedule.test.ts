/** Whatever the machine and the layer, the scheduled operations compute the layer, in every order that the semaphores allow. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { check } from './check.js';
import { type MachineNumbers, machineOf, type NetworkBuilder } from './networks.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 25);

const power = (low: number, high: number) => fc.integer({ min: low, max: high }).map((n) => 2 ** n);

const divisors = (a: number, b: number) =>
  Array.from({ length: Math.min(a, b) }, (_, i) => i + 1).filter((v) => a % v === 0 && b % v === 0);

/** Small machines of any proportions; buffers small enough that layers must be cut up. */
const machines: fc.Arbitrary<MachineNumbers> = fc
  .record({
    rows: fc.integer({ min: 1, max: 16 }),
    columns: fc.integer({ min: 1, max: 16 }),
    lane: fc.nat(),
    banks: fc.integer({ min: 3, max: 5 }),
    actRows: power(5, 9),
    wgtRows: power(4, 9),
    accRows: power(2, 7),
    parRows: power(4, 6),
    busBytes: power(2, 6),
  })
  .map(({ lane, ...m }) => {
    const lanes = divisors(m.rows, m.columns);
    return { ...m, lanes: lanes[lane % lanes.length]! };
  });

const extent = fc.integer({ min: 1, max: 9 });
const pair = (low: number, high: number) =>
  fc.tuple(fc.integer({ min: low, max: high }), fc.integer({ min: low, max: high }));

const convs = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  inputs: fc.integer({ min: 1, max: 40 }),
  channels: fc.integer({ min: 1, max: 40 }),
  height: extent,
  width: extent,
  kernel: pair(1, 5),
  stride: pair(1, 3),
  dilation: pair(1, 2),
  pads: fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 3 }))),
  table: fc.boolean(),
});

function fits(o: {
  readonly kernel: number[];
  readonly dilation?: number[];
  readonly pads: number[];
  readonly height: number;
  readonly width: number;
}) {
  const [dy, dx] = (o.dilation ?? [1, 1]) as [number, number];
  const [top, left, bottom, right] = o.pads as [number, number, number, number];
  return (
    o.height + top + bottom > (o.kernel[0]! - 1) * dy && o.width + left + right > (o.kernel[1]! - 1) * dx
  );
}

const options = { numRuns };

/** A layer that does not fit must say so by name; anything else is a failure. */
function expectFitOrReason(codes: readonly string[]): void {
  for (const code of codes) expect(code).toMatch(/schedule\/buffer-too-small/);
}

describe('schedule', () => {
  it('every convolution on every machine gives its tensor', () => {
    fc.assert(
      fc.property(machines, convs, fc.nat(9999), (m, o, seed) => {
        fc.pre(fits(o));
        expectFitOrReason(
          check(
            (b) => b.build(b.conv(b.input('x', [o.batch, o.inputs, o.height, o.width]), o as never)),
            machineOf(m),
            seed,
          ),
        );
      }),
      options,
    );
  });

  it('every depthwise convolution on every machine gives its tensor', () => {
    fc.assert(
      fc.property(machines, convs, fc.nat(9999), (m, o, seed) => {
        fc.pre(fits(o));
        const build = (b: NetworkBuilder) => {
          const x = b.input('x', [o.batch, o.inputs, o.height, o.width]);
          return b.build(b.conv(x, { ...o, channels: o.inputs, group: o.inputs } as never));
        };
        expectFitOrReason(check(build, machineOf(m), seed));
      }),
      options,
    );
  });

  it('every pool, add, rescale and concat on every machine gives its tensor', () => {
    fc.assert(
      fc.property(machines, convs, fc.nat(9999), (m, o, seed) => {
        const kernel: [number, number] = [Math.min(o.kernel[0], o.height), Math.min(o.kernel[1], o.width)];
        const pads = o.pads.map((p, i) => Math.min(p, kernel[i % 2]! - 1)) as [
          number,
          number,
          number,
          number,
        ];
        const build = (b: NetworkBuilder) => {
          const x = b.input('x', [o.batch, o.inputs, o.height, o.width]);
          const z = b.input('z', [o.batch, o.inputs, o.height, o.width]);
          const max = b.pool(x, 'IntegerMaxPool', kernel, o.stride, pads);
          const average = b.pool(x, 'IntegerAveragePool', kernel, o.stride, pads);
          return b.build(b.concat([max, average, max]), b.rescale(b.add(x, z)));
        };
        expectFitOrReason(check(build, machineOf(m), seed));
      }),
      options,
    );
  });

  it('small branching networks with dense layers on every machine give all their tensors', () => {
    fc.assert(
      fc.property(machines, convs, fc.nat(9999), (m, o, seed) => {
        const build = (b: NetworkBuilder) => {
          const x = b.input('x', [o.batch, o.inputs, o.height, o.width]);
          const y = b.conv(x, { channels: o.channels, kernel: [3, 3], pads: [1, 1, 1, 1] });
          const s = b.conv(x, { channels: o.channels, kernel: [1, 1] });
          const sum = b.add(y, s);
          const flat = b.flatten(b.pool(sum, 'IntegerMaxPool', [1, 1], o.stride));
          return b.build(b.dense(b.dense(flat, o.inputs), 10));
        };
        expectFitOrReason(check(build, machineOf(m), seed));
      }),
      options,
    );
  });
});
