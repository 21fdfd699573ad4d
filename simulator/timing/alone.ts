/** Exact cycles of a list of instructions, for schedulers that weigh ways to write a layer. */

import type { Instruction } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateTiming } from './simulate.js';

/** @param instructions a program, `end` included. @returns cycles from start to done. */
export function instructionCycles(machine: Machine, instructions: readonly Instruction[]): number {
  const count = instructions.length;
  return simulateTiming(machine, {
    name: 'layer',
    machine: machine.name,
    instructions,
    words: new Uint8Array(0),
    segments: [],
    programAddress: 0,
    dramBytes: 0,
    layers: [],
    layerOf: new Int32Array(count).fill(-1),
    lineOf: new Int32Array(count),
  }).cycles;
}
