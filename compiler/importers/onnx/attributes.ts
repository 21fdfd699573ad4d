/**
 * Attributes of an ONNX node, read by name and kind. The reader remembers what was asked for: what remains unread at the
 * end is an attribute that the importer does not know, and so would silently ignore.
 */

import { DiagnosticError, type Tensor } from '../../../base/index.js';
import { type OnnxAttribute, type OnnxGraph, type OnnxNode, wireNumber } from '../wire/index.js';
import { type NodePlace, unsupportedAttribute } from './diagnostics.js';
import { readTensor } from './tensor.js';

/** AttributeProto.AttributeType. */
const codes = { float: 1, int: 2, string: 3, tensor: 4, floats: 6, ints: 7, strings: 8, graph: 5 } as const;
type Kind = keyof typeof codes;

export class OnnxAttributes {
  private readonly unread: Map<string, OnnxAttribute>;
  private readonly all: Map<string, OnnxAttribute>;

  constructor(
    node: OnnxNode,
    private readonly place: NodePlace,
  ) {
    this.all = new Map(node.attribute.map((attribute) => [attribute.name, attribute]));
    this.unread = new Map(this.all);
  }

  has(name: string): boolean {
    return this.all.has(name);
  }

  int(name: string, fallback: number): number {
    const found = this.find(name, 'int');
    return found === undefined ? fallback : wireNumber(found.i);
  }

  /** An int that means yes (not 0) or no (0). */
  flag(name: string, fallback: boolean): boolean {
    return this.int(name, fallback ? 1 : 0) !== 0;
  }

  ints(name: string): readonly number[] | undefined {
    return this.find(name, 'ints')?.ints.map(wireNumber);
  }

  float(name: string, fallback: number): number {
    return this.find(name, 'float')?.f ?? fallback;
  }

  floats(name: string): readonly number[] | undefined {
    return this.find(name, 'floats')?.floats;
  }

  string(name: string, fallback: string): string {
    const found = this.find(name, 'string');
    return found === undefined ? fallback : new TextDecoder().decode(Uint8Array.from(found.s));
  }

  strings(name: string): readonly string[] | undefined {
    return this.find(name, 'strings')?.strings.map((text) => new TextDecoder().decode(Uint8Array.from(text)));
  }

  tensor(name: string): Tensor | undefined {
    const stored = this.find(name, 'tensor')?.t;
    if (stored === undefined || stored === null) return undefined;
    const tensor = readTensor(stored);
    return 'fault' in tensor ? this.refuse(name, `holds no usable tensor: ${tensor.fault}`) : tensor;
  }

  /** A body. */
  graph(name: string): OnnxGraph | undefined {
    return this.find(name, 'graph')?.g ?? undefined;
  }

  /** States that an attribute has no meaning at inference. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.unread.delete(name);
  }

  /** Stops the import of the node: this attribute is one it cannot honour. */
  refuse(name: string, reason: string): never {
    throw new DiagnosticError([unsupportedAttribute(this.place, name, reason)]);
  }

  /** Throws a diagnostic for every attribute that nobody read. */
  finish(): void {
    const names = [...this.unread.keys()];
    if (names.length > 0)
      throw new DiagnosticError(names.map((name) => unsupportedAttribute(this.place, name, 'is unknown')));
  }

  private find(name: string, kind: Kind): OnnxAttribute | undefined {
    this.unread.delete(name);
    const found = this.all.get(name);
    if (found === undefined) return undefined;
    if (found.refAttrName !== '') this.refuse(name, 'refers to an attribute of a function');
    // Files older than IR version 2 leave the type out: then the kind asked for is trusted.
    if (found.type !== codes[kind] && found.type !== 0) this.refuse(name, `is not of kind ${kind}`);
    return found;
  }
}
