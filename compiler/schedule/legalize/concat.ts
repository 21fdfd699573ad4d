/**
 * Concat along channels. Offsets that are multiples of V are slot copies (the scheduler's Concat). At other offsets each input is
 * spread over all output channels by a 1x1 convolution with a selection matrix, and the results are added: exact, since a
 * channel comes from one input and is zero in the others.
 */

import { elementArrayOf, elementCount, tensor } from '../../../base/index.js';
import { weightElement } from '../../../models/machine/index.js';
import type { Node } from '../../graph/index.js';
import { placeOfNode, unalignedConcat } from '../diagnostics.js';
import { joinedAxis } from './corner.js';
import { copyStage, type Rewrite } from './rewrite.js';
import { pictureShape } from './shapes.js';

export function alignConcat(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  if (node.operator !== 'Concat') return undefined;
  const where = placeOfNode(rewrite.graph.name, node);
  const shape = rewrite.shape(node.outputs[0]!);
  // Pictures and pixels are joined by where they are stored.
  if (joinedAxis(rewrite.graph, node) !== 1) return undefined;
  const { lanes } = rewrite.machine.vector;
  const offsets: number[] = [];
  let next = 0;
  for (const input of node.inputs) {
    offsets.push(next);
    next += pictureShape(rewrite.shape(input))![1];
  }
  const odd = offsets.find((offset) => offset % lanes !== 0);
  if (odd === undefined) return undefined;
  rewrite.diagnostics.push(unalignedConcat(where, odd, lanes));
  return selections(rewrite, node, offsets, shape);
}

function selections(
  rewrite: Rewrite,
  node: Node,
  offsets: readonly number[],
  shape: readonly number[],
): readonly Node[] {
  const nodes: Node[] = [];
  let sum: string | undefined;
  node.inputs.forEach((input, i) => {
    const last = i === node.inputs.length - 1;
    const spread = spreadNode(rewrite, node, { input, index: i, offset: offsets[i]!, shape });
    nodes.push(spread);
    if (sum === undefined) {
      sum = spread.outputs[0]!;
      return;
    }
    const output = last ? node.outputs[0]! : rewrite.addValue(`${node.name}_sum${i}`, shape);
    const operands = {
      aBias: 0,
      aMultiplier: 2,
      aShift: 1,
      bBias: 0,
      bMultiplier: 2,
      bShift: 1,
      leftShift: 0,
    };
    nodes.push({
      ...node,
      name: last ? node.name : `${node.name}_sum${i}`,
      operator: 'IntegerAdd',
      inputs: [sum, spread.outputs[0]!],
      outputs: [output],
      attributes: { ...copyStage(rewrite.machine), ...operands },
    });
    sum = output;
  });
  return nodes;
}

function spreadNode(
  rewrite: Rewrite,
  node: Node,
  at: {
    readonly input: string;
    readonly index: number;
    readonly offset: number;
    readonly shape: readonly number[];
  },
): Node {
  const channels = pictureShape(rewrite.shape(at.input))![1];
  const outputs = pictureShape(at.shape)![1];
  const matrix = elementArrayOf(weightElement(rewrite.machine), outputs * channels);
  for (let c = 0; c < channels; c++) matrix[(at.offset + c) * channels + c] = 1;
  const stem = `${node.name}_part${at.index}`;
  const weights = rewrite.addConstant(
    `${stem}_select`,
    tensor(weightElement(rewrite.machine), [outputs, channels, 1, 1], matrix),
  );
  const bias = rewrite.addConstant(
    `${stem}_zero`,
    tensor('int32', [outputs], new Int32Array(elementCount([outputs]))),
  );
  const geometry = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1, padValue: 0, macs: 0 };
  return {
    ...node,
    name: stem,
    operator: 'IntegerConv',
    inputs: [at.input, weights, bias],
    outputs: [rewrite.addValue(stem, at.shape)],
    attributes: { ...copyStage(rewrite.machine), ...geometry },
  };
}
