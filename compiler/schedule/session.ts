/**
 * The state of a machine while a schedule is being written: what its buffers hold after the operations so far, and the operations.
 * Layers ask it for weights, parameters, tables and accumulator banks and emit through it.
 */

import { invariant } from '../../base/index.js';
import { bufferRowFormat, type Machine } from '../../models/machine/index.js';
import { type KeptResult, layoutBlocks } from '../isa/index.js';
import { ActState, actRegions, type Home, type Region, regionAddress } from './act.js';
import { Emitter } from './emitter.js';
import { holdsForm, homeBox, locate } from './home.js';
import type { HomeShape } from './home-shape.js';
import type { LayerMapping } from './mapping.js';
import { Ring } from './ring.js';
import { noResidents, Resident, type Residents } from './shelf.js';
import type { DramTensors, TensorView } from './tensors.js';
import { type Box, fillBorder, loadTile, storeTile, tileShape } from './tile.js';

/** Rows [first, first + rows) of a constant tensor. */
export interface ConstantRows {
  readonly tensor: string;
  readonly first: number;
  readonly rows: number;
}

/** Tiles [firstTile, firstTile + tiles) of the `blockTiles` of a block of C pixels. */
export interface RestingTiles {
  readonly tensor: string;
  readonly block: number;
  readonly firstTile: number;
  readonly tiles: number;
  readonly blockTiles: number;
}

/** One way to write a layer. */
export interface Trial {
  /** Number of the finalist, best first. */
  readonly choice: number;
  /** Number of the way to write it, the usual one first. */
  readonly variant: number;
  /** What all trials of the layer share. */
  readonly made: Map<string, unknown>;
}

/** What stays in act beyond the tile that is in hand. */
export interface Staying {
  readonly residents: Residents;
  /** Tensors that are never loaded: their tiles are not stored where they stay in act. */
  readonly unsaved: ReadonlySet<string>;
}

/** A tile in act: its corner's row from the region's start, rows from line to line and from block to block. */
export interface ActTile {
  readonly region: Region;
  readonly first: number;
  readonly pitch: number;
  readonly blockRows: number;
  /** It lies in a tensor that stays, not in a region of its own. */
  readonly stays: boolean;
}

const BUFFER_NUMBER = { wgt: 1, par: 2, lut: 3 } as const;

function keyOf({ tensor, first, rows }: ConstantRows): string {
  return `${tensor}:${first}:${rows}`;
}

export class Session {
  readonly emitter: Emitter;
  readonly act: ActState;
  readonly wgt: Ring;
  readonly par: Ring;
  private readonly lut = new Ring(2);
  private accBank = 0;
  private mapping: LayerMapping | undefined;
  /** The home that the layer's result may have, until its first tile; then the one that it has. */
  private planned: HomeShape | undefined;
  private result: Home | undefined;
  /** What stays on the shelf, and what of it the layer makes. */
  private readonly residents: ReadonlyMap<string, Resident>;
  private madeHere: { readonly tensor: string; readonly resident: Resident } | undefined;
  /** How many mappings the last layer could choose from. */
  finalists = 1;
  /** How many ways there are to write the one that was chosen. */
  variants = 1;

  /**
   * @param machine with as many rows of act as tiles may use.
   * @param staying what lies outside of them, and what is not stored.
   */
  constructor(
    readonly machine: Machine,
    readonly tensors: DramTensors,
    private trial: Trial = { choice: 0, variant: 0, made: new Map() },
    readonly staying: Staying = { residents: noResidents, unsaved: new Set() },
  ) {
    this.emitter = new Emitter(machine, tensors);
    this.act = new ActState(machine, actRegions(machine), staying.residents.rows);
    this.residents = new Map(
      [...staying.residents.regions].map(([name, region]) => [name, new Resident(region)]),
    );
    this.wgt = new Ring(machine.buffers.weight.rows);
    this.par = new Ring(machine.buffers.parameter.rows);
  }

  /** Row of the wgt buffer at which these weights start, loaded if they are not there. */
  weights(piece: ConstantRows, pitch: number): number {
    return this.present('wgt', this.wgt, piece, pitch);
  }

  /**
   * Row of the wgt buffer at which activations start that take the weights' place, loaded if they are not there: tiles of R channels of the
   * C pixels of a block. An act row holds R pixels, so it is a row of weights or, on an array with more rows than columns, several.
   */
  restingRows({ tensor, block, tiles, firstTile, blockTiles }: RestingTiles): number {
    const { rows: R, columns: C } = this.machine.array;
    const parts = R / C;
    const first = (Math.floor(block / parts) * blockTiles + firstTile) * R;
    const key = `${tensor}:${first}:${tiles * R}:${block % parts}`;
    const found = this.wgt.find(key);
    if (found !== undefined) return found;
    const address = this.wgt.allocate(key, tiles * R);
    const pitch = (buffer: 'act' | 'wgt') => bufferRowFormat(this.machine, buffer).pitch;
    const [row, part] = [pitch('act'), pitch('wgt')];
    const loops =
      parts === 1
        ? {
            rows: tiles * R,
            runs: 1,
            runDramStride: 0,
            runStride: 0,
            planes: 1,
            planeDramStride: 0,
            planeStride: 0,
          }
        : {
            ...{ rows: 1, runs: R, runDramStride: row, runStride: 1 },
            ...{ planes: tiles, planeDramStride: tiles > 1 ? R * row : 0, planeStride: tiles > 1 ? R : 0 },
          };
    const fields = { buffer: BUFFER_NUMBER.wgt, address, ...loops };
    this.emitter.transfer('load', fields, { tensor, offset: first * row + (block % parts) * part });
    return address;
  }

