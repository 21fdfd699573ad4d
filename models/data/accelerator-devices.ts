/**
 * CPUs, FPGA accelerators and ASICs of which one published result is at hand: a roofline at the share of the peak that this result reached.
 * The peak of a CPU that its maker does not publish is left at the rate that was reached. One MAC is two operations.
 */

import type { Device, DeviceClass, DevicePower } from './device.js';
import type { Provenance } from './provenance.js';

const GB = 1e9;
const MIB = 2 ** 20;
const RESNET50_OPERATIONS = 8.2e9;
const RESNET50_KERNELS = 54;

/** What one published result says of a device. */
interface Anchor {
  readonly name: string;
  readonly kind: DeviceClass;
  readonly description: string;
  /** Dense int8; left out where no figure is published. */
  readonly peak?: number;
  /** Operations a second that the result reached. */
  readonly attained: number;
  /** Of one ResNet-50 picture, where that is published beside the throughput: gives the time of a dispatch. */
  readonly resnetSeconds?: number;
  readonly memoryBytesPerSecond: number;
  readonly cacheBytes: number;
  readonly activationsOnChip: boolean;
  /** Cores; one call runs on one of them. */
  readonly units?: number;
  readonly power: DevicePower | null;
  readonly basis: string;
  readonly sources: readonly Provenance[];
}

function anchored(row: Anchor): Device {
  const peak = row.peak ?? row.attained;
  const { resnetSeconds: latency } = row;
  const left = latency === undefined ? null : Math.max(0, latency - RESNET50_OPERATIONS / row.attained);
  return {
    name: row.name,
    kind: row.kind,
    description: row.description,
    model: {
      kind: 'roofline',
      peakOperationsPerSecond: { int8: peak },
      attainedShare: row.attained / peak,
      memoryBytesPerSecond: row.memoryBytesPerSecond,
      weightCacheBytes: row.cacheBytes,
      activationsOnChip: row.activationsOnChip,
      ...(row.units !== undefined && { units: row.units }),
      kernelSeconds: left === null ? null : left / RESNET50_KERNELS,
      basis: row.peak === undefined ? `${row.basis}; no peak is published: the roof is that rate` : row.basis,
    },
    power: row.power,
    error: null,
    sources: row.sources,
  };
}

const recalledMemory: Provenance = {
  citation: "memory bandwidth and cache: the maker's data sheet",
  known: 'recalled',
};

interface Published {
  readonly name: string;
  readonly description: string;
  readonly bandwidth: number;
  readonly cacheMebibytes: number;
  readonly watts: number | null;
}

/** OpenVINO 2024.3, ResNet-50 int8: throughput on all cores, latency of one stream. */
function openvino(row: Published & { readonly images: number; readonly milliseconds: number }): Device {
  return anchored({
    name: row.name,
    kind: 'cpu',
    description: `${row.description}, OpenVINO int8`,
    attained: row.images * RESNET50_OPERATIONS,
    resnetSeconds: row.milliseconds * 1e-3,
    memoryBytesPerSecond: row.bandwidth,
    cacheBytes: row.cacheMebibytes * MIB,
    activationsOnChip: true,
    power:
      row.watts === null
        ? null
        : { watts: row.watts, level: 'device', scope: 'thermal design power of all sockets' },
    basis: `roofline at the rate of ResNet-50 int8 (${row.images} images/s; ${row.milliseconds} ms for one)`,
    sources: [
      { citation: 'Intel, OpenVINO 2024.3 performance benchmarks, ResNet-50 int8', known: 'read' },
      recalledMemory,
    ],
  });
}

/** ncnn, ResNet-50 int8 of one picture on all cores of a kind. */
function ncnn(row: Published & { readonly milliseconds: number; readonly threads: number }): Device {
  return anchored({
    name: row.name,
    kind: 'cpu',
    description: `${row.description}, ncnn int8, ${row.threads} threads`,
    attained: RESNET50_OPERATIONS / (row.milliseconds * 1e-3),
    memoryBytesPerSecond: row.bandwidth,
    cacheBytes: row.cacheMebibytes * MIB,
    activationsOnChip: false,
    power: row.watts === null ? null : { watts: row.watts, level: 'system', scope: 'board under load' },
    basis: `roofline at the rate of ResNet-50 int8 (${row.milliseconds} ms)`,
    sources: [{ citation: 'Tencent ncnn, benchncnn results, resnet50_int8', known: 'read' }, recalledMemory],
  });
}

