/** Which nodes a network needs, and in what order. In: nodes by name and the tensors wanted. Out: producers first. */

import type { TensorflowNode } from '../wire/index.js';

/** `name:0` is `name`; further results of a node keep their index. */
export function sourceName(name: string): string {
  return name.replace(/:0$/, '');
}

/** The node that computes a tensor, or that a control dependency names. */
export function producer(name: string): string {
  return name.replace(/^\^/, '').replace(/:\d+$/, '');
}

/** Tensors that a node reads: control dependencies order nothing that has no side effects. */
export function dataInputs(node: TensorflowNode): readonly string[] {
  return node.input.filter((name) => !name.startsWith('^')).map(sourceName);
}

/** Operators that compute nothing that anybody wants, though nothing reads them. */
const sideEffects: ReadonlySet<string> = new Set([
  ...['NoOp', 'Assert', 'Print', 'PrintV2', 'SaveV2', 'Const', 'Placeholder', 'VarHandleOp', 'VariableV2'],
  ...['MergeV2Checkpoints', 'AssignVariableOp'],
]);

/** The nodes that nothing reads, side effects left out. */
export function finalNodes(nodes: readonly TensorflowNode[]): readonly TensorflowNode[] {
  const read = new Set(nodes.flatMap(({ input }) => input.map(producer)));
  return nodes.filter((node) => !read.has(node.name) && !sideEffects.has(node.op));
}

/** Every node that `wanted` depends on, producers first. A node of a cycle is read before it is there, which its reader reports. */
export function ordered(
  wanted: readonly TensorflowNode[],
  byName: ReadonlyMap<string, TensorflowNode>,
): readonly TensorflowNode[] {
  const done = new Set<TensorflowNode>();
  const seen = new Set<TensorflowNode>();
  const sources = (node: TensorflowNode): TensorflowNode[] =>
    dataInputs(node).flatMap((name) => byName.get(producer(name)) ?? []);
  for (const first of wanted) {
    const stack = [first];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const open = seen.has(node) ? [] : sources(node).filter((n) => !seen.has(n));
      seen.add(node);
      if (open.length > 0) stack.push(...open);
      else {
        done.add(node);
        stack.pop();
      }
    }
  }
  return [...done];
}
