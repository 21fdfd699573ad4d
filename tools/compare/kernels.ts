/**
 * A network as the kernels that devices run. In: a float (or quantised) graph, any operators, and the samples that one evaluation takes.
 * Out: {@link Kernel}s of one sample, in an order that a device can run, each elementwise tail right behind the kernel that it is fused into.
 * The kernels' multiply-accumulates are the network's.
 */

import { elementCount } from '../../base/index.js';
import { type Graph, type Node, nodeMacs } from '../../compiler/graph/index.js';
import type { Kernel } from '../../models/devices/index.js';
import { type Role, roleOf } from './kernel-kinds.js';
import { productOf } from './products.js';

/** @param batch samples of one evaluation (the first extent of the network's inputs), 1 or more. */
export function networkKernels(graph: Graph, batch: number): readonly Kernel[] {
  return new Kernels(graph, batch).list();
}

/** A kernel and the tails that its result goes through before anything else reads it. */
interface Chain {
  readonly kernels: Kernel[];
  /** The value that the chain has made so far. */
  result: string;
}

class Kernels {
  private readonly chains: Chain[] = [];
  /** Which chain made a value; views pass it on under another name. */
  private readonly madeBy = new Map<string, Chain>();
  private readonly alias = new Map<string, string>();
  private readonly readers = new Map<string, number>();

  constructor(
    private readonly graph: Graph,
    private readonly batch: number,
  ) {
    for (const node of graph.nodes)
      for (const name of new Set(node.inputs)) this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
    for (const name of graph.outputs) this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
  }

  list(): readonly Kernel[] {
    for (const node of this.graph.nodes) this.add(node);
    return this.chains.flatMap(({ kernels }) => kernels);
  }

  private add(node: Node): void {
    const role = this.roleOf(node);
    if (role === 'view') this.view(node);
    else if (role === 'tail') this.tail(node);
    else
      this.start(
        node,
        role === 'convolution' || role === 'matmul' ? this.product(node) : this.rows(node, role),
      );
  }

  /** Stored integers with a scale are weights like others. */
  private roleOf(node: Node): Role {
    const ofConstant = node.operator === 'DequantizeLinear' && this.isConstant(node.inputs[0]!);
    return ofConstant ? 'view' : roleOf(node.operator);
  }

  private view(node: Node): void {
    const [from, to] = [node.inputs[0]!, node.outputs[0]!];
    const chain = this.madeBy.get(from);
    this.alias.set(to, from);
    if (chain === undefined) return;
    this.madeBy.set(to, chain);
    if (chain.result === from && this.readers.get(from) === 1) chain.result = to;
  }

  /** Joins the chain of its latest operand where nothing else reads that operand; otherwise it is a kernel of its own. */
  private tail(node: Node): void {
    const kernel = this.rows(node, 'elementwise');
    const chains = node.inputs.map((name) => this.madeBy.get(name)).filter((chain) => chain !== undefined);
    const latest = chains.sort((a, b) => this.chains.indexOf(b) - this.chains.indexOf(a))[0];
    const joins =
      latest !== undefined && node.inputs.includes(latest.result) && this.readers.get(latest.result) === 1;
    if (!joins) {
      this.start(node, kernel);
      return;
    }
    latest.kernels.push({ ...kernel, fusable: true });
    this.finish(node, latest);
  }

  private start(node: Node, kernel: Kernel): void {
    const chain = { kernels: [kernel], result: '' };
    this.chains.push(chain);
    this.finish(node, chain);
  }

  private finish(node: Node, chain: Chain): void {
    chain.result = node.outputs[0]!;
    for (const name of node.outputs) this.madeBy.set(name, chain);
  }

  private product(node: Node): Kernel {
    const shape = productOf(this.graph, node, this.batch);
    return { ...this.traffic(node), ...shape, fusable: false };
  }

  private rows(node: Node, kind: Kernel['kind']): Kernel {
    const traffic = this.traffic(node);
    const { inputElements, outputElements } = traffic;
    const length = kind === 'elementwise' || kind === 'movement' ? 1 : this.rowLength(node);
    const all = kind === 'elementwise' || kind === 'movement' ? outputElements : inputElements;
    const shape = {
      m: Math.max(1, Math.round(all / length)),
      n: 1,
      k: length,
      groups: 1,
      macs: this.macs(node),
    };
    return { ...traffic, ...shape, kind, kernel: [1, 1], strides: [1, 1], fusable: false };
  }

  /** Elements that one result of a reduction comes from; a softmax or normalisation keeps its rows. */
  private rowLength(node: Node): number {
    const input = elementCount(this.shape(node.inputs[0]!));
    const output = elementCount(this.shape(node.outputs[0]!));
    if (output < input) return Math.max(1, Math.round(input / Math.max(1, output)));
    return Math.max(1, this.shape(node.inputs[0]!).at(-1) ?? 1);
  }

  private traffic(node: Node) {
    const constant = (name: string) => this.isConstant(name);
    const operands = node.inputs.filter((name) => name !== '');
    const sum = (names: readonly string[]) =>
      names.reduce((total, name) => total + elementCount(this.shape(name)), 0);
    return {
      name: node.name,
      weightElements: sum(operands.filter(constant)),
      inputElements: sum(operands.filter((name) => !constant(name))) / this.batch,
      outputElements: sum(node.outputs.filter((name) => name !== '')) / this.batch,
    };
  }

  private macs(node: Node): number {
    return nodeMacs(this.graph, node) / this.batch;
  }

  private isConstant(name: string): boolean {
    const source = this.alias.get(name);
    if (source !== undefined) return this.isConstant(source);
    return this.graph.values.get(name)?.constant !== undefined;
  }

  private shape(name: string): readonly number[] {
    return this.graph.values.get(name)?.type.shape ?? [];
  }
}
