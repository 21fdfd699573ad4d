/** The user errors of the TF.js importer, each made by one factory. */

import { DiagnosticError, errorDiagnostic } from '../../../base/index.js';

export function brokenModel(file: string, reason: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tfjs/broken-model', `this is not a readable TF.js model: ${reason}`, {
      where: { kind: 'file', file },
      hint: 'a TF.js model is a model.json with its weight files beside it',
    }),
  ]);
}

export function missingShard(file: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tfjs/missing-weights', 'this weight file is not beside model.json', {
      where: { kind: 'file', file },
      hint: 'keep model.json and all its weight files in one folder',
    }),
  ]);
}

export function badWeight(file: string, weight: string, reason: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('tfjs/bad-weight', `weight "${weight}": ${reason}`, { where: { kind: 'file', file } }),
  ]);
}
