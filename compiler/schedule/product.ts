/**
 * Products of two computed tensors on the vector unit: a depthwise convolution whose weights are loaded from the second tensor. A row of
 * act (R activations) and a row of wgt (C weights) hold the same bytes where C divides R and both have the same width.
 *
 *     [N, C, 1, 1]    a picture's channels are the weights of all its pixels
 *     same shape      pixels are taken for channels: one instruction steps through rows of both, each pixel with weights of its own
 */

import { InternalError } from '../../base/index.js';
import { bufferRowFormat, type Machine } from '../../models/machine/index.js';
import { isDense, type TensorView } from './tensors.js';
import { type Geometry, type LayerParts, pointWindow, simplify } from './window.js';

/** Why a machine cannot make products on the vector unit. */
export function refusedProduct(machine: Machine): string | undefined {
  if (!machine.vector.functions.includes('depthwise'))
    return 'the machine has no depthwise convolution, which makes products';
  return refusedOperand(machine);
}

/** Why a machine cannot take activations for weights. */
export function refusedOperand(machine: Machine): string | undefined {
  const { activationBits, weightBits } = machine.elements;
  const { rows, columns } = machine.array;
  if (activationBits !== weightBits)
    return 'activations and weights differ in width, so one does not take the place of the other';
  const pitch = (buffer: 'act' | 'wgt') => bufferRowFormat(machine, buffer).pitch;
  // Several rows of weights must fill a row of activations without a gap between them.
  const gapless = rows === columns || pitch('wgt') * 8 === columns * weightBits;
  if (rows % columns !== 0 || pitch('act') !== pitch('wgt') * (rows / columns) || !gapless)
    return `rows of ${rows} activations are no rows of ${columns} weights`;
  return undefined;
}

/** Rows of wgt that an act row fills. */
export function factorRows(machine: Machine): number {
  return machine.array.rows / machine.array.columns;
}

/**
 * The product as a depthwise convolution with a 1 x 1 kernel, and the tensor of its weights.
 * @param lanes channels of an act row.
 */
export function productGeometry(
  { inputs, output, node }: LayerParts,
  lanes: number,
): {
  readonly geometry: Geometry;
  readonly factor: TensorView;
} {
  const [input, factor] = inputs as readonly [TensorView, TensorView];
  if (factor.height * factor.width === 1 && output.height * output.width > 1) {
    if (factor.blockRows !== 1)
      throw new InternalError(`node ${node.name}: the factors do not follow one another`);
    return { geometry: simplify({ input, output, window: pointWindow }), factor };
  }
  const [a, b, c] = [asChannels(input, lanes), asChannels(factor, lanes), asChannels(output, lanes)];
  return { geometry: { input: a, output: c, window: pointWindow }, factor: b };
}

/** Whether the rows of a view follow one another without a gap. */
function isWhole(view: TensorView): boolean {
  const area = view.height * view.width;
  const lines = area === 1 || isDense(view);
  const blocks = view.blocks === 1 || view.blockRows === area;
  return lines && blocks && (view.batch === 1 || view.batchRows === view.blocks * area);
}

/** A tensor as one pixel with all its rows as channel blocks. */
function asChannels(view: TensorView, lanes: number): TensorView {
  const area = view.height * view.width;
  if (!isWhole(view)) throw new InternalError(`a part of ${view.tensor} is no list of rows`);
  const blocks = view.batch * view.blocks * area;
  const steps = { batchRows: blocks, blockRows: 1, yRows: 1, xRows: 1 };
  return { ...view, ...steps, batch: 1, blocks, channels: blocks * lanes, height: 1, width: 1 };
}
