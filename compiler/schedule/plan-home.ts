/** Which results stay in act for the layer behind. In: a node and the next one. Out: the home of the node's result, or nothing. */

import { integerRange } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import { placeOfNode } from './diagnostics.js';
import { homeShape, noPadding } from './home.js';
import type { HomeShape, Padding } from './home-shape.js';
import type { Placement } from './placement.js';
import type { Session } from './session.js';
import { numbersOf, padConstant } from './stage.js';
import type { TensorView } from './tensors.js';
import { inputHeight, inputWidth, windowOf } from './window.js';

/** What is needed to plan. */
export interface HomePlanning {
  readonly graph: Graph;
  readonly placement: Placement;
  readonly session: Session;
}

/** Of machines with fewer banks the outputs share one, which a reader and a writer cannot use side by side. */
const LEAST_BANKS = 4;

/** Undefined where the next node does not read the result, reads it in another way than by tiles, or where it does not fit. */
export function planHome(
  { graph, placement, session }: HomePlanning,
  node: Node,
  next: Node | undefined,
): HomeShape | undefined {
  const { machine, tensors, act } = session;
  // What is written into a part of a tensor leaves the rest of it elsewhere.
  if (!placement.hasTensor(placement.home(node.outputs[0]!))) return undefined;
  if (next === undefined || machine.buffers.activation.banks < LEAST_BANKS) return undefined;
  const result = placement.view(tensors, node.outputs[0]!);
  const reads = next.inputs.filter((name) => placement.isStored(name));
  if (!reads.some((name) => placement.view(tensors, name).tensor === result.tensor)) return undefined;
  const padding = paddingOf({ graph, placement, session }, next, result);
  return padding && homeShape(result, padding, act.regions.wholeOutput[0]!.rows);
}

/** The padding that a node wants around a tensor; undefined when it takes it in a way that knows no homes. */
function paddingOf(
  { graph, placement, session }: HomePlanning,
  next: Node,
  { tensor, height, width }: TensorView,
): Padding | undefined {
  const { machine, tensors } = session;
  // Activations that rest in the array are loaded as weights are.
  if (next.operator === 'IntegerConv' && placement.isExchanged(next.inputs[0]!)) return undefined;
  switch (next.operator) {
    case 'IntegerAdd':
    case 'IntegerRescale':
      return noPadding;
    case 'IntegerConv':
    case 'IntegerMaxPool':
    case 'IntegerAveragePool':
      break;
    default:
      return undefined;
  }
  const input = placement.view(tensors, next.inputs[0]!);
  const same = input.tensor === tensor && input.height === height && input.width === width;
  if (!same) return noPadding;
  const output = placement.view(tensors, next.outputs[0]!);
  const window = windowOf(next, ...kernelOf(graph, next));
  const least = integerRange(machine.elements.activationBits).min;
  const fallback = next.operator === 'IntegerMaxPool' ? least : 0;
  return {
    top: window.padTop,
    left: window.padLeft,
    bottom: Math.max(0, inputHeight(window, output.height) - window.padTop - height),
    right: Math.max(0, inputWidth(window, output.width) - window.padLeft - width),
    value: padConstant(machine, { node: next, where: placeOfNode(graph.name, next) }, fallback),
  };
}

function kernelOf(graph: Graph, node: Node): readonly [number, number] {
  if (node.operator === 'IntegerConv') {
    const [, , height = 1, width = 1] = graph.values.get(node.inputs[1]!)!.type.shape;
    return [height, width];
  }
  const kernel = numbersOf(node, 'kernel');
  return kernel.length === 1 ? [1, kernel[0]!] : [kernel[0]!, kernel[1]!];
}