const cpus: readonly Device[] = [
  openvino({
    name: 'core-i7-1185g7',
    description: 'Intel Core i7-1185G7 (4 cores)',
    images: 224.68,
    milliseconds: 4.95,
    bandwidth: 68.3 * GB,
    cacheMebibytes: 12,
    watts: 28,
  }),
  openvino({
    name: 'core-i7-1360p',
    description: 'Intel Core i7-1360P (4 + 8 cores)',
    images: 305.86,
    milliseconds: 5,
    bandwidth: 76.8 * GB,
    cacheMebibytes: 18,
    watts: 28,
  }),
  openvino({
    name: 'core-i7-8700t',
    description: 'Intel Core i7-8700T (6 cores)',
    images: 122.06,
    milliseconds: 10.02,
    bandwidth: 41.6 * GB,
    cacheMebibytes: 12,
    watts: 35,
  }),
  openvino({
    name: 'xeon-w1290p',
    description: 'Intel Xeon W-1290P (10 cores)',
    images: 245.47,
    milliseconds: 5.29,
    bandwidth: 46.9 * GB,
    cacheMebibytes: 20,
    watts: 125,
  }),
  openvino({
    name: 'core-ultra-7-165h',
    description: 'Intel Core Ultra 7 165H (6 + 8 + 2 cores)',
    images: 284.64,
    milliseconds: 7.65,
    bandwidth: 89.6 * GB,
    cacheMebibytes: 24,
    watts: 28,
  }),
  openvino({
    name: 'xeon-5218t-2s',
    description: 'two Intel Xeon Gold 5218T (2 x 16 cores)',
    images: 971.13,
    milliseconds: 2.97,
    bandwidth: 256 * GB,
    cacheMebibytes: 44,
    watts: 210,
  }),
  openvino({
    name: 'xeon-4216r-2s',
    description: 'two Intel Xeon Silver 4216R (2 x 16 cores)',
    images: 923.93,
    milliseconds: 3.15,
    bandwidth: 230.4 * GB,
    cacheMebibytes: 44,
    watts: 210,
  }),
  openvino({
    name: 'xeon-8580-2s',
    description: 'two Intel Xeon Platinum 8580 (2 x 60 cores)',
    images: 22488.98,
    milliseconds: 1.19,
    bandwidth: 716.8 * GB,
    cacheMebibytes: 600,
    watts: 700,
  }),
  ncnn({
    name: 'raspberry-pi-zero-2w',
    description: 'Raspberry Pi Zero 2 W (4 x Cortex-A53, 1.0 GHz)',
    milliseconds: 497.57,
    threads: 4,
    bandwidth: 4.3 * GB,
    cacheMebibytes: 0.5,
    watts: null,
  }),
  ncnn({
    name: 'allwinner-h616',
    description: 'Allwinner H616 (4 x Cortex-A53, 1.5 GHz)',
    milliseconds: 354.17,
    threads: 4,
    bandwidth: 6.4 * GB,
    cacheMebibytes: 0.5,
    watts: null,
  }),
  ncnn({
    name: 'rk3588-a76',
    description: 'Rockchip RK3588 (its 4 x Cortex-A76, 2.4 GHz)',
    milliseconds: 33.84,
    threads: 4,
    bandwidth: 34.1 * GB,
    cacheMebibytes: 3,
    watts: null,
  }),
  ncnn({
    name: 'epyc-7742',
    description: 'AMD EPYC 7742 (64 cores, 2.25 GHz)',
    milliseconds: 8.92,
    threads: 64,
    bandwidth: 204.8 * GB,
    cacheMebibytes: 256,
    watts: null,
  }),
  ncnn({
    name: 'ryzen-5700g',
    description: 'AMD Ryzen 7 5700G (8 cores, 3.8 GHz)',
    milliseconds: 22.75,
    threads: 16,
    bandwidth: 51.2 * GB,
    cacheMebibytes: 16,
    watts: null,
  }),
];

const zoo = (version: string, board: string): Provenance => ({
  citation: `Xilinx Vitis AI model zoo v${version}, ${board}, cf_resnet50_imagenet (7.7 GOP)`,
  known: 'read',
});
const boardMemory: Provenance = { citation: "memory bandwidth: the board's data sheet", known: 'recalled' };

