/**
 * Machines to start from, from the smallest FPGA to a data centre's array. Each says why it is shaped as it is, and after whom; where a
 * buffer's size had to be a power of two, it is the nearest below.
 */

import { type Machine, type MachineInput, machineSchema } from './machine.js';

const inputs: readonly MachineInput[] = [
  {
    name: 'nano2',
    description:
      '2 x 2 on an iCE40 UP5K (Lattice FPGA-DS-02008: 5,280 LUTs, 8 DSPs, 15 KiB of block RAM): one lane, sums and multipliers no wider than small networks need',
    array: { rows: 2, columns: 2 },
    elements: { accumulatorBits: 24 },
    buffers: {
      activation: { banks: 3, rowsPerBank: 512 },
      weight: { rows: 512 },
      accumulator: { rowsPerBank: 64 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 1, functions: ['pool', 'add'] },
    requantization: { multiplierBits: 12 },
    bus: { bytes: 4, maximumBurstBeats: 4 },
    queueDepth: 2,
    memory: { readLatency: 12, writeLatency: 6, outstanding: 1, technology: 'lpddr2' },
    clockMegahertz: 20,
    target: { kind: 'fpga', family: 'ice40' },
  },
  {
    name: 'gowin4',
    description:
      '4 x 4 on a Gowin GW1NR-9 (DS117: 8,640 LUTs, 20 multipliers of 18 x 18, 468 Kbit of block RAM), as on a Tang Nano 9K board: 16 multipliers for the array, 2 lanes of 16-bit multipliers',
    array: { rows: 4, columns: 4 },
    elements: { accumulatorBits: 24 },
    buffers: {
      activation: { banks: 3, rowsPerBank: 1024 },
      weight: { rows: 1024 },
      accumulator: { rowsPerBank: 128 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 2, functions: ['pool', 'add'] },
    requantization: { multiplierBits: 16 },
    bus: { bytes: 4, maximumBurstBeats: 16 },
    queueDepth: 2,
    memory: { readLatency: 24, writeLatency: 12, outstanding: 2, technology: 'lpddr2' },
    clockMegahertz: 27,
    target: { kind: 'fpga', family: 'gowin' },
  },
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
    name: 'ecp8',
    description:
      '8 x 8 on an ECP5-85 (Lattice FPGA-DS-02012: 84k LUTs, 156 multipliers of 18 x 18, 3.7 Mbit of block RAM), as on a ULX3S board with 16-bit SDRAM: wide array, narrow bus',
    array: { rows: 8, columns: 8 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 1024 },
      weight: { rows: 4096 },
      accumulator: { rowsPerBank: 256 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 4 },
    requantization: { multiplierBits: 18 },
    bus: { bytes: 4, maximumBurstBeats: 64 },
    memory: { readLatency: 16, writeLatency: 8, cyclesPerBeat: 2, outstanding: 2, technology: 'lpddr2' },
    clockMegahertz: 50,
    target: { kind: 'fpga', family: 'ecp5' },
  },
  {
    name: 'signal8',
    description:
      '8 x 8 with 16-bit activations and 8-bit weights, the TFLite 16x8 scheme (TensorFlow, post-training integer quantization with int16 activations) for audio and sensors; no tables, since 256 entries are too few',
    array: { rows: 8, columns: 8 },
    elements: { activationBits: 16, weightBits: 8 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 1024 },
      weight: { rows: 2048 },
      accumulator: { rowsPerBank: 256 },
      parameter: { rows: 128 },
    },
    vector: { lanes: 4, functions: ['pool', 'depthwise', 'add'] },
    bus: { bytes: 8, maximumBurstBeats: 16 },
    memory: { readLatency: 30, writeLatency: 15, technology: 'lpddr4' },
    clockMegahertz: 200,
    target: { kind: 'asic', nodeNanometres: 40 },
  },
  {
    name: 'cyclone8',
    description:
      '8 x 8 on a Cyclone V 5CSEBA6 (Intel CV-51001: 41,910 ALMs, 112 DSP blocks of three 9 x 9 or two 18 x 18 multipliers, 5.4 Mbit of M10K), as on a DE10-Nano board with 128-bit access to DDR3',
    array: { rows: 8, columns: 8 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 2048 },
      weight: { rows: 4096 },
      accumulator: { rowsPerBank: 256 },
      parameter: { rows: 128 },
    },
    vector: { lanes: 8 },
    requantization: { multiplierBits: 18 },
    bus: { bytes: 16, maximumBurstBeats: 16 },
    memory: { readLatency: 30, writeLatency: 15, technology: 'ddr3' },
    clockMegahertz: 100,
    target: { kind: 'fpga', family: 'intel' },
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
    name: 'zynq12',
    description:
      '12 x 12 on a Zynq-7020 (Xilinx DS190: 220 DSPs, 140 block RAMs of 36 Kbit): the largest square array with a DSP for each PE that leaves some for 4 lanes of 32-bit multipliers',
    array: { rows: 12, columns: 12 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 1024 },
      weight: { rows: 4096 },
      accumulator: { rowsPerBank: 512 },
      parameter: { rows: 128 },
    },
    vector: { lanes: 4 },
    bus: { bytes: 8, maximumBurstBeats: 16 },
    memory: { readLatency: 30, writeLatency: 15, technology: 'ddr3' },
    clockMegahertz: 100,
    target: { kind: 'fpga', family: 'xilinx7' },
  },
  {
    name: 'eyeriss14',
    description:
      '12 x 14 PEs of 16 bits in 65 nm at 200 MHz with 108 KiB of on-chip data, the shape of Eyeriss (Y.-H. Chen et al., JSSC 2017), but weight-stationary',
    array: { rows: 12, columns: 14, multiplierStages: 2 },
    elements: { activationBits: 16, weightBits: 16 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 512 },
      weight: { rows: 1024 },
      accumulator: { rowsPerBank: 256 },
      parameter: { rows: 128 },
    },
    vector: { lanes: 2, functions: ['pool', 'depthwise', 'add'] },
    bus: { bytes: 8, maximumBurstBeats: 16 },
    memory: { readLatency: 20, writeLatency: 10, technology: 'ddr3' },
    clockMegahertz: 200,
    target: { kind: 'asic', nodeNanometres: 65 },
  },
  {
    name: 'shidiannao8',
    description:
      '8 x 8 output-stationary PEs of 16 bits in 65 nm at 1 GHz with 128 KiB each of activations and weights, the shape of ShiDianNao (Z. Du et al., ISCA 2015): sums stay in the array, so acc is written once a pixel',
    array: { rows: 8, columns: 8, dataflow: 'output-stationary', multiplierStages: 2 },
    elements: { activationBits: 16, weightBits: 16 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 2048 },
      weight: { rows: 8192 },
      accumulator: { rowsPerBank: 512 },
      parameter: { rows: 128 },
    },
    vector: { lanes: 4, functions: ['pool', 'depthwise', 'add'] },
    bus: { bytes: 16, maximumBurstBeats: 16 },
    memory: { readLatency: 60, writeLatency: 30 },
    clockMegahertz: 1000,
    target: { kind: 'asic', nodeNanometres: 65 },
  },
  {
    name: 'nibble16',
    description:
      '16 x 16 with 4-bit weights and 8-bit activations in 22 nm: half the weight traffic of edge16, for networks that wait for weights',
    array: { rows: 16, columns: 16 },
    elements: { activationBits: 8, weightBits: 4, accumulatorBits: 28 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 2048 },
      weight: { rows: 8192 },
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
    name: 'gemmini16',
    description:
      '16 x 16 with 256 KiB of scratchpad in 4 banks, 64 KiB of accumulators and a 128-bit bus at 1 GHz in 22 nm: the default configuration of Gemmini (H. Genc et al., DAC 2021), activations and weights in memories of their own',
    array: { rows: 16, columns: 16 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 2048 },
      weight: { rows: 8192 },
      accumulator: { rowsPerBank: 512 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 16 },
    bus: { bytes: 16, maximumBurstBeats: 4 },
    queueDepth: 8,
    memory: { readLatency: 40, writeLatency: 20, outstanding: 16, technology: 'ddr3' },
    clockMegahertz: 1000,
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
    name: 'kria32',
    description:
      '32 x 32 on a Kria K26 (Xilinx DS987: 1,248 DSPs, 144 block RAMs of 36 Kbit, 64 UltraRAMs): 1,024 DSPs for the array, 16 lanes, 128-bit access to DDR4',
    array: { rows: 32, columns: 32 },
    buffers: {
      activation: { banks: 4, rowsPerBank: 2048 },
      weight: { rows: 8192 },
      accumulator: { rowsPerBank: 512 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 16 },
    bus: { bytes: 16, maximumBurstBeats: 64 },
    memory: { readLatency: 60, writeLatency: 30, outstanding: 16, technology: 'ddr4' },
    clockMegahertz: 250,
    target: { kind: 'fpga', family: 'ultrascale+' },
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
  {
    name: 'tpu256',
    description:
      '256 x 256 in 28 nm at 700 MHz, 24 MiB of activations and 4 MiB of accumulators: the first TPU (N. Jouppi et al., ISCA 2017), with one 64-byte bus for what were DDR3 and PCIe, and weights for 4 tiles, as its FIFO holds',
    array: { rows: 256, columns: 256 },
    buffers: {
      activation: { banks: 3, rowsPerBank: 32768 },
      weight: { rows: 1024 },
      accumulator: { rowsPerBank: 2048 },
      parameter: { rows: 64 },
    },
    vector: { lanes: 256 },
    bus: { bytes: 64, maximumBurstBeats: 64 },
    queueDepth: 8,
    memory: { readLatency: 70, writeLatency: 35, outstanding: 16, technology: 'ddr3' },
    clockMegahertz: 700,
    target: { kind: 'asic', nodeNanometres: 28 },
  },
];

/** The presets by name, in order of size. */
export const machinePresets: ReadonlyMap<string, Machine> = new Map(
  inputs.map((input) => [input.name, machineSchema.parse(input)]),
);

/** What `systole run` takes when no machine is named. */
export const defaultMachineName = 'edge8';
