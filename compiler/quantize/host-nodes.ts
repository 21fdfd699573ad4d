/**
 * Which nodes run in float on the host: those without integer form; what follows them, as far as no convolution or matrix product
 * does; and those without integer form in front of everything. In: an annotated network, and what else must stay (what no schedule
 * takes). Out: the nodes, and warnings for what the accelerator waits for or would have run.
 */

import type { Diagnostic } from '../../base/index.js';
import { type Graph, type Node, viewOperators } from '../graph/index.js';
import type { Uses } from '../passes/index.js';
import { isClamp, isTabled } from './activations.js';
import { absorbedBias, type ChannelAxis } from './affine.js';
import { conversionOf, isShapeOperator } from './conversions.js';
import { isTwoLines, twoLinesRefused } from './convert-leaky.js';
import { productOf } from './convert-product.js';
import { hostBetween, onHost } from './diagnostics.js';
import type { Annotated, Refused } from './types.js';

/** Why a node, and what follows it, has no integer form. */
interface Cause {
  readonly node: Node;
  readonly why: string;
}

export interface HostNodes {
  readonly host: ReadonlySet<Node>;
  /** Warnings: operators between two parts of the accelerator's work, and operators that it knows but that stay on the host. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface HostLimits {
  /** Nodes that have an integer form which no schedule takes. */
  readonly refused: Refused;
  /** Bits of the activations: look-up tables have an entry for each of 8-bit ones. */
  readonly activationBits: number;
}

export function hostNodes(annotated: Annotated, uses: Uses, limits: HostLimits): HostNodes {
  const walk = new HostWalk(annotated, uses, limits);
  for (const node of annotated.graph.nodes) walk.visit(node);
  return { host: walk.host, diagnostics: walk.warnings() };
}

/** Whether a shape operator, free on the host, changes which elements are channels: sample or channel of its result are not those of its input. */
function movesChannels(graph: Graph, node: Node): boolean {
  const [from, to] = [node.inputs[0]!, node.outputs[0]!].map((name) => graph.values.get(name)!.type.shape);
  if (node.operator === 'Transpose') return to!.length === 4;
  return viewOperators.has(node.operator) && (from![0] !== to![0] || (from![1] ?? 1) !== (to![1] ?? 1));
}

/** Where the channels lie for the operators that take over a bias. */
const biasAxes: Readonly<Record<string, ChannelAxis>> = { Conv: 'second', Gemm: 'last', MatMul: 'last' };

class HostWalk {
  readonly host = new Set<Node>();
  private readonly graph: Graph;
  /** Float values that the host has before the accelerator starts. */
  private readonly prepared: Set<string>;
  /** Float values that it gets after some of the accelerator's work, and why. */
  private readonly late = new Map<string, Cause>();
  /** Nodes without integer form, with the reason, but those in front of everything. */
  private readonly unfit = new Map<Node, string>();
  /** Convolutions and matrix products on the host. */
  private readonly heavy: Cause[] = [];
  private readonly followers = new Map<Cause, number>();
  /** Nodes with an integer form that a convolution or matrix product follows: worth going back to the accelerator. */
  private readonly wanted = new Set<Node>();
  private readonly producers: ReadonlyMap<string, Node>;

