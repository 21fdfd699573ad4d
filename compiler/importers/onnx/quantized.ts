/** Notes on the values of an imported graph what their integers mean, as its quantisation operators state it. */

import type { Graph, Node, QuantizationInfo, Value } from '../../graph/index.js';

/** Where an operator states scale and zero point: for which value, by input (i) or output (o) index. */
interface Statement {
  readonly value: (node: Node) => string | undefined;
  readonly scale: number;
  readonly zero: number;
  readonly axis: (node: Node) => number;
}

const axisOf = (node: Node): number => Number(node.attributes.axis ?? 1);
const input = (index: number) => (node: Node) => node.inputs[index];
const output = (node: Node): string | undefined => node.outputs[0];

function products(weightAxis: number): readonly Statement[] {
  return [
    { value: input(0), scale: 1, zero: 2, axis: () => 1 },
    { value: input(3), scale: 4, zero: 5, axis: () => weightAxis },
    { value: output, scale: 6, zero: 7, axis: () => 1 },
  ];
}

const statements: Readonly<Record<string, readonly Statement[]>> = {
  QuantizeLinear: [{ value: output, scale: 1, zero: 2, axis: axisOf }],
  DequantizeLinear: [{ value: input(0), scale: 1, zero: 2, axis: axisOf }],
  QLinearConv: products(0),
  QLinearMatMul: products(-1),
};

/** The graph with `quantization` set on every value whose scale and zero point are constants of its operators. */
export function noteQuantization(graph: Graph): Graph {
  const values = new Map<string, Value>(graph.values);
  for (const node of graph.nodes) {
    const rows = Object.hasOwn(statements, node.operator) ? statements[node.operator]! : [];
    for (const row of rows) {
      const value = values.get(row.value(node) ?? '');
      const quantization = value && readStatement(graph, node, row, value);
      if (value !== undefined && quantization !== undefined)
        values.set(value.name, { ...value, quantization });
    }
  }
  return { ...graph, values };
}

function readStatement(
  graph: Graph,
  node: Node,
  row: Statement,
  { type }: Value,
): QuantizationInfo | undefined {
  const constant = (index: number) => graph.values.get(node.inputs[index] ?? '')?.constant;
  const scale = constant(row.scale);
  if (scale === undefined) return undefined;
  const scales = Array.from(scale.data, Number);
  const zero = constant(row.zero);
  const zeroPoint = zero === undefined ? scales.map(() => 0) : Array.from(zero.data, Number);
  if (scales.length === 1) return { scale: scales, zeroPoint };
  const axis = row.axis(node);
  return { scale: scales, zeroPoint, axis: axis < 0 ? axis + type.shape.length : axis };
}
