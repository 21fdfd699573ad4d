/**
 * A depthwise convolution shared between the array and the vector unit, round by round. In: a {@link SplitPlan}, weights in both forms. Out:
 * operations. The vector unit requantises the array's item of a round behind its own item of the next one, so that neither waits for the other.
 */

import { bufferRowFormat } from '../../models/machine/index.js';
import { accAddress } from '../isa/index.js';
import { type Region, regionAddress } from './act.js';
import { type SplitPlan, splitRegions, splitRounds } from './depthwise-plan.js';
import type { Session } from './session.js';
import type { OutputFields } from './stage.js';
import { openOutput, slicesOf, windowFields } from './stream.js';
import { type Box, loadTile, storeTile, type TileShape } from './tile.js';
import { type Geometry, inputBox } from './window.js';

export interface SplitLayer {
  readonly geometry: Geometry;
  readonly plan: SplitPlan;
  readonly padValue: number;
  readonly stage: OutputFields;
  /** Constant tensors: R rows a tap and channel block for the array, one for the vector unit. */
  readonly diagonal: string;
  readonly taps: string;
  readonly parameters: string;
}

export function emitSplitDepthwise(session: Session, layer: SplitLayer): void {
  const emission = new SplitEmission(session, layer);
  for (const round of splitRounds(layer.plan, layer.geometry.output)) emission.round(round);
  emission.finish();
}

interface Loaded {
  readonly box: Box;
  readonly region: Region;
  readonly shape: TileShape;
}

/** Sums of the array that wait in acc. */
interface Pending {
  readonly box: Box;
  readonly acc: number;
}

class SplitEmission {
  private readonly regions;
  private readonly turns = { arrayInputs: 0, vectorInputs: 0, arrayOutputs: 0, vectorOutputs: 0 };
  private readonly tapCount: number;
  private pending: readonly Pending[] = [];

  constructor(
    private readonly session: Session,
    private readonly layer: SplitLayer,
  ) {
    this.regions = splitRegions(session.machine);
    const { window } = layer.geometry;
    this.tapCount = window.height * window.width;
  }

  round(round: { readonly array: readonly Box[]; readonly vector: readonly Box[] }): void {
    const wgt = round.array.map((box) => this.diagonalOf(box));
    const array = round.array.map((box) => this.load(box, 'arrayInputs'));
    const vector = round.vector.map((box) => this.load(box, 'vectorInputs'));
    // With several items a round the array needs both acc banks again at once.
    const late = round.array.length === 1 && this.pending.length <= 1;
    if (!late) this.requantAll();
    const sums = array.map((item, i) => this.matmul(item, wgt[i]!));
    for (const item of vector) this.dwconv(item);
    if (late) this.requantAll();
    this.pending = sums;
    if (sums.length > 1) this.requantAll();
  }

  finish(): void {
    this.requantAll();
  }

  private take(place: keyof typeof this.turns): Region {
    return this.regions[place][this.turns[place]++ % 2]!;
  }

  private load(box: Box, place: 'arrayInputs' | 'vectorInputs'): Loaded {
    const { geometry, padValue } = this.layer;
    const region = this.take(place);
    const target = { region, first: 0, padValue };
    return {
      box,
      region,
      shape: loadTile(this.session, geometry.input, inputBox(geometry.window, box), target),
    };
  }

  /** wgt row of a block's diagonal tiles. */
  private diagonalOf({ block }: Box): number {
    const rows = this.tapCount * this.session.machine.array.rows;
    const piece = { tensor: this.layer.diagonal, first: block * rows, rows };
    return this.session.weightsIn(0, piece, bufferRowFormat(this.session.machine, 'wgt').pitch);
  }

  private matmul({ box, region, shape }: Loaded, wgt: number): Pending {
    const { window: w } = this.layer.geometry;
    const acc = accAddress(this.session.nextAccBank(), 0);
    this.session.emitter.emit('matmul', {
      act: regionAddress(region, 0),
      wgt,
      acc,
      accumulate: 0,
      ny: box.height,
      nx: box.width,
      strideY: box.height > 1 ? w.strideY * shape.pitch : 0,
      strideX: box.width > 1 ? w.strideX : 0,
      nkb: 1,
      strideKb: 0,
      nky: w.height,
      strideKy: w.height > 1 ? w.dilationY * shape.pitch : 0,
      nkx: w.width,
      strideKx: w.width > 1 ? w.dilationX : 0,
    });
    return { box, acc };
  }

  private requantAll(): void {
    for (const item of this.pending) this.requant(item);
    this.pending = [];
  }

  private requant({ box, acc }: Pending): void {
    const { session, layer } = this;
    const { output } = layer.geometry;
    const region = openOutput(session, output, box, [this.take('arrayOutputs')]);
    session.emitter.emit('requant', {
      acc,
      par: this.parametersOf(box),
      dst: regionAddress(region, 0),
      dstSlot: 0,
      slices: slicesOf(session, output, box),
      ny: box.height,
      nx: box.width,
      dstStrideY: box.height > 1 ? box.width : 0,
      dstBlock: 0,
      eachRow: 0,
      ...layer.stage,
    });
    storeTile(session.emitter, output, box, { region, first: 0 });
  }

  private dwconv({ box, region: input, shape }: Loaded): void {
    const { session, layer } = this;
    const { output } = layer.geometry;
    const wgt = this.tapsOf(box);
    const par = this.parametersOf(box);
    const region = openOutput(session, output, box, [this.take('vectorOutputs')]);
    const inputTile = { region: input, first: 0, ...shape, stays: false };
    const tile = { region, first: 0, pitch: box.width, blockRows: box.height * box.width, stays: false };
    const fields = windowFields(session, layer.geometry, box, { input: inputTile, output: tile });
    session.emitter.emit('dwconv', { wgt, par, ...fields, ...layer.stage });
    storeTile(session.emitter, output, box, { region, first: 0 });
  }

  /** wgt row of a block's taps: several blocks are loaded together, as far as half of the bank goes. */
  private tapsOf({ block }: Box): number {
    const { machine } = this.session;
    const taps = this.tapCount;
    const { rows, banks } = machine.buffers.weight;
    const { blocks } = this.layer.geometry.output;
    const group = Math.min(blocks, Math.max(1, Math.floor(rows / banks / 2 / taps)));
    const first = Math.floor(block / group) * group;
    const piece = {
      tensor: this.layer.taps,
      first: first * taps,
      rows: Math.min(group, blocks - first) * taps,
    };
    const start = this.session.weightsIn(1, piece, bufferRowFormat(machine, 'wgt').pitch);
    return start + (block - first) * taps;
  }

  /** par row of a block's slices, loaded likewise. */
  private parametersOf({ block }: Box): number {
    const { machine } = this.session;
    const { channels, blocks } = this.layer.geometry.output;
    const slots = machine.array.rows / machine.vector.lanes;
    const all = Math.ceil(channels / machine.vector.lanes);
    const group = Math.min(blocks, Math.max(1, Math.floor(machine.buffers.parameter.rows / 2 / slots)));
    const first = Math.floor(block / group) * group;
    const rows = Math.min(group * slots, all - first * slots);
    const piece = { tensor: this.layer.parameters, first: first * slots, rows };
    const start = this.session.parameters(piece, bufferRowFormat(machine, 'par').pitch);
    return start + (block - first) * slots;
  }
}
