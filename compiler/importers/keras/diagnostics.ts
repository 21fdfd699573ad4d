/** The user errors of the Keras importer, each made by one factory. */

import { type Diagnostic, DiagnosticError, errorDiagnostic } from '../../../base/index.js';

export function brokenFile(file: string, reason: string): Diagnostic {
  return errorDiagnostic('keras/broken-file', `the file is not a readable Keras model: ${reason}`, {
    where: { kind: 'file', file },
    hint: 'the file may be truncated; save it again with model.save("net.h5")',
  });
}

export function noModel(file: string): Diagnostic {
  return errorDiagnostic('keras/no-model', 'the file holds weights only, not the layers of a model', {
    where: { kind: 'file', file },
    hint: 'save the whole model: model.save("net.keras"); or give the JSON of the model and this file with --weights',
  });
}

export function noWeights(file: string): Diagnostic {
  return errorDiagnostic('keras/no-weights', 'the file holds the layers of a model, not their weights', {
    where: { kind: 'file', file },
    hint: 'state their file: --weights net.weights.h5; or save the whole model: model.save("net.keras")',
  });
}

export function badValue(network: string, value: string, reason: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('keras/bad-value', reason, { where: { kind: 'value', network, value } }),
  ]);
}
