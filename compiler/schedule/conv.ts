/** Convolution on the array. In: geometry, weights, a {@link ConvPlan}. Out: operations (the loops stand in conv-plan.ts). */

import { bufferRowFormat } from '../../models/machine/index.js';
import { accAddress } from '../isa/index.js';
import { regionAddress } from './act.js';
import { type Band, bandOf } from './band.js';
import { parameterGroup, rowParameters } from './conv-cost.js';
import type { ConvPlan } from './conv-plan.js';
import type { ActTile, Session } from './session.js';
import type { OutputFields } from './stage.js';
import type { Box } from './tile.js';
import { type Geometry, inputBox } from './window.js';

export interface ConvLayer {
  readonly geometry: Geometry;
  readonly plan: ConvPlan;
  readonly padValue: number;
  /** Tensors: of an exchanged convolution the activations that rest in the array, with an act row's parts as rows, else constants. */
  readonly weights: string;
  readonly parameters: string;
  readonly stage: OutputFields;
  /** Groups of channels, 1 when absent. */
  readonly group?: number;
}

/** Output blocks [first, end) of C channels. */
interface Blocks {
  readonly first: number;
  readonly end: number;
}

/** Weight tiles [firstTile, firstTile + tiles) of one output block, as loops. */
export interface WeightPiece {
  readonly firstTile: number;
  readonly inputBlock: number;
  readonly ky: number;
  readonly kx: number;
  readonly nkb: number;
  readonly nky: number;
  readonly nkx: number;
}

export function emitConv(session: Session, layer: ConvLayer): void {
  const emission = new ConvEmission(session, layer);
  const { plan, geometry } = layer;
  const total = Math.ceil(geometry.output.channels / session.machine.array.columns);
  for (const outer of ranges(0, total, plan.outerBlocks)) emission.outer(outer);
}

/** [first, end) cut into pieces of at most `step`. */
function ranges(first: number, end: number, step: number): readonly Blocks[] {
  const found: Blocks[] = [];
  for (let at = first; at < end; at += step) found.push({ first: at, end: Math.min(end, at + step) });
  return found;
}

/** The pixel tiles of an output, picture by picture, row-major; blocks are set by the user. */
export function pixelBoxes(
  view: Geometry['output'],
  tileHeight: number,
  tileWidth: number,
): readonly Omit<Box, 'block' | 'blocks'>[] {
  const boxes: Omit<Box, 'block' | 'blocks'>[] = [];
  for (let batch = 0; batch < view.batch; batch++) {
    for (const y of ranges(0, view.height, tileHeight)) {
      for (const x of ranges(0, view.width, tileWidth)) {
        boxes.push({ batch, y: y.first, x: x.first, height: y.end - y.first, width: x.end - x.first });
      }
    }
  }
  return boxes;
}

export type PixelBox = ReturnType<typeof pixelBoxes>[number];

class ConvEmission {
  private readonly boxes: readonly PixelBox[];
  /** Input blocks of each input tile. */
  private chunks: readonly Blocks[];
  private readonly band: Band;
  private readonly banded: boolean;
  private readonly blockTiles: number;
  /** Input tiles that lie in act, by box and input blocks. */
  private readonly resident = new Map<string, ActTile>();
  private readonly wgtPitch: number;
  private readonly parPitch: number;

  constructor(
    private readonly session: Session,
    private readonly layer: ConvLayer,
  ) {
    const { plan, geometry } = layer;
    this.boxes = pixelBoxes(geometry.output, plan.tileHeight, plan.tileWidth);
    this.chunks = ranges(0, geometry.input.blocks, plan.inputBlocks);
    const { input, output, window } = geometry;
    const channels = { inputs: input.channels, outputs: output.channels, group: layer.group ?? 1 };
    this.band = bandOf(session.machine, channels);
    this.banded = this.band.blocks < input.blocks;
    this.blockTiles = this.band.blocks * window.height * window.width;
    this.wgtPitch = bufferRowFormat(session.machine, 'wgt').pitch;
    this.parPitch = bufferRowFormat(session.machine, 'par').pitch;
  }

