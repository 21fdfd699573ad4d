/** A graph as text, one node a line, for people and golden tests. It is written, never read back. */

import { printType } from './infer.js';
import type { AttributeValue, Graph, Node } from './types.js';

/**
 * For example
 * ```text
 * graph tiny (x: float32[1, 4]) -> (y)
 *   const w: float32[4, 2]
 *   y: float32[1, 2] = Gemm(x, w) alpha=2
 * ```
 */
export function printGraph(graph: Graph): string {
  const typed = (name: string): string => {
    const type = graph.values.get(name)?.type;
    return type === undefined ? name : `${name}: ${printType(type)}`;
  };
  const constants = [...graph.values.values()].filter((value) => value.constant !== undefined);
  return [
    `graph ${graph.name} (${graph.inputs.map(typed).join(', ')}) -> (${graph.outputs.join(', ')})`,
    ...constants.map(({ name }) => `  const ${typed(name)}`),
    ...graph.nodes.map((node) => `  ${printNode(node, typed)}`),
    '',
  ].join('\n');
}

function printNode(node: Node, typed: (name: string) => string): string {
  const attributes = Object.entries(node.attributes).map(
    ([key, value]) => ` ${key}=${printAttribute(value)}`,
  );
  const inputs = node.inputs.map((name) => (name === '' ? '-' : name)).join(', ');
  return `${node.outputs.map(typed).join(', ')} = ${node.operator}(${inputs})${attributes.join('')}`;
}

function printAttribute(value: AttributeValue): string {
  if (typeof value === 'object' && 'element' in value) return printType(value);
  if (typeof value === 'object') return `[${value.join(', ')}]`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
