/**
 * The proof that a dataflow or a program is legal (docs/dataflow.md lists what is proved). In: a Dataflow or Program and its
 * Machine. Out: diagnostics; without an error among them it runs on every engine.
 */

import type { Diagnostic, Place } from '../../../base/index.js';
import type { Machine } from '../../../models/machine/index.js';
import {
  type DramSegment,
  instructionPlace,
  type KeptResult,
  type Program,
  unitOf,
} from '../../isa/index.js';
import { expandDataflow } from '../expand.js';
import { type DataflowSource, Locator } from '../locate.js';
import type { Dataflow } from '../types.js';
import { checkBounds } from './bounds.js';
import * as diagnostics from './diagnostics.js';
import { HazardChecker } from './hazards.js';
import { checkKept } from './kept.js';
import { executeOrder } from './order.js';
import { checkSemaphores } from './semaphores.js';
import { Findings, type KeptLayer, type Subject, type VerifiedTensor } from './subject.js';
import { checkTensors } from './tensors.js';

/**
 * Everything wrong with a dataflow on a machine. Findings in a loop body are reported once an operation.
 * @param source the text that it was parsed from, for the frames; without it they show the printed form.
 */
export function verifyDataflow(
  dataflow: Dataflow,
  machine: Machine,
  source?: DataflowSource,
): readonly Diagnostic[] {
  const locator = new Locator(dataflow, source);
  const expanded = expandDataflow(dataflow, locator);
  const tensors = new Map(dataflow.tensors.map((tensor) => [tensor.name, tensor]));
  const outputs = dataflow.layers.filter((layer) => !tensors.has(layer.output));
  const early = [
    ...checkMachine(dataflow.machine, machine),
    ...outputs.map((layer) => diagnostics.layerOutput(layer.name, layer.output, locator.place(layer))),
    ...expanded.diagnostics,
  ];
  if (expanded.diagnostics.length > 0) return early;
  const { operationOf } = expanded;
  const findings = verifySubject({
    name: dataflow.name,
    machine,
    instructions: expanded.instructions,
    tensors: dataflow.tensors,
    tensorOf: (index) => tensors.get(operationOf[index]!.dram?.tensor ?? ''),
    kept: keptLayers(dataflow.layers, expanded.layerOf, {
      tensorOf: ({ output }) => tensors.get(output),
      place: (layer) => locator.place(layer),
    }),
    place: (index) => locator.place(operationOf[index]!),
    tensorPlace: (tensor) => locator.place(tensor as Dataflow['tensors'][number]),
    origin: (index) => operationOf[index],
  });
  return [...early, ...findings];
}

/** Everything wrong with a program on a machine. The words are not looked at: they encode the instructions. */
export function verifyProgram(program: Program, machine: Machine): readonly Diagnostic[] {
  const stop = program.instructions.findIndex((instruction) => instruction.mnemonic === 'end');
  const place = (index: number): Place => instructionPlace(program.name, index, program.instructions[index]!);
  const early = checkMachine(program.machine, machine);
  if (stop < 0) early.push(diagnostics.missingEnd(programPlace(program)));
  else if (stop + 1 < program.instructions.length) early.push(diagnostics.afterEnd(place(stop + 1)));
  const instructions = stop < 0 ? program.instructions : program.instructions.slice(0, stop);
  const sorted = [...program.segments].sort((a, b) => a.address - b.address);
  const findings = verifySubject({
    name: program.name,
    machine,
    instructions,
    tensors: program.segments,
    tensorOf: (index) => segmentAt(sorted, dramOf(instructions[index]!.fields)),
    kept: keptLayers(program.layers, program.layerOf, {
      tensorOf: ({ output }) => program.segments.find(({ name, value }) => (value ?? name) === output),
      place: ({ output }) => ({ kind: 'value', network: program.name, value: output }),
    }),
    place,
    tensorPlace: (tensor) => ({ kind: 'value', network: program.name, value: tensor.name }),
    origin: (index) => index,
  });
  return [...early, ...findings];
}

function verifySubject(subject: Subject): readonly Diagnostic[] {
  const findings = new Findings(subject);
  findings.addGlobal(...checkTensors(subject));
  const unitless = subject.instructions.findIndex((instruction) => unitOf(instruction) === undefined);
  if (unitless >= 0) checkBounds(subject, unitless, findings);
  if (findings.hasErrors) return findings.diagnostics;
  const accesses = subject.instructions.map((_, index) => checkBounds(subject, index, findings));
  // A mask that cannot be encoded has no meaning as an order.
  if (findings.diagnostics.some((d) => d.code.startsWith('isa/'))) return findings.diagnostics;
  const order = executeOrder(subject.instructions, subject.machine.queueDepth);
  checkSemaphores(subject, order, findings);
  // With instructions out of bounds the memory state would be a guess: their findings come first.
  if (accesses.some((a) => a === undefined)) return findings.diagnostics;
  findings.addGlobal(...checkKept(subject, accesses));
  const hazards = new HazardChecker(subject, order, findings);
  for (const index of order.sequence) hazards.check(index, accesses[index]!);
  if (order.sequence.length === subject.instructions.length) hazards.checkOutputs();
  return findings.diagnostics;
}

/** Layers that keep their results, with their instructions. */
function keptLayers<L extends { readonly name: string; readonly kept?: KeptResult }>(
  layers: readonly L[],
  layerOf: ArrayLike<number>,
  of: { readonly tensorOf: (layer: L) => VerifiedTensor | undefined; readonly place: (layer: L) => Place },
): readonly KeptLayer[] {
  if (!layers.some(({ kept }) => kept)) return [];
  const own = layers.map((): number[] => []);
  for (let index = 0; index < layerOf.length; index++) own[layerOf[index]!]?.push(index);
  return layers.flatMap((layer, i) =>
    layer.kept === undefined
      ? []
      : [
          {
            name: layer.name,
            kept: layer.kept,
            tensor: of.tensorOf(layer),
            where: of.place(layer),
            instructions: own[i]!,
          },
        ],
  );
}

function checkMachine(made: string, machine: Machine): Diagnostic[] {
  if (made === machine.name) return [];
  return [
    diagnostics.wrongMachine(made, machine.name, { kind: 'machine', machine: machine.name, path: 'name' }),
  ];
}

function programPlace(program: Program): Place {
  return { kind: 'value', network: program.name, value: '(instructions)' };
}

function dramOf(fields: Readonly<Record<string, number>>): number {
  return fields.dram ?? -1;
}

/** The segment that holds a byte, by binary search. */
function segmentAt(sorted: readonly DramSegment[], address: number): VerifiedTensor | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  const segment = sorted[low - 1];
  return segment && address < segment.address + segment.bytes ? segment : undefined;
}
