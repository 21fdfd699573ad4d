/** Nodes of a graph without functions and variables become a network graph. In: nodes, what is wanted. Out: the graph, or diagnostics. */

import { collect, elementCount, fail, type Result } from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { ChannelsLastValues, unmappedOperator, unsupportedNode } from '../channels-last/index.js';
import type { TensorflowNode } from '../wire/index.js';
import { TensorflowCall } from './call.js';
import { controlOperators, foldBranches } from './conditions.js';
import { computedControl, missingOutput, unknownInput } from './diagnostics.js';
import { tensorflowMappings } from './operators/index.js';
import { finalNodes, ordered, producer, sourceName } from './order.js';

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** A tensor under the name that the user knows it by. */
export interface NamedTensor {
  readonly name: string;
  /** The file's name of it, such as `node:1`. */
  readonly source: string;
}

export interface NodesOptions {
  readonly name: string;
  /** Concrete shapes of inputs, by the name that the user knows, in the file's layout. An unknown first extent is otherwise 1. */
  readonly shapes: Shapes;
  /** What is wanted; absent: the results of all nodes that nothing reads. */
  readonly outputs?: readonly NamedTensor[];
  /** Placeholders under other names than their own. */
  readonly inputs?: readonly NamedTensor[];
}

const isInput = ({ op }: TensorflowNode): boolean => op === 'Placeholder';

/** Never throws for a bad file. */
export function importNodes(given: readonly TensorflowNode[], options: NodesOptions): Result<Graph> {
  const followed = foldBranches(given);
  const nodes = followed.map((node) => (isCut(node, options) ? asInput(node) : node));
  const place = ({ name: node, op }: TensorflowNode) => ({ network: options.name, node, operator: op });
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const finals = wantedNodes(
    byName,
    options.outputs ?? finalNodes(followed).map(({ name }) => ({ name, source: name })),
  );
  const needed = ordered(finals, byName);
  const nameless = needed.find(({ name }) => name === '');
  if (nameless !== undefined)
    return collect(() => {
      throw unsupportedNode('tensorflow', place(nameless), 'the node has no name');
    });
  const unmapped = needed.filter((node) => !isInput(node) && !Object.hasOwn(tensorflowMappings, node.op));
  if (unmapped.length > 0)
    return fail(
      ...unmapped.map((node) =>
        controlOperators.has(node.op)
          ? computedControl(place(node))
          : { ...unmappedOperator('tensorflow', place(node)), hint: cutHint },
      ),
    );
  if (finals.length === 0 && options.outputs === undefined)
    return collect(() => {
      throw unsupportedNode(
        'tensorflow',
        place(nodes.at(-1)!),
        'no node is an output: each is read by another',
      );
    });
  return collect(() => {
    const wanted = options.outputs ?? finals.map(({ name }) => ({ name, source: name }));
    const published = new Set(wanted.map(({ name }) => name));
    const values = new ChannelsLastValues(new GraphBuilder(options.name), 'tensorflow', published);
    const inputs = new Map((options.inputs ?? []).map(({ name, source }) => [producer(source), name]));
    const known = new Set<string>();
    for (const node of needed) {
      const call = new TensorflowCall(values, node, place(node));
      if (isInput(node)) known.add(placeholder(call, inputs.get(node.name) ?? node.name, options.shapes));
      else tensorflowMappings[node.op]!(call);
    }
    refuseUnknown(options, known, byName);
    const results = options.outputs ?? finals.flatMap((node) => resultsOf(values, node.name));
    for (const { name, source } of results)
      if (!values.has(sourceName(source))) throw missingOutput(options.name, name, source);
    for (const { name, source } of results) values.publish(name, values.last(sourceName(source)));
    return removeUnused.run(values.builder.build());
  });
}

const cutHint =
  '`systole list operators` prints the supported ones; --shape NODE=DIMS makes a node an input and leaves out what computes it';

/** A shape for a node that is no input makes it one: what computes it, such as the decoding of sound, stays outside. */
function isCut(node: TensorflowNode, { shapes, inputs = [] }: NodesOptions): boolean {
  const named = inputs.some(({ name }) => name === node.name);
  return !isInput(node) && !named && Object.hasOwn(shapes, node.name);
}

function asInput(node: TensorflowNode): TensorflowNode {
  const stated = Object.hasOwn(node.attr, 'T') ? node.attr.T : node.attr.dtype;
  const float = { list: null, s: [], i: 0, f: 0, b: false, type: 1, shape: null, tensor: null, func: null };
  return { name: node.name, op: 'Placeholder', input: [], attr: { dtype: stated ?? float } };
}

function wantedNodes(byName: ReadonlyMap<string, TensorflowNode>, outputs: readonly NamedTensor[]) {
  return outputs.flatMap(({ source }) => byName.get(producer(source)) ?? []);
}

/** Every result of a node under its own name. */
function resultsOf(values: ChannelsLastValues, node: string): NamedTensor[] {
  const all: NamedTensor[] = [];
  for (let i = 0, name = node; values.has(name); i++, name = `${node}:${i}`) all.push({ name, source: name });
  return all;
}

/** A shape for something that the file does not have is a slip of the user's; one for an input that nothing reads is not. */
function refuseUnknown(
  { name, shapes }: NodesOptions,
  known: ReadonlySet<string>,
  nodes: ReadonlyMap<string, TensorflowNode>,
): void {
  const stray = Object.keys(shapes).find((input) => !known.has(input) && !nodes.has(input));
  if (stray !== undefined) throw unknownInput(name, stray, [...known]);
}

/** Defines an input and returns the name that the user knows it by. */
function placeholder(call: TensorflowCall, name: string, shapes: Shapes): string {
  const stated = Object.hasOwn(shapes, name) ? shapes[name]! : undefined;
  const known = call.attribute('shape')?.shape ?? undefined;
  const shape =
    stated ?? call.extents(known).map((extent, axis) => (extent === -1 && axis === 0 ? 1 : extent));
  if (stated === undefined && (known === undefined || known.unknownRank))
    call.refuse(`its shape is unknown; state it: --shape ${name}=1,...`);
  if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 1) || elementCount(shape) > 2 ** 31)
    call.refuse(`[${shape.join(', ')}] is not a concrete shape; state one`);
  if (call.values.builder.has(name)) call.refuse('a node of this name exists already');
  call.finish({ value: call.values.builder.input(name, { element: call.element(), shape }), form: 'last' });
  return name;
}
