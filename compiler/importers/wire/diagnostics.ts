/** The user errors of the byte layer. */

import { type Diagnostic, errorDiagnostic } from '../../../base/index.js';

const checkers: Readonly<Record<string, string>> = {
  'ONNX model': 'check it with onnx.checker',
};

export function brokenFile(
  file: string,
  byteOffset: number,
  reason: string,
  format = 'ONNX model',
): Diagnostic {
  const check = Object.hasOwn(checkers, format) ? checkers[format] : 'export it again';
  return errorDiagnostic('wire/broken-file', `the file is not a readable ${format}: ${reason}`, {
    where: { kind: 'file', file, byteOffset },
    hint: `the file may be truncated or of another format; ${check}`,
  });
}
