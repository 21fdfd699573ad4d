/**
 * The integer graph under construction: what conversions read and extend. It knows which activations have an int8 form and at
 * what scale, makes the missing ones, and fuses what follows an operator.
 */

import { DiagnosticError, tensor } from '../../base/index.js';
import { type Graph, GraphBuilder, type Node } from '../graph/index.js';
import { type Uses, usesOf } from '../passes/index.js';
import { clampBounds, isClamp, isTabled, tableOf } from './activations.js';
import { absorbedBias } from './affine.js';
import { unknownScale } from './diagnostics.js';
import type { ActivationScale, Annotated } from './types.js';

/** What follows an operator and is computed with it. */
export interface Tail {
  /** The value that the fused operator produces. */
  readonly output: string;
  /** A constant added per channel right behind the operator. */
  readonly bias: readonly number[] | undefined;
  /** Scale in which the accumulator is requantised, bounds, and the table to the output's scale. */
  readonly scale: ActivationScale;
  readonly min: number;
  readonly max: number;
  readonly table: readonly number[] | undefined;
}

/** The state of one emission; conversions read and extend it. */
export class Emission {
  readonly graph: Graph;
  readonly uses: Uses;
  readonly builder: GraphBuilder;
  /** int8 value of each activation; '' where its computation failed. */
  readonly integers = new Map<string, string>();
  private readonly scales = new Map<string, ActivationScale>();
  readonly floats = new Set<string>();
  /** Nodes that another node has taken into its output stage. */
  readonly fused = new Set<Node>();

  constructor(
    readonly annotated: Annotated,
    readonly multiplierBits: number,
  ) {
    this.graph = annotated.graph;
    this.uses = usesOf(annotated.graph);
    this.builder = new GraphBuilder(annotated.graph.name);
  }

  /** Copies a node that stays in float. */
  copyFloat(node: Node): void {
    const inputs = node.inputs.map((name) => (name === '' ? '' : this.floatOf(name)));
    this.builder.node(node.operator, inputs, { ...node, outputs: node.outputs });
    for (const output of node.outputs) this.floats.add(output);
  }

  /** The float form of a value: itself, a constant, or a DequantizeLinear that carries its name. */
  floatOf(name: string): string {
    const value = this.graph.values.get(name)!;
    if (this.floats.has(name)) return name;
    this.floats.add(name);
    if (value.constant !== undefined) return this.builder.constant(name, value.constant);
    const { scale, zeroPoint } = this.scaleOf(name);
    return this.builder.node(
      'DequantizeLinear',
      [this.integers.get(name)!, ...this.scaleConstants(name, scale, zeroPoint)],
      {
        name: `${name}.dequantize`,
        outputs: [name],
      },
    );
  }

  private scaleConstants(name: string, scale: number, zeroPoint: number): [string, string] {
    const stem = this.integers.has(name) ? `${name}.q` : name;
    return [
      this.builder.constant(`${stem}.scale`, tensor('float32', [], Float32Array.of(scale))),
      this.builder.constant(`${stem}.zero`, tensor('int8', [], Int8Array.of(zeroPoint))),
    ];
  }

  /** The int8 form of an activation; a float one gets a QuantizeLinear. */
  integerOf(name: string, reader: Node): string {
    const known = this.integers.get(name);
    if (known !== undefined) return known;
    const { scale, zeroPoint } = this.requiredScale(name, reader);
    const constants = this.scaleConstants(name, scale, zeroPoint);
    const integer = this.builder.node('QuantizeLinear', [this.floatOf(name), ...constants], {
      name: `${name}.quantize`,
      outputs: [`${name}.q`],
    });
    this.define(name, integer, { scale, zeroPoint });
    return integer;
  }

  /** Records that `integer` is the int8 form of `name`. */
  define(name: string, integer: string, scale: ActivationScale): void {
    this.integers.set(name, integer);
    this.scales.set(name, scale);
    this.builder.quantization(integer, { scale: [scale.scale], zeroPoint: [scale.zeroPoint] });
  }

  /** Scale of a value that has an int8 form. */
  scaleOf(name: string): ActivationScale {
    return this.scales.get(name)!;
  }

  /** The scale that a value must have by annotation. */
  requiredScale(name: string, reader: Node): ActivationScale {
    const scale = this.annotated.activation(name);
    if (scale === undefined) throw new DiagnosticError([unknownScale(this.graph.name, reader, name)]);
    return scale;
  }

  /** Adds an integer node that produces the int8 form of `output`. */
  node(
    operator: string,
    node: Node,
    inputs: readonly string[],
    output: string,
    attributes: Node['attributes'],
  ): string {
    const name = this.builder.node(operator, inputs, {
      name: node.name,
      outputs: [`${output}.q`],
      origin: node.origin,
      attributes,
    });
    return name;
  }

  /** The activation functions right behind a node, fused into its output stage. */
  tail(node: Node, acceptsBias: boolean): Tail {
    let output = node.outputs[0]!;
    let bias: readonly number[] | undefined;
    const readerOf = (): Node | undefined => {
      const readers = this.uses.readers(output);
      const free = !this.annotated.sparse || this.annotated.activation(output) === undefined;
      return free && readers.length === 1 && !this.uses.isOutput(output) ? readers[0] : undefined;
    };
    const take = (reader: Node) => {
      this.fused.add(reader);
      output = reader.outputs[0]!;
    };
    let next = readerOf();
    const added = acceptsBias && next !== undefined ? absorbedBias(this.graph, next, output) : undefined;
    if (next !== undefined && added !== undefined) {
      bias = added;
      take(next);
      next = readerOf();
    }
    const clamps: Node[] = [];
    for (; next !== undefined && isClamp(next.operator); next = readerOf()) {
      clamps.push(next);
      take(next);
    }
    if (next !== undefined && clamps.length === 0 && !this.annotated.sparse && isTabled(next.operator)) {
      const scale = this.requiredScale(output, next);
      take(next);
      return {
        output,
        bias,
        scale,
        min: -128,
        max: 127,
        table: tableOf(next, scale, this.requiredScale(output, next)),
      };
    }
    const scale = this.requiredScale(output, node);
    const bounds = clamps.map((c) => clampBounds(c, scale));
    return {
      output,
      bias,
      scale,
      min: Math.max(-128, ...bounds.map((b) => b.min)),
      max: Math.min(127, ...bounds.map((b) => b.max)),
      table: undefined,
    };
  }

  /** Scale of the fused output: behind the table if there is one. */
  outputScale(tail: Tail, node: Node): ActivationScale {
    return tail.table === undefined ? tail.scale : this.requiredScale(tail.output, node);
  }
}
