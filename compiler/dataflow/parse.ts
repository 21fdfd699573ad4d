/**
 * Dataflow text to a Dataflow. In: text and its file name. Out: the Dataflow (operations, loops and layers with their spans),
 * or located diagnostics of every faulty line.
 */

import {
  type Diagnostic,
  type ElementType,
  fail,
  InternalError,
  type Place,
  type Result,
  type SourceSpan,
  succeed,
} from '../../base/index.js';
import { actAddress, type BlockedLayout, exchangedLayout, type SegmentKind } from '../isa/index.js';
import * as diagnostics from './diagnostics.js';
import type { LayerLine, Line, LineSpan, OperationLine, TensorLine } from './line.js';
import { buildOperation } from './operation.js';
import { parseLine } from './semantics.js';
import type { Dataflow, DataflowLayer, DataflowTensor, Statement } from './types.js';

export function parseDataflow(text: string, file = 'dataflow'): Result<Dataflow> {
  return new TextParser(text, file).parse();
}

export const segmentKinds = [
  'input',
  'output',
  'tensor',
  'weights',
  'parameters',
  'table',
] as const satisfies readonly SegmentKind[];
const elementTypes: readonly ElementType[] = ['int4', 'int8', 'uint8', 'int16', 'int32', 'uint32'];
/** Of activations; others have no blocked layout that a machine takes. */
const elementBits: ReadonlyMap<ElementType, number> = new Map([
  ['int4', 4],
  ['int8', 8],
  ['int16', 16],
]);

interface OpenLayer {
  readonly kind: 'layer';
  readonly line: LayerLine;
  readonly span: SourceSpan;
  readonly body: Statement[];
}

interface OpenLoop {
  readonly kind: 'loop';
  readonly variable: string;
  readonly count: number;
  readonly span: SourceSpan;
  readonly body: Statement[];
}

class TextParser {
  private readonly faults: Diagnostic[] = [];
  private readonly tensors: DataflowTensor[] = [];
  private readonly layers: DataflowLayer[] = [];
  private readonly open: (OpenLayer | OpenLoop)[] = [];
  private header: { readonly name: string; readonly machine: string } | undefined;
  private headerWanted = true;
  private start = 0;
  private lineNumber = 0;
  private lineText = '';

  constructor(
    private readonly source: string,
    private readonly file: string,
  ) {}

  parse(): Result<Dataflow> {
    for (const line of this.source.split('\n')) {
      this.lineNumber += 1;
      this.lineText = line;
      this.readLine(parseLine(line));
      this.start += line.length + 1;
    }
    for (const block of this.open) {
      this.faults.push(diagnostics.unclosed(block.kind, this.textPlace(block.span)));
    }
    if (this.headerWanted) this.faults.push(diagnostics.missingHeader(this.textPlace(emptySpan)));
    if (this.faults.length > 0) return fail(...this.faults);
    if (!this.header) throw new InternalError('dataflow text parsed without a header');
    return succeed({ ...this.header, tensors: this.tensors, layers: this.layers });
  }

  private textPlace(span: SourceSpan): Place {
    return { kind: 'text', file: this.file, source: this.source, span };
  }

  private at(span: LineSpan): Place {
    return this.textPlace(this.spanOf(span));
  }

  private spanOf({ start, end }: LineSpan): SourceSpan {
    return { start: this.start + start, end: this.start + end, line: this.lineNumber, column: start + 1 };
  }

  /** The line without its indentation and comment. */
  private lineSpan(): SourceSpan {
    const start = this.lineText.length - this.lineText.trimStart().length;
    return this.spanOf({ start, end: Math.max(start, this.lineText.trimEnd().length) });
  }

  private readLine(
    line: Line | { readonly kind: 'fault'; readonly offset: number; readonly expected: string },
  ): void {
    if (line.kind === 'blank') return;
    if (line.kind === 'fault') {
      this.headerWanted = false;
      this.faults.push(
        diagnostics.syntax(line.expected, this.at({ start: line.offset, end: line.offset + 1 })),
      );
      return;
    }
    if (this.headerWanted && line.kind !== 'header') {
      this.faults.push(diagnostics.missingHeader(this.textPlace(this.lineSpan())));
    }
    const first = this.headerWanted;
    this.headerWanted = false;
    switch (line.kind) {
      case 'header':
        if (first) this.header = { name: line.name, machine: line.machine };
        else this.misplaced('the header', 'it is the first line');
        break;
      case 'tensor':
        this.readTensor(line);
        break;
      case 'layer':
        this.openLayer(line);
        break;
      case 'loop':
        this.openLoop(line);
        break;
      case 'close':
        this.close();
        break;
      case 'operation':
        this.readOperation(line);
        break;
    }
  }