/** DPUs: all cores of the board at the zoo's throughput, one picture at its latency. */
const dpus: readonly Device[] = [
  anchored({
    name: 'zcu102-dpu-3',
    kind: 'fpga',
    description: 'Xilinx ZCU102, three DPU B4096 cores at 281 MHz',
    peak: 3.45e12,
    attained: 164.7 * 7.7e9,
    memoryBytesPerSecond: 19.2 * GB,
    cacheBytes: 0,
    activationsOnChip: true,
    units: 3,
    power: null,
    basis:
      'roofline at the rate of ResNet-50 in several threads (164.7 images/s); one picture runs on one core',
    sources: [zoo('1.3', 'ZCU102'), boardMemory],
  }),
  anchored({
    name: 'zcu104-dpu-2',
    kind: 'fpga',
    description: 'Xilinx ZCU104, two DPU B4096 cores at 300 MHz',
    peak: 2.46e12,
    attained: (2.46 / 3.45) * 164.7 * 7.7e9,
    memoryBytesPerSecond: 19.2 * GB,
    cacheBytes: 0,
    activationsOnChip: true,
    units: 2,
    power: null,
    basis:
      'roofline at the share of the peak that the same DPU reaches on ZCU102; no result of this board is at hand',
    sources: [{ ...zoo('1.3', 'ZCU102'), known: 'derived' }, boardMemory],
  }),
  anchored({
    name: 'ultra96-dpu',
    kind: 'fpga',
    description: 'Avnet Ultra96, one DPU B1600 core at 287 MHz',
    peak: 1600 * 287e6,
    attained: 33.4667 * 7.7e9,
    memoryBytesPerSecond: 4.3 * GB,
    cacheBytes: 0,
    activationsOnChip: true,
    power: null,
    basis: 'roofline at the rate of ResNet-50 (33.5 images/s)',
    sources: [zoo('1.1', 'Ultra96'), boardMemory],
  }),
  anchored({
    name: 'alveo-u250-dpu-4',
    kind: 'fpga',
    description: 'Xilinx Alveo U250, four DPUv3E kernels at 350 MHz',
    attained: 2134.8 * 7.7e9,
    memoryBytesPerSecond: 77 * GB,
    cacheBytes: 0,
    activationsOnChip: true,
    units: 4,
    power: null,
    basis: 'roofline at the rate of ResNet-50 (2134.8 images/s)',
    sources: [zoo('1.3', 'Alveo U250'), boardMemory],
  }),
  anchored({
    name: 'alveo-u50-dpu-10',
    kind: 'fpga',
    description: 'Xilinx Alveo U50LV, ten DPUv3E kernels at 275 MHz',
    attained: 790.3 * 7.7e9,
    memoryBytesPerSecond: 201 * GB,
    cacheBytes: 0,
    activationsOnChip: true,
    units: 10,
    power: null,
    basis: 'roofline at the rate of ResNet-50 (790.3 images/s)',
    sources: [zoo('1.3', 'Alveo U50LV'), boardMemory],
  }),
];

const tiny = (round: string, who: string): Provenance => ({
  citation: `MLPerf Tiny ${round}, ${who}`,
  known: 'read',
});
const tinyMacs: Provenance = { citation: 'MACs of the network of that result', known: 'recalled' };

/** Circuits made for one network each: what another network would reach is a guess. Weights stay on chip. */
const dataflows: readonly Device[] = [
  anchored({
    name: 'zc706-fpgaconvnet',
    kind: 'fpga',
    description: 'Xilinx ZC706 with a circuit of fpgaConvNet for the network (hls4ml and FINN class)',
    attained: 6789.576 * 2 * 12.5e6,
    memoryBytesPerSecond: 12.8 * GB,
    cacheBytes: 2.4e6,
    activationsOnChip: true,
    power: null,
    basis:
      'roofline at the rate of ResNet-8 (6790 inferences/s); assumes that another network is cut to fit as well',
    sources: [tiny('v1.1 closed', 'fpgaconvnet, zc706, image classification'), tinyMacs, boardMemory],
  }),
  anchored({
    name: 'zedboard-fpgaconvnet',
    kind: 'fpga',
    description: 'ZedBoard (Zynq-7020) with a circuit of fpgaConvNet for the network (hls4ml and FINN class)',
    attained: 2431.435 * 2 * 12.5e6,
    memoryBytesPerSecond: 4.2 * GB,
    cacheBytes: 0.6e6,
    activationsOnChip: true,
    power: null,
    basis:
      'roofline at the rate of ResNet-8 (2431 inferences/s); assumes that another network is cut to fit as well',
    sources: [tiny('v1.1 closed', 'fpgaconvnet, zedboard, image classification'), tinyMacs, boardMemory],
  }),
  anchored({
    name: 'pynq-z2-finn-w1a1',
    kind: 'fpga',
    description: 'PYNQ-Z2 with a FINN circuit of one-bit weights and activations',
    attained: 661.473 * 2 * 58e6,
    memoryBytesPerSecond: 4.2 * GB,
    cacheBytes: 0.6e6,
    activationsOnChip: true,
    power: { watts: 1.671, level: 'system', scope: 'board rail in the energy run' },
    basis:
      'roofline at the rate of CNV-W1A1 (661 inferences/s): one-bit numbers, which other networks may not bear',
    sources: [tiny('v0.7 open', 'hls4ml-finn, pynq-z2/CNV-W1A1'), tinyMacs, boardMemory],
  }),
];

const chips: readonly Device[] = [
  anchored({
    name: 'furiosa-warboy',
    kind: 'asic',
    description: 'FuriosaAI Warboy (14 nm), int8',
    peak: 64e12,
    attained: 2758.44 * RESNET50_OPERATIONS,
    resnetSeconds: 0.711853e-3,
    memoryBytesPerSecond: 66 * GB,
    cacheBytes: 32 * MIB,
    activationsOnChip: true,
    power: { watts: 60, level: 'device', scope: 'thermal design power of the board: an upper bound' },
    basis: 'roofline at the rate of ResNet-50 (2758 images/s; 0.712 ms for one)',
    sources: [
      {
        citation: 'MLPerf Inference v2.0 closed, FuriosaAI Warboy, ResNet-50 offline and single stream',
        known: 'read',
      },
      { citation: "peak, memory, on-chip memory, power: the maker's product brief", known: 'recalled' },
    ],
  }),
];

export const acceleratorDevices: readonly Device[] = [...cpus, ...dpus, ...dataflows, ...chips];
