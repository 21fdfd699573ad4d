/** What the code generator has no rule for, and clocks used as data. In: a design. Out: diagnostics at the cells' lines. */

import type { Diagnostic } from '../../base/index.js';
import { constantValue, type Design, type Operand, operandWidth } from './design.js';
import { clockAsData, placeOfSource, unsupportedCell } from './diagnostics.js';
import type { SourceFile } from './netlist.js';

/** Largest constant exponent that is unrolled. */
const MOST_POWER = 64n;

export function checkDesign(design: Design, files: readonly SourceFile[]): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const clock = design.inputs.find(({ name }) => name === design.clock)?.signal;
  for (const { type, path, src, width, a, b, s, bSigned } of design.cells) {
    const place = placeOfSource(files, src);
    if ([a, b, s].some((operand) => reads(operand, clock))) diagnostics.push(clockAsData(path, place));
    const exponent = constantValue(b);
    if (
      type === '$pow' &&
      (exponent === undefined || exponent > MOST_POWER || width > 64 || operandWidth(a) > 64)
    ) {
      diagnostics.push(unsupportedCell('$pow with a variable exponent or more than 64 bits', path, place));
    }
    if ((type === '$shift' || type === '$shiftx') && bSigned && operandWidth(b) > 64) {
      diagnostics.push(unsupportedCell(`${type} by a signed word wider than 64 bits`, path, place));
    }
  }
  for (const { path, src, d, enable, reset } of design.registers) {
    if ([d, enable?.bit ?? [], reset?.bit ?? []].some((operand) => reads(operand, clock))) {
      diagnostics.push(clockAsData(path, placeOfSource(files, src)));
    }
  }
  return diagnostics;
}

function reads(operand: Operand, signal: number | undefined): boolean {
  return operand.some((piece) => piece.kind !== 'constant' && piece.signal === signal);
}
