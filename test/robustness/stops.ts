/**
 * Programs that the verifier refuses and what every engine does when one is forced through. In: nothing. Out: program, DRAM, the code
 * that the verifier must report at which instruction, and where each engine must stop. All on a 2 x 2 machine with a
 * memory of stated latencies, so that the cycles can be worked out from docs/microarchitecture.md.
 */

import { unwrap } from '../../base/index.js';
import { assemble, type Program } from '../../compiler/isa/index.js';
import { type Machine, machineSchema } from '../../models/machine/index.js';
import type { EngineStop } from '../../simulator/engine/index.js';
import { programOf } from '../verilog/support.js';

/** Reason, unit, cycle and instruction of an EngineStop. */
export interface Stop {
  readonly reason: string;
  readonly unit: string;
  readonly cycle: number;
  /** Index that the message names; -1 where it names none. */
  readonly instruction: number;
}

/** What of an EngineStop is compared. */
export function describeStop({ reason, unit, cycle, message }: EngineStop): Stop {
  return { reason, unit, cycle, instruction: Number(/instruction (\d+)/.exec(message)?.[1] ?? -1) };
}

export interface StopCase {
  readonly name: string;
  /** Diagnostic code of `verifyProgram`, and the instruction that it must point at. */
  readonly code: string;
  readonly at: number;
  readonly machine: Machine;
  readonly program: Program;
  readonly dram: Uint8Array;
  /** Left out: the engine cannot see this fault and ends normally (timing sees no values, RTL no rows, the interpreter no time). */
  readonly stops: {
    readonly timing?: Stop;
    readonly array?: Stop;
    readonly rtl?: Stop;
    readonly interpreter?: Stop;
  };
  /** What the test bench of the Verilog says; it has no idea of programs, so it may also just end. */
  readonly bench: RegExp;
}

export const stopMachine: Machine = machineSchema.parse({
  name: 'stops',
  array: { rows: 2, columns: 2 },
  buffers: {
    activation: { banks: 3, rowsPerBank: 16 },
    weight: { rows: 16 },
    accumulator: { rowsPerBank: 4 },
    parameter: { rows: 4 },
  },
  vector: { lanes: 1 },
  bus: { bytes: 4 },
  memory: { readLatency: 3, writeLatency: 3, outstanding: 2 },
  clockMegahertz: 1,
  target: { kind: 'asic', nodeNanometres: 28 },
});

const once = 'runs=1 runDramStride=0 runStride=0 planes=1 planeDramStride=0 planeStride=0';
const fill = (rows: number, rest = '') =>
  `fill address=0:0 value=5 rows=${rows} runs=1 runStride=0 planes=1 planeStride=0 ${rest}`;
const store = (rows: number, rest = '') => `store address=0:0 dram=0 rows=${rows} ${once} ${rest}`;

const load = (buffer: string, row: number, rows: number, rest = '') =>
  `load buffer=${buffer} address=${buffer === 'act' ? `0:${row}` : row} dram=0 rows=${rows} ${once} ${rest}`;
const matmul = (rest = '') =>
  `matmul act=0:0 wgt=0 acc=0:0 accumulate=0 ny=1 nx=1 strideY=0 strideX=1 nkb=1 strideKb=0 nky=1 strideKy=0 nkx=1 strideKx=0 ${rest}`;
const requant = (rest = '', output = 'lookup=0 table=0', row = 0) =>
  `requant acc=0:${row} par=0 dst=1:0 dstSlot=0 slices=2 ny=1 nx=1 dstStrideY=0 dstBlock=0 zeroPoint=0 min=-128 max=127 ${output} eachRow=0 ${rest}`;

/** A program of assembly lines at byte 4096; its only segment is the output, the first 4096 bytes. */
function forced(...lines: readonly string[]): Pick<StopCase, 'machine' | 'program' | 'dram'> {
  const list = unwrap(assemble([...lines, 'end'].join('\n')));
  const bare = programOf(stopMachine, list, 4096, 4096 + 32 * list.length);
  const segments = [{ name: 'memory', kind: 'tensor', address: 0, bytes: 4096 }] as const;
  const dram = new Uint8Array(bare.dramBytes);
  dram.set(bare.words, 4096);
  return { machine: stopMachine, program: { ...bare, segments }, dram };
}

const everywhere = (stop: Stop) => ({ timing: stop, array: stop, rtl: stop });

/** 300 signals to a unit that takes none of them while it runs something long first. */
const flood = Array.from({ length: 300 }, () => 'sync unit=load signal(store)');

/** `count` signals to store from matmul and as many from load. */
const pairs = (count: number) =>
  Array.from({ length: count }, () => [
    'sync unit=matmul signal(store)',
    'sync unit=load signal(store)',
  ]).flat();

