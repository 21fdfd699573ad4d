/**
 * Collects operations in sequential program order and gives them their semaphores. In: mnemonics with plain fields, layer by layer.
 * Out: the layers' bodies.
 */

import { DiagnosticError, InternalError, type Place } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Operation } from '../dataflow/index.js';
import {
  type Access,
  accessesOf,
  checkInstruction,
  type FieldName,
  type Instruction,
  lastRow,
  type Mnemonic,
  unitIndex,
  unitOf,
  unitsOf,
} from '../isa/index.js';
import { Synchronizer, type Touch } from './semaphores.js';
import type { DramTensors } from './tensors.js';

type Body = Exclude<Mnemonic, 'end' | 'sync'>;
/** Fields of a mnemonic; load and store name their DRAM place apart. */
export type EmittedFields<M extends Body> = Readonly<Record<Exclude<FieldName<M>, 'dram'>, number>>;

/** A place in a declared tensor: bytes from its start. */
export interface DramPlace {
  readonly tensor: string;
  readonly offset: number;
}

export class Emitter {
  private readonly synchronizer = new Synchronizer();
  private where: Place | undefined;
  private readonly bodies: {
    readonly operation: Operation;
    readonly instruction: Instruction;
    readonly number: number;
  }[][] = [];

  constructor(
    private readonly machine: Machine,
    private readonly tensors: DramTensors,
  ) {}

  /** Starts the next layer; operations belong to it until the next call. */
  beginLayer(where: Place): void {
    this.where = where;
    this.bodies.push([]);
  }

  /** Appends an operation that touches no DRAM. */
  emit<M extends Exclude<Body, 'load' | 'store'>>(mnemonic: M, fields: EmittedFields<M>): void {
    this.append(mnemonic, fields, undefined);
  }

  /** Appends a load or store; `dram` is the place of its first row. */
  transfer<M extends 'load' | 'store'>(mnemonic: M, fields: EmittedFields<M>, dram: DramPlace): void {
    if (mnemonic === 'load') this.loaded.add(dram.tensor);
    this.append(mnemonic, fields, dram);
  }

  /** Tensors that were loaded so far. */
  readonly loaded = new Set<string>();

  /** Operations emitted so far. */
  get count(): number {
    return this.bodies.reduce((sum, body) => sum + body.length, 0);
  }

  /** Everything as a program, with final semaphores. */
  instructions(): readonly Instruction[] {
    const body = this.bodies.flat().map(({ instruction, number }) => {
      const { wait, signal } = this.synchronizer.masks(number);
      return { ...instruction, wait, signal };
    });
    return [...body, { mnemonic: 'end', wait: 0, signal: 0, fields: {} }];
  }

  /** The body of every layer, with final semaphores. */
  finish(): readonly (readonly Operation[])[] {
    return this.bodies.map((body) =>
      body.map(({ operation, number }) => {
        const { wait, signal } = this.synchronizer.masks(number);
        return { ...operation, wait: unitsOf(wait), signal: unitsOf(signal) };
      }),
    );
  }

  private append(
    mnemonic: Body,
    fields: Readonly<Record<string, number>>,
    dram: DramPlace | undefined,
  ): void {
    const address = dram && { dram: this.tensors.addressOf(dram.tensor) + dram.offset };
    const instruction = { mnemonic, wait: 0, signal: 0, fields: { ...fields, ...address } } as Instruction;
    const faults = checkInstruction(instruction, this.where);
    if (faults.length > 0) throw new DiagnosticError(faults);
    const unit = unitOf(instruction);
    const body = this.bodies.at(-1);
    if (unit === undefined || body === undefined) throw new InternalError('an operation outside a layer');
    // Constants are never written, so reading them needs no order.
    const tracked = dram === undefined || this.tensors.isConstant(dram.tensor) ? undefined : dram.tensor;
    const touches = accessesOf(instruction, this.machine).flatMap((access) => touchesOf(access, tracked));
    const number = this.synchronizer.add(unitIndex[unit], touches);
    const operation: Operation = {
      kind: 'operation',
      mnemonic,
      wait: [],
      signal: [],
      fields,
      ...(dram && { dram }),
    };
    body.push({ operation, instruction, number });
  }
}

/** What the synchroniser must know of an access: its rows (on chip: from first to last) and the port that it uses. */
function touchesOf(access: Access, tensor: string | undefined): readonly Touch[] {
  const write = access.kind === 'write';
  if (access.memory === 'dram') {
    if (tensor === undefined) return [];
    const { base, runs } = access.rows;
    return Array.from({ length: runs.length / 2 }, (_, i) => ({
      memory: `dram:${tensor}`,
      low: base + runs[2 * i]!,
      high: base + runs[2 * i + 1]!,
      write,
    }));
  }
  const memory = `${access.memory}${access.bank}`;
  const port: Touch = { memory: `${memory}:${access.kind}`, low: 0, high: 1, write: true };
  // Rows that an instruction itself wrote need no order; the port does.
  if (access.own) return [port];
  return [{ memory, low: access.rows.base, high: lastRow(access.rows) + 1, write }, port];
}
