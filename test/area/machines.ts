/**
 * Machines that the area model is fitted on and those that it is tried on: every parameter that changes a circuit varies in both,
 * and no machine is in both. Small ones: each is mapped for six targets.
 */

import { libraryTargets, type SynthesisTarget } from '../../models/data/index.js';
import {
  type Machine,
  type MachineInput,
  machinePresets,
  machineSchema,
} from '../../models/machine/index.js';

type Sizes = readonly [rows: number, columns: number, lanes: number];

interface Rest {
  readonly bits?: readonly [act: 4 | 8 | 16, wgt: 4 | 8 | 16, acc: number];
  readonly stages?: number;
  readonly multiplier?: number;
  readonly bus?: number;
  readonly queue?: number;
  readonly banks?: number;
  readonly depth?: number;
  readonly parameters?: number;
  readonly halves?: 1 | 2;
  readonly address?: number;
  readonly counters?: Machine['counters'];
  readonly functions?: MachineInput['vector']['functions'];
  readonly dataflow?: Machine['array']['dataflow'];
}

function machine(name: string, [rows, columns, lanes]: Sizes, rest: Rest): Machine {
  const {
    bits = [8, 8, 32],
    stages = 1,
    multiplier = 32,
    bus = 8,
    queue = 4,
    banks = 4,
    depth = 512,
    parameters = 128,
    halves = 1,
    address = 32,
    counters = 'all',
  } = rest;
  return machineSchema.parse({
    name,
    array: { rows, columns, multiplierStages: stages, ...(rest.dataflow && { dataflow: rest.dataflow }) },
    elements: { activationBits: bits[0], weightBits: bits[1], accumulatorBits: bits[2] },
    buffers: {
      activation: { banks, rowsPerBank: depth },
      weight: { rows: 2 * depth, banks: halves },
      accumulator: { rowsPerBank: depth / 4 },
      parameter: { rows: parameters },
    },
    vector: { lanes, ...(rest.functions && { functions: rest.functions }) },
    requantization: { multiplierBits: multiplier },
    bus: { bytes: bus, addressBits: address },
    counters,
    queueDepth: queue,
    clockMegahertz: 100,
    target: { kind: 'asic', nodeNanometres: 130 },
  });
}

export interface Sample {
  readonly machine: Machine;
  /** Never fitted on. */
  readonly held: boolean;
  /** Small enough for an HX8K: placed and routed there, and for iCE40 alone. */
  readonly routed?: true;
  /** Left out: all targets that it is not too large for. */
  readonly targets?: readonly SynthesisTarget[];
}

const fitted = (name: string, sizes: Sizes, rest: Rest): Sample => ({
  held: false,
  machine: machine(name, sizes, rest),
});
const held = (name: string, sizes: Sizes, rest: Rest): Sample => ({
  held: true,
  machine: machine(name, sizes, rest),
});
const preset = (name: string, targets?: readonly SynthesisTarget[]): Sample => ({
  held: true,
  machine: machinePresets.get(name)!,
  ...(targets && { targets }),
});

/** Cores that an HX8K holds: one to four PEs, short addresses, queues of one instruction. */
const tiny = (name: string, isHeld: boolean, sizes: Sizes, rest: Rest): Sample => ({
  held: isHeld,
  routed: true,
  machine: machine(name, sizes, {
    bus: 4,
    queue: 1,
    banks: 3,
    depth: 256,
    parameters: 64,
    address: 20,
    counters: 'cycles',
    stages: 0,
    ...rest,
  }),
});

/** Output-stationary cores, on the families that map them quickly. */
const resting = (name: string, isHeld: boolean, sizes: Sizes, rest: Rest): Sample => ({
  held: isHeld,
  targets: ['ecp5', 'xilinx'],
  machine: machine(name, sizes, { ...rest, dataflow: 'output-stationary' }),
});