export const stopCases: readonly StopCase[] = [
  {
    name: 'two units wait for each other',
    code: 'verify/deadlock',
    at: 0,
    ...forced('sync unit=load wait(matmul) signal(matmul)', 'sync unit=matmul wait(load) signal(load)'),
    stops: everywhere({ reason: 'deadlock', unit: 'load', cycle: 28, instruction: 0 }),
    bench: /^FAIL no end after/m,
  },
  {
    name: 'nobody gives what store waits for',
    code: 'verify/missing-signal',
    at: 1,
    ...forced(fill(4), store(1, 'wait(vector)')),
    stops: everywhere({ reason: 'deadlock', unit: 'store', cycle: 28, instruction: 1 }),
    bench: /^FAIL no end after/m,
  },
  {
    name: 'a full queue keeps back the instruction that would free it',
    code: 'verify/queue-deadlock',
    at: 4,
    ...forced(
      ...Array.from({ length: 5 }, () => 'sync unit=store wait(load)'),
      ...Array.from({ length: 5 }, () => 'sync unit=load signal(store)'),
    ),
    stops: everywhere({ reason: 'deadlock', unit: 'store', cycle: 36, instruction: 0 }),
    bench: /^FAIL no end after/m,
  },
  {
    name: 'a fill past the end of a bank',
    code: 'verify/out-of-buffer',
    at: 0,
    ...forced(fill(17)),
    stops: {
      array: { reason: 'illegal', unit: 'load', cycle: 13, instruction: 0 },
      interpreter: { reason: 'illegal', unit: 'load', cycle: 0, instruction: 0 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a store of rows that nothing wrote',
    code: 'verify/unwritten',
    at: 0,
    ...forced(store(1)),
    stops: {
      array: { reason: 'illegal', unit: 'store', cycle: 13, instruction: 0 },
      interpreter: { reason: 'illegal', unit: 'store', cycle: 0, instruction: 0 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a matmul whose first weight row nothing wrote',
    code: 'verify/unwritten',
    at: 2,
    ...forced(fill(1), load('wgt', 1, 1, 'signal(matmul)'), matmul('wait(load)')),
    stops: {
      array: { reason: 'illegal', unit: 'matmul', cycle: 30, instruction: 2 },
      interpreter: { reason: 'illegal', unit: 'matmul', cycle: 0, instruction: 2 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a matmul whose last weight row nothing wrote',
    code: 'verify/unwritten',
    at: 2,
    ...forced(fill(1), load('wgt', 0, 1, 'signal(matmul)'), matmul('wait(load)')),
    stops: {
      array: { reason: 'illegal', unit: 'matmul', cycle: 30, instruction: 2 },
      interpreter: { reason: 'illegal', unit: 'matmul', cycle: 0, instruction: 2 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a requant of sums that nothing made',
    code: 'verify/unwritten',
    at: 1,
    ...forced(load('par', 0, 2, 'signal(vector)'), requant('wait(load)')),
    stops: {
      array: { reason: 'illegal', unit: 'vector', cycle: 27, instruction: 1 },
      interpreter: { reason: 'illegal', unit: 'vector', cycle: 0, instruction: 1 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a requant whose second parameter row nothing wrote',
    code: 'verify/unwritten',
    at: 4,
    ...forced(
      fill(1),
      load('wgt', 0, 2),
      load('par', 0, 1, 'signal(matmul)'),
      matmul('wait(load) signal(vector)'),
      requant('wait(matmul)'),
    ),
    stops: {
      array: { reason: 'illegal', unit: 'vector', cycle: 50, instruction: 4 },
      interpreter: { reason: 'illegal', unit: 'vector', cycle: 0, instruction: 4 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a requant of the row after those that matmul made',
    code: 'verify/unwritten',
    at: 4,
    ...forced(
      fill(1),
      load('wgt', 0, 2),
      load('par', 0, 2, 'signal(matmul)'),
      matmul('wait(load) signal(vector)'),
      requant('wait(matmul)', undefined, 1),
    ),
    // As below: the same instructions come before it.
    stops: {
      array: { reason: 'illegal', unit: 'vector', cycle: 53, instruction: 4 },
      interpreter: { reason: 'illegal', unit: 'vector', cycle: 0, instruction: 4 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a look-up in a table that nothing wrote',
    code: 'verify/unwritten',
    at: 4,
    ...forced(
      fill(1),
      load('wgt', 0, 2),
      load('par', 0, 2, 'signal(matmul)'),
      matmul('wait(load) signal(vector)'),
      requant('wait(matmul)', 'lookup=1 table=1'),
    ),
    stops: {
      array: { reason: 'illegal', unit: 'vector', cycle: 53, instruction: 4 },
      interpreter: { reason: 'illegal', unit: 'vector', cycle: 0, instruction: 4 },
    },
    bench: /^PASS/m,
  },
  {
    name: 'a store that does not wait for the fill that it reads',
    code: 'verify/race',
    at: 1,
    ...forced(fill(8), store(8)),
    stops: {},
    bench: /^PASS/m,
  },
  {
    name: 'a semaphore past 255',
    code: 'verify/semaphore-overflow',
    at: 255,
    ...forced(...flood),
    stops: everywhere({ reason: 'illegal', unit: 'load', cycle: 2054, instruction: -1 }),
    bench: /^FAIL stopped with error 5 of unit 0$/m,
  },
  {
    name: 'two units that pass 255 in one cycle: the lower counts',
    code: 'verify/semaphore-overflow',
    at: 510,
    ...forced(
      ...pairs(255),
      'sync unit=matmul wait(vector) signal(store)',
      'sync unit=load wait(vector) signal(store)',
      'sync unit=vector signal(load,matmul)',
    ),
    stops: everywhere({ reason: 'illegal', unit: 'load', cycle: 4112, instruction: -1 }),
    bench: /^FAIL stopped with error 5 of unit 0$/m,
  },
];
