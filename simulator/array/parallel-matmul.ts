/**
 * matmul with helpers: the array's work of an instruction is posted when it is accepted and collected in the cycle in which it is done;
 * between the two the engine's clock and its other units go on. In and out: as `MatmulDatapath`, whose checks it uses; registers
 * and toggles only the latter has, for they need the cycles of one array in order.
 */

import { invariant } from '../../base/index.js';
import type { InstructionOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Interpreter } from '../engine/index.js';
import type { Datapath } from './datapath.js';
import { FIRST_ACT, type MatmulDatapath } from './matmul.js';
import type { Work } from './matmul-work.js';
import type { TilePoster } from './shared-tiles.js';

type Fields = InstructionOf<'matmul'>['fields'];

export class ParallelMatmul implements Datapath<{ readonly index: number; readonly fields: Fields }> {
  private work: Work | undefined;
  private left = 0;

  constructor(
    private readonly machine: Machine,
    private readonly buffers: Interpreter,
    private readonly checks: MatmulDatapath,
    private readonly poster: TilePoster,
  ) {}

  start({ index, fields }: { readonly index: number; readonly fields: Fields }): void {
    const { rows, columns } = this.machine.array;
    this.buffers.index = index;
    const work = this.checks.read(fields);
    this.work = work;
    const { places, offsets, period, vectors } = work;
    const { act, wgt } = this.buffers.state;
    invariant(act instanceof Int8Array && wgt instanceof Int8Array, 'helpers know int8 arrays only');
    const job = { places, offsets: Int32Array.from(offsets), weightRow: fields.wgt, period };
    this.poster.post(job, act, wgt);
    // The last vector of the last tile crosses the array.
    this.left = FIRST_ACT + (offsets.length - 1) * period + vectors + rows + columns;
  }

  tick(_now: number): boolean {
    this.left--;
    if (this.left > 0) return false;
    this.write(this.work!);
    return true;
  }

  private write({ fields, vectors, acc: first }: Work): void {
    const { columns } = this.machine.array;
    const unused = 32 - this.machine.elements.accumulatorBits;
    const sums = this.poster.collect();
    const acc = this.buffers.state.acc.subarray(first * columns, (first + vectors) * columns);
    for (let i = 0; i < sums.length; i++) {
      const before = fields.accumulate === 1 ? acc[i]! : 0;
      acc[i] = ((before + sums[i]!) << unused) >> unused;
    }
    for (let n = 0; n < vectors; n++) this.buffers.markRow('acc', first + n);
  }
}
