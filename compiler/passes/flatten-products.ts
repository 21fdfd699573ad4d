/**
 * flatten-products: matrix products over more than two axes, as in transformers, become products of rows. In:
 * MatMul of [..., K] by constant [K, N]. Out: a Reshape to [rows, K], the product, and a Reshape back. What follows value by value (a bias, a
 * function of one variable, a sum of two such results) is computed on rows as well, so that products behind one another need no Reshape.
 */

import { elementCount } from '../../base/index.js';
import type { Graph, Node, Value } from '../graph/index.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { freshValue } from './rewrite.js';

/** Functions of one variable that have no axis. */
const elementwise: ReadonlySet<string> = new Set([
  'Relu',
  'Clip',
  'LeakyRelu',
  'Sigmoid',
  'Tanh',
  'Gelu',
  'Erf',
  'Elu',
  'Selu',
  'Celu',
  'HardSigmoid',
  'HardSwish',
  'Mish',
  'Softplus',
  'Silu',
  'Function',
]);

export const flattenProducts: Pass = {
  name: 'flatten-products',
  summary: 'matrix products over more than two axes become products of rows between reshapes',
  run: (graph) => {
    if (!graph.nodes.some((node) => isProduct(graph, node))) return graph;
    return removeUnused.run(new Flattening(graph).run());
  },
};

const shapeOf = (graph: Graph, name: string): readonly number[] => graph.values.get(name)!.type.shape;

function isProduct(graph: Graph, { operator, inputs }: Node): boolean {
  if (operator !== 'MatMul') return false;
  const weights = graph.values.get(inputs[1]!)!.constant;
  return shapeOf(graph, inputs[0]!).length > 2 && weights?.shape.length === 2;
}

class Flattening {
  private readonly values: Map<string, Value>;
  private readonly nodes: Node[] = [];
  /** The rows of a value that has them. */
  private readonly rows = new Map<string, string>();
  /** Values that exist as rows only, until somebody reads them in their own shape. */
  private readonly pending = new Map<string, Node>();

  constructor(private readonly graph: Graph) {
    this.values = new Map(graph.values);
  }

  run(): Graph {
    for (const node of this.graph.nodes) {
      if (isProduct(this.graph, node))
        this.onRows(node, [this.rowsOf(node.inputs[0]!, node), node.inputs[1]!]);
      else {
        const inputs = this.elementwiseRows(node);
        if (inputs !== undefined) this.onRows(node, inputs);
        else {
          for (const name of node.inputs) this.settle(name);
          this.nodes.push(node);
        }
      }
    }
    for (const name of this.graph.outputs) this.settle(name);
    return { ...this.graph, values: this.values, nodes: this.nodes };
  }

  /** The node on rows; its result gets its own shape when it is asked for. */
  private onRows(node: Node, inputs: readonly string[]): void {
    const [output] = node.outputs as [string];
    const shape = shapeOf(this.graph, output);
    const rows = this.declare(`${output}.rows`, [elementCount(shape.slice(0, -1)), shape.at(-1)!]);
    this.nodes.push({ ...node, inputs, outputs: [rows] });
    this.rows.set(output, rows);
    this.pending.set(output, reshape(node, rows, output, shape));
  }

  private rowsOf(name: string, reader: Node): string {
    const known = this.rows.get(name);
    if (known !== undefined) return known;
    const shape = shapeOf(this.graph, name);
    const to = [elementCount(shape.slice(0, -1)), shape.at(-1)!];
    const rows = this.declare(`${name}.rows`, to);
    this.nodes.push(reshape(reader, name, rows, to));
    this.rows.set(name, rows);
    return rows;
  }

  private declare(stem: string, shape: readonly number[]): string {
    const name = freshValue(this.values, stem);
    this.values.set(name, { name, type: { element: 'float32', shape } });
    return name;
  }

  /** Operands on rows of a node that works value by value on what has rows; undefined for any other. */
  private elementwiseRows(node: Node): readonly string[] | undefined {
    const [first, second] = node.inputs as [string, string?];
    if (elementwise.has(node.operator)) {
      const rows = this.rows.get(first);
      return rows === undefined ? undefined : [rows, ...node.inputs.slice(1)];
    }
    if (node.operator !== 'Add' || second === undefined) return undefined;
    const shape = shapeOf(this.graph, node.outputs[0]!);
    const operand = (name: string) => {
      if (this.rows.has(name) && shapeOf(this.graph, name).join() === shape.join())
        return this.rows.get(name);
      const constant = this.graph.values.get(name)!.constant;
      return constant?.shape.length === 1 && constant.shape[0] === shape.at(-1) ? name : undefined;
    };
    const [a, b] = [operand(first), operand(second)];
    return a === undefined || b === undefined ? undefined : [a, b];
  }

  /** The value in its own shape. */
  private settle(name: string): void {
    const node = this.pending.get(name);
    if (node === undefined) return;
    this.pending.delete(name);
    this.nodes.push(node);
  }
}

function reshape(near: Node, from: string, to: string, shape: readonly number[]): Node {
  return {
    name: `${to}.reshape`,
    operator: 'Reshape',
    inputs: [from],
    outputs: [to],
    attributes: { shape: [...shape] },
    origin: { name: `${near.origin.name}.reshape`, operator: 'Reshape' },
  };
}
