/**
 * IntegerMatMul -> IntegerConv. A matrix product over a flattened picture [N, C, H, W] -> [N, CHW] is a convolution with a kernel
 * as large as the picture; over plain vectors [N, K] it is a 1x1 convolution on [N, K, 1, 1].
 */

import { elementArrayOf, tensor } from '../../../base/index.js';
import type { Node } from '../../graph/index.js';
import { placeOfNode, unsupportedOperator } from '../diagnostics.js';
import type { Rewrite } from './rewrite.js';
import { keepsOrder, pictureShape } from './shapes.js';

export function matmulToConv(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  if (node.operator !== 'IntegerMatMul') return undefined;
  const [x, w, b] = node.inputs as readonly [string, string, string];
  const weights = rewrite.constantOf(w);
  const shape = rewrite.shape(x);
  const refusal = refuse(rewrite, node, shape, weights !== undefined);
  if (refusal !== undefined || weights === undefined) return [];
  const source = pictureSource(rewrite, x);
  const [, channels, height, width] = pictureShape(rewrite.shape(source))!;
  const [inputs, outputs] = weights.shape as readonly [number, number];
  const data = elementArrayOf(weights.element, inputs * outputs);
  for (let k = 0; k < inputs; k++) {
    for (let o = 0; o < outputs; o++) data[o * inputs + k] = Number(weights.data[k * outputs + o]);
  }
  const name = rewrite.addConstant(
    `${w}_oihw`,
    tensor(weights.element, [outputs, channels, height, width], data),
  );
  const macs = shape[0]! * inputs * outputs;
  const geometry = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1, padValue: 0, macs };
  return [
    {
      ...node,
      operator: 'IntegerConv',
      inputs: [source, name, b],
      attributes: { ...node.attributes, ...geometry },
    },
  ];
}

/** The stored picture that `value` is a flattening of: as far up as only shapes change and pictures stay apart. */
function pictureSource(rewrite: Rewrite, value: string): string {
  const producer = rewrite.producer(value);
  const from = producer?.inputs[0];
  if (producer === undefined || from === undefined || !keepsOrder(producer, rewrite.shape(from)))
    return value;
  const picture = pictureShape(rewrite.shape(from));
  if (picture === undefined || picture[0] !== rewrite.shape(value)[0]) return value;
  return pictureSource(rewrite, from);
}

function refuse(rewrite: Rewrite, node: Node, shape: readonly number[], constant: boolean): true | undefined {
  const where = placeOfNode(rewrite.graph.name, node);
  const say = (why: string, hint: string) => {
    rewrite.diagnostics.push(unsupportedOperator(where, node.operator, why, hint));
    return true as const;
  };
  if (!constant)
    return say('its right operand is computed', 'only products with constant weights are scheduled');
  if (shape.length !== 2) {
    return say(`its left operand has rank ${shape.length}`, 'reshape it to [rows, features] first');
  }
  return undefined;
}
