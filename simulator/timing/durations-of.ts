/** D of any instruction: the closed forms of `durations.ts` and `transfer.ts` by mnemonic. */

import { assertNever } from '../../base/index.js';
import type { Instruction } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import { fillCycles, matmulCycles, SYNC_CYCLES, vectorCycles } from './durations.js';
import { loadTime, storeTime, type TransferTime } from './transfer.js';

const buffers = ['act', 'wgt', 'par', 'lut'] as const;

/**
 * Running cycles of an instruction and the bus beats it moves (0 on chip; `end` takes none).
 * @param lastBeat of the port that a load or store uses, relative to accept; left out, the port has long been quiet.
 */
export function instructionTime(machine: Machine, instruction: Instruction, lastBeat?: number): TransferTime {
  switch (instruction.mnemonic) {
    case 'end':
      return { cycles: 0, beats: 0 };
    case 'sync':
      return { cycles: SYNC_CYCLES, beats: 0 };
    case 'load':
      return loadTime(machine, buffers[instruction.fields.buffer]!, instruction.fields, lastBeat);
    case 'fill':
      return { cycles: fillCycles(instruction.fields), beats: 0 };
    case 'store':
      return storeTime(machine, instruction.fields, lastBeat);
    case 'matmul':
      return { cycles: matmulCycles(machine, instruction.fields), beats: 0 };
    case 'requant':
    case 'pool':
    case 'dwconv':
    case 'rescale':
    case 'add':
      return { cycles: vectorCycles(instruction.mnemonic, instruction.fields), beats: 0 };
    default:
      return assertNever(instruction, 'instruction');
  }
}
