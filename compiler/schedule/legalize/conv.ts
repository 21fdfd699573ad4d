/**
 * Convolutions in the two forms that the machine has: dense (group 1) on the array, depthwise (one weight plane a channel) on
 * the vector unit. Other groups become dense with zeros between the groups. One-dimensional kernels become [1, k].
 */

import { elementArrayOf, type Tensor, tensor } from '../../../base/index.js';
import type { Node } from '../../graph/index.js';
import { expandedGroups, placeOfNode, unsupportedOperator } from '../diagnostics.js';
import { numberOf } from '../stage.js';
import type { Rewrite } from './rewrite.js';
import { pictureShape } from './shapes.js';

export function normalizeConv(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  if (node.operator !== 'IntegerConv' || node.attributes.macs !== undefined) return undefined;
  const where = placeOfNode(rewrite.graph.name, node);
  const weights = rewrite.constantOf(node.inputs[1]);
  const bias = rewrite.constantOf(node.inputs[2]);
  const output = pictureShape(rewrite.shape(node.outputs[0]!));
  if (weights === undefined || bias === undefined || output === undefined || weights.shape.length < 3) {
    const why = 'its weights and bias must be constants, its kernel one- or two-dimensional';
    rewrite.diagnostics.push(unsupportedOperator(where, node.operator, why, 'fold constants first'));
    return [];
  }
  const [outputs, inputs] = weights.shape as readonly [number, number];
  const group = numberOf(node, 'group', 1);
  const macs = output[0] * output[2] * output[3] * weights.data.length;
  const plane =
    weights.shape.length === 3
      ? tensor(weights.element, [outputs, inputs, 1, weights.shape[2]!], weights.data)
      : weights;
  const depthwise =
    group > 1 && inputs === 1 && outputs === group && rewrite.machine.vector.functions.includes('depthwise');
  const expand = group > 1 && !depthwise;
  if (expand) rewrite.diagnostics.push(expandedGroups(where, group));
  const dense = expand ? expandGroups(plane, group) : plane;
  const name = dense === weights ? node.inputs[1]! : rewrite.addConstant(`${node.inputs[1]}_dense`, dense);
  const attributes = { ...node.attributes, group: expand ? 1 : group, macs };
  return [{ ...node, inputs: [node.inputs[0]!, name, node.inputs[2]!], attributes }];
}

/** [O, C/g, kh, kw] -> [O, C, kh, kw]: weights of other groups' channels are zero. */
function expandGroups(weights: Tensor, group: number): Tensor {
  const [outputs, inputs, height, width] = weights.shape as readonly [number, number, number, number];
  const taps = height * width;
  const data = elementArrayOf(weights.element, outputs * inputs * group * taps);
  const perGroup = outputs / group;
  for (let o = 0; o < outputs; o++) {
    const first = Math.floor(o / perGroup) * inputs;
    const plane = Array.from({ length: inputs * taps }, (_, i) =>
      Number(weights.data[o * inputs * taps + i]),
    );
    data.set(plane, (o * inputs * group + first) * taps);
  }
  return tensor(weights.element, [outputs, inputs * group, height, width], data);
}
