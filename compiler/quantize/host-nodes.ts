/**
 * Which nodes stay in float on the host: those without integer form and all that follows them, as far as no convolution or dense
 * layer does; and those without integer form in front of everything.
 */

import { type Diagnostic, type Result, succeed } from '../../base/index.js';
import type { Graph, Node } from '../graph/index.js';
import type { Uses } from '../passes/index.js';
import { isClamp } from './activations.js';
import { conversionOf } from './conversions.js';
import { onHost, unsupportedOperator } from './diagnostics.js';
import type { Annotated } from './types.js';

/** Why a node, and what follows it, has no integer form. */
interface Cause {
  readonly node: Node;
  readonly why: string;
}

/** Diagnostics of a success are warnings: operators that the accelerator knows but that have to run on the host. */
export function hostNodes(annotated: Annotated, uses: Uses): Result<ReadonlySet<Node>> {
  const walk = new HostWalk(annotated, uses);
  for (const node of annotated.graph.nodes) walk.visit(node);
  return walk.result();
}

/** Whether a shape operator makes a picture whose channels or pixels are not those of its input. */
function movesPixels(graph: Graph, node: Node): boolean {
  const [from, to] = [node.inputs[0]!, node.outputs[0]!].map((name) => graph.values.get(name)!.type.shape);
  if (to!.length !== 4) return false;
  if (node.operator === 'Transpose') return true;
  return node.operator === 'Reshape' && (from!.length !== 4 || from![1] !== to![1]);
}

class HostWalk {
  private readonly graph: Graph;
  private readonly host = new Set<Node>();
  /** Float values that the host has before the accelerator starts. */
  private readonly prepared: Set<string>;
  /** Float values that it gets after the accelerator, and why. */
  private readonly late = new Map<string, Cause>();
  private readonly followers = new Map<Cause, number>();
  private readonly refused = new Set<Cause>();
  private readonly faults: Diagnostic[] = [];

  constructor(
    private readonly annotated: Annotated,
    private readonly uses: Uses,
  ) {
    this.graph = annotated.graph;
    this.prepared = new Set(this.graph.inputs);
  }

  visit(node: Node): void {
    const why = this.refusal(node);
    const activations = node.inputs.filter(
      (name) => name !== '' && this.graph.values.get(name)!.constant === undefined,
    );
    const behind = activations.map((name) => this.late.get(name)).find((cause) => cause !== undefined);
    if (why === undefined && behind === undefined) {
      this.rearrange(node, activations);
      return;
    }
    if (conversionOf(node)?.heavy) {
      this.refuse(node, behind ?? { node, why: why! });
      return;
    }
    this.host.add(node);
    if (behind === undefined && activations.every((name) => this.prepared.has(name))) {
      for (const output of node.outputs) this.prepared.add(output);
    } else this.follow(node, behind ?? { node, why: why! }, behind !== undefined && why === undefined);
  }

  /** The host lays out the input: a picture that arrives channels-last is transposed before the accelerator starts. */
  private rearrange(node: Node, activations: readonly string[]): void {
    const prepared = activations.length > 0 && activations.every((name) => this.prepared.has(name));
    if (!prepared || !movesPixels(this.graph, node)) return;
    // A matrix product takes its rows in any order, so the reshaping before it costs nothing on the accelerator.
    const readers = this.uses.readers(node.outputs[0]!);
    if (readers.some(({ operator }) => operator === 'Gemm' || operator === 'MatMul')) return;
    this.host.add(node);
    for (const output of node.outputs) this.prepared.add(output);
  }

  /** One fault a cause: what else it keeps from the accelerator follows from the first. */
  private refuse(node: Node, cause: Cause): void {
    if (this.refused.has(cause)) return;
    this.refused.add(cause);
    const reader = cause.node === node ? undefined : node;
    this.faults.push(unsupportedOperator(this.graph.name, cause.node, cause.why, reader));
  }

  private follow(node: Node, cause: Cause, capable: boolean): void {
    for (const output of node.outputs) this.late.set(output, cause);
    if (capable) this.followers.set(cause, (this.followers.get(cause) ?? 0) + 1);
  }

  private refusal(node: Node): string | undefined {
    const conversion = conversionOf(node);
    if (conversion === undefined) return 'the operator is not known to the accelerator';
    return conversion.refuses(this.graph, node) ?? this.missingScale(node);
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

  result(): Result<ReadonlySet<Node>> {
    if (this.faults.length > 0) return { ok: false, diagnostics: this.faults };
    const warnings = [...this.followers].map(([{ node, why }, count]) =>
      onHost(this.graph.name, node, why, count),
    );
    return succeed(this.host, warnings);
  }
}
