/**
 * fuse-functions: what newer networks write as several nodes, but is a function of one value alone (SiLU as x * sigmoid(x), HardSwish,
 * GELU in either form, Mish, powers, roots), becomes one node, hence one look-up table. In: element-wise nodes whose other
 * operands are single numbers. Out: a `Function` of the value that enters.
 */

import {
  arithmeticOperators,
  type Graph,
  type Node,
  pointwiseOperators,
  termAttributes,
} from '../graph/index.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { type Uses, usesOf } from './rewrite.js';

/** More nodes than this are no function that anybody has written by hand. */
const MOST_NODES = 32;
/** A term repeats what several of its parts read. */
const LONGEST_TERM = 2000;

export const fuseFunctions: Pass = {
  name: 'fuse-functions',
  summary: 'element-wise nodes that make a function of one value become one node, hence one look-up table',
  run: (graph) => fuseFunctionsOf(graph),
};

/** What else is known of a graph whose functions are fused. */
export interface FusedMeaning {
  /** What a term becomes where a value is written down: rounded to the integers that a file states for it. */
  readonly written: (value: string, term: string) => string;
  /** Whether nodes from that result to that input may become one. */
  readonly allows: (nodes: ReadonlySet<Node>, input: string, output: string) => boolean;
}

const plain: FusedMeaning = { written: (_, term) => term, allows: () => true };

/** Functions of one value become one node. @param meaning of float values when absent. */
export function fuseFunctionsOf(graph: Graph, meaning: FusedMeaning = plain): Graph {
  const uses = usesOf(graph);
  const fused = new Map<Node, Node>();
  const taken = new Set<Node>();
  for (const node of graph.nodes.toReversed()) {
    if (taken.has(node)) continue;
    const region = largestRegion({ graph, uses, meaning }, node);
    if (region === undefined) continue;
    for (const part of region.nodes) taken.add(part);
    fused.set(node, functionOf(node, region));
  }
  if (fused.size === 0) return graph;
  return removeUnused.run({ ...graph, nodes: graph.nodes.map((node) => fused.get(node) ?? node) });
}

interface Search {
  readonly graph: Graph;
  readonly uses: Uses;
  readonly meaning: FusedMeaning;
}

interface Region {
  readonly nodes: ReadonlySet<Node>;
  readonly input: string;
  readonly term: string;
}

/** The largest set of nodes that end in `last`, are seen by nobody else, and read one value. */
function largestRegion(search: Search, last: Node): Region | undefined {
  const { graph, uses } = search;
  const nodes = new Set<Node>();
  let found: Region | undefined;
  for (let next: Node | undefined = last; next !== undefined && nodes.size < MOST_NODES; ) {
    if (!isPointwise(graph, next)) break;
    nodes.add(next);
    const open = openInputs(graph, nodes);
    found = (open.length === 1 ? regionOf(search, last, nodes, open[0]!) : undefined) ?? found;
    next = open
      .map((name) => uses.producer(name))
      .find((p) => p !== undefined && isPointwise(graph, p) && isHidden(uses, p, nodes));
  }
  return found;
}

/** Whether only `nodes` see what a node computes. */
function isHidden(uses: Uses, { outputs: [output] }: Node, nodes: ReadonlySet<Node>): boolean {
  return !uses.isOutput(output!) && uses.readers(output!).every((reader) => nodes.has(reader));
}

/** The one number of a constant. */
function numberOf(graph: Graph, name: string): number | undefined {
  const constant = graph.values.get(name)?.constant;
  if (constant?.element !== 'float32') return undefined;
  const [first, ...rest] = new Set(constant.data as Float32Array);
  return rest.length === 0 && first !== undefined && !Number.isNaN(first) ? first : undefined;
}

/** A function, or arithmetic with numbers and values of the result's shape. */
function isPointwise(graph: Graph, node: Node): boolean {
  const known =
    pointwiseOperators.has(node.operator) ||
    arithmeticOperators.has(node.operator) ||
    node.operator === 'Function';
  if (!known || termAttributes(node.attributes) === undefined) return false;
  const type = graph.values.get(node.outputs[0]!)!.type;
  return node.inputs.every((name) => {
    const value = graph.values.get(name)!;
    if (value.constant !== undefined) return numberOf(graph, name) !== undefined;
    return value.type.element === 'float32' && value.type.shape.join() === type.shape.join();
  });
}

function openInputs(graph: Graph, nodes: ReadonlySet<Node>): readonly string[] {
  const made = new Set([...nodes].flatMap(({ outputs }) => outputs));
  const read = [...nodes].flatMap(({ inputs }) => inputs);
  return [...new Set(read)].filter(
    (name) => !made.has(name) && graph.values.get(name)!.constant === undefined,
  );
}

function regionOf(
  { graph, meaning }: Search,
  last: Node,
  nodes: ReadonlySet<Node>,
  input: string,
): Region | undefined {
  if (!isWorthIt(graph, nodes) || !meaning.allows(nodes, input, last.outputs[0]!)) return undefined;
  const producers = new Map([...nodes].map((node) => [node.outputs[0]!, node]));
  const terms = new Map([[input, 'x']]);
  const termOf = (name: string): string => {
    const known = terms.get(name);
    if (known !== undefined) return known;
    const node = producers.get(name);
    const term =
      node === undefined
        ? `${numberOf(graph, name)}`
        : meaning.written(name, callOf(node, node.inputs.map(termOf)));
    terms.set(name, term);
    return term;
  };
  const term = termOf(last.outputs[0]!);
  return term.length > LONGEST_TERM ? undefined : { nodes: new Set(nodes), input, term };
}

function callOf({ operator, attributes }: Node, inputs: readonly string[]): string {
  // A function of an earlier run of this pass.
  if (operator === 'Function') return String(attributes.term).replaceAll(/\bx\b/g, inputs[0]!);
  return `${operator}${termAttributes(attributes)}(${inputs.join(',')})`;
}

const clamps: ReadonlySet<string> = new Set(['Relu', 'Clip']);
const linear: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div']);

/** One node that the accelerator knows stays as it is, and so do clamps and sums that bounds and biases take in. */
function isWorthIt(graph: Graph, nodes: ReadonlySet<Node>): boolean {
  const kinds = [...nodes].map((node) => kindOf(graph, node));
  const { length } = graph.values.get([...nodes][0]!.outputs[0]!)!.type.shape;
  if (nodes.size === 1)
    return kinds[0] === 'curve'
      ? !pointwiseOperators.has([...nodes][0]!.operator)
      : kinds[0] === 'line' && length !== 4;
  // Nodes stand in the order from the result to the input: a line above a clamp is no bound of what computes the value.
  return (
    kinds.includes('curve') || (kinds.lastIndexOf('clamp') > kinds.indexOf('line') && kinds.includes('line'))
  );
}

/** A clamp, a straight line, or anything else. */
function kindOf(graph: Graph, { operator, inputs }: Node): 'clamp' | 'line' | 'curve' {
  if (clamps.has(operator)) return 'clamp';
  const numbers = inputs.filter((name) => graph.values.get(name)!.constant !== undefined).length;
  const straight =
    operator === 'Div' ? graph.values.get(inputs[1]!)!.constant !== undefined : linear.has(operator);
  return straight && numbers === 1 ? 'line' : 'curve';
}

function functionOf(node: Node, { input, term }: Region): Node {
  return { ...node, operator: 'Function', inputs: [input], attributes: { term } };
}