  private misplaced(what: string, rule: string): void {
    this.faults.push(diagnostics.misplaced(what, rule, this.textPlace(this.lineSpan())));
  }

  private readTensor(line: TensorLine): void {
    if (this.layers.length > 0 || this.open.length > 0) {
      this.misplaced('a tensor', 'tensors are declared before the first layer');
    }
    const { name, layout } = line;
    if (this.tensors.some((t) => t.name === name.text)) {
      this.faults.push(diagnostics.duplicateTensor(name.text, this.at(name)));
    }
    const kind = segmentKinds.find((k) => k === line.segment.text);
    const element = elementTypes.find((e) => e === line.element.text);
    if (!kind) this.unknownName('a tensor kind', line.segment, segmentKinds);
    if (!element) this.unknownName('an element type', line.element, elementTypes);
    if (layout && layout.shape.length !== 4) {
      this.faults.push(diagnostics.tensorShape(layout.shape.length, this.at(name)));
    }
    if (!kind || !element) return;
    this.tensors.push({
      name: name.text,
      kind,
      address: line.address,
      bytes: line.bytes,
      element,
      ...(layout ? { layout: blocked(layout, element) } : {}),
      ...(line.value === undefined ? {} : { value: line.value }),
    });
  }

  private unknownName(
    what: string,
    given: LineSpan & { readonly text: string },
    known: readonly string[],
  ): void {
    this.faults.push(diagnostics.unknownName(what, given.text, known, this.at(given)));
  }

  private openLayer(line: LayerLine): void {
    if (this.open.length > 0) this.misplaced('a layer', 'layers do not nest');
    this.open.push({ kind: 'layer', line, span: this.lineSpan(), body: [] });
  }

  private openLoop(line: Extract<Line, { kind: 'loop' }>): void {
    if (this.open.length === 0) this.misplaced('a loop', 'operations stand in a layer');
    const variable = line.variable.text;
    if (this.open.some((block) => block.kind === 'loop' && block.variable === variable)) {
      this.faults.push(diagnostics.shadowedVariable(variable, this.at(line.variable)));
    }
    if (line.count < 1) this.faults.push(diagnostics.loopCount(line.count, this.textPlace(this.lineSpan())));
    this.open.push({ kind: 'loop', variable, count: line.count, span: this.lineSpan(), body: [] });
  }

  private close(): void {
    const block = this.open.pop();
    if (!block) {
      this.misplaced('}', 'no layer or loop is open');
      return;
    }
    if (block.kind === 'layer') {
      const { name, node, operator, macs, output, kept } = block.line;
      this.layers.push({
        name,
        node,
        operator,
        macs,
        output: output.text,
        ...(kept && {
          kept: {
            address: actAddress(kept.bank, kept.row),
            pitch: kept.pitch,
            blockRows: kept.blockRows,
            pictureRows: kept.pictureRows,
          },
        }),
        body: block.body,
        span: block.span,
      });
      return;
    }
    const { variable, count, body, span } = block;
    this.open.at(-1)?.body.push({ kind: 'loop', variable, count, body, span });
  }

  private readOperation(line: OperationLine): void {
    const context = { at: (span: LineSpan) => this.at(span), faults: this.faults, span: this.lineSpan() };
    const block = this.open.at(-1);
    if (!block) this.misplaced('an operation', 'operations stand in a layer');
    const operation = buildOperation(line, context);
    if (operation) block?.body.push(operation);
  }
}

const emptySpan: SourceSpan = { start: 0, end: 0, line: 1, column: 1 };

function blocked(
  { shape, lanes, pitch, exchanged }: NonNullable<TensorLine['layout']>,
  element: ElementType,
): BlockedLayout {
  const [batch = 1, channels = 1, height = 1, width = 1] = shape;
  const layout = { batch, channels, height, width, lanes, pitch, bits: elementBits.get(element) ?? 8 };
  return exchanged ? exchangedLayout(layout) : layout;
}
