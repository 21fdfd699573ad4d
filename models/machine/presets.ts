/** Machines to start from. Each says why it is shaped as it is. */

import { type Machine, type MachineInput, machineSchema } from './machine.js';

const inputs: readonly MachineInput[] = [
  {
    name: 'edge4',
    description:
      '4 x 4 on a small FPGA: the least that is still a systolic array; 32-bit bus, 16-bit requantiser',
    array: { rows: 4, columns: 4 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 512 },
      weight: { rows: 512 },
      accumulator: { rowsPerBank: 128 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 2 },
    requantization: { multiplierBits: 16 },
    bus: { bytes: 4, maximumBurstBeats: 16 },
    queueDepth: 2,
    memory: { readLatency: 20, writeLatency: 10, technology: 'lpddr2' },
    clockMegahertz: 25,
    target: { kind: 'fpga', family: 'ice40' },
  },
  {
    name: 'edge8',
    description: '8 x 8 on a mid-size FPGA: 64 multipliers, 64-bit bus to DDR3, as on a Zynq-7020 board',
    array: { rows: 8, columns: 8 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 1024 },
      weight: { rows: 2048 },
      accumulator: { rowsPerBank: 256 },
      parameter: { rows: 128 },
    },
    vector: { lanes: 8 },
    bus: { bytes: 8, maximumBurstBeats: 16 },
    memory: { readLatency: 30, writeLatency: 15, technology: 'ddr3' },
    clockMegahertz: 100,
    target: { kind: 'fpga', family: 'xilinx7' },
  },
  {
    name: 'edge16',
    description: '16 x 16 in 22 nm, 256 KiB of buffers, 16 bytes a cycle: the size of Gemmini and VTA',
    array: { rows: 16, columns: 16 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 2048 },
      weight: { rows: 4096 },
      accumulator: { rowsPerBank: 512 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 16 },
    bus: { bytes: 16, maximumBurstBeats: 16 },
    memory: { readLatency: 40, writeLatency: 20, technology: 'lpddr4' },
    clockMegahertz: 500,
    target: { kind: 'asic', nodeNanometres: 22 },
  },
  {
    name: 'mobile32',
    description: '32 x 32 in 16 nm, 1.1 MiB of buffers, 32 bytes a cycle: a phone-class accelerator',
    array: { rows: 32, columns: 32 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 4096 },
      weight: { rows: 8192 },
      accumulator: { rowsPerBank: 1024 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 32 },
    bus: { bytes: 32, maximumBurstBeats: 16 },
    memory: { readLatency: 60, writeLatency: 30, technology: 'lpddr4' },
    clockMegahertz: 800,
    target: { kind: 'asic', nodeNanometres: 16 },
  },
  {
    name: 'cloud128',
    description:
      '128 x 128 in 16 nm, 12 MiB of buffers, 64 bytes a cycle each way: a data-centre array of the TPU v2 to v4 size',
    array: { rows: 128, columns: 128 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 8192 },
      weight: { rows: 32768 },
      accumulator: { rowsPerBank: 4096 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 128 },
    bus: { bytes: 64, maximumBurstBeats: 64 },
    queueDepth: 8,
    memory: { readLatency: 100, writeLatency: 50, outstanding: 16, technology: 'hbm2' },
    clockMegahertz: 940,
    target: { kind: 'asic', nodeNanometres: 16 },
  },
];

/** The presets by name, in order of size. */
export const machinePresets: ReadonlyMap<string, Machine> = new Map(
  inputs.map((input) => [input.name, machineSchema.parse(input)]),
);

/** What `systole run` takes when no machine is named. */
export const defaultMachineName = 'edge8';
