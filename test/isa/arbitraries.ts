/** fast-check generators of instructions, derived from the instruction table: every mnemonic, every field over its range. */

import fc from 'fast-check';
import {
  fieldLimits,
  type Instruction,
  type InstructionSpec,
  instructionSet,
  type UnitName,
  unitIndex,
  unitNames,
} from '../../compiler/isa/index.js';

/** Cases per property: SYSTOLE_RUNS, or a modest default. */
export const runs = (standard: number): number => Number(process.env.SYSTOLE_RUNS ?? standard);

export const instructionArbitrary: fc.Arbitrary<Instruction> = fc
  .constantFrom(...(instructionSet as readonly InstructionSpec[]))
  .chain(instructionOf);

function instructionOf(spec: InstructionSpec): fc.Arbitrary<Instruction> {
  const fields = Object.fromEntries(
    spec.fields.map((field) => {
      const { low, high } = fieldLimits(field);
      return [field.name, fc.oneof(fc.integer({ min: low, max: high }), fc.constantFrom(low, high))];
    }),
  );
  return fc
    .record({ fields: fc.record(fields), wait: fc.nat(15), signal: fc.nat(15) })
    .map(({ fields: values, wait, signal }) => {
      const allowed = allowedMask(spec, values as Record<string, number>);
      return {
        mnemonic: spec.mnemonic,
        wait: wait & allowed,
        signal: signal & allowed,
        fields: values,
      } as unknown as Instruction;
    });
}

/** Every bit but the executing unit's own; none for `end`. */
function allowedMask(spec: InstructionSpec, values: Readonly<Record<string, number>>): number {
  if (spec.unit === 'fetch') return 0;
  const unit: UnitName = spec.unit === 'any' ? unitNames[values.unit!]! : spec.unit;
  return 15 & ~(1 << unitIndex[unit]);
}
