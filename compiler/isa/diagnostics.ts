/** Diagnostics of the instruction set layer: encoding, assembly text and DRAM images. One factory a code. */

import { type Diagnostic, errorDiagnostic, type Place } from '../../base/index.js';

/** The optional `where` of a diagnostic as a record that can be spread (exactOptionalPropertyTypes). */
const at = (where: Place | undefined) => (where ? { where } : {});

export function fieldRange(
  fault: { mnemonic: string; field: string; value: number | undefined; low: number; high: number },
  where?: Place,
): Diagnostic {
  const { mnemonic, field, value, low, high } = fault;
  return errorDiagnostic(
    'isa/field-range',
    `field ${field} of ${mnemonic} is ${value}; it must be an integer from ${low} to ${high}`,
    at(where),
  );
}

export function countZero(mnemonic: string, field: string, where?: Place): Diagnostic {
  return errorDiagnostic(
    'isa/count-zero',
    `count ${field} of ${mnemonic} is 0; it must be at least 1`,
    at(where),
  );
}

export function missingField(mnemonic: string, field: string, where?: Place): Diagnostic {
  return errorDiagnostic('isa/missing-field', `${mnemonic} lacks its field ${field}`, at(where));
}

export function unknownField(mnemonic: string, field: string, where?: Place): Diagnostic {
  return errorDiagnostic('isa/unknown-field', `${mnemonic} has no field ${field}`, at(where));
}

export function duplicateField(mnemonic: string, field: string, where?: Place): Diagnostic {
  return errorDiagnostic('isa/duplicate-field', `${field} of ${mnemonic} is given twice`, at(where));
}

export function maskRange(
  mnemonic: string,
  mask: 'wait' | 'signal',
  value: number,
  where?: Place,
): Diagnostic {
  return errorDiagnostic(
    'isa/mask-range',
    `${mask} mask of ${mnemonic} is ${value}; it must be an integer from 0 to 15`,
    at(where),
  );
}

export function ownUnitMask(
  mnemonic: string,
  mask: 'wait' | 'signal',
  unit: string,
  where?: Place,
): Diagnostic {
  return errorDiagnostic(
    'isa/own-unit',
    `${mnemonic} runs on ${unit}, so its ${mask} mask cannot name ${unit}`,
    {
      ...at(where),
      hint: 'a unit executes its instructions in order; it needs no semaphore towards itself',
    },
  );
}

export function endMask(mask: 'wait' | 'signal', where?: Place): Diagnostic {
  return errorDiagnostic('isa/end-mask', `end runs on no unit, so it cannot ${mask}`, at(where));
}

export function unknownOpcode(opcode: number, where?: Place): Diagnostic {
  return errorDiagnostic('isa/unknown-opcode', `opcode ${opcode} is not in the instruction set`, at(where));
}

export function unusedBits(mnemonic: string, bit: number, where?: Place): Diagnostic {
  return errorDiagnostic(
    'isa/unused-bits',
    `bit ${bit} of a ${mnemonic} word is set, but ${mnemonic} does not use it`,
    at(where),
  );
}

export function wordLength(bytes: number, where?: Place): Diagnostic {
  return errorDiagnostic(
    'isa/word-length',
    `${bytes} bytes are not a whole number of 32-byte instruction words`,
    at(where),
  );
}

export function syntax(expected: string, found: string, where: Place): Diagnostic {
  return errorDiagnostic('isa/syntax', `expected ${expected}, found ${found}`, { where });
}

export function unknownMnemonic(name: string, known: readonly string[], where: Place): Diagnostic {
  return errorDiagnostic('isa/unknown-mnemonic', `there is no instruction ${name}`, {
    where,
    hint: `the instructions are ${known.join(', ')}`,
  });
}

export function unknownName(what: string, name: string, known: readonly string[], where: Place): Diagnostic {
  return errorDiagnostic('isa/unknown-name', `${name} is not a ${what}`, {
    where,
    hint: `one of ${known.join(', ')}`,
  });
}

export function layoutRank(shape: readonly number[], where?: Place): Diagnostic {
  return errorDiagnostic(
    'isa/layout-shape',
    `a tensor of shape [${shape.join(',')}] has no blocked layout; it must be [N,K] or [N,C,H,W] with extents of 1 or more`,
    at(where),
  );
}

export function layoutMismatch(
  shape: readonly number[],
  expected: readonly number[],
  where?: Place,
): Diagnostic {
  return errorDiagnostic(
    'isa/layout-mismatch',
    `a tensor of shape [${shape.join(',')}] does not fit a layout of [${expected.join(',')}]`,
    at(where),
  );
}

export function layoutElement(element: string, expected: string, where?: Place): Diagnostic {
  return errorDiagnostic(
    'isa/layout-element',
    `activations are ${expected}, this tensor is ${element}`,
    at(where),
  );
}

export function outsideDram(
  what: { address: number; bytes: number; dramBytes: number },
  where?: Place,
): Diagnostic {
  const end = what.address + what.bytes;
  return errorDiagnostic(
    'isa/outside-dram',
    `bytes ${what.address} to ${end - 1} lie outside the ${what.dramBytes} bytes of DRAM`,
    at(where),
  );
}

export function missingInput(value: string, where: Place): Diagnostic {
  return errorDiagnostic('isa/missing-input', `no tensor was given for input ${value}`, { where });
}

export function unknownInput(value: string, known: readonly string[], where: Place): Diagnostic {
  return errorDiagnostic('isa/unknown-input', `the program has no input ${value}`, {
    where,
    hint: `its inputs are ${known.join(', ') || '(none)'}`,
  });
}

export function unknownValue(value: string, where: Place): Diagnostic {
  return errorDiagnostic('isa/unknown-value', `no activation tensor of the program holds value ${value}`, {
    where,
  });
}

export function segmentSize(segment: string, bytes: number, expected: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'isa/segment-size',
    `segment ${segment} is ${bytes} bytes long, its contents are ${expected}`,
    { where },
  );
}
