/** Concatenation along channels at slot-aligned offsets: every input is copied into its slots of the output's rows. */

import { integerRange } from '../../base/index.js';
import { bufferRowFormat, constantStep, type Machine } from '../../models/machine/index.js';
import { type Region, regionAddress } from './act.js';
import type { Session } from './session.js';
import { forEachTile, openOutput } from './stream.js';
import type { StreamPlan } from './stream-plan.js';
import type { TensorView } from './tensors.js';
import { type Box, loadTile, storeTile } from './tile.js';

export interface ConcatLayer {
  readonly inputs: readonly TensorView[];
  readonly output: TensorView;
  readonly plan: StreamPlan;
  /** Parameter rows that copy: as many as a tile has slices. */
  readonly parameters: string;
  readonly parameterRows: number;
}

/** Channels [from, to) of the output that come from one input, whose channel 0 is output channel `offset`. */
interface Piece {
  readonly view: TensorView;
  readonly offset: number;
  readonly from: number;
  readonly to: number;
}

export function emitConcat(session: Session, layer: ConcatLayer): void {
  const { machine, emitter } = session;
  const piece = { tensor: layer.parameters, first: 0, rows: layer.parameterRows };
  forEachTile(layer.output, layer.plan, (box) => {
    const par = session.parameters(piece, bufferRowFormat(machine, 'par').pitch);
    const region = openOutput(session, layer.output, box, layer.plan.outputs);
    for (const part of piecesOf(layer, box, machine.array.rows))
      copyPiece(session, part, box, { region, par });
    storeTile(emitter, layer.output, box, { region, first: 0 });
  });
}

function piecesOf(layer: ConcatLayer, box: Box, lanes: number): readonly Piece[] {
  const pieces: Piece[] = [];
  let offset = 0;
  for (const view of layer.inputs) {
    const from = Math.max(offset, box.block * lanes);
    const to = Math.min(offset + view.channels, (box.block + box.blocks) * lanes);
    if (from < to) pieces.push({ view, offset, from, to });
    offset += view.channels;
  }
  return pieces;
}

function copyPiece(
  session: Session,
  { view, offset, from, to }: Piece,
  box: Box,
  target: { readonly region: Region; readonly par: number },
): void {
  const { array, vector } = session.machine;
  const R = array.rows;
  const V = vector.lanes;
  const pixels = box.height * box.width;
  const block = Math.floor((from - offset) / R);
  const source = { ...box, block, blocks: Math.ceil((to - offset) / R) - block };
  const input = session.act.takeInput();
  loadTile(session, view, source, { region: input, first: 0, padValue: 0 });
  const lane = from - box.block * R;
  session.emitter.emit('rescale', {
    src: regionAddress(input, 0),
    srcSlot: ((from - offset) % R) / V,
    dst: regionAddress(target.region, Math.floor(lane / R) * pixels),
    dstSlot: (lane % R) / V,
    par: target.par,
    slices: Math.ceil((to - from) / V),
    ny: box.height,
    nx: box.width,
    srcStrideY: box.height > 1 ? box.width : 0,
    srcBlock: pixels,
    dstStrideY: box.height > 1 ? box.width : 0,
    dstBlock: pixels,
    zeroPoint: 0,
    ...wholeRange(session.machine),
    lookup: 0,
    table: 0,
  });
}

/** Bounds that clamp nothing, as instructions state them. */
function wholeRange(machine: Machine): { readonly min: number; readonly max: number } {
  return integerRange(machine.elements.activationBits - Math.log2(constantStep(machine)));
}
