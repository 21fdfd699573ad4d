/**
 * Function calls replaced by the nodes of their functions. In: a graph with its library. Out: plain nodes, and what tensors of
 * calls are called now. A body names a result `node:argument:index`; outside it is `node:index` over all arguments.
 */

import type { FunctionDef, TensorflowGraph, TensorflowNode } from '../wire/index.js';
import { branchOf, statedTruth } from './conditions.js';
import { badCall, cyclicCall, unknownFunction } from './diagnostics.js';
import { producer, sourceName } from './order.js';

/** Result arguments in order, for operators that have several; elsewhere the index alone says it. */
const batchNorm = [
  'y',
  'batch_mean',
  'batch_variance',
  'reserve_space_1',
  'reserve_space_2',
  'reserve_space_3',
];
const resultArguments: Readonly<Record<string, readonly string[]>> = {
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  TopK: ['values', 'indices'],
  TopKV2: ['values', 'indices'],
  Unique: ['y', 'idx'],
  Switch: ['output_false', 'output_true'],
  Merge: ['output', 'value_index'],
};

/** Nodes beyond which a file can only be a bomb of calls within calls. */
const MOST_NODES = 1_000_000;

const callOperators: readonly string[] = ['PartitionedCall', 'StatefulPartitionedCall'];
/** Calls of one of two functions; the first input says of which. */
const branchOperators: readonly string[] = ['If', 'StatelessIf'];

export interface Inlined {
  readonly nodes: readonly TensorflowNode[];
  /** What a tensor of the file is called among the nodes. */
  resolve(name: string): string;
}

/** @throws DiagnosticError for unknown functions, cycles of calls, and calls that do not fit their function. */
export function inlineFunctions(graph: TensorflowGraph, network: string): Inlined {
  const library = new Map((graph.library?.function ?? []).map((f) => [f.signature?.name ?? '', f]));
  const inlining = new Inlining(library, network);
  inlining.expand(graph.node, { prefix: '', args: undefined, open: [] });
  return inlining.finish();
}

/** Where nodes are: at the top (`args` undefined) or in the body of a call. */
interface Scope {
  readonly prefix: string;
  readonly args: ReadonlyMap<string, string> | undefined;
  /** Functions that are being expanded. */
  readonly open: readonly string[];
}

class Inlining {
  private readonly nodes: TensorflowNode[] = [];
  /** A result of a call, and the tensor in the body that it is. */
  private readonly aliases = new Map<string, string>();
  private readonly taken = new Set<string>();
  /** Nodes of every scope, by their names outside. */
  private readonly known = new Map<string, TensorflowNode>();

  constructor(
    private readonly library: ReadonlyMap<string, FunctionDef>,
    private readonly network: string,
  ) {}

  expand(nodes: readonly TensorflowNode[], scope: Scope): void {
    const operators = new Map(nodes.map(({ name, op }) => [name, op]));
    for (const { name } of nodes) this.taken.add(scope.prefix + name);
    const outside = nodes.map((node) => {
      const name = scope.prefix + node.name;
      return { ...node, name, input: this.inputs(node, scope, operators) };
    });
    for (const node of outside) this.known.set(node.name, node);
    for (const node of outside) {
      const branch = this.branchOf(node);
      const called = branch ?? this.functionOf(node);
      if (called === undefined) this.nodes.push(node);
      else this.call(branch === undefined ? node : withoutCondition(node), called, scope);
      if (this.nodes.length > MOST_NODES)
        throw badCall(this.network, node, `its calls expand to more than ${MOST_NODES} nodes`);
    }
  }

  /** Control dependencies within functions order side effects, which nothing here has. */
  private inputs(
    node: TensorflowNode,
    scope: Scope,
    operators: ReadonlyMap<string, string>,
  ): readonly string[] {
    if (scope.args === undefined) return node.input;
    return node.input.filter((ref) => !ref.startsWith('^')).map((ref) => this.inBody(ref, scope, operators));
  }

  private inBody(ref: string, { prefix, args }: Scope, operators: ReadonlyMap<string, string>): string {
    const given = args?.get(ref);
    if (given !== undefined) return given;
    const [node = '', second, third] = ref.split(':');
    const index =
      third === undefined
        ? Number(second ?? 0)
        : this.firstResult(operators.get(node) ?? '', second!) + Number(third);
    return sourceName(`${prefix}${node}:${index}`);
  }

  /** Index of the first result of an argument. */
  private firstResult(operator: string, argument: string): number {
    const names =
      (Object.hasOwn(resultArguments, operator) ? resultArguments[operator] : undefined) ??
      this.library.get(operator)?.signature?.outputArg.map(({ name }) => name) ??
      [];
    return Math.max(0, names.indexOf(argument));
  }

  /** The function that a branch with a stated condition takes. */
  private branchOf(node: TensorflowNode): string | undefined {
    const [condition] = node.input;
    if (!branchOperators.includes(node.op) || condition === undefined) return undefined;
    const truth = statedTruth(condition, (ref) => this.known.get(producer(this.resolve(ref))));
    return branchOf(node, truth);
  }

  private functionOf(node: TensorflowNode): string | undefined {
    if (callOperators.includes(node.op)) {
      const stated = Object.hasOwn(node.attr, 'f') ? node.attr.f!.func?.name : undefined;
      if (stated === undefined) throw badCall(this.network, node, 'it names no function');
      return stated;
    }
    return this.library.has(node.op) ? node.op : undefined;
  }

  private call(node: TensorflowNode, name: string, scope: Scope): void {
    const called = this.library.get(name);
    if (called?.signature == null) throw unknownFunction(this.network, node, name);
    if (scope.open.includes(name)) throw cyclicCall(this.network, node, [...scope.open, name]);
    const given = node.input.filter((ref) => !ref.startsWith('^')).map(sourceName);
    const { inputArg, outputArg } = called.signature;
    if (given.length !== inputArg.length)
      throw badCall(this.network, node, `"${name}" takes ${inputArg.length} tensors, not ${given.length}`);
    const args = new Map(inputArg.map((arg, i) => [arg.name, given[i]!]));
    // Layers keep the names that their function gives them, unless it is called again.
    const again = called.node.some((inner) => this.taken.has(inner.name));
    const body: Scope = { prefix: again ? `${node.name}/` : '', args, open: [...scope.open, name] };
    this.expand(called.node, body);
    const operators = new Map(called.node.map((n) => [n.name, n.op]));
    outputArg.forEach((out, i) => {
      const ref = Object.hasOwn(called.ret, out.name) ? called.ret[out.name]! : undefined;
      if (ref === undefined) throw badCall(this.network, node, `"${name}" does not return "${out.name}"`);
      this.aliases.set(sourceName(`${node.name}:${i}`), this.inBody(ref, body, operators));
    });
  }

  /** What a tensor is called among the nodes. */
  private resolve(name: string): string {
    let found = sourceName(name);
    // A call that returns what it computes from itself has no end; its reader then reports an undefined tensor.
    for (let steps = 0; steps <= this.aliases.size; steps++) {
      const next = this.aliases.get(found);
      if (next === undefined) return found;
      found = next;
    }
    return found;
  }

  finish(): Inlined {
    const resolve = (name: string): string => this.resolve(name);
    const nodes = this.nodes.map((node) => ({
      ...node,
      input: node.input.map((ref) => (ref.startsWith('^') ? ref : resolve(ref))),
    }));
    return { nodes, resolve };
  }
}

/** The call that is left of a branch. */
function withoutCondition(node: TensorflowNode): TensorflowNode {
  return { ...node, input: node.input.slice(1) };
}
