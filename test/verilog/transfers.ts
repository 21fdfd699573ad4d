/** Random programs of the memory side, with the DRAM contents that they must produce. */

import fc from 'fast-check';
import { formatInstructions, type Instruction } from '../../compiler/isa/index.js';
import { type BufferName, bufferRowFormat, type Machine } from '../../models/machine/index.js';
import { type Shape, smallMachine } from './support.js';

const bufferNames: readonly BufferName[] = ['act', 'wgt', 'par', 'lut'];

/** Shapes from 1 x 1 to 16 x 16 on buses of 4 to 64 bytes, with small memories times. */
export const shapes: fc.Arbitrary<Shape> = fc
  .record({
    rows: fc.integer({ min: 1, max: 16 }),
    columns: fc.integer({ min: 1, max: 16 }),
    lane: fc.nat(),
    busBytes: fc.constantFrom(4, 8, 16, 32, 64),
    burst: fc.constantFrom(1, 2, 4, 16, 256),
    queueDepth: fc.constantFrom(2, 4),
    memory: fc.record({
      readLatency: fc.integer({ min: 1, max: 30 }),
      writeLatency: fc.integer({ min: 1, max: 30 }),
      cyclesPerBeat: fc.integer({ min: 1, max: 4 }),
      outstanding: fc.integer({ min: 1, max: 8 }),
    }),
  })
  .map(({ lane, ...shape }) => {
    const legal = Array.from({ length: 16 }, (_, i) => i + 1).filter(
      (n) => shape.rows % n === 0 && shape.columns % n === 0,
    );
    return { ...shape, lanes: legal[lane % legal.length]! };
  });

