/** Operators of the vector unit, tile by tile: load, one instruction, store. In: a {@link StreamPlan}. Out: operations. */

import { bufferRowFormat } from '../../models/machine/index.js';
import { type Region, regionAddress } from './act.js';
import { pixelBoxes } from './conv.js';
import type { ActTile, Session } from './session.js';
import type { OutputFields } from './stage.js';
import type { StreamPlan } from './stream-plan.js';
import { rowOf, type TensorView } from './tensors.js';
import type { Box } from './tile.js';
import { type Geometry, inputBox } from './window.js';

/** Calls `visit` with every tile of the output, channel group by channel group. */
export function forEachTile(view: TensorView, plan: StreamPlan, visit: (box: Box) => void): void {
  for (let block = 0; block < view.blocks; block += plan.blocks) {
    const blocks = Math.min(plan.blocks, view.blocks - block);
    for (const pixels of pixelBoxes(view, plan.tileHeight, plan.tileWidth))
      visit({ ...pixels, block, blocks });
  }
}

/** Slices of the channels that a box has. */
export function slicesOf(session: Session, view: TensorView, box: Box): number {
  const { lanes } = session.machine.vector;
  const R = session.machine.array.rows;
  return Math.ceil(Math.min(box.blocks * R, view.channels - box.block * R) / lanes);
}

/** An output tile: its region, with the lanes that the instruction will not write filled in. */
export function openOutput(session: Session, view: TensorView, box: Box, outputs: readonly Region[]): Region {
  const region = session.act.takeOutput(outputs);
  prepareLanes(session, view, box, region);
  return region;
}

/** Likewise, where the result may stay in act. */
function openTile(session: Session, view: TensorView, box: Box, outputs: readonly Region[]): ActTile {
  const tile = session.open(view, box, outputs);
  if (!tile.stays) prepareLanes(session, view, box, tile.region);
  return tile;
}

function prepareLanes(session: Session, view: TensorView, box: Box, region: Region): void {
  const slots = session.machine.array.rows / session.machine.vector.lanes;
  const pixels = box.height * box.width;
  const full = Math.floor(slicesOf(session, view, box) / slots);
  if (full < box.blocks) {
    session.act.ensureWritten(session.emitter, region, full * pixels, box.blocks * pixels);
  }
  session.act.markWritten(region, 0, full * pixels);
}

export interface WindowLayer {
  readonly geometry: Geometry;
  readonly plan: StreamPlan;
  readonly padValue: number;
  readonly stage: OutputFields;
  /** Parameter rows of the slices of a box. */
  readonly parameters: (
    box: Box,
    slices: number,
  ) => { readonly tensor: string; readonly first: number; readonly rows: number };
  readonly reduction:
    | { readonly kind: 'pool'; readonly mode: 0 | 1 }
    | { readonly kind: 'dwconv'; readonly weights: string; readonly groupRows: number }
    /** A computed tensor in the weights' place: `rows` rows of wgt for each of its rows. */
    | { readonly kind: 'product'; readonly factor: TensorView; readonly rows: number };
}

/** Pooling and depthwise convolution. */
export function emitWindow(session: Session, layer: WindowLayer): void {
  const { geometry, plan } = layer;
  forEachTile(geometry.output, plan, (box) => {
    const constants = loadConstants(session, layer, box);
    const input = session.bring(geometry.input, inputBox(geometry.window, box), layer.padValue);
    const output = openTile(session, geometry.output, box, plan.outputs);
    const fields = windowFields(session, geometry, box, { input, output });
    if (layer.reduction.kind === 'pool') {
      session.emitter.emit('pool', {
        mode: layer.reduction.mode,
        par: constants.par,
        ...fields,
        ...layer.stage,
      });
    } else {
      session.emitter.emit('dwconv', { wgt: constants.wgt, par: constants.par, ...fields, ...layer.stage });
    }
    session.store(geometry.output, box, output);
  });
}

