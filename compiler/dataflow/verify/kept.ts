/** Results that stay in act: inside one bank, each row once, and every row written by the layer that says so. Out: diagnostics. */

import type { Diagnostic } from '../../../base/index.js';
import { bufferBankRows } from '../../../models/machine/index.js';
import { type Access, actBank, actRow, keptRows, layoutRows, unitOf } from '../../isa/index.js';
import * as diagnostics from './diagnostics.js';
import type { KeptLayer, Subject } from './subject.js';

/** @param accesses of each instruction. */
export function checkKept(
  subject: Subject,
  accesses: readonly (readonly Access[] | undefined)[],
): readonly Diagnostic[] {
  return subject.kept.flatMap((layer) => checkLayer(subject, layer, accesses));
}

function checkLayer(
  { machine, instructions }: Subject,
  { name, kept, tensor, where, instructions: own }: KeptLayer,
  accesses: readonly (readonly Access[] | undefined)[],
): readonly Diagnostic[] {
  const layout = tensor?.layout;
  if (layout === undefined) return [diagnostics.keptLayout(name, where)];
  const bank = actBank(kept.address);
  const depth = bufferBankRows(machine, 'act');
  // Before they are listed: sizes of a file may be absurd.
  const fits = layoutRows(layout) <= depth;
  const rows = fits ? keptRows(layout, kept) : [];
  const bad = rows.find((row) => !(row >= 0 && row < depth));
  if (!fits || bad !== undefined || !(bank >= 0 && bank < machine.buffers.activation.banks))
    return [diagnostics.keptRange(name, { bank, row: bad ?? actRow(kept.address), depth }, where)];
  if (new Set(rows).size < rows.length) return [diagnostics.keptSteps(name, where)];
  const written = new Uint8Array(depth);
  for (const index of own)
    if (index < instructions.length && unitOf(instructions[index]!) === 'vector')
      for (const access of accesses[index] ?? []) markRows(written, access, bank);
  const gap = rows.find((row) => written[row] === 0);
  return gap === undefined ? [] : [diagnostics.keptUnwritten(name, bank, gap, where)];
}

function markRows(written: Uint8Array, access: Access, bank: number): void {
  if (access.memory !== 'act' || access.kind !== 'write' || access.bank !== bank) return;
  const { base, runs } = access.rows;
  for (let i = 0; i < runs.length; i += 2) written.fill(1, base + runs[i]!, base + runs[i + 1]!);
}
