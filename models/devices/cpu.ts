/**
 * Time of a list of kernels on a processor under an inference runtime. In: published figures of the processor, the kernels, a batch and a type.
 * Out: seconds of every dispatched kernel, for the whole batch, and what holds it.
 *
 * A kernel's products go at a share of a core's lanes, its activations pass through the core byte by byte, what no cache keeps comes from memory.
 * A few samples are computed by all cores of one socket together, which costs synchronisation; many samples by every core of every socket on its own.
 */

import { type CpuCluster, type CpuDevice, type CpuFit, type CpuRuntime, cpuFits } from '../data/index.js';
import { fuseTails } from './gpu.js';
import { type Kernel, type KernelSeconds, type KernelType, kernelTypeBytes } from './kernel.js';

export interface CpuOptions {
  /** Whose kernels; OpenVINO's where it is absent, ncnn's for Arm. */
  readonly runtime?: CpuRuntime;
  /** Cores that share a sample, fastest first; without it the runtime picks the clusters that are fastest together. */
  readonly threads?: number;
  readonly fit?: CpuFit;
}

/**
 * One entry a dispatched kernel, in order; a fused tail is in the entry of the kernel before it.
 * @param batch samples dispatched together; from one a core on, cores work apart
 * @param type of weights and activations; a type that a core lacks is computed in the next wider one
 */
export function cpuSeconds(
  device: CpuDevice,
  kernels: readonly Kernel[],
  batch: number,
  type: KernelType,
  options: CpuOptions = {},
): readonly KernelSeconds[] {
  const fit = options.fit ?? cpuFits[options.runtime ?? 'openvino'];
  const pricing = new CpuPricing(device, type, fit, kernels);
  const dispatched = fuseTails(kernels);
  if (options.threads === undefined && batch >= coresOf(device.clusters) * device.sockets)
    return dispatched.map((kernel) => pricing.apart(kernel, batch));
  const choices = options.threads === undefined ? prefixes(device.clusters) : [options.threads];
  const lists = choices.map((threads) => {
    const team = pricing.team(threads);
    return dispatched.map((kernel) => pricing.together(kernel, batch, team));
  });
  return lists.reduce((best, list) => (total(list) < total(best) ? list : best));
}

function total(rows: readonly KernelSeconds[]): number {
  return rows.reduce((sum, { seconds }) => sum + seconds, 0);
}

function coresOf(clusters: readonly CpuCluster[]): number {
  return clusters.reduce((sum, { cores }) => sum + cores, 0);
}

/** Cores of the first cluster, of the first two, ... */
function prefixes(clusters: readonly CpuCluster[]): readonly number[] {
  return clusters.map((_, at) => coresOf(clusters.slice(0, at + 1)));
}

/** What a cluster's cores do in a cycle, under the constants and in the type. */
interface CoreRate {
  readonly cores: number;
  readonly hertz: number;
  /** Multiply-accumulates a cycle: convolutions, matrix products, depthwise convolutions. */
  readonly convolution: number;
  readonly matmul: number;
  readonly depthwise: number;
  readonly byteCycles: number;
  readonly memoryBytesPerSecond: number;
}

/** Cores that share a sample. */
interface Team {
  readonly threads: number;
  readonly members: readonly CoreRate[];
  /** Of the slowest and the fastest core, of all of whose work the kernel's part is done. */
  readonly workers: number;
  readonly memoryBytesPerSecond: number;
  readonly dispatchSeconds: number;
}

class CpuPricing {
  private readonly bytes: number;
  private readonly rates: readonly CoreRate[];
  /** Bytes of the caches that all kernels share, and share of the weights that they do not keep. */
  private readonly cacheBytes: number;
  private readonly weightsMissed: number;

  constructor(
    private readonly device: CpuDevice,
    private readonly type: KernelType,
    private readonly fit: CpuFit,
    kernels: readonly Kernel[],
  ) {
    this.bytes = kernelTypeBytes(type);
    this.rates = device.clusters.map((cluster) => coreRate(coresOf(device.clusters), cluster, type, fit));
    const own = device.clusters.reduce((sum, { core, cores }) => sum + cores * core.l2Bytes, 0);
    this.cacheBytes = fit.cacheShare * (device.lastLevelBytes + own);
    const weights = this.bytes * kernels.reduce((sum, { weightElements }) => sum + weightElements, 0);
    this.weightsMissed = Math.max(0, 1 - this.cacheBytes / Math.max(1, weights));
  }

  /** `threads` cores of one socket, fastest first. */
  team(threads: number): Team {
    const members: CoreRate[] = [];
    let workers = 0;
    let bandwidth = 0;
    for (const rate of this.rates) {
      if (workers >= threads) break;
      const count = Math.min(threads - workers, rate.cores);
      members.push(rate);
      workers += count;
      bandwidth += count * rate.memoryBytesPerSecond;
    }
    const { kernelCycles, syncCycles, memoryShare } = this.fit;
    return {
      threads,
      members,
      workers,
      memoryBytesPerSecond: Math.min(bandwidth, memoryShare * this.device.memoryBytesPerSecond),
      dispatchSeconds: (kernelCycles + syncCycles * Math.log2(threads)) / members[0]!.hertz,
    };
  }

