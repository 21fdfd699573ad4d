/** What the verifier can find wrong with a dataflow or a program: one factory a code, all `verify/...`. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../../base/index.js';

type Related = NonNullable<Diagnostic['related']>;

export function tooLong(limit: number, where: Place): Diagnostic {
  return errorDiagnostic('verify/too-long', `the loops expand to more than ${limit} instructions`, { where });
}

export function unboundVariable(what: string, variable: string, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/unbound-variable',
    `${what} names ${variable}, which is no variable of an enclosing loop`,
    { where },
  );
}

export function unknownTensor(tensor: string, where: Place): Diagnostic {
  return errorDiagnostic('verify/unknown-tensor', `tensor %${tensor} is not declared`, { where });
}

export function wrongMachine(made: string, machine: string, where: Place): Diagnostic {
  return errorDiagnostic('verify/machine', `this was made for machine ${made}, not for ${machine}`, {
    where,
  });
}

export function layerOutput(layer: string, tensor: string, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/layer-output',
    `layer ${layer} names %${tensor} as its result, which is not declared`,
    { where },
  );
}

export function tensorAlignment(tensor: string, address: number, where?: Place): Diagnostic {
  return errorDiagnostic(
    'verify/tensor-alignment',
    `tensor %${tensor} starts at ${address}, which is not a multiple of 4096`,
    where ? { where } : {},
  );
}

export function tensorRange(tensor: string, where?: Place): Diagnostic {
  return errorDiagnostic(
    'verify/tensor-range',
    `tensor %${tensor} does not lie within 32-bit addresses`,
    where ? { where } : {},
  );
}

export function tensorSize(tensor: string, bytes: number, needed: number, where?: Place): Diagnostic {
  return errorDiagnostic(
    'verify/tensor-size',
    `tensor %${tensor} has ${bytes} bytes, its layout needs ${needed}`,
    where ? { where } : {},
  );
}

export function tensorLayout(tensor: string, given: string, needed: string, where?: Place): Diagnostic {
  return errorDiagnostic(
    'verify/tensor-layout',
    `tensor %${tensor} has rows of ${given}, this machine's act rows are ${needed}`,
    where ? { where } : {},
  );
}

export function tensorOverlap(a: string, b: string, where?: Place): Diagnostic {
  return errorDiagnostic(
    'verify/tensor-overlap',
    `tensors %${a} and %${b} share bytes of DRAM`,
    where ? { where } : {},
  );
}

export function bankMissing(memory: string, bank: number, banks: number, where: Place): Diagnostic {
  return errorDiagnostic('verify/bank', `${memory} has no bank ${bank}; its banks are 0 to ${banks - 1}`, {
    where,
  });
}

export function outOfBuffer(
  fault: { kind: string; place: string; last: number; rows: number },
  where: Place,
): Diagnostic {
  return errorDiagnostic(
    'verify/out-of-buffer',
    `the ${fault.kind} reaches row ${fault.last} of ${fault.place}, which has ${fault.rows} rows`,
    { where },
  );
}

export function outOfTensor(
  kind: string,
  first: number,
  last: number,
  tensor: string,
  where: Place,
): Diagnostic {
  return errorDiagnostic(
    'verify/out-of-tensor',
    `the ${kind} covers bytes ${first} to ${last} of DRAM, which are not all in ${tensor}`,
    { where },
  );
}

export function dramAlignment(what: string, value: number, unit: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/dram-alignment',
    `${what} ${value} is not a multiple of ${unit} (the smaller of row pitch and bus width)`,
    { where },
  );
}

export function storeTarget(tensor: string, kind: string, where: Place): Diagnostic {
  return errorDiagnostic('verify/store-target', `a store cannot write ${tensor}, whose kind is ${kind}`, {
    where,
    hint: 'stores write tensors of kind tensor or output',
  });
}

export function slotRange(field: string, slot: number, slots: number, where: Place): Diagnostic {
  return errorDiagnostic('verify/slot', `${field} is ${slot}, a row has slots 0 to ${slots - 1}`, { where });
}

export function sliceCount(slices: number, limit: number, where: Place): Diagnostic {
  return errorDiagnostic('verify/slices', `requant takes ${slices} slices, an acc row has ${limit}`, {
    where,
  });
}

export function functionMissing(what: string, name: string, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/vector-function',
    `${what} needs the vector function ${name}, which this machine does not have`,
    { where },
  );
}

export function clampOrder(min: number, max: number, where: Place): Diagnostic {
  return errorDiagnostic('verify/clamp', `the lower clamp ${min} is above the upper clamp ${max}`, { where });
}

export function inPlace(place: string, row: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/in-place',
    `row ${row} of ${place} is both read and written by this instruction`,
    {
      where,
      hint: 'a row that is read while it is written has no defined value: give the result rows of its own',
    },
  );
}

export function unwritten(place: string, row: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/unwritten',
    `row ${row} of ${place} is read before anything was written there`,
    { where },
  );
}

export function unwrittenSlot(place: string, row: number, slot: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/unwritten-slot',
    `slot ${slot} of row ${row} of ${place} is read before anything was written there`,
    { where },
  );
}

export function unwrittenDram(tensor: string, byte: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/unwritten-dram',
    `byte ${byte} of ${tensor} is read before anything was stored there`,
    { where },
  );
}

export function race(
  fault: { here: string; there: string; unit: string; place: string; row: number },
  where: Place,
  related: Related,
): Diagnostic {
  const { here, there, unit, place, row } = fault;
  const message = `row ${row} of ${place} is ${here} here and ${there} by ${unit}, and no semaphore orders the two`;
  return errorDiagnostic('verify/race', message, { where, related });
}

export function portConflict(
  fault: { port: string; place: string; units: string },
  where: Place,
  related: Related,
): Diagnostic {
  return errorDiagnostic(
    'verify/port',
    `${fault.units} may use the ${fault.port} port of ${fault.place} at the same time`,
    { where, related },
  );
}

export function missingSignal(
  fault: { from: string; to: string; wait: number; signals: number },
  where: Place,
): Diagnostic {
  return errorDiagnostic(
    'verify/missing-signal',
    `wait ${fault.wait} of ${fault.to} for ${fault.from} is never met: ${fault.from} signals ${fault.to} ${fault.signals} times in all`,
    { where },
  );
}

export function deadlock(message: string, where: Place, related: Related): Diagnostic {
  return errorDiagnostic('verify/deadlock', message, { where, related });
}

export function queueDeadlock(message: string, where: Place, related: Related): Diagnostic {
  return errorDiagnostic('verify/queue-deadlock', message, {
    where,
    related,
    hint: 'instructions are dispatched in program order: move what is waited for before what waits',
  });
}

export function semaphoreOverflow(from: string, to: string, value: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/semaphore-overflow',
    `semaphore (${from} -> ${to}) may reach ${value}; it counts to 255`,
    { where },
  );
}

export function leftoverSemaphore(from: string, to: string, left: number, where: Place): Diagnostic {
  return warningDiagnostic(
    'verify/leftover-semaphore',
    `${left} of the signals of ${from} to ${to} are never waited for`,
    { where },
  );
}

export function unwrittenOutput(tensor: string, where?: Place): Diagnostic {
  return warningDiagnostic(
    'verify/unwritten-output',
    `the program does not store all of output ${tensor}`,
    where ? { where } : {},
  );
}

export function keptLayout(layer: string, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/kept-layout',
    `layer ${layer} keeps a result of which its tensor states no layout`,
    { where, hint: 'kept results are activation tensors' },
  );
}

export function keptRange(
  layer: string,
  { bank, row, depth }: { readonly bank: number; readonly row: number; readonly depth: number },
  where: Place,
): Diagnostic {
  return errorDiagnostic(
    'verify/kept-range',
    `layer ${layer} keeps its result in act bank ${bank} around row ${row}, where it does not fit: banks have ${depth} rows`,
    {
      where,
      hint: 'pitch, blocks and pictures are rows from line to line, block to block, picture to picture',
    },
  );
}

export function keptSteps(layer: string, where: Place): Diagnostic {
  return errorDiagnostic('verify/kept-steps', `layer ${layer} keeps two pixels of its result in one row`, {
    where,
    hint: 'pitch, blocks and pictures are rows from line to line, block to block, picture to picture',
  });
}

export function keptUnwritten(layer: string, bank: number, row: number, where: Place): Diagnostic {
  return errorDiagnostic(
    'verify/kept-unwritten',
    `layer ${layer} keeps its result in act bank ${bank}, but writes nothing to row ${row}`,
    { where },
  );
}

export function suppressed(count: number): Diagnostic {
  return warningDiagnostic('verify/suppressed', `${count} further findings are not shown`);
}

export function missingEnd(where: Place): Diagnostic {
  return errorDiagnostic('verify/missing-end', 'the program has no end instruction', { where });
}

export function afterEnd(where: Place): Diagnostic {
  return errorDiagnostic('verify/after-end', 'this stands after end and is never fetched', { where });
}
