/**
 * SCALE-Sim topologies. In: a CSV of versions 1 to 3, convolutions or matrix products. Out: its layers, or diagnostics that point at cells.
 *
 * Columns go by their place, as SCALE-Sim reads them; the header decides between the two kinds, and what a ninth column means:
 *
 *     name, ifmap height, ifmap width, filter height, filter width, channels, filters, stride [, stride width | N:M]
 *     name, M, N, K [, batch | N:M] [, batch]
 *
 * A convolution's input includes its padding. Layers with `DP` in their name are depthwise. Docs: docs/scale-sim.md.
 */

import { type Diagnostic, fail, type Result, succeed } from '../../../base/index.js';
import { type Cell, cellPlace, type Row, readRows, type SourceText } from './csv.js';
import {
  badNumber,
  badRatio,
  depthwiseByName,
  filterTooLarge,
  ignoredColumn,
  missingColumns,
  noHeader,
  noLayers,
  noName,
  partialWindows,
  renamed,
  sparse,
} from './diagnostics.js';

export type TopologyKind = 'convolution' | 'product';

/** A row of a topology. Extents in elements, the input's with its padding. */
export interface TopologyLayer {
  readonly name: string;
  readonly operator: 'convolution' | 'depthwise' | 'product';
  readonly inputHeight: number;
  readonly inputWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly channels: number;
  /** Of a depthwise layer: filters a channel. */
  readonly filters: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  /** Products of a batch, each with operands of its own. */
  readonly copies: number;
  /** Of the file, counted from 1. */
  readonly line: number;
}

export interface Topology {
  readonly kind: TopologyKind;
  readonly layers: readonly TopologyLayer[];
}

/** Larger extents are mistakes. */
const LARGEST = 1 << 20;

const columnNames: Readonly<Record<TopologyKind, readonly string[]>> = {
  convolution: [
    'layer name',
    'IFMAP height',
    'IFMAP width',
    'filter height',
    'filter width',
    'channels',
    'number of filters',
    'stride',
  ],
  product: ['layer name', 'M', 'N', 'K'],
};

/** The kind that a header line states; undefined: it is none. */
export function kindOfHeader(row: Row): TopologyKind | undefined {
  const [, ...names] = row.cells.map(({ text }) => plain(text));
  if (names[0] === 'ifmapheight' && names[1] === 'ifmapwidth') return 'convolution';
  return names[0] === 'm' && names[1] === 'n' && names[2] === 'k' ? 'product' : undefined;
}

const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Reads a topology; every fault of the file at once. Warnings come with the layers. */
export function readTopology(source: string, file: string): Result<Topology> {
  const [header, ...rows] = readRows(source);
  if (header === undefined) return fail(noLayers(file));
  const kind = kindOfHeader(header);
  if (kind === undefined) return fail(noHeader(cellPlace({ source, file }, header.cells[0]!)));
  if (rows.length === 0) return fail(noLayers(file));
  const reader = new Reader({ source, file }, kind, header);
  const layers = rows.flatMap((row) => reader.layer(row) ?? []);
  const { found } = reader;
  return found.some(({ severity }) => severity === 'error')
    ? fail(...found)
    : succeed({ kind, layers }, found);
}

/** Reads rows one by one and collects what is wrong with them. */
class Reader {
  readonly found: Diagnostic[] = [];
  private readonly names = new Set<string>();
  private readonly ignored = new Set<number>();

  constructor(
    private readonly text: SourceText,
    private readonly kind: TopologyKind,
    private readonly header: Row,
  ) {}

  /** Undefined where the row is at fault, which `found` then says. */
  layer(row: Row): TopologyLayer | undefined {
    const before = this.errors();
    const columns = columnNames[this.kind];
    if (row.cells.length < columns.length) {
      this.found.push(missingColumns(this.at(row.cells[0]!), row.cells.length, columns));
      return undefined;
    }
    const read = this.kind === 'product' ? this.product(row) : this.convolution(row);
    const layer = { ...read, name: this.name(row.cells[0]!), line: row.line };
    if (this.errors() > before) return undefined;
    this.remarks(row.cells, layer);
    return layer;
  }

  private errors(): number {
    return this.found.filter(({ severity }) => severity === 'error').length;
  }

  private at(cell: Cell) {
    return cellPlace(this.text, cell);
  }

  /** Names become those of nodes, which must differ. */
  private name(cell: Cell): string {
    const { text } = cell;
    if (text === '') this.found.push(noName(this.at(cell)));
    let unique = text;
    for (let index = 2; this.names.has(unique); index++) unique = `${text}_${index}`;
    if (unique !== text) this.found.push(renamed(this.at(cell), text, unique));
    this.names.add(unique);
    return unique;
  }

  /** NaN, which no later check takes offence at, where it is none. */
  private number(cell: Cell, column: string): number {
    const value = /^\d+$/.test(cell.text) ? Number(cell.text) : Number.NaN;
    if (value >= 1 && value <= LARGEST) return value;
    this.found.push(badNumber(this.at(cell), column, cell.text));
    return Number.NaN;
  }