/** One transfer through a buffer: what is loaded (or filled) there and then stored. */
const step = fc.record({
  buffer: fc.nat(3),
  fill: fc.boolean(),
  value: fc.integer({ min: -128, max: 127 }),
  rows: fc.integer({ min: 1, max: 12 }),
  runs: fc.integer({ min: 1, max: 3 }),
  planes: fc.integer({ min: 1, max: 2 }),
  offset: fc.nat(40),
  sourceGap: fc.nat(5),
  targetGap: fc.nat(5),
  rowGap: fc.nat(2),
  serial: fc.boolean(),
  /** Units that get a sync between the load and the store: they fill queues and the fetch buffer. */
  syncs: fc.array(fc.nat(3), { maxLength: 7 }),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

export interface TransferCase {
  readonly machine: Machine;
  readonly instructions: readonly Instruction[];
  readonly dram: Uint8Array;
  readonly expected: Uint8Array;
  readonly programAddress: number;
  /** How a counterexample is shown: not with all of DRAM. */
  readonly [fc.toStringMethod]: () => string;
}

const SOURCE = 4096;
const TARGET = 32768;
const DRAM_BYTES = 131072;

/** Programs of up to four transfers, each through rows of its own. */
export const transferCases: fc.Arbitrary<TransferCase> = fc
  .record({ shape: shapes, steps: fc.array(step, { minLength: 1, maxLength: 4 }) })
  .map(({ shape, steps }) => buildCase(allBanks(smallMachine(shape)), steps));

/** Sixteen banks: store addresses name the stub's other buffers as banks 13 to 15, which queues of fewer banks do not hold. */
const allBanks = (machine: Machine): Machine => ({
  ...machine,
  buffers: { ...machine.buffers, activation: { ...machine.buffers.activation, banks: 16, rowsPerBank: 512 } },
});

function buildCase(machine: Machine, steps: readonly Step[]): TransferCase {
  const dram = new Uint8Array(DRAM_BYTES);
  for (let i = SOURCE; i < TARGET; i++) dram[i] = (i * 193 + (i >> 7) * 71 + 5) & 255;
  for (let i = TARGET; i < DRAM_BYTES; i++) dram[i] = 0xa5;
  const expected = dram.slice();
  const instructions: Instruction[] = [];
  let target = TARGET;
  for (const [index, s] of steps.entries())
    target = addStep({ machine, dram, expected, instructions, index, target }, s);
  instructions.push({ mnemonic: 'end', wait: 0, signal: 0, fields: {} });
  const text = () => `${JSON.stringify(machine)}\n${formatInstructions(instructions)}`;
  return { machine, instructions, dram, expected, programAddress: 0, [fc.toStringMethod]: text };
}

interface Building {
  readonly machine: Machine;
  readonly dram: Uint8Array;
  readonly expected: Uint8Array;
  readonly instructions: Instruction[];
  readonly index: number;
  /** First free byte of the target area. */
  readonly target: number;
}

const bit = (set: boolean, value: number) => (set ? value : 0);

/** Appends a load or fill and the store of the same rows; returns the next free target byte. */
function addStep(b: Building, s: Step): number {
  const { machine, index } = b;
  const buffer = bufferNames[s.fill ? 0 : s.buffer]!;
  const rows = buffer === 'par' ? Math.min(s.rows, 4) : s.rows;
  const bus = machine.bus.bytes;
  const source = bufferRowFormat(machine, buffer);
  const sink = bufferRowFormat(machine, 'act');
  const sourceUnit = Math.min(bus, source.pitch);
  const sinkUnit = Math.min(bus, sink.pitch);
  const runStride = rows + s.rowGap;
  const planeStride = s.runs * runStride + s.rowGap;
  // par has 64 rows: steps share them in turn, so each waits for the store before it. The others get rows of their own.
  const first = buffer === 'par' ? 0 : (index % 4) * 96 * bit(buffer !== 'act', 1);
  const shown = buffer === 'act' ? index % 4 : { wgt: 13, par: 14, lut: 15 }[buffer];
  const read = {
    runDramStride: rows * source.pitch + s.sourceGap * sourceUnit,
    dram: SOURCE + s.offset * sourceUnit,
  };
  const write = {
    runDramStride: rows * sink.pitch + s.targetGap * sinkUnit,
    dram: b.target + (s.offset % 7) * sinkUnit,
  };
  const planeRead = s.runs * read.runDramStride + s.sourceGap * sourceUnit;
  const planeWrite = s.runs * write.runDramStride + s.targetGap * sinkUnit;
  const loops = { rows, runs: s.runs, runStride, planes: s.planes, planeStride };
  const wait = bit(index > 0 && (s.serial || buffer === 'par'), 8);
  const previous = b.instructions.findLast((i) => i.mnemonic === 'store');
  if (wait && previous)
    b.instructions[b.instructions.indexOf(previous)] = { ...previous, signal: 1 } as Instruction;
  const address = buffer === 'act' ? (index % 4) * 65536 + first : first;
  if (s.fill) {
    b.instructions.push({ mnemonic: 'fill', wait, signal: 8, fields: { address, value: s.value, ...loops } });
  } else {
    const fields = {
      buffer: bufferNames.indexOf(buffer),
      address,
      ...loops,
      ...read,
      planeDramStride: planeRead,
    };
    b.instructions.push({ mnemonic: 'load', wait, signal: 8, fields });
  }
  for (const unit of s.syncs) b.instructions.push({ mnemonic: 'sync', wait: 0, signal: 0, fields: { unit } });
  const from = shown * 65536 + first;
  b.instructions.push({
    mnemonic: 'store',
    wait: 1,
    signal: 0,
    fields: { address: from, ...loops, ...write, planeDramStride: planeWrite },
  });
  for (let plane = 0; plane < s.planes; plane++) {
    for (let run = 0; run < s.runs; run++) {
      for (let row = 0; row < rows; row++) {
        const at = read.dram + plane * planeRead + run * read.runDramStride + row * source.pitch;
        const to = write.dram + plane * planeWrite + run * write.runDramStride + row * sink.pitch;
        for (let lane = 0; lane < machine.array.rows; lane++) {
          b.expected[to + lane] = s.fill
            ? s.value & 255
            : shownByte(buffer, b.dram, at, lane, source.rowBytes);
        }
      }
    }
  }
  return Math.ceil((write.dram + s.planes * planeWrite + 64) / 4096) * 4096;
}

/** What the stub's read port shows of a buffer row in a lane. */
function shownByte(buffer: BufferName, dram: Uint8Array, at: number, lane: number, rowBytes: number): number {
  if (buffer === 'lut') return dram[at]!;
  return lane < rowBytes ? dram[at + lane]! : 0;
}