  /** All pixels for one group of output blocks. */
  outer(blocks: Blocks): void {
    const { session, layer } = this;
    const rows = (blocks.end - blocks.first) * this.blockTiles * session.machine.array.rows;
    if (rows <= session.wgt.rows) session.wgt.reserve(rows);
    if (this.banded) {
      const first = this.band.first(blocks.first);
      this.chunks = [{ first, end: this.band.first(blocks.end - 1) + this.band.blocks }];
    }
    const sets = this.setsOf(blocks);
    this.boxes.forEach((box, index) => {
      const ahead = this.prefetchAt(sets.length, index);
      let tile: ActTile | undefined;
      sets.forEach((set, position) => {
        if (position === ahead) this.input(index + 1, 0);
        if (set.opens || tile === undefined) {
          tile = session.open(layer.geometry.output, this.storedBox(set.store, box), layer.plan.outputs);
          if (!tile.stays) this.prepareTail(set.store, box, tile);
        }
        this.set(set, index, box, tile);
        if (set.closes) this.store(set.store, box, tile);
      });
      if (ahead === sets.length) this.input(index + 1, 0);
    });
  }

  /** The sets of output blocks that share an acc bank, each knowing its store group. */
  private setsOf(blocks: Blocks) {
    const { plan } = this.layer;
    return ranges(blocks.first, blocks.end, plan.storeBlocks).flatMap((store) =>
      ranges(store.first, store.end, plan.accBlocks).map((set) => ({
        ...set,
        store,
        opens: set.first === store.first,
        closes: set.end === store.end,
      })),
    );
  }

  /**
   * Before which set of a tile the next tile's input is asked for: as early as its region is free (after the first set of this
   * tile) when the load unit has nothing else to do, late when weights stream through it too: behind all sets of the first tile, whose
   * weights are needed sooner. -1: when it is needed.
   */
  private prefetchAt(sets: number, index: number): number {
    if (this.chunks.length > 1 || index + 1 >= this.boxes.length || sets < 2) return -1;
    const { plan } = this.layer;
    const rows = plan.outerBlocks * this.blockTiles * this.session.machine.array.rows;
    if (rows > this.session.wgt.rows) return Math.max(1, sets - 3);
    return index === 0 && plan.prefetch === 'behind' ? sets : 1;
  }

  private input(index: number, chunk: number): ActTile {
    const { first, end } = this.chunks[chunk]!;
    const key = `${index}:${first}:${end}`;
    const found = this.resident.get(key);
    if (found !== undefined) return found;
    const { session, layer } = this;
    const box = inputBox(layer.geometry.window, { ...this.boxes[index]!, block: first, blocks: end - first });
    const made = session.bring(layer.geometry.input, box, layer.padValue);
    // What stays in act may be overwritten between two tiles, so it is looked up each time.
    if (made.stays) return made;
    for (const [other, { region }] of this.resident) if (region === made.region) this.resident.delete(other);
    this.resident.set(key, made);
    return made;
  }

  /** Accumulates and requantises the blocks of one set. */
  private set(set: Blocks & { readonly store: Blocks }, index: number, box: PixelBox, tile: ActTile): void {
    const { session, layer } = this;
    const C = session.machine.array.columns;
    const V = session.machine.vector.lanes;
    const bank = session.nextAccBank();
    const pixels = box.height * box.width;
    this.chunks.forEach((_, chunk) => {
      for (const piece of this.piecesOf(chunk)) {
        for (let block = set.first; block < set.end; block++) {
          this.matmul(block, piece, {
            index,
            chunk,
            box,
            acc: accAddress(bank, (block - set.first) * pixels),
          });
        }
      }
    });
    for (let block = set.first; block < set.end; block++) {
      const first = (block - set.first) * pixels;
      if (layer.geometry.exchanged) this.requantRows(block, box, { bank, first, tile, store: set.store });
      else
        this.requant(block, box, {
          acc: accAddress(bank, first),
          tile,
          store: set.store,
          par: this.parameters((block * C) / V),
        });
    }
  }

