/** The user errors of the byte layer. */

import { type Diagnostic, errorDiagnostic } from '../../../base/index.js';

export function brokenFile(file: string, byteOffset: number, reason: string): Diagnostic {
  return errorDiagnostic('wire/broken-file', `the file is not a readable ONNX model: ${reason}`, {
    where: { kind: 'file', file, byteOffset },
    hint: 'the file may be truncated or of another format; check it with onnx.checker',
  });
}
