/** The vector unit's loop counters, cycle by cycle: a slice-cycle a cycle, innermost loop last, then the pipeline drains. */

import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Datapath } from './datapath.js';

export type VectorInstruction = InstructionOf<'requant' | 'pool' | 'dwconv' | 'rescale' | 'add'>;

/** Pipeline stages from the loop counters to the write into act. */
const STAGES = 12;
/** `add` goes through the pipeline twice: the sum leaves this many cycles after operand b's slice-cycle. */
const ADD_STAGES = 18;

export class VectorDatapath implements Datapath<VectorInstruction> {
  /** Counters and their ends, outermost first: y, x, slice, then window rows and columns or the passes of `add`. */
  private ends: readonly number[] = [];
  private counters: number[] = [];
  private stages = 0;
  private drained = 0;
  private counting = false;

  start(instruction: VectorInstruction): void {
    const { ny, nx, slices } = instruction.fields;
    this.ends = [ny, nx, slices, ...innerLoops(instruction)];
    this.counters = this.ends.map(() => 0);
    this.stages = instruction.mnemonic === 'add' ? ADD_STAGES : STAGES;
    this.drained = 0;
    this.counting = true;
  }

  tick(): boolean {
    if (this.counting) this.count();
    else this.drained++;
    return this.drained === this.stages;
  }

  private count(): void {
    for (let loop = this.ends.length - 1; loop >= 0; loop--) {
      this.counters[loop]!++;
      if (this.counters[loop]! < this.ends[loop]!) return;
      this.counters[loop] = 0;
    }
    this.counting = false;
  }
}

function innerLoops(instruction: VectorInstruction): readonly number[] {
  switch (instruction.mnemonic) {
    case 'pool':
    case 'dwconv':
      return [instruction.fields.nky, instruction.fields.nkx];
    case 'add':
      return [3];
    case 'requant':
    case 'rescale':
      return [];
  }
}
