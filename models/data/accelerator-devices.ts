/**
 * CPUs, FPGA accelerators and ASICs of which one published result is at hand: a roofline at the share of the peak that this result reached.
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

const zoo = (version: string, board: string): Provenance => ({
  citation: `Xilinx Vitis AI model zoo v${version}, ${board}, cf_resnet50_imagenet (7.7 GOP)`,
  known: 'read',
});
const boardMemory: Provenance = { citation: "memory bandwidth: the board's data sheet", known: 'recalled' };

/** The DPU of this card is not of the kind that the model of DPUs knows. */
const dpus: readonly Device[] = [
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

/** ncnn, ResNet-50 int8 of one picture on all cores: processors of makers that the model of CPUs was not fitted to. */
function ncnn(
  name: string,
  description: string,
  milliseconds: number,
  gigabytes: number,
  cache: number,
): Device {
  return anchored({
    name,
    kind: 'cpu',
    description: `${description}, ncnn int8`,
    attained: RESNET50_OPERATIONS / (milliseconds * 1e-3),
    memoryBytesPerSecond: gigabytes * GB,
    cacheBytes: cache * MIB,
    activationsOnChip: true,
    power: null,
    basis: `roofline at the rate of ResNet-50 int8 (${milliseconds} ms)`,
    sources: [
      { citation: 'Tencent ncnn, benchncnn results, resnet50_int8', known: 'read' },
      { citation: "memory bandwidth and cache: the maker's data sheet", known: 'recalled' },
    ],
  });
}

const amd: readonly Device[] = [
  ncnn('epyc-7742', 'AMD EPYC 7742 (64 cores, 2.25 GHz)', 8.92, 204.8, 256),
  ncnn('ryzen-5700g', 'AMD Ryzen 7 5700G (8 cores, 3.8 GHz)', 22.75, 51.2, 16),
];

export const acceleratorDevices: readonly Device[] = [...amd, ...dpus, ...dataflows, ...chips];
