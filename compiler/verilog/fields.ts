/**
 * Writes instruction field positions into Verilog text. A template holds marker lines
 *
 *     // @fields matmul sync
 *
 * and names positions as `MATMUL_ACT_LSB`, `MATMUL_STRIDE_KB_BITS`, `SYNC_OPCODE`. In: such a text. Out: the text with each
 * marker followed by the localparams that the text uses, values from the instruction table. Nothing unused is written, so
 * the result stays lint-clean.
 */

import { InternalError } from '../../base/index.js';
import { type InstructionSpec, instructionSet, placeFields } from '../isa/index.js';

const MARKER = /^([ \t]*)\/\/ @fields((?: [a-z]+)+)[ \t]*$/gm;

/**
 * The text with its `// @fields` markers expanded. Pure; a text without markers comes back unchanged.
 * @throws InternalError when a marker names no mnemonic.
 */
export function expandFields(text: string): string {
  const used = new Set(text.match(/\b[A-Z][A-Z0-9_]*\b/g));
  return text.replace(MARKER, (marker: string, indent: string, names: string) => {
    const specs = names.trim().split(' ').map(findSpec);
    const lines = specs.flatMap(fieldConstants).filter(({ name }) => used.has(name));
    return [
      marker,
      ...lines.map(({ name, type, value }) => `${indent}localparam ${type}${name} = ${value};`),
    ].join('\n');
  });
}

interface Constant {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

function fieldConstants(spec: InstructionSpec): readonly Constant[] {
  const prefix = constantName(spec.mnemonic);
  const opcode = { name: `${prefix}_OPCODE`, type: '[3:0] ', value: `4'd${spec.opcode}` };
  const fields = placeFields(spec).flatMap(({ name, offset, bits }) => [
    { name: `${prefix}_${constantName(name)}_LSB`, type: '', value: `${offset}` },
    { name: `${prefix}_${constantName(name)}_BITS`, type: '', value: `${bits}` },
  ]);
  return [opcode, ...fields];
}

/** `strideKb` becomes `STRIDE_KB`. */
function constantName(camelCase: string): string {
  return camelCase.replace(/([A-Z])/g, '_$1').toUpperCase();
}

function findSpec(mnemonic: string): InstructionSpec {
  const spec = instructionSet.find((candidate) => candidate.mnemonic === mnemonic);
  if (spec === undefined) throw new InternalError(`@fields names no instruction: ${mnemonic}`);
  return spec;
}
