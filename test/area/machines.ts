/**
 * Machines that the area model is fitted on and those that it is tried on: every parameter that changes a circuit varies in both,
 * and no machine is in both. Small ones: each is mapped for six targets.
 */

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
  readonly functions?: MachineInput['vector']['functions'];
}

function machine(name: string, [rows, columns, lanes]: Sizes, rest: Rest): Machine {
  const { bits = [8, 8, 32], stages = 1, multiplier = 32, bus = 8, queue = 4, banks = 4, depth = 512 } = rest;
  return machineSchema.parse({
    name,
    array: { rows, columns, multiplierStages: stages },
    elements: { activationBits: bits[0], weightBits: bits[1], accumulatorBits: bits[2] },
    buffers: {
      activation: { banks, rowsPerBank: depth },
      weight: { rows: 2 * depth },
      accumulator: { rowsPerBank: depth / 4 },
      parameter: { rows: 128 },
    },
    vector: { lanes, ...(rest.functions && { functions: rest.functions }) },
    requantization: { multiplierBits: multiplier },
    bus: { bytes: bus },
    queueDepth: queue,
    clockMegahertz: 100,
    target: { kind: 'asic', nodeNanometres: 130 },
  });
}

/** `held` machines are never fitted on. In the order in which they are measured. */
export const sampleMachines: readonly { readonly machine: Machine; readonly held: boolean }[] = [
  {
    held: false,
    machine: machine('f2x2', [2, 2, 1], {
      bits: [8, 8, 24],
      multiplier: 12,
      bus: 4,
      queue: 2,
      banks: 3,
      functions: ['pool', 'add'],
    }),
  },
  { held: false, machine: machine('f8x8', [8, 8, 8], {}) },
  { held: true, machine: machinePresets.get('edge4')! },
  {
    held: true,
    machine: machine('h4x4', [4, 4, 4], { multiplier: 20, queue: 2, functions: ['pool', 'add', 'lookup'] }),
  },
  {
    held: false,
    machine: machine('f8x4', [8, 4, 4], {
      bits: [8, 4, 24],
      stages: 2,
      multiplier: 24,
      bus: 16,
      functions: ['pool', 'depthwise', 'add'],
    }),
  },
  { held: false, machine: machine('f4x8', [4, 8, 2], { multiplier: 16, bus: 4, queue: 8, depth: 1024 }) },
  { held: true, machine: machine('h8x8', [8, 8, 4], { multiplier: 18, bus: 4, depth: 1024 }) },
  {
    held: false,
    machine: machine('f6x6', [6, 6, 2], {
      bits: [16, 8, 32],
      bus: 16,
      queue: 2,
      banks: 5,
      functions: ['pool', 'add'],
    }),
  },
  {
    held: false,
    machine: machine('f12x4', [12, 4, 2], { bits: [4, 4, 20], stages: 0, bus: 32, functions: [] }),
  },
  { held: true, machine: machine('h12x12', [12, 12, 4], { depth: 1024 }) },
  {
    held: true,
    machine: machine('h6x3', [6, 3, 3], {
      bits: [8, 8, 28],
      stages: 2,
      multiplier: 16,
      bus: 16,
      queue: 8,
      functions: ['pool'],
    }),
  },
  { held: false, machine: machine('f16x8', [16, 8, 8], { multiplier: 18, bus: 16 }) },
];
