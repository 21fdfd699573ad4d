/**
 * First layers have few input channels: with 3 of them on 16 rows, 13 rows of the array idle. Folding puts F neighbouring pixels into
 * the lanes of one: a 1 x F selection convolution (an exact copy) makes the folded tensor, and the layer then needs ceil(kw / F)
 * kernel columns instead of kw.
 *
 *     f[y, x', j*C + c] = x[y, x'*stride + j - padLeft, c]     j < F, F a multiple of the stride
 *     w'[o, j*C + c, ky, q] = w[o, c, ky, q*F + j]             x' = x + q * F / stride
 *
 * ResNet's 7x7 stem on a 16x16 array: 49 weight tiles become 2*7, at the price of 4 on the folded picture.
 */

import { elementArrayOf, type Tensor, tensor } from '../../../base/index.js';
import { type Machine, weightElement } from '../../../models/machine/index.js';
import type { Node } from '../../graph/index.js';
import { numberOf } from '../stage.js';
import { windowOf } from '../window.js';
import { copyStage, type Rewrite } from './rewrite.js';
import { pictureShape } from './shapes.js';

/** Folding must save at least this share of the layer's array cycles to be worth a tensor more. */
const WORTHWHILE = 0.85;

interface Fold {
  readonly columns: number;
  /** Kernel columns of the folded convolution. */
  readonly kernel: number;
  /** Width of the folded tensor. */
  readonly width: number;
  /** Array cycles of both convolutions. */
  readonly cycles: number;
}

export function foldNarrowInput(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  const weights = rewrite.constantOf(node.inputs[1]);
  if (node.operator !== 'IntegerConv' || weights === undefined || numberOf(node, 'group', 1) > 1)
    return undefined;
  const input = pictureShape(rewrite.shape(node.inputs[0]!));
  const output = pictureShape(rewrite.shape(node.outputs[0]!));
  if (input === undefined || output === undefined || rewrite.shape(node.inputs[0]!).length !== 4)
    return undefined;
  const fold = bestFold(rewrite, node, weights, { input, output });
  if (fold === undefined) return undefined;
  const select = selection(rewrite, node, input, fold);
  return [select, folded(rewrite, node, weights, { ...fold, source: select.outputs[0]! })];
}

type Picture = readonly [number, number, number, number];

/** The fold of least array cycles, if one is worthwhile. */
function bestFold(
  rewrite: Rewrite,
  node: Node,
  weights: Tensor,
  { input, output }: { readonly input: Picture; readonly output: Picture },
): Fold | undefined {
  const { rows: R, columns: C } = rewrite.machine.array;
  const [, channels, height, width] = weights.shape as Picture;
  const w = windowOf(node, height, width);
  if (w.dilationX !== 1 || width === 1) return undefined;
  const pixels = output[0] * output[2] * output[3];
  const outputBlocks = Math.ceil(output[1] / C);
  const plain = Math.ceil(channels / R) * height * width * pixels * outputBlocks;
  let best: Fold | undefined;
  for (let columns = w.strideX; columns < width + w.strideX; columns += w.strideX) {
    if (columns === 1 || columns * channels > R) continue;
    const kernel = Math.ceil(width / columns);
    const foldedWidth = output[3] + (kernel - 1) * (columns / w.strideX);
    const select = columns * input[0] * input[2] * foldedWidth * Math.ceil((columns * channels) / C);
    const cycles = select + height * kernel * pixels * outputBlocks + layerOverhead(rewrite.machine);
    if (cycles < (best?.cycles ?? WORTHWHILE * plain)) best = { columns, kernel, width: foldedWidth, cycles };
  }
  return best;
}

/** Cycles in which one more layer fills and drains the units: its input is loaded before, its output stored after. */
function layerOverhead({ memory, array }: Machine): number {
  return 2 * (memory.readLatency + memory.writeLatency) + array.rows + array.columns;
}

/** The copy of `columns` neighbouring pixels into the channels of one. */
function selection(rewrite: Rewrite, node: Node, input: Picture, fold: Fold): Node {
  const channels = input[1];
  const outputs = fold.columns * channels;
  const element = weightElement(rewrite.machine);
  const matrix = elementArrayOf(element, outputs * channels * fold.columns);
  for (let j = 0; j < fold.columns; j++) {
    for (let c = 0; c < channels; c++) matrix[((j * channels + c) * channels + c) * fold.columns + j] = 1;
  }
  const shape = [outputs, channels, 1, fold.columns];
  const weights = rewrite.addConstant(`${node.name}_select`, tensor(element, shape, matrix));
  const bias = rewrite.addConstant(`${node.name}_zero`, tensor('int32', [outputs], new Int32Array(outputs)));
  const w = windowOf(node, 1, fold.columns);
  const right = (fold.width - 1) * w.strideX + fold.columns - w.padLeft - input[3];
  const geometry = {
    strides: [1, w.strideX],
    dilations: [1, 1],
    pads: [0, w.padLeft, 0, right],
    group: 1,
    macs: 0,
  };
  return {
    ...node,
    name: `${node.name}_fold`,
    inputs: [node.inputs[0]!, weights, bias],
    outputs: [rewrite.addValue(`${node.name}_fold`, [input[0], outputs, input[2], fold.width])],
    attributes: { ...copyStage(rewrite.machine), ...geometry, padValue: numberOf(node, 'padValue', 0) },
  };
}

/** The convolution over the tensor that {@link selection} made just before. */
function folded(
  rewrite: Rewrite,
  node: Node,
  weights: Tensor,
  fold: Fold & { readonly source: string },
): Node {
  const [outputs, channels, height, width] = weights.shape as Picture;
  const lanes = fold.columns * channels;
  const data = elementArrayOf(weights.element, outputs * lanes * height * fold.kernel);
  let source = 0;
  for (let o = 0; o < outputs; o++) {
    for (let c = 0; c < channels; c++) {
      for (let ky = 0; ky < height; ky++) {
        for (let kx = 0; kx < width; kx++) {
          const lane = (kx % fold.columns) * channels + c;
          const at = ((o * lanes + lane) * height + ky) * fold.kernel + Math.floor(kx / fold.columns);
          data[at] = Number(weights.data[source++]);
        }
      }
    }
  }
  const name = rewrite.addConstant(
    `${node.inputs[1]}_folded`,
    tensor(weights.element, [outputs, lanes, height, fold.kernel], data),
  );
  const w = windowOf(node, height, width);
  const geometry = {
    strides: [w.strideY, 1],
    dilations: [w.dilationY, fold.columns / w.strideX],
    pads: [w.padTop, 0, w.padTop, 0],
  };
  return {
    ...node,
    inputs: [fold.source, name, node.inputs[2]!],
    attributes: { ...node.attributes, ...geometry },
  };
}
