/**
 * Convolutions in the forms that the machine has: dense (group 1) and grouped (band.ts) on the array, depthwise (one weight plane a channel)
 * on the vector unit. Groups whose channels lie in all input blocks anyway, or whose blocks do not fit into act together, become dense
 * with zeros between the groups. One-dimensional kernels become [1, k].
 */

import { elementArrayOf, type Tensor, tensor } from '../../../base/index.js';
import type { Node } from '../../graph/index.js';
import { fieldLimits, specOf } from '../../isa/index.js';
import { actRegions } from '../act.js';
import { bandOf, type Groups, isDepthwise } from '../band.js';
import { expandedGroups, placeOfNode, unsupportedOperator } from '../diagnostics.js';
import { numberOf } from '../stage.js';
import { inputHeight, inputWidth, type Window, windowOf } from '../window.js';
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
  const channels = { outputs, inputs: inputs * group, group };
  const form = formOf(rewrite, node, channels, plane);
  if (form in expansions)
    rewrite.diagnostics.push(expandedGroups(where, group, expansions[form as keyof typeof expansions]));
  const expand = form === 'dense' || form in expansions;
  const dense = expand && group > 1 ? expandGroups(plane, group) : plane;
  const name = dense === weights ? node.inputs[1]! : rewrite.addConstant(`${node.inputs[1]}_dense`, dense);
  const attributes = { ...node.attributes, group: expand ? 1 : group, macs };
  return [{ ...node, inputs: [node.inputs[0]!, name, node.inputs[2]!], attributes }];
}

/** Why groups become part of dense weights though another form would be the better one, and what helps. */
const expansions = {
  tooLarge: 'more rows of act (buffers.activation.rowsPerBank) hold the input of a group',
  tooLong: 'a shorter kernel, stride or dilation fits the instruction of the vector unit',
};

/**
 * The unit and the weights of a convolution: `tooLarge` is a grouped one whose groups' input blocks do not fit into a region of act, `tooLong` a depthwise one whose
 * taps the vector unit's instruction does not count.
 */
function formOf(
  { machine }: Rewrite,
  node: Node,
  channels: Groups,
  weights: Tensor,
): 'depthwise' | 'dense' | 'grouped' | keyof typeof expansions {
  if (channels.group === 1) return 'dense';
  const [, , height, width] = weights.shape as readonly [number, number, number, number];
  const window = windowOf(node, height, width);
  if (isDepthwise(machine, channels)) return isCounted(window) ? 'depthwise' : 'tooLong';
  const { blocks } = bandOf(machine, channels);
  if (blocks >= Math.ceil(channels.inputs / machine.array.rows)) return 'dense';
  const rows = blocks * inputHeight(window, 1) * inputWidth(window, 1);
  return rows <= actRegions(machine).inputs[0]!.rows ? 'grouped' : 'tooLarge';
}

const largest = (name: string): number =>
  fieldLimits(specOf.dwconv.fields.find((field) => field.name === name)!).high;

/** Whether a dwconv instruction has room for a window's taps and steps. */
function isCounted({ height, width, strideX, dilationX }: Window): boolean {
  const taps = height <= largest('nky') && width <= largest('nkx');
  return taps && strideX <= largest('srcStrideX') && dilationX <= largest('strideKx');
}

/** [O, C/g, kh, kw] -> [O, C, kh, kw]: weights of other groups' channels are zero. */
export function expandGroups(weights: Tensor, group: number): Tensor {
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
