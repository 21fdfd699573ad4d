/** What the code generator has no rule for, and clocks used as data. In: a design. Out: diagnostics at the cells' lines. */

import type { Diagnostic } from '../../base/index.js';
import { type Design, type Operand, operandWidth } from './design.js';
import { clockAsData, placeOfSource, unsupportedCell } from './diagnostics.js';
import { NARROW } from './fuse.js';
import type { SourceFile } from './netlist.js';

export function checkDesign(design: Design, files: readonly SourceFile[]): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  for (const { type, path, src, width, a, b, bSigned } of design.cells) {
    const place = placeOfSource(files, src);
    if (type === '$pow' && Math.max(width, operandWidth(a), operandWidth(b)) > NARROW) {
      diagnostics.push(unsupportedCell('$pow of more than 64 bits', path, place));
    }
    if ((type === '$shift' || type === '$shiftx') && bSigned && operandWidth(b) > NARROW) {
      diagnostics.push(unsupportedCell(`${type} by a signed word wider than 64 bits`, path, place));
    }
  }
  return [...diagnostics, ...clockReaders(design, files)];
}

/** Everything that reads the clock other than as a clock: it has no value within a cycle. */
function clockReaders(design: Design, files: readonly SourceFile[]): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const clock = design.inputs.find(({ name }) => name === design.clock)?.signal;
  if (clock === undefined) return diagnostics;
  const check = (path: string, src: string | undefined, operands: readonly (Operand | undefined)[]) => {
    if (!operands.some((operand) => operand && reads(operand, clock))) return;
    const source = design.sourceOf(path);
    const place = placeOfSource(files, src) ?? placeOfSource(files, source.src);
    diagnostics.push(clockAsData(source.name, place));
  };
  for (const { path, src, a, b, s } of design.cells) check(path, src, [a, b, s]);
  for (const { path, src, d, enable, reset } of design.registers)
    check(path, src, [d, enable?.bit, reset?.bit]);
  for (const { path, src, writes } of design.memories)
    check(
      path,
      src,
      writes.flatMap(({ address, data, enable }) => [address, data, enable]),
    );
  return diagnostics;
}

function reads(operand: Operand, signal: number): boolean {
  return operand.some((piece) => piece.kind !== 'constant' && piece.signal === signal);
}
