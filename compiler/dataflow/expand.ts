/**
 * Loops unrolled, affine numbers evaluated, tensors resolved: a Dataflow as the instructions that it stands for. In: a Dataflow.
 * Out: instructions in program order (without the final `end`), the operation and layer of each, and diagnostics of what has
 * no value.
 */

import { type Diagnostic, InternalError, type Place } from '../../base/index.js';
import { type Instruction, specOf, unitIndex } from '../isa/index.js';
import { evaluateAffine } from './affine.js';
import type { Locator } from './locate.js';
import type { Dataflow, DataflowTensor, Operation, Statement } from './types.js';
import * as diagnostics from './verify/diagnostics.js';

export interface ExpandedDataflow {
  readonly instructions: readonly Instruction[];
  /** Operation of each instruction. */
  readonly operationOf: readonly Operation[];
  /** Index of the layer of each instruction. */
  readonly layerOf: readonly number[];
  readonly diagnostics: readonly Diagnostic[];
}

/** More instructions than this are refused: a mistyped loop count must not fill the memory. */
export const INSTRUCTION_LIMIT = 4_000_000;

export function expandDataflow(dataflow: Dataflow, locator: Locator): ExpandedDataflow {
  const expander = new Expander(dataflow, locator);
  for (const [index, layer] of dataflow.layers.entries()) {
    if (countOperations(layer.body) + expander.instructions.length > INSTRUCTION_LIMIT) {
      expander.diagnostics.push(diagnostics.tooLong(INSTRUCTION_LIMIT, locator.place(layer)));
      break;
    }
    expander.body(layer.body, index);
  }
  return expander;
}

function countOperations(body: readonly Statement[]): number {
  return body.reduce((sum, s) => sum + (s.kind === 'operation' ? 1 : s.count * countOperations(s.body)), 0);
}

class Expander implements ExpandedDataflow {
  readonly instructions: Instruction[] = [];
  readonly operationOf: Operation[] = [];
  readonly layerOf: number[] = [];
  readonly diagnostics: Diagnostic[] = [];
  private readonly variables = new Map<string, number>();
  private readonly tensors: ReadonlyMap<string, DataflowTensor>;
  /** Operations already reported: a fault in a loop is one fault. */
  private readonly reported = new Set<Operation>();

  constructor(
    dataflow: Dataflow,
    private readonly locator: Locator,
  ) {
    this.tensors = new Map(dataflow.tensors.map((tensor) => [tensor.name, tensor]));
  }

  body(body: readonly Statement[], layer: number): void {
    for (const statement of body) {
      if (statement.kind === 'operation') {
        this.operation(statement, layer);
        continue;
      }
      const shadowed = this.variables.get(statement.variable);
      for (let i = 0; i < statement.count; i++) {
        this.variables.set(statement.variable, i);
        this.body(statement.body, layer);
      }
      if (shadowed === undefined) this.variables.delete(statement.variable);
      else this.variables.set(statement.variable, shadowed);
    }
  }

  private operation(operation: Operation, layer: number): void {
    const fields = this.evaluateFields(operation);
    if (!fields) return;
    const mask = (units: Operation['wait']) => units.reduce((bits, unit) => bits | (1 << unitIndex[unit]), 0);
    const { mnemonic } = operation;
    const [wait, signal] = [mask(operation.wait), mask(operation.signal)];
    this.instructions.push({ mnemonic, wait, signal, fields } as unknown as Instruction);
    this.operationOf.push(operation);
    this.layerOf.push(layer);
  }

  private evaluateFields(operation: Operation): Record<string, number> | undefined {
    const fields: Record<string, number> = {};
    let complete = true;
    for (const { name } of specOf[operation.mnemonic].fields) {
      const value = name === 'dram' ? this.dramAddress(operation) : this.fieldValue(operation, name);
      if (value === undefined) complete = false;
      else fields[name] = value;
    }
    if (!complete) this.reported.add(operation);
    return complete ? fields : undefined;
  }

  private fieldValue(operation: Operation, name: string): number | undefined {
    const affine = operation.fields[name];
    if (affine === undefined) throw new InternalError(`${operation.mnemonic} has no field ${name}`);
    const value = evaluateAffine(affine, this.variables);
    if (value === undefined) {
      this.fault(operation, (where) => diagnostics.unboundVariable(name, this.unbound(affine), where));
    }
    return value;
  }

  private dramAddress(operation: Operation): number | undefined {
    const reference = operation.dram;
    const tensor = reference && this.tensors.get(reference.tensor);
    if (!reference || !tensor) {
      const name = reference?.tensor ?? '(none)';
      this.fault(operation, (where) => diagnostics.unknownTensor(name, where));
      return undefined;
    }
    const offset = evaluateAffine(reference.offset, this.variables);
    if (offset === undefined) {
      this.fault(operation, (where) =>
        diagnostics.unboundVariable('the DRAM offset', this.unbound(reference.offset), where),
      );
      return undefined;
    }
    return tensor.address + offset;
  }

  private unbound(affine: Operation['fields'][string]): string {
    const terms = typeof affine === 'number' ? [] : affine.terms;
    return terms.find((term) => !this.variables.has(term.variable))?.variable ?? '';
  }

  private fault(operation: Operation, make: (where: Place) => Diagnostic): void {
    if (!this.reported.has(operation)) this.diagnostics.push(make(this.locator.place(operation)));
  }
}