  private numbers({ cells }: Row): readonly number[] {
    const columns = columnNames[this.kind];
    return columns.slice(1).map((column, i) => this.number(cells[i + 1]!, column));
  }

  private convolution(row: Row): Omit<TopologyLayer, 'name' | 'line'> {
    const [
      inputHeight = 1,
      inputWidth = 1,
      filterHeight = 1,
      filterWidth = 1,
      channels = 1,
      filters = 1,
      stride = 1,
    ] = this.numbers(row);
    const [, , , high, wide] = row.cells;
    if (filterHeight > inputHeight)
      this.found.push(filterTooLarge(this.at(high!), 'height', filterHeight, inputHeight));
    if (filterWidth > inputWidth)
      this.found.push(filterTooLarge(this.at(wide!), 'width', filterWidth, inputWidth));
    return {
      operator: row.cells[0]!.text.includes('DP') ? 'depthwise' : 'convolution',
      inputHeight,
      inputWidth,
      filterHeight,
      filterWidth,
      channels,
      filters,
      strideHeight: stride,
      strideWidth: this.further(row, 8) ?? stride,
      copies: 1,
    };
  }

  private product(row: Row): Omit<TopologyLayer, 'name' | 'line'> {
    const [m = 1, n = 1, k = 1] = this.numbers(row);
    return {
      operator: 'product',
      inputHeight: m,
      inputWidth: 1,
      filterHeight: 1,
      filterWidth: 1,
      channels: k,
      filters: n,
      strideHeight: 1,
      strideWidth: 1,
      copies: this.further(row, 4) ?? 1,
    };
  }

  /**
   * What stands behind the columns that every row has: one number (a stride, a batch), and N:M of sparse weights, which only 1:1 and its
   * like are not. Other columns belong to whoever wrote the file. @returns the number, if there is one.
   */
  private further({ cells }: Row, from: number): number | undefined {
    let number: number | undefined;
    for (let i = from; i < cells.length; i++) {
      const cell = cells[i]!;
      if (cell.text === '') continue;
      if (cell.text.includes(':')) this.density(cell);
      else if (number === undefined && this.isKnown(i, from)) number = this.number(cell, this.titleOf(i));
      else this.ignore(i);
    }
    return number;
  }

  private titleOf(column: number): string {
    return this.header.cells[column]?.text || `column ${column + 1}`;
  }

  /** The column right behind the others, whatever its title; a later one by its title. */
  private isKnown(column: number, from: number): boolean {
    const title = plain(this.header.cells[column]?.text ?? '');
    if (title.includes('sparsity')) return true;
    if (this.kind === 'product') return column <= from + 1 && (title === '' || title.includes('batch'));
    return column === from && (title === '' || title.includes('stride'));
  }

  private density(cell: Cell): void {
    const [, kept, of] = /^(\d+):(\d+)$/.exec(cell.text) ?? [];
    if (kept === undefined || of === undefined || Number(kept) < 1 || Number(kept) > Number(of))
      this.found.push(badRatio(this.at(cell), cell.text));
    else if (kept !== of) this.found.push(sparse(this.at(cell), cell.text));
  }

  private ignore(column: number): void {
    if (this.ignored.has(column)) return;
    this.ignored.add(column);
    const cell = this.header.cells[column] ?? this.header.cells.at(-1)!;
    this.found.push(ignoredColumn(this.at(cell), this.titleOf(column)));
  }

  private remarks(cells: readonly Cell[], layer: TopologyLayer): void {
    if (layer.operator === 'depthwise')
      this.found.push(depthwiseByName(this.at(cells[0]!), layer.name, layer.channels));
    const { height, width } = overhang(layer);
    if (height > 0 || width > 0) this.found.push(partialWindows(this.at(cells[0]!), layer.name));
  }
}

/** Extents of a layer's output, by SCALE-Sim's count: a last window that is only partly inside counts. */
export function outputExtents(layer: TopologyLayer): { readonly height: number; readonly width: number } {
  const extent = (input: number, filter: number, stride: number) => Math.ceil((input - filter) / stride) + 1;
  return {
    height: extent(layer.inputHeight, layer.filterHeight, layer.strideHeight),
    width: extent(layer.inputWidth, layer.filterWidth, layer.strideWidth),
  };
}

/** Elements by which the last windows reach over the input's end. */
export function overhang(layer: TopologyLayer): { readonly height: number; readonly width: number } {
  const { height, width } = outputExtents(layer);
  return {
    height: (height - 1) * layer.strideHeight + layer.filterHeight - layer.inputHeight,
    width: (width - 1) * layer.strideWidth + layer.filterWidth - layer.inputWidth,
  };
}

/** The product that a row is to SCALE-Sim, of one copy: of a depthwise layer, of one channel. */
export function layerProduct(layer: TopologyLayer): {
  readonly m: number;
  readonly n: number;
  readonly k: number;
} {
  const { height, width } = outputExtents(layer);
  const channels = layer.operator === 'depthwise' ? 1 : layer.channels;
  return { m: height * width, n: layer.filters, k: layer.filterHeight * layer.filterWidth * channels };
}