  /** A team on one sample: the slowest of its cores finishes last. */
  together(kernel: Kernel, batch: number, team: Team): KernelSeconds {
    const first = this.coreSeconds(kernel, team.members[0]!);
    const slowest = team.members.length === 1 ? first : this.coreSeconds(kernel, team.members.at(-1)!);
    const { serialShare } = this.fit;
    const compute =
      batch * (serialShare * first + ((1 - serialShare) * Math.max(first, slowest)) / team.workers);
    return row(
      kernel,
      compute,
      this.memoryBytes(kernel, batch, this.cacheBytes) / team.memoryBytesPerSecond,
      team.dispatchSeconds,
    );
  }

  /** All cores of all sockets, each with its own samples. */
  apart(kernel: Kernel, batch: number): KernelSeconds {
    const { sockets, memoryBytesPerSecond } = this.device;
    const perSecond = this.rates.reduce((sum, rate) => {
      const seconds = this.coreSeconds(kernel, rate) + this.fit.kernelCycles / rate.hertz;
      return sum + (sockets * rate.cores) / seconds;
    }, 0);
    const bytes = batch * this.memoryBytes(kernel, 1, this.cacheBytes / coresOf(this.device.clusters));
    const memory = bytes / (sockets * this.fit.memoryShare * memoryBytesPerSecond);
    return row(kernel, batch / perSecond, memory, 0);
  }

  /** Of one sample on one core. */
  private coreSeconds(kernel: Kernel, rate: CoreRate): number {
    const wide = this.type === 'int8' ? this.fit.accumulatorBytes : this.bytes;
    const touched = rate.byteCycles * (this.bytes * kernel.inputElements + wide * kernel.outputElements);
    switch (kernel.kind) {
      case 'matmul':
        return (kernel.macs / rate.matmul + touched) / rate.hertz;
      case 'convolution':
        return this.convolutionCycles(kernel, rate, touched) / rate.hertz;
      case 'depthwise':
        return (kernel.macs / rate.depthwise + touched) / rate.hertz;
      case 'elementwise':
      case 'movement':
        return touched / rate.hertz;
      case 'reduction':
      case 'softmax':
      case 'normalisation':
        return (this.fit.vectorPasses * touched) / rate.hertz;
    }
  }

  /** Winograd's algorithm saves products of 3 x 3 convolutions, and touches their activations for its transforms. */
  private convolutionCycles(kernel: Kernel, rate: CoreRate, touched: number): number {
    const { n, k, strides, groups } = kernel;
    const [height, width] = kernel.kernel;
    const cycles = kernel.macs / rate.convolution;
    const fits = groups === 1 && height === 3 && width === 3 && strides[0] === 1 && n >= 16 && k >= 9 * 16;
    if (!fits) return cycles + touched;
    const { winogradFloat, winogradInteger, winogradPasses } = this.fit;
    if (this.type === 'int8') return cycles / winogradInteger + touched;
    return Math.min(cycles + touched, cycles / winogradFloat + winogradPasses * touched);
  }

  /** What the caches do not keep from the kernel before, or from the sample before. */
  private memoryBytes(kernel: Kernel, batch: number, cacheBytes: number): number {
    const activations = this.bytes * batch * (kernel.inputElements + kernel.outputElements);
    const missed = Math.max(0, 1 - cacheBytes / Math.max(1, activations));
    return (
      this.bytes * kernel.weightElements * this.weightsMissed + this.fit.missPasses * activations * missed
    );
  }
}

function coreRate(
  allCores: number,
  { core, cores, baseHertz, boostHertz }: CpuCluster,
  type: KernelType,
  fit: CpuFit,
): CoreRate {
  const hertz = baseHertz * (boostHertz / baseHertz) ** (fit.turboCores / (fit.turboCores + allCores));
  const share = core.inOrder ? fit.productShareInOrder : fit.productShare;
  const width = core.inOrder ? 1 : core.width / 4;
  const convolution = share * width ** fit.productWidth * perCycle(core.perCycle, type, fit);
  const half = type === 'float16' && core.perCycle.float16 !== undefined ? 2 : 1;
  const depthwise = core.inOrder ? fit.depthwiseShareInOrder : fit.depthwiseShare;
  const bytes = core.inOrder ? fit.memoryBytesPerCycleInOrder : fit.memoryBytesPerCycle;
  return {
    cores,
    hertz,
    convolution,
    matmul: fit.matmulShare * convolution,
    depthwise: depthwise * half * core.perCycle.float32,
    byteCycles:
      (core.inOrder ? fit.byteCyclesInOrder : fit.byteCycles) / (core.perCycle.float32 / 8) ** fit.byteLanes,
    memoryBytesPerSecond: bytes * hertz,
  };
}

function perCycle(rates: CpuCluster['core']['perCycle'], type: KernelType, fit: CpuFit): number {
  const { float32, float16, bfloat16, int8 } = rates;
  const narrow =
    type === 'int8' ? int8 : type === 'float16' ? float16 : type === 'bfloat16' ? bfloat16 : float32;
  if (narrow !== undefined) return float32 * (narrow / float32) ** fit.narrowShare;
  return type === 'int8' ? fit.wideningRate * float32 : float32;
}

/** Computing and memory overlap as the square root of their squares' sum; dispatch overlaps nothing. */
function row(kernel: Kernel, compute: number, memory: number, dispatch: number): KernelSeconds {
  const work = Math.sqrt(compute * compute + memory * memory);
  const bound = dispatch > work ? 'dispatch' : compute > memory ? 'compute' : 'memory';
  return { name: kernel.name, seconds: dispatch + work, bound };
}
