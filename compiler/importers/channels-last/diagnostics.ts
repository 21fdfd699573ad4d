/** The user errors that importers of channels-last formats share. */

import { type Diagnostic, DiagnosticError, errorDiagnostic } from '../../../base/index.js';

/** Where a node is, by the name that the file gives it. */
export interface NodePlace {
  readonly network: string;
  readonly node: string;
  readonly operator: string;
}

export function unsupportedNode(layer: string, place: NodePlace, reason: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic(`${layer}/unsupported-node`, `${place.operator}: ${reason}`, {
      where: { kind: 'node', ...place },
    }),
  ]);
}

export function unmappedOperator(layer: string, place: NodePlace): Diagnostic {
  return errorDiagnostic(`${layer}/unmapped-operator`, `operator ${place.operator} is not supported`, {
    where: { kind: 'node', ...place },
    hint: '`systole list operators` prints the supported ones',
  });
}

export function undefinedValue(layer: string, network: string, value: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic(`${layer}/undefined-value`, 'nothing computes this tensor before it is read', {
      where: { kind: 'value', network, value },
    }),
  ]);
}

export function redefinedValue(layer: string, network: string, value: string): Diagnostic {
  return errorDiagnostic(`${layer}/redefined-value`, 'the tensor is defined more than once', {
    where: { kind: 'value', network, value },
  });
}
