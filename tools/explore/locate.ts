/** Places in the text of a space. In: a YAML document and its text. Out: the place of a field, or of a part of a scalar. */

import { type Document, isMap, isScalar, isSeq } from 'yaml';
import { type Place, spanOf } from '../../base/index.js';

/** Place of characters [start, end) of a text. */
export type Locate = (start: number, end: number) => Place;

/** Finds fields of a document in its text. */
export class Locator {
  constructor(
    private readonly document: Document,
    private readonly text: string,
    private readonly file: string,
  ) {}

  /** The value at a path, or the nearest thing around it that is there. */
  place(path: readonly (string | number)[]): Place {
    for (let length = path.length; length >= 0; length--) {
      const range = this.range(path.slice(0, length));
      if (range !== undefined) return this.span(range[0], range[1]);
    }
    return { kind: 'file', file: this.file };
  }

  /** Characters of the scalar at a path; quoted ones start behind the quote. */
  inScalar(path: readonly (string | number)[]): Locate {
    const range = this.range(path);
    if (range === undefined) return () => this.place(path);
    const quoted = /["']/.test(this.text[range[0]] ?? '') ? 1 : 0;
    const at = (offset: number) => Math.min(range[1], range[0] + quoted + offset);
    return (start, end) => this.span(at(start), Math.max(at(end), at(start) + 1));
  }

  span(start: number, end: number): Place {
    return { kind: 'text', file: this.file, source: this.text, span: spanOf(this.text, start, end) };
  }

  private range(path: readonly (string | number)[]): readonly [number, number] | undefined {
    const node = path.length === 0 ? this.document.contents : this.document.getIn(path, true);
    if (!(isScalar(node) || isMap(node) || isSeq(node)) || !node.range) return undefined;
    return [node.range[0], node.range[1]];
  }
}
