/** Toggles of the array engine against counts that share no code with it: the naive twin here, the emitted Verilog in Icarus. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instruction } from '../../compiler/isa/index.js';
import { addToggles, type Toggles } from '../../models/activity/index.js';
import { machinePresets, partialSumBits } from '../../models/machine/index.js';
import { MatmulDatapath, simulateArray } from '../../simulator/array/index.js';
import { Interpreter } from '../../simulator/engine/index.js';
import { machineOf } from '../schedule/networks.js';
import { programOf } from '../support/random-program.js';
import { hasTool } from '../verilog/support.js';
import { ArrayTwin, edgesOf, runTwin, type Streams } from './array-twin.js';
import { togglesInIcarus } from './toggle-bench.js';
import { request } from './two-convolutions.js';

const numRuns = Number(process.env.SYSTOLE_RUNS ?? 30);

const byte = fc.oneof(fc.constantFrom(-128, 127, 0, -1, 1), fc.integer({ min: -128, max: 127 }));

interface Case {
  readonly rows: number;
  readonly columns: number;
  readonly work: readonly Streams[];
}

/** Instructions of a few tiles on an array of any shape. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    rows: fc.integer({ min: 1, max: 20 }),
    columns: fc.integer({ min: 1, max: 36 }),
    sizes: fc.array(
      fc.record({ tiles: fc.integer({ min: 1, max: 4 }), vectors: fc.integer({ min: 1, max: 40 }) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    values: fc.array(byte, { minLength: 64, maxLength: 64 }),
    step: fc.integer({ min: 1, max: 63 }),
  })
  .map(({ rows, columns, sizes, values, step }) => {
    let at = 0;
    const next = () => {
      at += step;
      return values[(at + (at >> 6)) & 63]!;
    };
    const table = (count: number, width: number) =>
      Array.from({ length: count }, () => Array.from({ length: width }, next));
    const work = sizes.map(({ tiles, vectors }) => ({
      acts: Array.from({ length: tiles }, () => table(vectors, rows)),
      weights: Array.from({ length: tiles }, () => table(rows, columns)),
    }));
    return { rows, columns, work };
  });

interface Options {
  readonly window?: { readonly from: number; readonly to: number };
  /** Registers of a multiplier. */
  readonly stages?: number;
}

/** The engine's count, instruction by instruction. */
function counted({ rows, columns, work }: Case, { window, stages = 1 }: Options = {}): Toggles[] {
  const base = machineOf({ rows, columns, lanes: 1, wgtRows: 512 });
  const machine = { ...base, array: { ...base.array, multiplierStages: stages } };
  const buffers = new Interpreter(machine, new Uint8Array(0));
  const datapath = new MatmulDatapath(machine, buffers, window, true);
  let now = 0;
  return work.map(({ acts, weights }) => {
    acts.flat().forEach((row, at) => {
      buffers.state.act.set(row, at * rows);
      buffers.markRow('act', at);
    });
    weights.flat().forEach((row, at) => {
      buffers.state.wgt.set(row, at * columns);
      buffers.markRow('wgt', at);
    });
    const vectors = acts[0]!.length;
    const fields = {
      act: 0,
      wgt: 0,
      acc: 0,
      accumulate: 0,
      ny: 1,
      nx: vectors,
      strideY: 0,
      strideX: 1,
      nkb: acts.length,
      strideKb: vectors,
      nky: 1,
      strideKy: 0,
      nkx: 1,
      strideKx: 0,
    };
    datapath.start({ index: 0, fields });
    while (!datapath.tick(now++));
    return datapath.array.takeToggles()!;
  });
}

function naive({ rows, columns, work }: Case): Toggles[] {
  const sumBits = partialSumBits(machineOf({ rows, columns, lanes: 1 }));
  return runTwin(new ArrayTwin(rows, columns, sumBits), edgesOf({ rows, columns }, work));
}

describe('toggles', () => {
  it('the module counts what comparing every register in every cycle counts, instruction by instruction', () => {
    fc.assert(
      fc.property(cases, (drawn) => {
        expect(counted(drawn)).toEqual(naive(drawn));
      }),
      { numRuns },
    );
  });

  it('the count does not depend on how far the array runs ahead of the clock', () => {
    const window = fc.tuple(fc.nat(200), fc.nat(60));
    fc.assert(
      fc.property(cases, window, (drawn, [from, length]) => {
        expect(counted(drawn, { window: { from, to: from + length } })).toEqual(counted(drawn));
      }),
      { numRuns: Math.ceil(numRuns / 4) },
    );
  });

  it('large arrays: several groups of columns, blocks of rows, sums that fill their bits', () => {
    for (const [rows, columns] of [
      [34, 40],
      [17, 130],
      [70, 3],
    ] as const) {
      const extreme = (sign: number) => (_: unknown, i: number) => (i % 3 === 0 ? -128 : sign * 127);
      const table = (count: number, width: number, sign: number) =>
        Array.from({ length: count }, (_, n) => Array.from({ length: width }, extreme(n % 2 ? sign : -sign)));
      const work = [
        {
          acts: [table(9, rows, 1), table(9, rows, -1)],
          weights: [table(rows, columns, 1), table(rows, columns, -1)],
        },
      ];
      const drawn = { rows, columns, work };
      expect(counted(drawn)).toEqual(naive(drawn));
    }
  });

  it('a layer has what its own matmuls switch: as much as in the program that ends with it', () => {
    const whole = request(machinePresets.get('edge8')!, 6, 9, 3);
    if (!whole) throw new Error('the convolutions do not fit');
    const { instructions, layerOf, layers } = whole.program;
    expect(layers.length).toBe(2);
    const lastMatmul = instructions.findLastIndex((i, at) => i.mnemonic === 'matmul' && layerOf[at] === 0);
    const end: Instruction = { mnemonic: 'end', wait: 0, signal: 0, fields: {} };
    const alone = programOf([...instructions.slice(0, lastMatmul + 1), end], whole.dram.length);
    const both = simulateArray({ ...whole, toggles: true });
    const one = simulateArray({ ...whole, program: alone, toggles: true });
    expect(both.layerToggles![0]).toEqual(one.activity.toggles);
    expect(addToggles(both.layerToggles![0]!, both.layerToggles![1]!)).toEqual(both.activity.toggles);
  });

  it.skipIf(!hasTool('iverilog'))(
    'the emitted pe_array in Icarus switches the same bits of every class, for every multiplier depth',
    () => {
      const small = cases.filter(({ rows, columns }) => rows <= 9 && columns <= 18);
      fc.assert(
        fc.property(small, fc.integer({ min: 0, max: 2 }), (drawn, stages) => {
          const edges = edgesOf(drawn, drawn.work, stages);
          expect(counted(drawn, { stages })).toEqual(togglesInIcarus({ ...drawn, stages }, edges));
        }),
        { numRuns: Math.ceil(numRuns / 4) },
      );
    },
  );
});
