/**
 * Other people's hardware, one row a device. `attained` is what one published result reached on one network, not a peak;
 * the comparison is a roofline with that stated efficiency (models/devices). 1 MAC = 2 operations.
 */

import type { Provenance } from './provenance.js';

export type DeviceKind = 'cpu' | 'gpu' | 'tpu' | 'fpga' | 'asic';

export interface DeviceRow {
  readonly name: string;
  readonly kind: DeviceKind;
  readonly description: string;
  /** Dense int8 operations per second at the stated clock; null where no figure is published. */
  readonly peakOperationsPerSecond: number | null;
  /** Operations per second that the anchor below reached. */
  readonly attainedOperationsPerSecond: number;
  /** Bytes per second at which weights (and, without `activationsOnChip`, activations) stream. */
  readonly memoryBytesPerSecond: number;
  /** Weights up to this many bytes stay on chip between inferences and are not streamed. */
  readonly weightCacheBytes: number;
  readonly activationsOnChip: boolean;
  /** Time per dispatched operator that no roofline explains (launch, dispatch, synchronisation); null: not known. */
  readonly overheadSecondsPerOperator: number | null;
  readonly powerWatts: number | null;
  /** The chip or board alone, or with host, memory, fans and supply. */
  readonly powerLevel: 'device' | 'system';
  readonly powerScope: string;
  readonly basis: string;
  readonly sources: readonly Provenance[];
}

const RESNET50_OPERATIONS = 8.2e9;
/** Convolutions and the dense layer of ResNet-50: what a runtime dispatches once fusion is done. */
const RESNET50_OPERATORS = 54;

/** Overhead that explains a measured batch-1 latency beyond operations / attained. */
function overheadFrom(latencySeconds: number, attained: number): number {
  return Math.max(0, latencySeconds - RESNET50_OPERATIONS / attained) / RESNET50_OPERATORS;
}

// Rate and power of a device must come from one run, or energy means nothing: these are the runs whose power was measured.
const a100 = (128665 / 4) * RESNET50_OPERATIONS;
const orin = 3463.11 * RESNET50_OPERATIONS;
const xeon = 4952.07 * RESNET50_OPERATIONS;

