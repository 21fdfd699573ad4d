/** Declarations of DRAM tensors: aligned, within 32-bit addresses, as large as their layout, disjoint. Out: diagnostics. */

import type { Diagnostic } from '../../../base/index.js';
import { BURST_BOUNDARY_BYTES, bufferRowFormat } from '../../../models/machine/index.js';
import { layoutBytes } from '../../isa/index.js';
import * as diagnostics from './diagnostics.js';
import type { Subject, VerifiedTensor } from './subject.js';

export function checkTensors(subject: Subject): readonly Diagnostic[] {
  return [...subject.tensors.flatMap((tensor) => checkTensor(subject, tensor)), ...checkOverlaps(subject)];
}

function checkTensor(subject: Subject, tensor: VerifiedTensor): readonly Diagnostic[] {
  const { name, address, bytes, layout } = tensor;
  const where = subject.tensorPlace(tensor);
  const found: Diagnostic[] = [];
  if (!Number.isInteger(bytes) || bytes < 1 || address < 0 || address + bytes > 2 ** 32) {
    found.push(diagnostics.tensorRange(name, where));
  }
  if (address % BURST_BOUNDARY_BYTES !== 0) found.push(diagnostics.tensorAlignment(name, address, where));
  if (!layout) return found;
  const needed = layoutBytes(layout);
  if (needed > bytes) found.push(diagnostics.tensorSize(name, bytes, needed, where));
  const { pitch } = bufferRowFormat(subject.machine, 'act');
  const lanes = subject.machine.array.rows;
  const bits = subject.machine.elements.activationBits;
  if (layout.lanes !== lanes || layout.pitch !== pitch || layout.bits !== bits) {
    // Of the usual width nothing is said.
    const width = (b: number) => (layout.bits === bits ? '' : ` of ${b} bits`);
    const show = (l: number, b: number, p: number) => `${l} lanes${width(b)} at a pitch of ${p} bytes`;
    const [has, needs] = [show(layout.lanes, layout.bits, layout.pitch), show(lanes, bits, pitch)];
    found.push(diagnostics.tensorLayout(name, has, needs, where));
  }
  return found;
}

function checkOverlaps(subject: Subject): readonly Diagnostic[] {
  const sorted = [...subject.tensors].sort((a, b) => a.address - b.address);
  const found: Diagnostic[] = [];
  let widest = sorted[0];
  for (const tensor of sorted.slice(1)) {
    if (widest && tensor.address < widest.address + widest.bytes) {
      found.push(diagnostics.tensorOverlap(widest.name, tensor.name, subject.tensorPlace(tensor)));
    }
    if (!widest || tensor.address + tensor.bytes > widest.address + widest.bytes) widest = tensor;
  }
  return found;
}