  /** Weights in a bank of wgt: all of it where there is one bank. */
  weightsIn(bank: 0 | 1, piece: ConstantRows, pitch: number): number {
    const { rows, banks } = this.machine.buffers.weight;
    if (banks === 1) return this.weights(piece, pitch);
    const half = { low: (bank * rows) / 2, high: ((bank + 1) * rows) / 2 };
    const key = keyOf(piece);
    const found = this.wgt.find(key);
    if (found !== undefined && found >= half.low && found + piece.rows <= half.high) return found;
    const start = this.wgt.allocateWithin(key, piece.rows, half);
    this.loadRows('wgt', piece, start, pitch);
    return start;
  }

  /** Row of the par buffer at which these parameters start, loaded if they are not there. */
  parameters(piece: ConstantRows, pitch: number): number {
    return this.present('par', this.par, piece, pitch);
  }

  /** Number of the look-up table that holds the 256 bytes of a constant tensor. */
  table(tensor: string): number {
    const found = this.lut.find(tensor);
    if (found !== undefined) return found;
    const table = this.lut.allocate(tensor, 1);
    this.loadRows('lut', { tensor, first: 0, rows: 256 }, table * 256, 1);
    return table;
  }

  /** Sets which of a layer's finalists it is, and forgets what the layer before made. */
  beginLayer(trial: Trial): void {
    this.trial = trial;
    this.finalists = 1;
    this.variants = 1;
    this.result = undefined;
    this.madeHere = undefined;
  }

  /** The finalist whose turn it is. @param variants of a finalist, itself the first. */
  choose<T>(options: readonly T[], variants: (option: T) => readonly T[] = (option) => [option]): T {
    this.finalists = options.length;
    const varied = variants(options[this.trial.choice] ?? options[0]!);
    this.variants = varied.length;
    return varied[this.trial.variant] ?? varied[0]!;
  }

  /** Makes something that is the same for all finalists of a layer once. */
  once<T>(key: string, make: () => T): T {
    if (!this.trial.made.has(key)) this.trial.made.set(key, make());
    return this.trial.made.get(key) as T;
  }

  /** Sets what the layer that is being written reads, and the home that its result may have. */
  keep(reads: readonly string[], planned: HomeShape | undefined): void {
    this.act.hold(reads);
    this.planned = planned;
    this.result = undefined;
  }

  /** Whether the layer's result may lie with padding around it, so that pictures must not be seen as lines. */
  get keepsPictures(): boolean {
    return this.planned !== undefined && this.planned.pitch !== this.planned.width;
  }

  /** Where a box of a tensor lies in act: where it still stands, else in the oldest input region, into which it is loaded. */
  bring(view: TensorView, box: Box, padValue: number): ActTile {
    const stands = this.standing(view, box, padValue);
    if (stands !== undefined) return stands;
    const region = this.act.takeInput();
    const { pitch, blockRows } = loadTile(this, view, box, { region, first: 0, padValue });
    return { region, first: 0, pitch, blockRows, stays: false };
  }

  /** Likewise a box of several tensors: those that are loaded lie one after another in one region. */
  bringAll(views: readonly TensorView[], box: Box): readonly ActTile[] {
    let region: Region | undefined;
    let first = 0;
    return views.map((view) => {
      const stands = this.standing(view, box, 0);
      if (stands !== undefined) return stands;
      region ??= this.act.takeInput();
      const { pitch, blockRows, rows } = loadTile(this, view, box, { region, first, padValue: 0 });
      const tile = { region, first, pitch, blockRows, stays: false };
      first += rows;
      return tile;
    });
  }

  /** Stores an output tile, unless it stays in act and nobody reads it from DRAM. */
  store(view: TensorView, box: Box, tile: ActTile): void {
    if (tile.stays && this.staying.unsaved.has(view.tensor)) return;
    storeTile(this.emitter, view, box, tile);
  }

  /** Where all of the layer's result lies; undefined when it does not stay. */
  get kept(): { readonly tensor: string; readonly place: KeptResult } | undefined {
    if (this.result !== undefined) {
      const { tensor, region, padding, pitch, blockRows } = this.result;
      const address = regionAddress(region, padding.top * pitch + padding.left);
      return { tensor, place: { address, pitch, blockRows, pictureRows: 0 } };
    }
    if (this.madeHere === undefined) return undefined;
    const { tensor, resident } = this.madeHere;
    const { height, width, ...layout } = this.tensors.layout(tensor);
    const blockRows = height * width;
    const pictureRows = layoutBlocks({ height, width, ...layout }) * blockRows;
    return {
      tensor,
      place: { address: regionAddress(resident.region, 0), pitch: width, blockRows, pictureRows },
    };
  }

