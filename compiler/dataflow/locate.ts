/**
 * Where a statement or tensor of a Dataflow stands, as a Place for diagnostics. In: a Dataflow and, where it was parsed, its text.
 * Out: text places; a Dataflow without a text is shown as its printed form (made only when a place is asked for).
 */

import type { Place, SourceSpan } from '../../base/index.js';
import { type PrintedDataflow, printWithLines } from './print.js';
import type { Dataflow, DataflowLayer, DataflowTensor, Statement } from './types.js';

/** The text that a Dataflow was parsed from. */
export interface DataflowSource {
  readonly file: string;
  readonly text: string;
}

export class Locator {
  private printed: PrintedDataflow | undefined;
  private lines: readonly string[] = [];

  constructor(
    private readonly dataflow: Dataflow,
    private readonly source?: DataflowSource,
  ) {}

  place(part: Statement | DataflowLayer | DataflowTensor): Place {
    const span = 'span' in part ? part.span : undefined;
    if (this.source && span) {
      return { kind: 'text', file: this.source.file, source: this.source.text, span };
    }
    return this.printedPlace(part);
  }

  private printedPlace(part: Statement | DataflowLayer | DataflowTensor): Place {
    this.printed ??= printWithLines(this.dataflow);
    if (this.lines.length === 0) this.lines = this.printed.text.split('\n');
    const line = this.printed.lineOf.get(part) ?? 1;
    const file = `${this.dataflow.name}.dataflow (printed)`;
    return { kind: 'text', file, source: this.printed.text, span: this.lineSpan(line) };
  }

  /** A line without its indentation. Its offset is counted from its own line's start only when it is rendered. */
  private lineSpan(line: number): SourceSpan {
    const text = this.lines[line - 1] ?? '';
    let start = 0;
    for (let index = 0; index < line - 1; index++) start += this.lines[index]!.length + 1;
    const indent = text.length - text.trimStart().length;
    return { start: start + indent, end: start + text.length, line, column: indent + 1 };
  }
}
