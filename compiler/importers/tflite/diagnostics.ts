/** The user errors of the TFLite importer, each made by one factory. */

import { DiagnosticError, errorDiagnostic } from '../../../base/index.js';

export function manySubgraphs(file: string, count: number): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tflite/many-subgraphs', `the model has ${count} subgraphs; only one is supported`, {
      where: { kind: 'file', file },
      hint: 'control flow makes further subgraphs: export the network without it',
    }),
  ]);
}

export function badTensor(network: string, value: string, reason: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tflite/bad-tensor', reason, { where: { kind: 'value', network, value } }),
  ]);
}

export function noOutputs(file: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tflite/no-outputs', 'the subgraph has no outputs', { where: { kind: 'file', file } }),
  ]);
}
