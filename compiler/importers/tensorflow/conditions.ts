/**
 * Branches whose condition the file states: Switch and Merge of TensorFlow 1 go, and with them the branch that is not taken. In: nodes without functions.
 * Out: nodes. A condition that is computed stays, and its node is refused.
 */

import type { TensorflowAttribute, TensorflowNode } from '../wire/index.js';
import { dataInputs, producer } from './order.js';

/** Operators of control flow that depends on the data, or that turns. */
export const controlOperators: ReadonlySet<string> = new Set([
  ...['If', 'StatelessIf', 'Case', 'StatelessCase', 'While', 'StatelessWhile', 'Switch', 'Merge'],
  ...['Enter', 'Exit', 'NextIteration', 'LoopCond', 'RefSwitch', 'RefMerge'],
]);

/** What a node's constant says as a condition; undefined for a node that is no constant. */
export function truthOf({ op, attr }: TensorflowNode): boolean | undefined {
  const tensor = op === 'Const' && Object.hasOwn(attr, 'value') ? attr.value!.tensor : null;
  if (tensor === null) return undefined;
  const content = Array.from(tensor.tensorContent);
  const [first] = [...tensor.boolVal, ...tensor.intVal, ...tensor.floatVal, ...tensor.doubleVal];
  return content.length > 0 ? content.some((byte) => byte !== 0) : Boolean(first);
}

/** The constant behind a tensor, through nodes that pass it on. */
export function statedTruth(
  tensor: string,
  nodeOf: (tensor: string) => TensorflowNode | undefined,
): boolean | undefined {
  const seen = new Set<TensorflowNode>();
  for (let node = nodeOf(tensor); node !== undefined && !seen.has(node); ) {
    seen.add(node);
    if (node.op !== 'Identity') return truthOf(node);
    const [next] = dataInputs(node);
    node = next === undefined ? undefined : nodeOf(next);
  }
  return undefined;
}

/** @returns the nodes themselves where no Switch has a stated condition. */
export function foldBranches(nodes: readonly TensorflowNode[]): readonly TensorflowNode[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const taken = new Map<string, boolean>();
  for (const node of nodes) {
    const condition = node.op === 'Switch' ? dataInputs(node)[1] : undefined;
    const truth =
      condition === undefined ? undefined : statedTruth(condition, (name) => byName.get(producer(name)));
    if (truth !== undefined) taken.set(node.name, truth);
  }
  return taken.size === 0 ? nodes : new Folding(nodes, taken).run();
}

class Folding {
  private readonly dead = new Set<string>();

  /** @param taken by Switch, which of its results goes on. */
  constructor(
    private readonly nodes: readonly TensorflowNode[],
    private readonly taken: ReadonlyMap<string, boolean>,
  ) {}

  run(): readonly TensorflowNode[] {
    this.spread();
    return this.nodes.filter(({ name }) => !this.dead.has(name)).map((node) => this.rewritten(node));
  }

  /** Whether a tensor, or what a control dependency waits for, never comes. */
  private isDead(ref: string): boolean {
    const node = producer(ref);
    const truth = this.taken.get(node);
    if (truth === undefined || ref.startsWith('^')) return this.dead.has(node);
    return this.dead.has(node) || ref.endsWith(':1') !== truth;
  }

  /** A node whose input never comes never runs; a Merge waits for one input only. */
  private spread(): void {
    const readers = new Map<string, TensorflowNode[]>();
    for (const node of this.nodes)
      for (const ref of node.input) readers.set(producer(ref), [...(readers.get(producer(ref)) ?? []), node]);
    const open = this.nodes
      .filter(({ name }) => this.taken.has(name))
      .flatMap(({ name }) => readers.get(name) ?? []);
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (this.dead.has(node.name)) continue;
      const inputs = node.op === 'Merge' ? dataInputs(node) : node.input;
      const stops =
        node.op === 'Merge'
          ? inputs.every((ref) => this.isDead(ref))
          : inputs.some((ref) => this.isDead(ref));
      if (!stops) continue;
      this.dead.add(node.name);
      open.push(...(readers.get(node.name) ?? []));
    }
  }

  private rewritten(node: TensorflowNode): TensorflowNode {
    const input = node.input.filter((ref) => !this.isDead(ref)).map((ref) => this.named(ref));
    if (this.taken.has(node.name)) return { ...node, op: 'Identity', input: input.slice(0, 1) };
    const live = dataInputs({ ...node, input });
    if (node.op !== 'Merge' || live.length !== 1) return { ...node, input };
    return { ...node, op: 'Identity', input: [...live] };
  }

  /** The result of a Switch that goes on is that of the node in its place. */
  private named(ref: string): string {
    return this.taken.has(producer(ref)) && !ref.startsWith('^') ? producer(ref) : ref;
  }
}

/** The function that a conditional call takes; undefined where its condition is not stated. */
export function branchOf(node: TensorflowNode, truth: boolean | undefined): string | undefined {
  if (truth === undefined) return undefined;
  const key = truth ? 'then_branch' : 'else_branch';
  const attribute: TensorflowAttribute | undefined = Object.hasOwn(node.attr, key)
    ? node.attr[key]
    : undefined;
  return attribute?.func?.name;
}
