/** The user errors of the TensorFlow importers, each made by one factory. */

import { DiagnosticError, errorDiagnostic } from '../../../base/index.js';

export function unknownInput(network: string, value: string, known: readonly string[]): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic(
      'tensorflow/unknown-input',
      'a shape is stated for it, but it is no input of the network',
      {
        where: { kind: 'value', network, value },
        hint: `inputs: ${known.join(', ')}`,
      },
    ),
  ]);
}
