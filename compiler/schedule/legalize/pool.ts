/**
 * Pools of whole pictures whose sides no instruction counts, or whose pixels no region of act holds, as of long signals.
 *
 *     h x w of the same pixels    a sequence of 300 samples is a picture of 20 x 15: another name, nothing is moved
 *     maxima of stretches         then their maximum: exact in any grouping
 *
 * A mean over more pixels than fit stays as it is (a larger act buffer would hold them). Windows within a picture that exceed the counters, and means over a number
 * of pixels without such factors, are refused.
 */

import { integerRange } from '../../../base/index.js';
import type { Node } from '../../graph/index.js';
import { fieldLimits, specOf } from '../../isa/index.js';
import { actRegions } from '../act.js';
import { placeOfNode, unsupportedOperator } from '../diagnostics.js';
import { numbersOf } from '../stage.js';
import { copyStage, type Rewrite } from './rewrite.js';
import { pictureShape } from './shapes.js';

/** Most rows and most columns of a pool's window. */
const LONGEST = fieldLimits(specOf.pool.fields.find(({ name }) => name === 'nkx')!).high;

export function splitPool(rewrite: Rewrite, node: Node): readonly Node[] | undefined {
  const isMaximum = node.operator === 'IntegerMaxPool';
  if (!isMaximum && node.operator !== 'IntegerAveragePool') return undefined;
  const picture = pictureShape(rewrite.shape(node.inputs[0]!));
  if (picture === undefined) return undefined;
  const [, , height, width] = picture;
  const kernel = numbersOf(node, 'kernel');
  const [rows, columns] = kernel.length === 1 ? [1, kernel[0]!] : [kernel[0]!, kernel[1]!];
  const capacity = actRegions(rewrite.machine).inputs[0]!.rows;
  const counted = rows <= LONGEST && columns <= LONGEST;
  const unpadded = numbersOf(node, 'pads', [0]).every((pad) => pad === 0);
  const whole = rows === height && columns === width && unpadded;
  if (!whole) return counted ? undefined : refuse(rewrite, node, `its window is ${rows} x ${columns}`);
  const pixels = height * width;
  const fits = pixels <= capacity;
  if (counted && (fits || !isMaximum)) return undefined;
  const sides = factors(pixels);
  if (sides !== undefined && (fits || !isMaximum)) return underOtherSides(rewrite, node, sides);
  return isMaximum
    ? byStretches(rewrite, node, Math.min(LONGEST, capacity))
    : refuse(
        rewrite,
        node,
        `its window is ${rows} x ${columns}, and no two numbers that are counted make ${pixels}`,
      );
}

function refuse(rewrite: Rewrite, node: Node, what: string): readonly Node[] {
  const why = `${what}; instructions count to ${LONGEST}`;
  const hint = 'pool in two steps in the network';
  rewrite.diagnostics.push(
    unsupportedOperator(placeOfNode(rewrite.graph.name, node), node.operator, why, hint),
  );
  return [];
}

/** Two sides of so many pixels, as alike as can be; undefined where one would be too long. */
function factors(pixels: number): readonly [number, number] | undefined {
  for (let a = Math.floor(Math.sqrt(pixels)); a >= 1; a--) {
    if (pixels % a === 0) return pixels / a <= LONGEST ? [a, pixels / a] : undefined;
  }
  return undefined;
}

const window = (kernel: readonly number[], right = 0) => ({
  ...{ kernel, strides: kernel, dilations: [1, 1], pads: [0, 0, 0, right] },
});

function underOtherSides(rewrite: Rewrite, node: Node, sides: readonly [number, number]): readonly Node[] {
  const [view, name] = viewed(rewrite, node, node.inputs[0]!, sides);
  return [view, { ...node, inputs: [name], attributes: { ...node.attributes, ...window(sides) } }];
}

/** The picture under other sides. */
function viewed(
  rewrite: Rewrite,
  node: Node,
  input: string,
  [height, width]: readonly [number, number],
): readonly [Node, string] {
  const [pictures, channels] = pictureShape(rewrite.shape(input))!;
  const shape = [pictures, channels, height, width];
  const name = rewrite.addValue(`${input}_viewed`, shape);
  const view = { operator: 'Reshape', inputs: [input], outputs: [name], attributes: { shape } };
  return [{ ...view, name: `${node.name}.${name}`, origin: node.origin }, name];
}

/** Maxima of up to `longest` neighbouring pixels each, in order, until one window holds them all. */
function byStretches(rewrite: Rewrite, node: Node, longest: number): readonly Node[] {
  const [pictures, channels, height, width] = pictureShape(rewrite.shape(node.inputs[0]!))!;
  const nodes: Node[] = [];
  let value = node.inputs[0]!;
  let pixels = height * width;
  while (pixels > longest) {
    const [view, name] = viewed(rewrite, node, value, [1, pixels]);
    const stretches = Math.ceil(pixels / longest);
    const stretch = Math.ceil(pixels / stretches);
    const maxima = rewrite.addValue(`${value}_maxima`, [pictures, channels, 1, stretches]);
    const attributes = {
      ...window([1, stretch], stretches * stretch - pixels),
      ...{ padValue: integerRange(rewrite.machine.elements.activationBits).min, bias: [0] },
      ...copyStage(rewrite.machine),
    };
    const maximum = { operator: node.operator, inputs: [name], outputs: [maxima], attributes };
    nodes.push(view, { ...maximum, name: `${node.name}.${maxima}`, origin: node.origin });
    [value, pixels] = [maxima, stretches];
  }
  const attributes = { ...node.attributes, ...window([1, pixels]) };
  return [...nodes, { ...node, inputs: [value], attributes }];
}
