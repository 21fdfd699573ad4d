/** Diagnostics of dataflow text: one factory a code. The verifier's own stand in verify/diagnostics.ts. */

import { type Diagnostic, errorDiagnostic, type Place } from '../../base/index.js';

export function syntax(expected: string, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/syntax', `expected ${expected}`, { where });
}

export function missingHeader(where: Place): Diagnostic {
  return errorDiagnostic('dataflow/missing-header', 'the first line must be: dataflow "NAME" on "MACHINE"', {
    where,
  });
}

export function misplaced(what: string, rule: string, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/misplaced', `${what} cannot stand here: ${rule}`, { where });
}

export function unclosed(what: string, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/unclosed', `this ${what} has no closing }`, { where });
}

export function unknownOperation(name: string, known: readonly string[], where: Place): Diagnostic {
  return errorDiagnostic('dataflow/unknown-operation', `there is no operation ${name}`, {
    where,
    hint: `the operations are ${known.join(', ')}`,
  });
}

export function unknownName(what: string, name: string, known: readonly string[], where: Place): Diagnostic {
  return errorDiagnostic('dataflow/unknown-name', `${name} is not ${what}`, {
    where,
    hint: `one of ${known.join(', ')}`,
  });
}

export function wrongOperand(operation: string, expected: string, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/operand', `${operation} needs ${expected} here`, { where });
}

export function missingPhrase(operation: string, word: string, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/missing-phrase', `${operation} lacks its phrase "${word} ..."`, { where });
}

export function duplicatePhrase(operation: string, word: string, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/duplicate-phrase', `${word} of ${operation} is given twice`, { where });
}

export function unknownPhrase(
  operation: string,
  word: string,
  known: readonly string[],
  where: Place,
): Diagnostic {
  return errorDiagnostic('dataflow/unknown-phrase', `${operation} has no phrase ${word}`, {
    where,
    hint: known.length > 0 ? `its phrases are ${known.join(', ')}` : 'it has none',
  });
}

export function phraseArity(
  fault: { word: string; part: 'values' | 'by'; given: number; needed: number },
  where: Place,
): Diagnostic {
  const part = fault.part === 'by' ? `the "by" part of ${fault.word}` : fault.word;
  return errorDiagnostic(
    'dataflow/arity',
    `${part} takes ${fault.needed} numbers, ${fault.given} are given`,
    { where },
  );
}

export function rowInBank(row: number, rows: number, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/address', `row ${row} of a bank:row address must be 0 to ${rows - 1}`, {
    where,
  });
}

export function duplicateTensor(name: string, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/duplicate-tensor', `tensor %${name} is declared twice`, { where });
}

export function shadowedVariable(name: string, where: Place): Diagnostic {
  return errorDiagnostic(
    'dataflow/duplicate-variable',
    `${name} is the variable of an enclosing loop already`,
    {
      where,
    },
  );
}

export function loopCount(count: number, where: Place): Diagnostic {
  return errorDiagnostic('dataflow/loop-count', `a loop runs 1 or more times, not ${count}`, { where });
}

export function tensorShape(rank: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'dataflow/tensor-shape',
    `a blocked tensor has the shape [N,C,H,W], this one has ${rank} extents`,
    {
      where,
    },
  );
}