  /** A line of channels, each with a parameter row of its own, in as many pieces as their parameters are loaded in. */
  private requantRows(
    block: number,
    box: PixelBox,
    at: { readonly bank: number; readonly first: number; readonly tile: ActTile; readonly store: Blocks },
  ): void {
    const { session, layer } = this;
    const { group } = rowParameters(session.machine, layer.geometry.output.width);
    for (const { first, end } of ranges(0, box.width, group)) {
      const piece = { tensor: layer.parameters, first: box.x + first, rows: end - first };
      this.requant(
        block,
        { ...box, width: end - first },
        {
          acc: accAddress(at.bank, at.first + first),
          tile: { ...at.tile, first: at.tile.first + first },
          store: at.store,
          par: session.parameters(piece, this.parPitch),
          eachRow: 1,
        },
      );
    }
  }

  private piecesOf(chunk: number): readonly WeightPiece[] {
    // The weights of a banded convolution count blocks from the first that the output block reads.
    const { first, end } = this.banded ? { first: 0, end: this.band.blocks } : this.chunks[chunk]!;
    const { window } = this.layer.geometry;
    return weightPieces({ first, end }, window.height, window.width, this.layer.plan.pieceTiles);
  }

  private matmul(
    block: number,
    piece: WeightPiece,
    at: { readonly index: number; readonly chunk: number; readonly box: PixelBox; readonly acc: number },
  ): void {
    const { session, layer } = this;
    const R = session.machine.array.rows;
    const tiles = piece.nkb * piece.nky * piece.nkx;
    const first = (block * this.blockTiles + piece.firstTile) * R;
    const wgt = layer.geometry.exchanged
      ? session.restingRows({
          tensor: layer.weights,
          block,
          tiles,
          firstTile: piece.firstTile,
          blockTiles: this.blockTiles,
        })
      : session.weights({ tensor: layer.weights, first, rows: tiles * R }, this.wgtPitch);
    const shape = this.input(at.index, at.chunk);
    const w = layer.geometry.window;
    const offset =
      shape.first +
      (this.band.first(block) + piece.inputBlock - this.chunks[at.chunk]!.first) * shape.blockRows +
      piece.ky * w.dilationY * shape.pitch +
      piece.kx * w.dilationX;
    session.emitter.emit('matmul', {
      act: regionAddress(shape.region, offset),
      wgt,
      acc: at.acc,
      accumulate: piece.firstTile > 0 ? 1 : 0,
      ny: at.box.height,
      nx: at.box.width,
      strideY: at.box.height > 1 ? w.strideY * shape.pitch : 0,
      strideX: at.box.width > 1 ? w.strideX : 0,
      nkb: piece.nkb,
      strideKb: piece.nkb > 1 ? shape.blockRows : 0,
      nky: piece.nky,
      strideKy: piece.nky > 1 ? w.dilationY * shape.pitch : 0,
      nkx: piece.nkx,
      strideKx: piece.nkx > 1 ? w.dilationX : 0,
    });
  }

