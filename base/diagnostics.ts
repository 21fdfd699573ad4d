/**
 * What is wrong with an input, as a value. In: a code of the table {@link CODES} and where the fault is.
 * Out: a {@link Diagnostic} that `renderDiagnostic` turns into text. Diagnostics are collected, not thrown one
 * by one; a stage that cannot go on returns them in a {@link Result} (or throws {@link DiagnosticError}, which
 * the programs on top catch and render; it never means a bug).
 */

/** A half-open range of UTF-16 offsets `[start, end)` of a source text, with the 1-based line and column of `start`. */
export interface SourceSpan {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;
}

/** Where the fault is: the most precise place that is known. */
export type Place =
  | { readonly kind: 'file'; readonly file: string; readonly byteOffset?: number }
  | { readonly kind: 'text'; readonly file: string; readonly source: string; readonly span: SourceSpan }
  | {
      readonly kind: 'node';
      readonly network: string;
      /** In the user's file. */
      readonly node: string;
      readonly operator: string;
      /** In the graph, where several nodes can come from one of the file; not shown. */
      readonly id?: string;
    }
  | { readonly kind: 'value'; readonly network: string; readonly value: string }
  | { readonly kind: 'machine'; readonly machine: string; readonly path: string }
  | { readonly kind: 'instruction'; readonly program: string; readonly index: number; readonly text: string }
  | { readonly kind: 'option'; readonly option: string };

export type Severity = 'error' | 'warning' | 'note';

export interface Diagnostic {
  /** Stable identity, e.g. `onnx/unmapped-operator`; the part before the slash is the layer. */
  readonly code: string;
  readonly severity: Severity;
  /** One sentence: what is wrong, with the offending value. */
  readonly message: string;
  readonly where?: Place;
  readonly related?: readonly { readonly message: string; readonly where: Place }[];
  /** What the user can do about it. */
  readonly hint?: string;
}

export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function succeed<T>(value: T, diagnostics: readonly Diagnostic[] = []): Result<T> {
  return { ok: true, value, diagnostics };
}

export function fail<T = never>(...diagnostics: readonly Diagnostic[]): Result<T> {
  return { ok: false, diagnostics };
}

/** Carries diagnostics through code that cannot go on. Caught by whoever promises a {@link Result}. */
export class DiagnosticError extends Error {
  override readonly name = 'DiagnosticError';
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
  }
}

/** The value of a result, or a {@link DiagnosticError} with its diagnostics. */
export function unwrap<T>(result: Result<T>): T {
  if (!result.ok) throw new DiagnosticError(result.diagnostics);
  return result.value;
}

/** Runs `body`; a {@link DiagnosticError} becomes a failed result, every other error passes through. */
export function collect<T>(body: () => T): Result<T> {
  try {
    return succeed(body());
  } catch (error) {
    if (error instanceof DiagnosticError) return { ok: false, diagnostics: error.diagnostics };
    throw error;
  }
}

/** An error diagnostic; the layers' own factories (`<layer>/diagnostics.ts`) are its only callers. */
export function errorDiagnostic(
  code: string,
  message: string,
  rest: Omit<Diagnostic, 'code' | 'severity' | 'message'> = {},
): Diagnostic {
  return { code, severity: 'error', message, ...rest };
}

/** A warning diagnostic: the result stands, the user should know. */
export function warningDiagnostic(
  code: string,
  message: string,
  rest: Omit<Diagnostic, 'code' | 'severity' | 'message'> = {},
): Diagnostic {
  return { code, severity: 'warning', message, ...rest };
}

/**
 * Renders one diagnostic as text, for example
 * ```text
 * error[onnx/unmapped-operator]: operator NonZero is not supported
 *   --> net.onnx, node "mask" (NonZero)
 *   = hint: ...
 * ```
 * A text place is shown with its line and a caret under the span.
 */
export function renderDiagnostic(diagnostic: Diagnostic): string {
  const lines = [`${diagnostic.severity}[${diagnostic.code}]: ${diagnostic.message}`];
  if (diagnostic.where) lines.push(...renderPlace(diagnostic.where));
  for (const related of diagnostic.related ?? []) {
    lines.push(`  note: ${related.message}`, ...renderPlace(related.where));
  }
  if (diagnostic.hint) lines.push(`  = hint: ${diagnostic.hint}`);
  return lines.join('\n');
}

function renderPlace(place: Place): string[] {
  switch (place.kind) {
    case 'file':
      return [`  --> ${place.file}${place.byteOffset === undefined ? '' : `, byte ${place.byteOffset}`}`];
    case 'text':
      return renderFrame(place.file, place.source, place.span);
    case 'node':
      return [`  --> ${place.network}, node "${place.node}" (${place.operator})`];
    case 'value':
      return [`  --> ${place.network}, tensor "${place.value}"`];
    case 'machine':
      return [`  --> machine ${place.machine}, ${place.path}`];
    case 'instruction':
      return [`  --> ${place.program}, instruction ${place.index}: ${place.text}`];
    case 'option':
      return [`  --> ${place.option}`];
  }
}

function renderFrame(file: string, source: string, span: SourceSpan): string[] {
  const text = source.split('\n')[span.line - 1] ?? '';
  const gutter = String(span.line);
  const blank = ' '.repeat(gutter.length);
  const width = Math.max(1, Math.min(span.end - span.start, text.length - span.column + 1));
  return [
    `  --> ${file}:${span.line}:${span.column}`,
    ` ${blank} |`,
    ` ${gutter} | ${text}`,
    ` ${blank} | ${' '.repeat(span.column - 1)}${'^'.repeat(width)}`,
  ];
}

/** The span `[start, end)` of `source`, with its line and column computed. */
export function spanOf(source: string, start: number, end: number): SourceSpan {
  const before = source.slice(0, start);
  const line = before.split('\n').length;
  return { start, end, line, column: start - (before.lastIndexOf('\n') + 1) + 1 };
}
