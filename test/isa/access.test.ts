import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import {
  accessesConflict,
  accessesOf,
  assemble,
  type Instruction,
  nestRows,
  type RowSet,
  rowCount,
  rowsOverlap,
} from '../../compiler/isa/index.js';
import { machineSchema } from '../../models/machine/index.js';
import { runs } from './arbitraries.js';

const machine = machineSchema.parse({
  name: 'm',
  array: { rows: 4, columns: 2 },
  buffers: {
    activation: { rowsPerBank: 256 },
    weight: { rows: 64 },
    accumulator: { rowsPerBank: 64 },
    parameter: { rows: 16 },
  },
  vector: { lanes: 1 },
  bus: { bytes: 4 },
  clockMegahertz: 100,
  target: { kind: 'fpga', family: 'ice40' },
});

const one = (text: string): Instruction => unwrap(assemble(text))[0]!;

function list(set: RowSet): number[] {
  const rows: number[] = [];
  for (let i = 0; i < set.runs.length; i += 2) {
    for (let r = set.runs[i]!; r < set.runs[i + 1]!; r++) rows.push(set.base + r);
  }
  return rows;
}

const show = (text: string) =>
  accessesOf(one(text), machine).map(
    (a) =>
      `${a.kind} ${a.memory}${a.bank} slots ${a.firstSlot}-${a.endSlot - 1} rows ${list(a.rows).join(' ')}${a.own ? ' own' : ''}`,
  );

const loops = fc.array(fc.record({ count: fc.integer({ min: 1, max: 5 }), stride: fc.nat(12) }), {
  maxLength: 4,
});

describe('row sets', () => {
  it('law: a nest is the set that walking it visits', () => {
    fc.assert(
      fc.property(fc.nat(50), loops, fc.integer({ min: 1, max: 3 }), (base, nest, unit) => {
        let visited = Array.from({ length: unit }, (_, i) => base + i);
        for (const { count, stride } of nest) {
          visited = visited.flatMap((row) => Array.from({ length: count }, (_, i) => row + i * stride));
        }
        const expected = [...new Set(visited)].sort((a, b) => a - b);
        const set = nestRows(base, nest, unit);
        expect(list(set)).toEqual(expected);
        expect(rowCount(set)).toBe(expected.length);
      }),
      { numRuns: runs(500) },
    );
  });

  it('law: two sets overlap when they share a row', () => {
    fc.assert(
      fc.property(fc.nat(30), loops, fc.nat(30), loops, (baseA, nestA, baseB, nestB) => {
        const a = nestRows(baseA, nestA);
        const b = nestRows(baseB, nestB);
        const rows = new Set(list(a));
        expect(rowsOverlap(a, b)).toBe(list(b).some((row) => rows.has(row)));
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('accesses of an instruction', () => {
  it('matmul: act nest, whole weight tiles, acc pixels', () => {
    expect(
      show(
        'matmul act=1:10 wgt=8 acc=1:3 accumulate=0 ny=2 nx=2 strideY=6 strideX=1 nkb=1 strideKb=0 nky=1 strideKy=0 nkx=2 strideKx=1',
      ),
    ).toEqual([
      'read act1 slots 0-3 rows 10 11 12 16 17 18',
      'read wgt0 slots 0-0 rows 8 9 10 11 12 13 14 15',
      'read acc1 slots 0-0 rows 3 4 5 6 own',
      'write acc1 slots 0-0 rows 3 4 5 6',
    ]);
  });

  it('requant: slots that wrap to the next block', () => {
    expect(
      show(
        'requant acc=0:0 par=5 dst=2:0 dstSlot=3 slices=2 ny=1 nx=2 dstStrideY=0 dstBlock=9 zeroPoint=0 min=-128 max=127 lookup=0 table=0 eachRow=0',
      ),
    ).toEqual([
      'read acc0 slots 0-0 rows 0 1',
      'read par0 slots 0-0 rows 5 6',
      'write act2 slots 3-3 rows 0 1',
      'write act2 slots 0-0 rows 9 10',
    ]);
  });

  it('requant with a parameter row for each acc row', () => {
    expect(
      show(
        'requant acc=0:0 par=5 dst=2:0 dstSlot=0 slices=1 ny=2 nx=3 dstStrideY=3 dstBlock=0 zeroPoint=0 min=-128 max=127 lookup=0 table=0 eachRow=1',
      ),
    ).toContain('read par0 slots 0-0 rows 5 6 7 8 9 10');
  });

  it('dwconv: window, weight rows of every column block; look-up', () => {
    const shown = show(
      'dwconv src=0:0 dst=1:0 wgt=7 par=0 slices=5 ny=1 nx=1 srcStrideY=0 srcStrideX=1 srcBlock=20 dstStrideY=0 dstBlock=30 nky=1 nkx=2 strideKy=0 strideKx=1 zeroPoint=0 min=-128 max=127 lookup=1 table=1',
    );
    expect(shown.filter((line) => !line.includes('lut'))).toEqual([
      'read act0 slots 0-3 rows 0 1',
      'read act0 slots 0-0 rows 20 21',
      'read wgt0 slots 0-0 rows 7 8 9 10 11 12',
      'read par0 slots 0-0 rows 0 1 2 3 4',
      'write act1 slots 0-3 rows 0',
      'write act1 slots 0-0 rows 30',
    ]);
    expect(shown.find((line) => line.includes('lut'))).toMatch(/^read lut0 slots 0-0 rows 256 257 .* 511$/);
  });

  it('load and store: both sides, DRAM in bytes', () => {
    const transfer = 'rows=2 runs=2 runDramStride=16 runStride=3 planes=1 planeDramStride=0 planeStride=0';
    expect(show(`store address=0:4 dram=0x10 ${transfer}`)).toEqual([
      'read act0 slots 0-3 rows 4 5 7 8',
      'write dram0 slots 0-0 rows 16 17 18 19 20 21 22 23 32 33 34 35 36 37 38 39',
    ]);
    expect(show(`load buffer=wgt address=4 dram=0x10 ${transfer}`)[1]).toBe(
      'write wgt0 slots 0-0 rows 4 5 7 8',
    );
  });
});

describe('conflicts', () => {
  const fill = (address: string, rows: number) =>
    accessesOf(
      one(`fill address=${address} value=0 rows=${rows} runs=1 runStride=0 planes=1 planeStride=0`),
      machine,
    )[0]!;
  it('one port of a bank, whatever the rows; a read and a write only on a common row', () => {
    const write = fill('0:0', 4);
    const read = { ...fill('0:4', 4), kind: 'read' as const };
    expect(accessesConflict(write, fill('0:8', 1))).toBe(true);
    expect(accessesConflict(write, fill('1:0', 4))).toBe(false);
    expect(accessesConflict(write, read)).toBe(false);
    expect(accessesConflict(fill('0:0', 5), read)).toBe(true);
  });
});
