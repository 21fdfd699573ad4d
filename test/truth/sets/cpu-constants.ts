/**
 * The free constants of the model of processors: where a fit starts, and between which limits; the starts are round and on none of the fitted values. A
 * runtime's fit leaves those at their start of which its rows say nothing.
 */

import type { CpuFit, CpuFitted, CpuRuntime } from '../../../models/data/index.js';

const free = {
  productShareInOrder: [0.7, 0.05, 1],
  productShare: [0.7, 0.1, 1],
  matmulShare: [0.5, 0.05, 1],
  depthwiseShareInOrder: [1, 0.01, 3],
  depthwiseShare: [1, 0.01, 3],
  byteCyclesInOrder: [1, 0.01, 20],
  byteCycles: [0.5, 0.001, 10],
  memoryBytesPerCycleInOrder: [2, 0.1, 32],
  memoryBytesPerCycle: [3, 0.1, 64],
  productWidth: [0.5, 0.01, 3],
  byteLanes: [0.5, 0.01, 3],
  memoryShare: [0.5, 0.1, 1],
  cacheShare: [0.2, 0.1, 1],
  winogradFloat: [3, 1, 5],
  winogradInteger: [1, 1, 4],
  winogradPasses: [3, 1, 10],
  missPasses: [1.5, 1, 8],
  wideningRate: [1.8, 0.3, 3],
  narrowShare: [0.9, 0.05, 1],
  accumulatorBytes: [4, 1, 16],
  kernelCycles: [10000, 100, 200000],
  syncCycles: [2000, 10, 50000],
  serialShare: [0.03, 0.0001, 0.3],
  turboCores: [8, 0.1, 100],
} as const satisfies Record<keyof CpuFitted, readonly [start: number, least: number, most: number]>;
type Name = keyof CpuFitted;

const start = Object.fromEntries(Object.entries(free).map(([name, [value]]) => [name, value])) as Record<
  Name,
  number
>;
/**
 * ncnn: boards of few cores say nothing of how kernels scale to many, so the serial share is a round figure; no clocks but one are known. OpenVINO: no
 * Winograd in its kernels for these processors, none of which issues in order.
 */
const held: Readonly<Record<CpuRuntime, Partial<Record<Name, number>>>> = {
  ncnn: {
    winogradInteger: 1,
    depthwiseShare: 1,
    depthwiseShareInOrder: 1,
    cacheShare: 0.1,
    serialShare: 0.03,
    turboCores: 8,
  },
  openvino: {
    winogradFloat: 1,
    winogradInteger: 1,
    winogradPasses: 1,
    missPasses: 1,
    productShareInOrder: 0.7,
    depthwiseShareInOrder: 1,
    byteCyclesInOrder: 1,
    memoryBytesPerCycleInOrder: 2,
  },
};

function namesOf(runtime: CpuRuntime): readonly Name[] {
  return (Object.keys(free) as Name[]).filter((name) => held[runtime][name] === undefined);
}

export function cpuStart(runtime: CpuRuntime): readonly number[] {
  return namesOf(runtime).map((name) => free[name][0]);
}

export function cpuLimits(runtime: CpuRuntime) {
  return namesOf(runtime).map((name) => [free[name][1], free[name][2]] as const);
}

/** By name, with those that are held. */
export function cpuConstants(runtime: CpuRuntime, constants: readonly number[]): CpuFitted {
  const fitted = Object.fromEntries(namesOf(runtime).map((name, at) => [name, constants[at]!]));
  return { ...start, ...held[runtime], ...fitted };
}

export function withCpuConstants(runtime: CpuRuntime, constants: readonly number[], assumed: CpuFit): CpuFit {
  return { ...assumed, ...cpuConstants(runtime, constants) };
}