/** In the order in which they are measured. */
export const sampleMachines: readonly Sample[] = [
  fitted('f2x2', [2, 2, 1], {
    bits: [8, 8, 24],
    multiplier: 12,
    bus: 4,
    queue: 2,
    banks: 3,
    functions: ['pool', 'add'],
  }),
  fitted('f8x8', [8, 8, 8], {}),
  fitted('f8x4', [8, 4, 4], {
    bits: [8, 4, 24],
    stages: 2,
    multiplier: 24,
    bus: 16,
    functions: ['pool', 'depthwise', 'add'],
  }),
  preset('edge4'),
  held('h4x4', [4, 4, 4], { multiplier: 20, queue: 2, functions: ['pool', 'add', 'lookup'] }),
  tiny('t1x1', false, [1, 1, 1], { bits: [8, 8, 20], multiplier: 8, functions: [] }),
  tiny('t2x2', false, [2, 2, 1], { bits: [4, 4, 16], multiplier: 10, functions: [] }),
  tiny('t1x2', false, [1, 2, 1], { bits: [8, 4, 18], multiplier: 8, functions: ['add'], stages: 1 }),
  tiny('t2x1', true, [2, 1, 1], { bits: [8, 4, 20], multiplier: 10, functions: [] }),
  // nextpnr routes its 91 % of an HX8K for half an hour in WebAssembly.
  preset('ico1', ['ice40']),
  tiny('t1x4', true, [1, 4, 1], { bits: [4, 4, 16], multiplier: 8, functions: ['pool'] }),
  tiny('t1x1s', false, [1, 1, 1], { bits: [8, 8, 22], multiplier: 12, functions: ['pool'], depth: 512 }),
  fitted('f3x3', [3, 3, 1], {
    bits: [8, 8, 26],
    multiplier: 18,
    queue: 1,
    address: 20,
    counters: 'cycles',
    halves: 2,
    functions: ['add'],
  }),
  fitted('f4x8', [4, 8, 2], { multiplier: 16, bus: 4, queue: 8, depth: 1024 }),
  fitted('f6x6', [6, 6, 2], {
    bits: [16, 8, 32],
    bus: 16,
    queue: 2,
    banks: 5,
    functions: ['pool', 'add'],
  }),
  fitted('f12x4', [12, 4, 2], { bits: [4, 4, 20], stages: 0, bus: 32, functions: [] }),
  held('h8x8', [8, 8, 4], { multiplier: 18, bus: 4, depth: 1024 }),
  held('h6x9', [6, 9, 3], { multiplier: 24, queue: 2, address: 24, counters: 'cycles', halves: 2 }),
  held('h6x3', [6, 3, 3], {
    bits: [8, 8, 28],
    stages: 2,
    multiplier: 16,
    bus: 16,
    queue: 8,
    functions: ['pool'],
  }),
  fitted('f5x10', [5, 10, 5], { multiplier: 12, bus: 16, queue: 2, halves: 2, depth: 2048 }),
  held('h12x12', [12, 12, 4], { depth: 1024 }),
  preset('zynq16', ['xilinx']),
  preset('compact16', libraryTargets),
  resting('o2x2', false, [2, 2, 1], {
    bits: [8, 8, 24],
    multiplier: 12,
    bus: 4,
    queue: 2,
    banks: 3,
    functions: ['pool', 'add'],
  }),
  resting('o8x4', false, [8, 4, 4], { multiplier: 16, bus: 16, functions: ['pool'] }),
  resting('p6x6', true, [6, 6, 3], { multiplier: 20, queue: 2, functions: ['pool', 'add', 'lookup'] }),
  resting('o4x8', false, [4, 8, 2], { bits: [8, 8, 28], multiplier: 18, bus: 8 }),
  resting('p3x6', true, [3, 6, 1], {
    bits: [8, 8, 26],
    multiplier: 16,
    bus: 4,
    queue: 2,
    halves: 2,
    functions: ['pool'],
  }),
];

/** Multipliers of logic cells: larger arrays fit no iCE40, and mapping them takes minutes. */
const MOST_ICE40_ELEMENTS = 32;

/** Whether a machine is mapped for a target. */
export function isMeasured(
  { machine: { array }, routed, targets }: Sample,
  target: SynthesisTarget,
): boolean {
  if (routed) return target === 'ice40';
  if (target === 'ice40' && array.rows * array.columns > MOST_ICE40_ELEMENTS) return false;
  return targets?.includes(target) ?? true;
}
