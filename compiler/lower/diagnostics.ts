/** Diagnostics of lowering: constants that do not fit their tensors. */

import { type Diagnostic, errorDiagnostic, type Place } from '../../base/index.js';

export function missingData(tensor: string, where: Place): Diagnostic {
  return errorDiagnostic('lower/missing-data', `constant tensor %${tensor} has no data in the image`, {
    where,
  });
}

export function dataSize(tensor: string, bytes: number, given: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'lower/data-size',
    `tensor %${tensor} has ${bytes} bytes, the image holds ${given}`,
    { where },
  );
}

export function unknownData(name: string, where: Place): Diagnostic {
  return errorDiagnostic(
    'lower/unknown-data',
    `the image holds data for ${name}, which is no constant tensor`,
    { where },
  );
}

export function outOfMemory(bytes: number, addressBits: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'lower/out-of-memory',
    `tensors and program need ${bytes} bytes of DRAM, addresses reach 2^${addressBits}`,
    { where, ...(addressBits < 32 && { hint: 'more bus.addressBits' }) },
  );
}
