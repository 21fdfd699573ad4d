/** What the verifier works on: instructions of a dataflow or of a program, and where findings go. */

import type { Diagnostic, Place } from '../../../base/index.js';
import type { Machine } from '../../../models/machine/index.js';
import type { DramSegment, Instruction, KeptResult } from '../../isa/index.js';
import { suppressed } from './diagnostics.js';

/** The part of a DRAM tensor that legality depends on. */
export type VerifiedTensor = Pick<DramSegment, 'name' | 'kind' | 'address' | 'bytes' | 'layout'>;

/** A layer that keeps its result. */
export interface KeptLayer {
  readonly name: string;
  readonly kept: KeptResult;
  readonly tensor: VerifiedTensor | undefined;
  readonly where: Place;
  /** Positions of its instructions in the program. */
  readonly instructions: readonly number[];
}

export interface Subject {
  readonly name: string;
  readonly machine: Machine;
  /** In program order, without `end`. */
  readonly instructions: readonly Instruction[];
  readonly tensors: readonly VerifiedTensor[];
  /** The tensor that an instruction's DRAM side must stay within; undefined when its address is in none. */
  readonly tensorOf: (index: number) => VerifiedTensor | undefined;
  /** Layers whose results stay in act. */
  readonly kept: readonly KeptLayer[];
  readonly place: (index: number) => Place;
  readonly tensorPlace: (tensor: VerifiedTensor) => Place | undefined;
  /** Instructions with the same origin (one operation of a loop body) report a fault once. */
  readonly origin: (index: number) => unknown;
}

const FINDING_LIMIT = 64;

/** Collects findings: one a code and origin, and at most {@link FINDING_LIMIT}. */
export class Findings {
  private readonly list: Diagnostic[] = [];
  private readonly seen = new Map<unknown, Set<string>>();
  private dropped = 0;

  constructor(private readonly subject: Subject) {}

  /** Adds what `make` makes, unless this code was reported for this origin already. */
  add(index: number, code: string, make: (where: Place) => Diagnostic): void {
    const origin = this.subject.origin(index);
    const codes = this.seen.get(origin) ?? new Set();
    this.seen.set(origin, codes);
    if (codes.has(code)) return;
    codes.add(code);
    if (this.list.length >= FINDING_LIMIT) this.dropped += 1;
    else this.list.push(make(this.subject.place(index)));
  }

  addGlobal(...diagnostics: readonly Diagnostic[]): void {
    this.list.push(...diagnostics);
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.dropped > 0 ? [...this.list, suppressed(this.dropped)] : this.list;
  }

  get hasErrors(): boolean {
    return this.list.some((d) => d.severity === 'error');
  }
}
