/** A graph under rewriting: nodes are replaced one by one, constants added. */

import { type Diagnostic, integerRange, type Tensor } from '../../../base/index.js';
import { activationElement, type Machine } from '../../../models/machine/index.js';
import type { Graph, Node, Value } from '../../graph/index.js';

export class Rewrite {
  readonly values: Map<string, Value>;
  readonly diagnostics: Diagnostic[] = [];
  private readonly producers: Map<string, Node>;
  private readonly readings = new Map<string, number>();

  constructor(
    readonly graph: Graph,
    readonly machine: Machine,
  ) {
    for (const name of graph.nodes.flatMap(({ inputs }) => inputs))
      this.readings.set(name, (this.readings.get(name) ?? 0) + 1);
    this.values = new Map(graph.values);
    this.producers = new Map(
      graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)),
    );
  }

  /** Whether one node reads a value, once, and nobody outside sees it. */
  isAlone(value: string): boolean {
    return this.readings.get(value) === 1 && !this.graph.outputs.includes(value);
  }

  shape(value: string): readonly number[] {
    return this.values.get(value)?.type.shape ?? [];
  }

  constantOf(value: string | undefined): Tensor | undefined {
    return value === undefined ? undefined : this.values.get(value)?.constant;
  }

  producer(value: string): Node | undefined {
    return this.producers.get(value);
  }

  /** Adds a constant under a name not used yet; returns the name. */
  addConstant(stem: string, constant: Tensor): string {
    const { element, shape } = constant;
    return this.add({ name: stem, type: { element, shape }, constant });
  }

  /** Adds an activation that a new node will compute; returns its name. */
  addValue(stem: string, shape: readonly number[]): string {
    return this.add({ name: stem, type: { element: activationElement(this.machine), shape } });
  }

  private add(value: Value): string {
    let name = value.name;
    for (let i = 1; this.values.has(name); i++) name = `${value.name}_${i}`;
    this.values.set(name, { ...value, name });
    return name;
  }
}

/** Output stage attributes that change nothing: times 2, shifted right by 1, never clamped. */
export function copyStage(machine: Machine) {
  return { multiplier: [2], shift: [1], zeroPoint: 0, ...integerRange(machine.elements.activationBits) };
}

/** Replaces a node by others, or keeps it (`undefined`). */
export type NodeRewrite = (rewrite: Rewrite, node: Node) => readonly Node[] | undefined;

/** Applies a rewrite to every node of a graph. */
export function rewriteNodes(
  graph: Graph,
  machine: Machine,
  rule: NodeRewrite,
): { readonly graph: Graph; readonly diagnostics: readonly Diagnostic[] } {
  const rewrite = new Rewrite(graph, machine);
  const nodes = graph.nodes.flatMap((node) => rule(rewrite, node) ?? [node]);
  return { graph: { ...graph, nodes, values: rewrite.values }, diagnostics: rewrite.diagnostics };
}
