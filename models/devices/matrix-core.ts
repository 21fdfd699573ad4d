/**
 * Cycles of somebody else's weight-stationary matrix cores: Google's TPUs. Two ways of feeding them. In: kernels as matrix products with
 * their operands' bytes. Out: cycles and where they went. Nothing here is fitted to a size; the machines state their sources.
 */

/** A kernel of a network: for each of `positions` kernel positions a product Y[m, n] += X[m, k] W[k, n]. */
export interface MatrixKernel {
  /** Kernel positions of a convolution (height times width), 1 for a matrix product. */
  readonly positions: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Elements read besides the weights, and written. */
  readonly inputElements: number;
  readonly outputElements: number;
}

/** Matrix cores with a scratchpad that a kernel's operands pass through (TPU v2 and later). */
export interface ScratchpadCores {
  /** Arrays of `rows` x `columns`. */
  readonly units: number;
  readonly rows: number;
  readonly columns: number;
  readonly elementBytes: number;
  /** DRAM bytes a cycle, for all units together. */
  readonly bytesPerCycle: number;
  /** Bytes of operands and results that are moved before and after, not beneath, the products. */
  readonly scratchpadBytes: number;
  /** Cycles from the call of a kernel to its first transfer, and from its last to the next call. */
  readonly callCycles: number;
}

/**
 * Cycles of one kernel: its call, its transfers and its products. Units share the blocks of output columns: a kernel with no more than
 * `columns` of them keeps one unit busy. Channels fill whole rows and columns (the rest is padding). Transfers of a kernel whose operands
 * fit the scratchpad happen before and after; a larger kernel is cut, and the longer of transfers and products counts.
 */
export function scratchpadCoreCycles(cores: ScratchpadCores, kernel: MatrixKernel): number {
  const { units, rows, columns } = cores;
  const blocks = Math.ceil(kernel.n / columns);
  const folds = kernel.positions * Math.ceil(kernel.k / rows);
  const rounds = Math.ceil(blocks / units);
  const products = folds * rounds * Math.max(kernel.m, rows) + rows + columns;
  const bytes =
    cores.elementBytes *
    (kernel.positions * kernel.k * kernel.n + kernel.inputElements + kernel.outputElements);
  const transfers = bytes / cores.bytesPerCycle;
  const moved = bytes > cores.scratchpadBytes ? Math.max(products, transfers) : products + transfers;
  return cores.callCycles + moved;
}

/** A core whose weights stream from DRAM through a FIFO of tiles, while activations stay on chip (TPU v1). */
export interface StreamingCore {
  readonly rows: number;
  readonly columns: number;
  readonly clockHertz: number;
  /** Weights' DRAM. */
  readonly bytesPerSecond: number;
  /** Whole tiles that wait in front of the array. */
  readonly fifoTiles: number;
  /** Vectors of sums that a block may have. */
  readonly accumulatorVectors: number;
  /** Cycles from the last sum of a block of columns to its first activation. */
  readonly handoverCycles: number;
}

/** A layer as the matrix unit sees it. */
export interface StreamedLayer {
  readonly k: number;
  readonly n: number;
  /** Vectors that stream through each weight tile: batch times output pixels. */
  readonly vectors: number;
  /** Cycles a vector takes: 1 for 8-bit, 2 where activations or weights have 16 bits, 4 where both have. */
  readonly cyclesPerVector: number;
}

/** Cycles of the array by what it did; they add up to `cycles`. */
export interface StreamedCounters {
  readonly cycles: number;
  readonly active: number;
  /** Weights shift into the array and nothing streams. */
  readonly weightShift: number;
  /** The array waits for weights from DRAM. */
  readonly weightStall: number;
  /** No matrix instruction is under way: sums are being activated. */
  readonly nonMatrix: number;
}

/** Cycles for which DRAM is busy with one weight tile. */
export function tileCycles(core: StreamingCore): number {
  return (core.rows * core.columns * core.clockHertz) / core.bytesPerSecond;
}

/** Seconds to bring the weights of a k x n matrix from DRAM, whole tiles. */
export function weightSeconds(core: StreamingCore, k: number, n: number): number {
  const tiles = Math.ceil(k / core.rows) * Math.ceil(n / core.columns);
  return (tiles * core.rows * core.columns) / core.bytesPerSecond;
}

/** Multiply-accumulates per byte of weights above which the array and not DRAM is the bound. */
export function ridgeMacsPerByte(core: StreamingCore): number {
  return (core.rows * core.columns * core.clockHertz) / core.bytesPerSecond;
}

/**
 * Runs the layers tile by tile. DRAM fills the FIFO whenever it has room; a tile shifts in beneath the one that streams, `rows` cycles;
 * a block of columns begins when the sums of the one before are through the activation unit, a vector a cycle.
 */
export function streamedCounters(core: StreamingCore, layers: readonly StreamedLayer[]): StreamedCounters {
  const run = new StreamedRun(core);
  for (const layer of layers) run.layer(layer);
  return run.counters();
}

class StreamedRun {
  /** When the array is free, and when the last sums are activated. */
  private now = 0;
  private activated = 0;
  /** When each of the latest tiles left the FIFO. */
  private readonly left: number[] = [];
  private arrived = 0;
  private shiftDone = 0;
  private active = 0;
  private shift = 0;
  private stall = 0;
  private idle = 0;

  constructor(private readonly core: StreamingCore) {}

  layer(layer: StreamedLayer): void {
    const tilesDown = Math.ceil(layer.k / this.core.rows);
    const blocks = Math.ceil(layer.n / this.core.columns);
    for (let from = 0; from < layer.vectors; from += this.core.accumulatorVectors) {
      const vectors = Math.min(this.core.accumulatorVectors, layer.vectors - from);
      for (let block = 0; block < blocks; block++) {
        const ready = this.activated;
        for (let tile = 0; tile < tilesDown; tile++) this.tile(vectors * layer.cyclesPerVector, ready);
        this.activated = this.now + this.core.handoverCycles + vectors;
      }
    }
  }

  /** One tile: fetched, shifted in, streamed. */
  private tile(streaming: number, ready: number): void {
    const { core } = this;
    const room = this.left.length < core.fifoTiles ? 0 : this.left.shift()!;
    this.arrived = Math.max(this.arrived, room) + tileCycles(core);
    const shiftStart = Math.max(this.arrived, this.shiftDone);
    this.left.push(shiftStart);
    const begin = Math.max(this.now, shiftStart + core.rows, ready);
    this.account(begin, shiftStart, ready);
    this.shiftDone = begin;
    this.active += streaming;
    this.now = begin + streaming;
  }

  /** What the array waited for since `now`: sums of the block before (no matrix instruction is under way), weights from DRAM, their shift. */
  private account(begin: number, shiftStart: number, ready: number): void {
    const toMatrix = Math.max(0, ready - this.now);
    const from = this.now + toMatrix;
    const toDram = Math.max(0, Math.min(begin, shiftStart) - from);
    this.idle += toMatrix;
    this.stall += toDram;
    this.shift += begin - from - toDram;
  }

  counters(): StreamedCounters {
    const tail = Math.max(0, this.activated - this.now);
    const { active, shift, stall, idle } = this;
    return {
      cycles: this.now + tail,
      active,
      weightShift: shift,
      weightStall: stall,
      nonMatrix: idle + tail,
    };
  }
}