  constructor(
    private readonly annotated: Annotated,
    private readonly uses: Uses,
    private readonly limits: HostLimits,
  ) {
    this.graph = annotated.graph;
    this.prepared = new Set(this.graph.inputs);
    this.producers = new Map(this.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
    for (const node of this.graph.nodes.toReversed()) if (this.isWanted(node)) this.wanted.add(node);
  }

  private isWanted(node: Node): boolean {
    if (this.refusal(node) !== undefined) return false;
    if (conversionOf(node)!.heavy) return true;
    return node.outputs.some((name) => this.uses.readers(name).some((reader) => this.wanted.has(reader)));
  }

  visit(node: Node): void {
    const activations = this.activations(node);
    const behind = activations.map((name) => this.late.get(name)).find((cause) => cause !== undefined);
    const why = this.refusal(node) ?? this.missingInputScale(activations);
    const idle = behind === undefined && this.onlyRenames(node, activations);
    if (why === undefined && !idle && (behind === undefined || this.wanted.has(node))) {
      this.rearrange(node, activations, behind);
      return;
    }
    this.host.add(node);
    if (why !== undefined && conversionOf(node)?.heavy) this.heavy.push({ node, why });
    if (behind === undefined && activations.every((name) => this.prepared.has(name))) {
      for (const output of node.outputs) this.prepared.add(output);
    } else {
      if (why !== undefined) this.unfit.set(node, why);
      this.follow(node, behind ?? { node, why: why! }, behind !== undefined && why === undefined);
    }
  }

  /** A change of shape of what the host has, which no convolution or product is waiting for. */
  private onlyRenames(node: Node, activations: readonly string[]): boolean {
    const prepared = activations.every((name) => this.prepared.has(name));
    return prepared && isShapeOperator(node.operator) && !this.wanted.has(node);
  }

  private activations(node: Node): readonly string[] {
    return node.inputs.filter((name) => name !== '' && this.graph.values.get(name)!.constant === undefined);
  }

  /** The host lays out what it hands over: rows for a product, a picture that is channels-last there transposed. */
  private rearrange(node: Node, activations: readonly string[], behind: Cause | undefined): void {
    const there = activations.every((name) => this.prepared.has(name) || this.late.has(name));
    if (activations.length === 0 || !there || !movesChannels(this.graph, node)) return;
    // A matrix product takes its columns in any order, so a transposition before it costs nothing on the accelerator.
    const readers = this.uses.readers(node.outputs[0]!);
    const isProduct = readers.some(({ operator }) => operator === 'Gemm' || operator === 'MatMul');
    if (isProduct && !viewOperators.has(node.operator)) return;
    this.host.add(node);
    if (behind === undefined) for (const output of node.outputs) this.prepared.add(output);
    else for (const output of node.outputs) this.late.set(output, behind);
  }

  private follow(node: Node, cause: Cause, capable: boolean): void {
    for (const output of node.outputs) this.late.set(output, cause);
    this.followers.set(cause, (this.followers.get(cause) ?? 0) + (capable ? 1 : 0));
  }

  private refusal(node: Node): string | undefined {
    const conversion = conversionOf(node);
    if (conversion === undefined) return 'the operator is not known to the accelerator';
    const other = [...this.activations(node), ...node.outputs.filter((name) => name !== '')]
      .map((name) => this.graph.values.get(name)!.type.element)
      .find((element) => element !== 'float32');
    if (other !== undefined) return `its values are ${other}`;
    const forbidden = this.limits.refused.get(node.name);
    if (forbidden !== undefined) return forbidden;
    const untabled = isTabled(node.operator) && this.limits.activationBits > 8;
    if (untabled && !isTwoLines(node))
      return `a look-up table has no entries for ${this.limits.activationBits}-bit activations`;
    const infinite = [...this.activations(node), ...node.outputs].find((v) => this.annotated.isInfinite?.(v));
    if (infinite !== undefined) return `"${infinite}" is not finite on the calibration samples`;
    if (this.isBias(node)) return undefined;
    if (this.hasShiftedFactors(node)) return 'an operand of the product has a zero point';
    const steep = untabled ? twoLinesRefused(this.annotated, node) : undefined;
    return steep ?? conversion.refuses(this.graph, node) ?? this.missingScale(node);
  }

  /** A framework's product whose operands count from a zero point: bringing them to 0 would cost them a bit. */
  private hasShiftedFactors(node: Node): boolean {
    const operands = this.annotated.sparse ? (productOf(this.graph, node) ?? []) : [];
    return operands.some((name) => (this.annotated.activation(name)?.zeroPoint ?? 0) !== 0);
  }

  /** An addition that the convolution or product in front of it takes into its bias. */
  private isBias(node: Node): boolean {
    return this.activations(node).some((value) => {
      const producer = this.producers.get(value);
      const axis = producer === undefined ? undefined : biasAxes[producer.operator];
      if (producer === undefined || axis === undefined || this.refusal(producer) !== undefined) return false;
      const free = !this.annotated.sparse || this.annotated.activation(value) === undefined;
      const alone = this.uses.readers(value).length === 1 && !this.uses.isOutput(value);
      return free && alone && absorbedBias(this.graph, node, value, axis) !== undefined;
    });
  }

  /** In a network that its framework quantised, the last operators may be left in float: nothing states a scale behind them. */
  private missingScale(node: Node): string | undefined {
    if (!this.annotated.sparse || conversionOf(node)!.keepsScale || conversionOf(node)!.heavy)
      return undefined;
    let output = node.outputs[0]!;
    for (;;) {
      if (this.annotated.activation(output) !== undefined) return undefined;
      const [reader, ...others] = this.uses.readers(output);
      if (reader === undefined || others.length > 0 || !isClamp(reader.operator)) break;
      output = reader.outputs[0]!;
    }
    return `nothing states the scale of its result "${output}"`;
  }

  /** Nor need it state one of what the host computes. */
  private missingInputScale(activations: readonly string[]): string | undefined {
    const name = activations.find(
      (value) => this.late.has(value) && this.annotated.activation(value) === undefined,
    );
    return this.annotated.sparse && name !== undefined
      ? `nothing states the scale of its operand "${name}"`
      : undefined;
  }

  warnings(): readonly Diagnostic[] {
    const feeding = this.feeding();
    const between = new Map<string, Node[]>();
    for (const [node, why] of this.unfit) {
      const key = `${node.operator} ${why}`;
      if (feeding.has(node)) between.set(key, [...(between.get(key) ?? []), node]);
    }
    const waits = [...between.values()].map((nodes) =>
      hostBetween(this.graph.name, nodes, this.unfit.get(nodes[0]!)!),
    );
    const behind = [...this.followers].filter(([{ node }, count]) => count > 0 && !feeding.has(node));
    const told = new Set([...feeding, ...behind.map(([{ node }]) => node)]);
    const heavy = this.heavy.filter(({ node }) => !told.has(node)).map((cause) => [cause, 0] as const);
    const tails = [...behind, ...heavy];
    return [...waits, ...tails.map(([{ node, why }, count]) => onHost(this.graph.name, node, why, count))];
  }

  /** Nodes of the host, but those in front of everything, whose results the accelerator reads, or others of them on the way to it. */
  private feeding(): ReadonlySet<Node> {
    const needed = new Set<string>();
    const feeding = new Set<Node>();
    for (const node of this.graph.nodes.toReversed()) {
      const onHost = this.host.has(node);
      if (onHost && !node.outputs.some((name) => needed.has(name) && this.late.has(name))) continue;
      if (onHost) feeding.add(node);
      for (const name of node.inputs) needed.add(name);
    }
    return feeding;
  }
}
