import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DiagnosticError, renderDiagnostic, type Tensor, tensor } from '../../base/index.js';
import {
  blockedLayout,
  type DramSegment,
  encodeProgram,
  exchangedLayout,
  type Instruction,
  initialDram,
  layoutBytes,
  type Program,
  packTensor,
  readSegment,
  unpackTensor,
} from '../../compiler/isa/index.js';
import { type Machine, machineSchema } from '../../models/machine/index.js';
import { runs } from './arbitraries.js';

function machineOf(rows: number, busBytes: number): Machine {
  return machineSchema.parse({
    name: 'm',
    array: { rows, columns: 4 },
    buffers: {
      activation: { rowsPerBank: 16 },
      weight: { rows: 16 },
      accumulator: { rowsPerBank: 16 },
      parameter: { rows: 16 },
    },
    vector: { lanes: 1 },
    bus: { bytes: busBytes },
    clockMegahertz: 100,
    target: { kind: 'fpga', family: 'ice40' },
  });
}

function int8(shape: readonly number[], at: (index: number) => number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1);
  return tensor(
    'int8',
    shape,
    Int8Array.from({ length: count }, (_, index) => at(index)),
  );
}

const faults = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    if (error instanceof DiagnosticError) return error.diagnostics.map(renderDiagnostic).join('\n');
    throw error;
  }
  return 'no fault';
};

describe('blocked layout', () => {
  it('follows the formula: channels in blocks of R, rows at their pitch', () => {
    const layout = blockedLayout(machineOf(3, 4), [1, 5, 2, 2]);
    expect(layout).toEqual({ batch: 1, channels: 5, height: 2, width: 2, lanes: 3, pitch: 4, bits: 8 });
    expect(layoutBytes(layout)).toBe(32);
    const dram = new Uint8Array(40);
    packTensor(
      int8([1, 5, 2, 2], (i) => i + 1),
      layout,
      dram,
      8,
    );
    const rows = (from: number) => [...dram.subarray(8 + 4 * from, 8 + 4 * from + 4)];
    expect(rows(0)).toEqual([1, 5, 9, 0]);
    expect(rows(3)).toEqual([4, 8, 12, 0]);
    expect(rows(4)).toEqual([13, 17, 0, 0]);
  });

  it('exchanged: pixels of all pictures in blocks of R, a row a channel, channels in whole tiles', () => {
    const layout = exchangedLayout(blockedLayout(machineOf(3, 4), [2, 4, 1, 2]));
    // Two blocks of pixels (three and one), six rows each for four channels.
    expect(layoutBytes(layout)).toBe(2 * 6 * 4);
    const dram = new Uint8Array(48);
    packTensor(
      int8([2, 4, 1, 2], (i) => i + 1),
      layout,
      dram,
      0,
    );
    const row = (at: number) => [...dram.subarray(4 * at, 4 * at + 4)];
    expect([row(0), row(1), row(3), row(4)]).toEqual([
      [1, 2, 9, 0],
      [3, 4, 11, 0],
      [7, 8, 15, 0],
      [0, 0, 0, 0],
    ]);
    expect([row(6), row(9)]).toEqual([
      [10, 0, 0, 0],
      [16, 0, 0, 0],
    ]);
  });

  it('law: unpack(pack(t)) = t and no byte outside the tensor changes', () => {
    const extent = fc.integer({ min: 1, max: 6 });
    const arbitrary = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      bus: fc.constantFrom(4, 8, 16),
      shape: fc.oneof(fc.tuple(extent, extent), fc.tuple(extent, extent, extent, extent)),
      seed: fc.nat(255),
      offset: fc.nat(64),
      exchanged: fc.boolean(),
    });
    fc.assert(
      fc.property(arbitrary, ({ rows, bus, shape, seed, offset, exchanged }) => {
        const blocked = blockedLayout(machineOf(rows, bus), shape);
        const layout = exchanged ? exchangedLayout(blocked) : blocked;
        const source = int8(shape, (i) => (i * 37 + seed) % 256);
        const dram = new Uint8Array(offset + layoutBytes(layout) + 5).fill(0xaa);
        packTensor(source, layout, dram, offset);
        const back = unpackTensor(layout, dram, offset);
        expect(back.data).toEqual(source.data);
        expect(back.shape.slice(0, shape.length)).toEqual(shape);
        expect([...dram.subarray(0, offset), ...dram.subarray(-5)].every((b) => b === 0xaa)).toBe(true);
      }),
      { numRuns: runs(100) },
    );
  });

  it('faults are diagnostics', () => {
    const machine = machineOf(3, 4);
    const layout = blockedLayout(machine, [1, 2]);
    const dram = new Uint8Array(8);
    const pair = int8([1, 2], (i) => i);
    expect([
      faults(() => blockedLayout(machine, [3])),
      faults(() => blockedLayout(machine, [1, 0])),
      faults(() => packTensor(int8([2, 1], Number), layout, dram, 0)),
      faults(() => packTensor(tensor('uint8', [1, 2], new Uint8Array(2)), layout, dram, 0)),
      faults(() => packTensor(pair, layout, dram, 5)),
      faults(() => unpackTensor(layout, dram, 8)),
    ]).toMatchSnapshot();
  });
});

describe('the DRAM of a program', () => {
  const machine = machineOf(3, 4);
  const layout = blockedLayout(machine, [1, 2]);
  const instructions: Instruction[] = [{ mnemonic: 'end', wait: 0, signal: 0, fields: {} }];
  const segments: DramSegment[] = [
    { name: 'input', kind: 'input', address: 0, bytes: 4, layout, value: 'x', element: 'int8' },
    { name: 'w', kind: 'weights', address: 4096, bytes: 3, data: Uint8Array.of(7, 8, 9) },
  ];
  const program: Program = {
    name: 'demo',
    machine: 'm',
    instructions,
    words: encodeProgram(instructions),
    segments,
    programAddress: 8192,
    dramBytes: 8224,
    layers: [],
    layerOf: Int32Array.of(-1),
    lineOf: Int32Array.of(0),
  };
  const x = int8([1, 2], (i) => i - 5);

  it('holds inputs, constants and instruction words; reads back tensors', () => {
    const dram = initialDram(program, new Map([['x', x]]));
    expect(dram.length).toBe(8224);
    expect([...dram.subarray(4096, 4100)]).toEqual([7, 8, 9, 0]);
    expect(dram.subarray(8192)).toEqual(program.words);
    expect(readSegment(program, dram, 'x').data).toEqual(x.data);
  });

  it('faults are diagnostics', () => {
    const short = { ...program, dramBytes: 8200 };
    const broken = { ...program, segments: [{ ...segments[1]!, bytes: 4 }] };
    const far = { ...program, segments: [{ ...segments[1]!, address: 12288 }] };
    expect([
      faults(() => initialDram(program, new Map())),
      faults(() =>
        initialDram(
          program,
          new Map([
            ['x', x],
            ['y', x],
          ]),
        ),
      ),
      faults(() => initialDram(short, new Map([['x', x]]))),
      faults(() => initialDram(broken, new Map())),
      faults(() => initialDram(far, new Map())),
      faults(() => readSegment(program, new Uint8Array(8224), 'w')),
    ]).toMatchSnapshot();
  });
});
