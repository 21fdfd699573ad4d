/** One core of a TPU v3 on matrix products, a convolution and ResNet-18: measured cycles beside the matrix-core model. */

import {
  type MatrixKernel,
  type ScratchpadCores,
  scratchpadCoreCycles,
} from '../../../models/devices/index.js';
import { leaveOneOut } from '../fit.js';
import { positive, type Row, type Tables } from '../tables.js';
import { type Findings, MissingTable, type TruthSet } from '../truth-set.js';

const path = 'peers/tpuv3_cycles.csv';

/**
 * A core has two 128 x 128 arrays at 940 MHz and half of the chip's 900 GB/s (cloud.google.com/tpu/docs/v3), half of its 32 MiB on chip
 * ("Ten Lessons", ISCA 2021, Table 1), bfloat16 operands. The time of a kernel's call is published nowhere: it is fitted.
 */
const CLOCK_HERTZ = 940e6;
const machine: Omit<ScratchpadCores, 'callCycles'> = {
  units: 2,
  rows: 128,
  columns: 128,
  elementBytes: 2,
  bytesPerCycle: 450e9 / CLOCK_HERTZ,
  scratchpadBytes: 16 * 2 ** 20,
};
/** Where the fit of a call's cycles begins: 0.1 and 10 us. */
const starts = [[94], [9400]];

export const tpuV3: TruthSet = {
  name: 'TPU v3 cycles',
  unit: 'cycles',
  measure: 'mean percent',
  target: 15,
  fit: 'none by size: one machine as documented; one constant, the cycles of a kernel call, fitted to the other rows',
  peer: 'PyTorchSim 11.5 % (claimed by its authors), MAESTRO 47, SCALE-Sim v3 55, Timeloop 60',
  find,
};

function find(tables: Tables): Findings {
  const rows = tables.csv(path);
  const measured = (row: Row) => positive(path, row, 'TPUv3');
  const model = ([callCycles]: readonly number[], row: Row) =>
    kernelsOf(String(row.Workload)).reduce(
      (sum, kernel) => sum + scratchpadCoreCycles({ ...machine, callCycles: callCycles! }, kernel),
      0,
    );
  const left = leaveOneOut(
    rows.map((row) => [row]),
    { measured, model, starts },
  );
  return {
    points: left.map(({ row, predicted }) => ({
      label: String(row.Workload),
      published: measured(row),
      predicted,
    })),
    notes: [
      'Source: artifact of PyTorchSim (MICRO 2025); runs made by its authors. That the two arrays of a core share a kernel by blocks of output',
      'columns, and that padding fills rows and columns, are assumptions of the model, made with these six rows in sight.',
    ],
  };
}

/** `gemm_MxKxN`, `conv_BxHxWxCinxCoutxKxSxP`, `resnetD` at 224, batch 1. */
function kernelsOf(workload: string): readonly MatrixKernel[] {
  const sizes = workload
    .replace(/^[a-z]+_/, '')
    .split('x')
    .map(Number);
  if (workload.startsWith('gemm_') && sizes.length === 3) return [product(sizes[0]!, sizes[1]!, sizes[2]!)];
  if (workload.startsWith('conv_') && sizes.length === 8) {
    const [batch, height, width, inputs, outputs, kernel, stride, padding] = sizes as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    return [convolution({ batch, height, width, inputs, outputs, kernel, stride, padding })];
  }
  if (workload === 'resnet18') return resnet18();
  throw new MissingTable(
    `${path}: no workload like "${workload}" is known: gemm_MxKxN, conv_BxHxWxCxCxKxSxP, resnet18`,
  );
}

function product(m: number, k: number, n: number): MatrixKernel {
  return { positions: 1, m, n, k, inputElements: m * k, outputElements: m * n };
}

interface Convolution {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

function convolution({
  batch,
  height,
  width,
  inputs,
  outputs,
  kernel,
  stride,
  padding,
}: Convolution): MatrixKernel {
  const across = (extent: number) => Math.floor((extent + 2 * padding - kernel) / stride) + 1;
  const m = batch * across(height) * across(width);
  const inputElements = batch * height * width * inputs;
  return { positions: kernel * kernel, m, n: outputs, k: inputs, inputElements, outputElements: m * outputs };
}

/** Its convolutions and dense layer; normalisation, additions and pooling are fused into them. */
function resnet18(): readonly MatrixKernel[] {
  const conv = (size: number, inputs: number, outputs: number, kernel: number, stride: number) =>
    convolution({
      batch: 1,
      height: size,
      width: size,
      inputs,
      outputs,
      kernel,
      stride,
      padding: kernel >> 1,
    });
  const stage = (size: number, inputs: number, outputs: number, stride: number) => {
    const inside = conv(size / stride, outputs, outputs, 3, 1);
    const projection = stride > 1 ? [conv(size, inputs, outputs, 1, stride)] : [];
    return [conv(size, inputs, outputs, 3, stride), inside, inside, inside, ...projection];
  };
  return [
    conv(224, 3, 64, 7, 2),
    ...stage(56, 64, 64, 1),
    ...stage(56, 64, 128, 2),
    ...stage(28, 128, 256, 2),
    ...stage(14, 256, 512, 2),
    product(1, 512, 1000),
  ];
}
