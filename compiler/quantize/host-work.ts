/**
 * What the host has to do for a quantised network, counted. In: a QuantizedNetwork. Out: for each host step its operators, element
 * operations and bytes; the time model of models/host prices them. Counts follow from shapes alone.
 */

import { type ElementType, elementCount } from '../../base/index.js';
import { type Graph, type Node, nodeMacs, viewOperators } from '../graph/index.js';
import { segmentPlan } from './segments.js';
import type { QuantizedNetwork } from './types.js';

export interface HostNodeWork {
  readonly node: Node;
  /** Two a multiply-accumulate, one an element of a window, one an element read or written, whichever of those is more; none of a change of shape. */
  readonly operations: number;
  /** Operands and results, in the types that the host has them in. */
  readonly bytes: number;
}

export interface HostStepWork {
  /** The segment that waits for it; the number of segments for what follows the last. */
  readonly before: number;
  readonly nodes: readonly HostNodeWork[];
  readonly operations: number;
  /** Read and written by the operators, and copied from segment to segment. */
  readonly bytes: number;
  /** Results of an earlier segment that go into the next one's memory as they are: read and written once each. */
  readonly copies: readonly { readonly value: string; readonly bytes: number }[];
}

/** One entry a host step, empty ones included: one more than segments. */
export function hostWork(network: QuantizedNetwork): readonly HostStepWork[] {
  const { graph } = network;
  const { segments, host } = segmentPlan(network);
  const fromAccelerator = new Set(segments.flatMap((segment) => segment.outputs));
  return host.map((nodes, before) => {
    const work = nodes.map((node) => nodeWork(graph, node));
    const inputs = segments[before]?.inputs ?? [];
    const copies = inputs
      .filter((value) => fromAccelerator.has(value))
      .map((value) => ({ value, bytes: 2 * bytesOf(graph, value) }));
    return {
      before,
      nodes: work,
      operations: total(work.map(({ operations }) => operations)),
      bytes: total([...work, ...copies].map(({ bytes }) => bytes)),
      copies,
    };
  });
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0);

function nodeWork(graph: Graph, node: Node): HostNodeWork {
  if (viewOperators.has(node.operator)) return { node, operations: 0, bytes: 0 };
  const names = [...node.inputs, ...node.outputs].filter((name) => name !== '');
  const elements = (list: readonly string[]) => total(list.map((name) => elementsOf(graph, name)));
  const results = elements(node.outputs.filter((name) => name !== ''));
  const moved = Math.max(elements(node.inputs.filter((name) => name !== '')), results);
  return {
    node,
    operations: Math.max(2 * nodeMacs(graph, node), results * windowOf(node), moved),
    bytes: total(names.map((name) => bytesOf(graph, name))),
  };
}

/** Elements that each result is made of: a pool's kernel, the neighbours of a local response normalisation. */
function windowOf({ operator, attributes }: Node): number {
  if (operator === 'LRN') return Number(attributes.size ?? 1);
  const kernel = attributes.kernel;
  return operator.endsWith('Pool') && Array.isArray(kernel)
    ? kernel.reduce((product: number, n) => product * Number(n), 1)
    : 1;
}

function elementsOf(graph: Graph, name: string): number {
  return elementCount(graph.values.get(name)!.type.shape);
}

function bytesOf(graph: Graph, name: string): number {
  return Math.ceil((elementsOf(graph, name) * elementBits(graph.values.get(name)!.type.element)) / 8);
}

/** Bits of an element in the host's memory; 16-bit floats are held in 32. */
function elementBits(element: ElementType): number {
  switch (element) {
    case 'int4':
    case 'uint4':
      return 4;
    case 'bool':
    case 'int8':
    case 'uint8':
      return 8;
    case 'int16':
    case 'uint16':
      return 16;
    case 'float64':
    case 'int64':
    case 'uint64':
      return 64;
    default:
      return 32;
  }
}