function loadConstants(
  session: Session,
  layer: WindowLayer,
  box: Box,
): { readonly par: number; readonly wgt: number } {
  const { machine } = session;
  const slices = slicesOf(session, layer.geometry.output, box);
  const par = session.parameters(layer.parameters(box, slices), bufferRowFormat(machine, 'par').pitch);
  if (layer.reduction.kind === 'pool') return { par, wgt: 0 };
  const { pitch } = bufferRowFormat(machine, 'wgt');
  if (layer.reduction.kind === 'product') {
    const { factor, rows } = layer.reduction;
    const first = rowOf(factor, { ...box, y: 0, x: 0 }) * rows;
    const piece = { tensor: factor.tensor, first, rows: box.blocks * rows };
    return { par, wgt: session.weights(piece, pitch) };
  }
  const { weights, groupRows } = layer.reduction;
  const first = (box.block / layer.plan.blocks) * groupRows;
  const wgt = session.weights({ tensor: weights, first, rows: groupRows }, pitch);
  return { par, wgt };
}

/** Fields that pools and depthwise convolutions have in common. */
export function windowFields(
  session: Session,
  geometry: Geometry,
  box: Box,
  { input, output }: { readonly input: ActTile; readonly output: ActTile },
) {
  const w = geometry.window;
  const several = box.blocks > 1;
  return {
    src: regionAddress(input.region, input.first),
    dst: regionAddress(output.region, output.first),
    slices: slicesOf(session, geometry.output, box),
    ny: box.height,
    nx: box.width,
    srcStrideY: box.height > 1 ? w.strideY * input.pitch : 0,
    srcStrideX: box.width > 1 ? w.strideX : 0,
    srcBlock: several ? input.blockRows : 0,
    dstStrideY: box.height > 1 ? output.pitch : 0,
    dstBlock: several ? output.blockRows : 0,
    nky: w.height,
    nkx: w.width,
    strideKy: w.height > 1 ? w.dilationY * input.pitch : 0,
    strideKx: w.width > 1 ? w.dilationX : 0,
  };
}

export interface PointLayer {
  readonly inputs: readonly TensorView[];
  readonly output: TensorView;
  readonly plan: StreamPlan;
  readonly stage: OutputFields;
  readonly parameters: WindowLayer['parameters'];
  readonly operation: { readonly kind: 'add'; readonly leftShift: number } | { readonly kind: 'rescale' };
}

/** Element-wise operators: operands of the output's shape lie one after another in a region. */
export function emitPoint(session: Session, layer: PointLayer): void {
  forEachTile(layer.output, layer.plan, (box) => {
    const slices = slicesOf(session, layer.output, box);
    const par = session.parameters(
      layer.parameters(box, slices),
      bufferRowFormat(session.machine, 'par').pitch,
    );
    const inputs = session.bringAll(layer.inputs, box);
    const output = openTile(session, layer.output, box, layer.plan.outputs);
    const y = ({ pitch }: ActTile) => (box.height > 1 ? pitch : 0);
    const block = ({ blockRows }: ActTile) => (box.blocks > 1 ? blockRows : 0);
    const at = ({ region, first }: ActTile) => regionAddress(region, first);
    const common = { par, dst: at(output), slices, ny: box.height, nx: box.width, ...layer.stage };
    const dst = { dstStrideY: y(output), dstBlock: block(output) };
    const a = inputs[0]!;
    if (layer.operation.kind === 'add') {
      const b = inputs[1]!;
      const operands = {
        a: at(a),
        aStrideY: y(a),
        aBlock: block(a),
        b: at(b),
        bStrideY: y(b),
        bBlock: block(b),
      };
      const { leftShift } = layer.operation;
      session.emitter.emit('add', { ...common, ...operands, ...dst, leftShift });
    } else {
      const src = { src: at(a), srcSlot: 0, dstSlot: 0, srcStrideY: y(a), srcBlock: block(a) };
      session.emitter.emit('rescale', { ...common, ...src, ...dst });
    }
    session.store(layer.output, box, output);
  });
}
