/**
 * The DRAM of a schedule: tensors at 4 KiB-aligned addresses, none reused (every layer's stored tensor can be compared after a
 * run). In: graph values and constant bytes. Out: DataflowTensors, views of activation tensors, the DataImage.
 */

import { InternalError } from '../../base/index.js';
import { activationElement, BURST_BOUNDARY_BYTES, type Machine } from '../../models/machine/index.js';
import type { DataflowTensor, DataImage } from '../dataflow/index.js';
import {
  type BlockedLayout,
  blockedLayout,
  channelRows,
  exchangedLayout,
  layoutBlocks,
  layoutBytes,
  layoutRows,
  type SegmentKind,
} from '../isa/index.js';
import { type Deferred, DeferredImage } from './image.js';
import { pictureShape } from './legalize/shapes.js';

type ConstantKind = Extract<SegmentKind, 'weights' | 'parameters' | 'table'>;

/**
 * An activation tensor, or a part of one, as rows: pixel (y, x) of channel block b of picture n is row
 * `first + n * batchRows + b * blockRows + y * yRows + x * xRows`.
 */
export interface TensorView {
  readonly tensor: string;
  readonly batch: number;
  readonly channels: number;
  readonly blocks: number;
  readonly height: number;
  readonly width: number;
  /** Row of pixel (0, 0): not 0 in a part of a tensor. */
  readonly first: number;
  readonly batchRows: number;
  readonly blockRows: number;
  readonly yRows: number;
  readonly xRows: number;
  /** Bytes from row to row. */
  readonly pitch: number;
}

/** The pictures of a layout as they lie: of an exchanged one a line of channels, pixels in the place of channels. */
export function viewOf(tensor: string, layout: BlockedLayout): TensorView {
  const { batch, channels, height, width, pitch } = asItLies(layout);
  const blocks = layoutBlocks(layout);
  const area = height * width;
  return {
    tensor,
    batch,
    channels,
    blocks,
    height,
    width,
    pitch,
    first: 0,
    batchRows: blocks * area,
    blockRows: area,
    yRows: width,
    xRows: 1,
  };
}

function asItLies(layout: BlockedLayout) {
  if (!layout.exchanged) return layout;
  const pixels = layout.batch * layout.height * layout.width;
  return { ...layout, batch: 1, channels: pixels, height: 1, width: channelRows(layout) };
}

/** Whether the pixels of a channel block follow one another without a gap. */
export function isDense({ width, yRows, xRows }: TensorView): boolean {
  return xRows === 1 && yRows === width;
}

/** Whether two views have pictures of one extent. */
export function samePicture(
  a: Pick<TensorView, 'height' | 'width'>,
  b: Pick<TensorView, 'height' | 'width'>,
): boolean {
  return a.height === b.height && a.width === b.width;
}

/** Row of pixel (y, x) of a channel block of a picture, from the tensor's start. */
export function rowOf(
  view: TensorView,
  at: { readonly batch: number; readonly block: number; readonly y: number; readonly x: number },
): number {
  const picture = view.first + at.batch * view.batchRows + at.block * view.blockRows;
  return picture + at.y * view.yRows + at.x * view.xRows;
}

export class DramTensors {
  private readonly declared = new Map<string, DataflowTensor>();
  private readonly contents = new DeferredImage();
  private next = 0;

  constructor(private readonly machine: Machine) {}

  /**
   * Declares the tensor of a graph value; returns its name.
   * @param made true for a value that the scheduler made: the tensor then names no graph value.
   * @param exchanged pixels lie in lanes and channels in rows.
   */
  activation(
    kind: 'input' | 'output' | 'tensor',
    value: string,
    {
      shape,
      made = false,
      exchanged = false,
    }: { readonly shape: readonly number[]; readonly made?: boolean; readonly exchanged?: boolean },
  ): string {
    const layout = this.layoutOf(shape, exchanged);
    const name = this.fresh(value);
    this.place({
      name,
      kind,
      bytes: layoutBytes(layout),
      element: activationElement(this.machine),
      layout,
      ...(!made && { value }),
    });
    return name;
  }

  /** Declares a constant tensor with its contents; returns its name. */
  constant(kind: ConstantKind, stem: string, data: Uint8Array | Deferred): string {
    const name = this.fresh(stem);
    this.place({ name, kind, bytes: data.length, element: 'int8' });
    this.contents.set(name, data);
    return name;
  }

  /** The same tensors, to which a trial may add its own. */
  copy(): DramTensors {
    const copy = new DramTensors(this.machine);
    for (const [name, tensor] of this.declared) copy.declared.set(name, tensor);
    for (const [name, data] of this.contents) copy.contents.set(name, data);
    copy.next = this.next;
    return copy;
  }

  /** A tensor seen with `shape`, which has its pictures, channels and number of pixels. */
  view(name: string, shape: readonly number[]): TensorView {
    return viewOf(name, this.layoutOf(shape, this.layout(name).exchanged === true));
  }

  private layoutOf(shape: readonly number[], exchanged: boolean): BlockedLayout {
    const layout = blockedLayout(this.machine, pictureOf(shape));
    return exchanged ? exchangedLayout(layout) : layout;
  }

  /** Rows of an activation tensor. */
  rows(name: string): number {
    return layoutRows(this.layout(name));
  }

  /** How an activation tensor lies. */
  layout(name: string): BlockedLayout {
    const { layout } = this.tensor(name);
    if (layout === undefined) throw new InternalError(`tensor ${name} holds no activations`);
    return layout;
  }

  /** Whether the host reads a tensor after the run. */
  isOutput(name: string): boolean {
    return this.tensor(name).kind === 'output';
  }

  addressOf(name: string): number {
    return this.tensor(name).address;
  }

  isConstant(name: string): boolean {
    return this.contents.has(name);
  }

  /** Bytes from address 0 to the end of the last tensor. */
  get bytes(): number {
    return this.next;
  }

  get all(): readonly DataflowTensor[] {
    return [...this.declared.values()];
  }

  get image(): DataImage {
    return this.contents;
  }

  private tensor(name: string): DataflowTensor {
    const found = this.declared.get(name);
    if (found === undefined) throw new InternalError(`tensor ${name} is not declared`);
    return found;
  }

  private place(tensor: Omit<DataflowTensor, 'address'>): void {
    this.declared.set(tensor.name, { ...tensor, address: this.next });
    const end = this.next + tensor.bytes;
    this.next = Math.ceil(end / BURST_BOUNDARY_BYTES) * BURST_BOUNDARY_BYTES;
  }

  /** An identifier of the dataflow text that is not taken yet. */
  private fresh(stem: string): string {
    const plain = stem.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^(?=[^A-Za-z_])/, 't') || 't';
    let name = plain;
    for (let i = 1; this.declared.has(name); i++) name = `${plain}_${i}`;
    return name;
  }
}

function pictureOf(shape: readonly number[]): readonly number[] {
  const picture = pictureShape(shape);
  if (picture === undefined) throw new InternalError(`shape [${shape}] has no picture form`);
  return picture;
}