  private requant(
    block: number,
    box: PixelBox,
    at: {
      readonly acc: number;
      readonly tile: ActTile;
      readonly store: Blocks;
      readonly par: number;
      readonly eachRow?: 0 | 1;
    },
  ): void {
    const { session, layer } = this;
    const { rows: R, columns: C } = session.machine.array;
    const V = session.machine.vector.lanes;
    const slices = Math.ceil(Math.min(C, layer.geometry.output.channels - block * C) / V);
    const lane = (block - at.store.first) * C;
    const dstSlot = (lane % R) / V;
    session.emitter.emit('requant', {
      acc: at.acc,
      par: at.par,
      dst: regionAddress(at.tile.region, at.tile.first + Math.floor(lane / R) * at.tile.blockRows),
      dstSlot,
      slices,
      ny: box.height,
      nx: box.width,
      dstStrideY: box.height > 1 ? at.tile.pitch : 0,
      dstBlock: dstSlot + slices > R / V ? at.tile.blockRows : 0,
      eachRow: at.eachRow ?? 0,
      ...layer.stage,
    });
  }

  /** par row of a slice: as many blocks' parameters lie together as leave room for the next ones. */
  private parameters(slice: number): number {
    const { session, layer } = this;
    const { group, block, all } = parameterGroup(session.machine, layer.geometry.output.channels);
    const together = layer.plan.parameters === 'group' || 2 * all <= session.par.rows ? group : block;
    const first = Math.floor(slice / together) * together;
    const piece = { tensor: layer.parameters, first, rows: Math.min(together, all - first) };
    return session.parameters(piece, this.parPitch) + slice - first;
  }

  /** Lanes past the last channel: written once, before the results, so that store reads nothing undefined. */
  private prepareTail(store: Blocks, box: PixelBox, { region }: ActTile): void {
    const { session, layer } = this;
    const { rows: R, columns: C } = session.machine.array;
    const V = session.machine.vector.lanes;
    const pixels = box.height * box.width;
    const stored = Math.min(layer.geometry.output.channels, store.end * C) - store.first * C;
    const full = Math.floor((Math.ceil(stored / V) * V) / R);
    const rows = Math.ceil(stored / R);
    if (full < rows) session.act.ensureWritten(session.emitter, region, full * pixels, rows * pixels);
    session.act.markWritten(region, 0, full * pixels);
  }

  private store(store: Blocks, box: PixelBox, tile: ActTile): void {
    this.session.store(this.layer.geometry.output, this.storedBox(store, box), tile);
  }

  /** The channel blocks of R that output blocks of C make. */
  private storedBox(store: Blocks, box: PixelBox): Box {
    const { rows: R, columns: C } = this.session.machine.array;
    const { output } = this.layer.geometry;
    const first = (store.first * C) / R;
    const end = Math.ceil(Math.min(output.channels, store.end * C) / R);
    return { ...box, block: first, blocks: end - first };
  }
}

/** The weight tiles of input blocks [first, end), cut into loops of at most `most` tiles, in the order of the weights. */
export function weightPieces(
  chunk: Blocks,
  height: number,
  width: number,
  most: number,
): readonly WeightPiece[] {
  const taps = height * width;
  const pieces: WeightPiece[] = [];
  const limit = 255;
  if (taps <= most && height <= limit && width <= limit) {
    const blocks = chunk.end - chunk.first;
    const parts = Math.ceil(blocks / Math.min(Math.floor(most / taps), 4095));
    for (const { first, end } of ranges(chunk.first, chunk.end, Math.ceil(blocks / parts))) {
      pieces.push({
        firstTile: first * taps,
        inputBlock: first,
        ky: 0,
        kx: 0,
        nkb: end - first,
        nky: height,
        nkx: width,
      });
    }
    return pieces;
  }
  const nkx = Math.min(width, most, limit);
  const nky = nkx < width ? 1 : Math.min(height, Math.floor(most / width), limit);
  for (let block = chunk.first; block < chunk.end; block++) {
    for (const y of ranges(0, height, nky)) {
      for (const x of ranges(0, width, nkx)) {
        const firstTile = block * taps + y.first * width + x.first;
        const extent = { nkb: 1, nky: y.end - y.first, nkx: x.end - x.first };
        pieces.push({ firstTile, inputBlock: block, ky: y.first, kx: x.first, ...extent });
      }
    }
  }
  return pieces;
}
