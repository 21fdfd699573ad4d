/** The GraphDef importer. In: the bytes of a frozen graph. Out: a graph with channels-first convolutions, or diagnostics. */

import {
  collect,
  type Diagnostic,
  DiagnosticError,
  elementCount,
  fail,
  type Result,
} from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { ChannelsLastValues, unmappedOperator, unsupportedNode } from '../channels-last/index.js';
import { decodeGraphDef, type TensorflowNode } from '../wire/index.js';
import { sourceName, TensorflowCall } from './call.js';
import { tensorflowMappings } from './operators.js';

export interface ImportGraphDefOptions {
  /** What graph and diagnostics call the network; default `network`. */
  readonly name?: string;
  /** Concrete shapes of placeholders, by name, in the file's layout. An unknown first extent is otherwise 1. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** Reads a frozen GraphDef; its outputs are the nodes that nothing reads. Never throws for a bad file. */
export function importGraphDef(bytes: Uint8Array, options: ImportGraphDefOptions = {}): Result<Graph> {
  const name = options.name ?? 'network';
  const nodes = decodeGraphDef(bytes, name);
  if (!nodes.ok) return nodes;
  const place = ({ name: node, op }: TensorflowNode) => ({ network: name, node, operator: op });
  const unmapped = nodes.value.filter(
    ({ op }) => op !== 'Placeholder' && !Object.hasOwn(tensorflowMappings, op),
  );
  if (unmapped.length > 0)
    return fail(...unmapped.map((node) => unmappedOperator('tensorflow', place(node))));
  const read = new Set(
    nodes.value.flatMap(({ input }) => input.map((n) => sourceName(n.replace(/^\^/, '')))),
  );
  const outputs = nodes.value.filter(
    (node) => !read.has(node.name) && node.op !== 'Const' && node.op !== 'Placeholder',
  );
  const values = new ChannelsLastValues(
    new GraphBuilder(name),
    'tensorflow',
    new Set(outputs.map((node) => node.name)),
  );
  return collect(() => {
    const pending = new Map(nodes.value.map((node) => [node.name, node]));
    const faults: Diagnostic[] = [];
    for (const node of ordered(nodes.value, pending)) {
      const call = new TensorflowCall(values, node, place(node));
      const result = collect(() =>
        node.op === 'Placeholder' ? placeholder(call, options) : tensorflowMappings[node.op]!(call),
      );
      // What follows a refused node would be refused because of it.
      if (!result.ok) throw new DiagnosticError([...faults, ...result.diagnostics]);
    }
    if (outputs.length === 0)
      throw unsupportedNode(
        'tensorflow',
        place(nodes.value.at(-1)!),
        'no node is an output: each is read by another',
      );
    for (const node of outputs) values.publish(node.name, values.last(node.name));
    return removeUnused.run(values.builder.build());
  });
}

/** Producers first. A node of a cycle is read before it is there, which its reader reports. */
function ordered(
  nodes: readonly TensorflowNode[],
  byName: ReadonlyMap<string, TensorflowNode>,
): readonly TensorflowNode[] {
  const done = new Set<TensorflowNode>();
  const seen = new Set<TensorflowNode>();
  for (const first of nodes) {
    const stack = [first];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const open = seen.has(node)
        ? []
        : node.input
            .map((n) => byName.get(sourceName(n.replace(/^\^/, ''))))
            .filter((n) => n !== undefined && !seen.has(n));
      seen.add(node);
      if (open.length > 0) stack.push(...(open as TensorflowNode[]));
      else {
        done.add(node);
        stack.pop();
      }
    }
  }
  return [...done];
}

function placeholder(call: TensorflowCall, { shapes = {} }: ImportGraphDefOptions): void {
  const { name } = call.node;
  const stated = Object.hasOwn(shapes, name) ? shapes[name]! : undefined;
  const shape =
    stated ??
    call
      .extents(call.attribute('shape')?.shape)
      .map((extent, axis) => (extent === -1 && axis === 0 ? 1 : extent));
  if (stated === undefined && (call.attribute('shape')?.shape ?? null) === null)
    call.refuse('its shape is unknown; state it');
  if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 1) || elementCount(shape) > 2 ** 31)
    call.refuse(`[${shape.join(', ')}] is not a concrete shape; state one`);
  if (call.values.builder.has(name)) call.refuse('a node of this name exists already');
  call.finish({ value: call.values.builder.input(name, { element: call.element(), shape }), form: 'last' });
}