export const devices: readonly DeviceRow[] = [
  {
    name: 'xeon-8380-2s',
    kind: 'cpu',
    description: 'two Intel Xeon Platinum 8380 (2 x 40 cores, 2.3 GHz), OpenVINO int8',
    peakOperationsPerSecond: 2 * 23.552e12,
    attainedOperationsPerSecond: xeon,
    memoryBytesPerSecond: 2 * 204.8e9,
    weightCacheBytes: 2 * 62914560,
    activationsOnChip: true,
    overheadSecondsPerOperator: overheadFrom(1.08e-3, xeon),
    powerWatts: 540,
    powerLevel: 'device',
    powerScope: 'thermal design power of both sockets',
    basis: 'roofline at the rate of ResNet-50 int8 (4952 images/s; 1.08 ms for one)',
    sources: [
      { citation: 'Intel, OpenVINO 2024.3 performance benchmarks, ResNet-50 int8', known: 'read' },
      { citation: 'Intel ARK: peak, bandwidth, cache', known: 'recalled' },
    ],
  },
  {
    name: 'raspberry-pi-4',
    kind: 'cpu',
    description: 'Raspberry Pi 4 (4 x Cortex-A72, 1.8 GHz), ncnn int8',
    peakOperationsPerSecond: null,
    attainedOperationsPerSecond: RESNET50_OPERATIONS / 0.19665,
    memoryBytesPerSecond: 12.8e9,
    weightCacheBytes: 1048576,
    activationsOnChip: false,
    overheadSecondsPerOperator: null,
    powerWatts: 6.4,
    powerLevel: 'system',
    powerScope: 'board under load',
    basis: 'roofline at the rate of ResNet-50 int8 (196.7 ms)',
    sources: [
      {
        citation: 'Tencent ncnn, benchncnn results, Raspberry Pi 4 Model B, 4 threads, resnet50_int8',
        known: 'read',
      },
      { citation: 'Raspberry Pi documentation: bandwidth, power', known: 'recalled' },
    ],
  },
  {
    name: 'a100-sxm-80gb',
    kind: 'gpu',
    description: 'NVIDIA A100 SXM 80 GB, TensorRT int8',
    peakOperationsPerSecond: 624e12,
    attainedOperationsPerSecond: a100,
    memoryBytesPerSecond: 2039e9,
    weightCacheBytes: 41943040,
    activationsOnChip: true,
    overheadSecondsPerOperator: overheadFrom(0.396389e-3, a100),
    powerWatts: 1131.81 / 4,
    powerLevel: 'system',
    powerScope: 'wall power of a four-GPU system, divided by four',
    basis:
      'roofline at the rate of ResNet-50 int8 in the run whose power was measured (MLPerf MaxQ, four GPUs: 128665 images/s); overhead from 0.396 ms for one image at full clocks',
    sources: [
      {
        citation:
          'MLPerf Inference v2.1 closed, ResNet-50 offline and single stream; v2.0 power (DGX Station A100)',
        known: 'read',
      },
      { citation: 'NVIDIA A100 data sheet: peak, bandwidth, L2', known: 'read' },
    ],
  },
  {
    name: 'jetson-agx-orin',
    kind: 'gpu',
    description: 'NVIDIA Jetson AGX Orin, TensorRT int8',
    peakOperationsPerSecond: null,
    attainedOperationsPerSecond: orin,
    memoryBytesPerSecond: 204.8e9,
    weightCacheBytes: 4194304,
    activationsOnChip: false,
    overheadSecondsPerOperator: overheadFrom(0.63041e-3, orin),
    powerWatts: 22.66,
    powerLevel: 'system',
    powerScope: 'wall power of the module in its MaxQ run (3463 images/s)',
    basis:
      'roofline at the rate of ResNet-50 int8 in the run whose power was measured (MLPerf MaxQ: 3463 images/s); overhead from 0.630 ms for one image at full clocks',
    sources: [
      {
        citation: 'MLPerf Inference v3.0 closed, NVIDIA Orin, ResNet-50 offline, single stream and power',
        known: 'read',
      },
      { citation: 'NVIDIA Jetson AGX Orin data sheet: bandwidth, L2', known: 'recalled' },
    ],
  },
  {
    name: 'tpu-v1',
    kind: 'tpu',
    description: 'Google TPU v1 (256 x 256 int8 at 700 MHz)',
    peakOperationsPerSecond: 92e12,
    attainedOperationsPerSecond: 0.782 * 92e12,
    memoryBytesPerSecond: 34e9,
    weightCacheBytes: 0,
    activationsOnChip: true,
    overheadSecondsPerOperator: null,
    powerWatts: 40,
    powerLevel: 'device',
    powerScope: 'busy power of the die',
    basis: 'roofline at the useful-MAC share of CNN0 (78.2 %); weights stream from DRAM; host time excluded',
    sources: [{ citation: 'N. Jouppi et al., ISCA 2017, Tables 2 and 3', known: 'read' }],
  },
  {
    name: 'coral-edge-tpu',
    kind: 'tpu',
    description: 'Google Coral Edge TPU on USB',
    peakOperationsPerSecond: 4e12,
    attainedOperationsPerSecond: 1.138e9 / 2.4e-3,
    memoryBytesPerSecond: 0.47e9,
    weightCacheBytes: 8e6,
    activationsOnChip: true,
    overheadSecondsPerOperator: null,
    powerWatts: 2,
    powerLevel: 'device',
    powerScope: 'chip at full load',
    basis:
      'rate of MobileNet v1 at 224 (2.4 ms); weights beyond 8 MB stream at the rate that explains VGG-16',
    sources: [
      { citation: 'Google Coral, Edge TPU performance benchmarks, Table 1', known: 'read' },
      { citation: 'coral.ai product page: 4 TOPS, 2 TOPS/W, 8 MB', known: 'recalled' },
    ],
  },
  {
    name: 'kria-k26-dpu',
    kind: 'fpga',
    description: 'AMD Kria K26, DPU B3136 at 300 MHz',
    peakOperationsPerSecond: 0.92e12,
    attainedOperationsPerSecond: 0.25e12,
    memoryBytesPerSecond: 7.5e9,
    weightCacheBytes: 0,
    activationsOnChip: true,
    overheadSecondsPerOperator: null,
    powerWatts: 7.9,
    powerLevel: 'system',
    powerScope: 'whole module, vendor estimate',
    basis: 'roofline at the rate of DenseBox 640x360 (0.25 of 0.92 TOPS)',
    sources: [
      {
        citation: 'AMD Kria KV260 NLP-SmartVision hardware documentation: peak, rate, traffic, power',
        known: 'read',
      },
    ],
  },
  {
    name: 'zcu102-dpu',
    kind: 'fpga',
    description: 'Xilinx ZCU102, one of its three DPU B4096 cores at 281 MHz',
    peakOperationsPerSecond: 1.15e12,
    attainedOperationsPerSecond: 7.7e9 / 14.1e-3,
    memoryBytesPerSecond: 5.298e9,
    weightCacheBytes: 0,
    activationsOnChip: true,
    overheadSecondsPerOperator: null,
    powerWatts: null,
    powerLevel: 'device',
    powerScope: 'not published in these tables',
    basis: 'roofline at the rate of ResNet-50 in one thread (14.1 ms, 7.7 GOP)',
    sources: [
      { citation: 'Xilinx Vitis AI model zoo v1.3, ZCU102, cf_resnet50_imagenet', known: 'read' },
      { citation: 'Xilinx PG338 v1.2, Table 12: peak DRAM traffic of one core', known: 'read' },
    ],
  },
  {
    name: 'eyeriss-v1',
    kind: 'asic',
    description: 'Eyeriss (MIT, 65 nm, 168 PEs of 16 bits at 200 MHz)',
    peakOperationsPerSecond: 67.2e9,
    attainedOperationsPerSecond: (34.7 * 2.66e9 * 2) / 4,
    memoryBytesPerSecond: (15.4e6 / 4) * 34.7,
    weightCacheBytes: 0,
    activationsOnChip: true,
    overheadSecondsPerOperator: 0,
    powerWatts: 0.278,
    powerLevel: 'device',
    powerScope: 'chip, AlexNet at 1 V',
    basis:
      'rate of AlexNet convolutions (34.7 frames/s, 2.66 GMAC for 4 frames), 16-bit; link at its average DRAM traffic',
    sources: [{ citation: 'Y.-H. Chen et al., IEEE JSSC 52(1), 2017, Table V and abstract', known: 'read' }],
  },
];