  /** Where an output tile goes: its place in the tensor's home, or the oldest region of `candidates`. */
  open(view: TensorView, box: Box, candidates: readonly Region[]): ActTile {
    const resident = this.shelved(view);
    if (resident !== undefined) return { region: resident.region, ...resident.at(view, box), stays: true };
    if (this.planned?.tensor === view.tensor) this.settle(this.planned, view, candidates);
    if (this.result?.tensor === view.tensor) {
      const found = locate(this.result, view, box, this.result.padding.value);
      invariant(found !== undefined, `a tile of ${view.tensor} has no place among its others`);
      return { region: this.result.region, ...found, stays: true };
    }
    const region = this.act.takeOutput(candidates);
    return { region, first: 0, pitch: box.width, blockRows: box.height * box.width, stays: false };
  }

  /** The shelf's place of the layer's result; made with its first tile. */
  private shelved(view: TensorView): Resident | undefined {
    if (this.madeHere !== undefined)
      return this.madeHere.tensor === view.tensor ? this.madeHere.resident : undefined;
    const resident = this.residents.get(view.tensor);
    const rows = resident?.make(view);
    if (resident === undefined || rows === undefined) return undefined;
    this.madeHere = { tensor: view.tensor, resident };
    const full = Math.floor(view.channels / this.machine.array.rows);
    for (const { row, block } of rows) {
      if (block >= full) this.act.ensureWritten(this.emitter, resident.region, row, row + 1);
      this.act.markWritten(resident.region, row, row + 1);
    }
    return resident;
  }

  /** Where a box stands already; undefined when it has to be loaded. */
  private standing(view: TensorView, box: Box, padValue: number): ActTile | undefined {
    const resident = this.residents.get(view.tensor);
    const here = resident?.locate(view, box);
    if (here !== undefined) return { region: resident!.region, ...here, stays: true };
    const home = this.act.homeOf(view.tensor);
    const found = home && locate(home, view, box, padValue);
    return found && { region: home!.region, ...found, stays: true };
  }

  /** Whether a tensor, or a part of it, stays in act. */
  stays({ tensor }: TensorView): boolean {
    return this.residents.has(tensor) || this.act.homeOf(tensor) !== undefined;
  }

  /** Makes the home of the layer's result, with its padding, where it holds every tile in the form in which the layer writes. */
  private settle(planned: HomeShape, view: TensorView, candidates: readonly Region[]): void {
    this.planned = undefined;
    if (!holdsForm(planned, view)) return;
    // All candidates have the same rows.
    if (candidates[0]!.rows < planned.rows) return;
    const region = this.act.takeOutput(candidates);
    const home = { ...planned, region };
    this.act.settle(home);
    this.result = home;
    this.fillLanes(home, view);
    const whole = homeBox(home, home.padding);
    const shape = tileShape({ ...view, height: home.height, width: home.width }, whole);
    fillBorder(this.emitter, whole, shape, { region, first: 0, padValue: home.padding.value });
    this.act.markWritten(region, 0, home.rows);
  }

  /** Lanes past the last channel are stored or multiplied, so they must hold something; before the padding, which has a value. */
  private fillLanes(home: Home, view: TensorView): void {
    const full = Math.floor(view.channels / this.machine.array.rows) * home.blockRows;
    if (full < home.rows) this.act.ensureWritten(this.emitter, home.region, full, home.rows);
  }

  /** Notes what was chosen for the layer that is being written. */
  note(mapping: LayerMapping): void {
    this.mapping = mapping;
  }

  /** What was noted since the last call. */
  takeMapping(): LayerMapping | undefined {
    const noted = this.mapping;
    this.mapping = undefined;
    return noted;
  }

  /** The acc bank that was used longest ago. */
  nextAccBank(): number {
    this.accBank = 1 - this.accBank;
    return this.accBank;
  }

  private present(buffer: 'wgt' | 'par', ring: Ring, piece: ConstantRows, pitch: number): number {
    const key = keyOf(piece);
    const found = ring.find(key);
    if (found !== undefined) return found;
    const start = ring.allocate(key, piece.rows);
    this.loadRows(buffer, piece, start, pitch);
    return start;
  }

  private loadRows(
    buffer: keyof typeof BUFFER_NUMBER,
    { tensor, first, rows }: ConstantRows,
    address: number,
    pitch: number,
  ): void {
    const once = { runs: 1, runDramStride: 0, runStride: 0, planes: 1, planeDramStride: 0, planeStride: 0 };
    const fields = { buffer: BUFFER_NUMBER[buffer], address, rows, ...once };
    this.emitter.transfer('load', fields, { tensor, offset: first * pitch });
  }
}
