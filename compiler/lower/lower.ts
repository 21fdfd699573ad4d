/**
 * A Dataflow to a Program: loops expanded, tensors at their addresses, instruction words behind them. In: a verified Dataflow,
 * its Machine, the contents of its constants. Out: all that an engine sees.
 */

import {
  collect,
  type Diagnostic,
  DiagnosticError,
  fail,
  type Place,
  type Result,
} from '../../base/index.js';
import {
  BURST_BOUNDARY_BYTES,
  FETCH_BUFFER_INSTRUCTIONS,
  FETCH_BURST_INSTRUCTIONS,
  INSTRUCTION_BYTES,
  type Machine,
} from '../../models/machine/index.js';
import {
  type Dataflow,
  type DataflowSource,
  type DataflowTensor,
  type DataImage,
  expandDataflow,
  Locator,
  printWithLines,
  wrongMachine,
} from '../dataflow/index.js';
import {
  checkInstruction,
  type DramSegment,
  encodeProgram,
  type Instruction,
  type Program,
  type ProgramLayer,
} from '../isa/index.js';
import { dataSize, missingData, outOfMemory, unknownData } from './diagnostics.js';

const end: Instruction = { mnemonic: 'end', wait: 0, signal: 0, fields: {} };
const constantKinds = ['weights', 'parameters', 'table'];

/**
 * Lowers a dataflow. Legality beyond field ranges is the verifier's: run `verifyDataflow` first.
 * @param image bytes of every tensor of kind weights, parameters or table.
 */
export function lower(
  dataflow: Dataflow,
  machine: Machine,
  image: DataImage,
  source?: DataflowSource,
): Result<Program> {
  const locator = new Locator(dataflow, source);
  const expanded = expandDataflow(dataflow, locator);
  const ranges = expanded.instructions.flatMap((instruction, index) =>
    checkInstruction(instruction).length === 0
      ? []
      : checkInstruction(instruction, locator.place(expanded.operationOf[index]!)),
  );
  const place = (value: string): Place => ({ kind: 'value', network: dataflow.name, value });
  const faults = [
    ...checkMachine(dataflow, machine),
    ...expanded.diagnostics,
    ...ranges,
    ...checkImage(dataflow, image, place),
  ];
  if (faults.length > 0) return fail(...faults);
  return collect(() => assembleProgram(dataflow, machine, image, expanded));
}

function checkMachine(dataflow: Dataflow, machine: Machine): Diagnostic[] {
  if (dataflow.machine === machine.name) return [];
  const where: Place = { kind: 'machine', machine: machine.name, path: 'name' };
  return [wrongMachine(dataflow.machine, machine.name, where)];
}

function checkImage(dataflow: Dataflow, image: DataImage, place: (value: string) => Place): Diagnostic[] {
  const constants = dataflow.tensors.filter((tensor) => constantKinds.includes(tensor.kind));
  const names = new Set(constants.map((tensor) => tensor.name));
  const unknown = [...image.keys()].filter((name) => !names.has(name));
  return [
    ...unknown.map((name) => unknownData(name, place(name))),
    ...constants.flatMap(({ name, bytes }) => {
      const data = image.get(name);
      if (!data) return [missingData(name, place(name))];
      return data.length === bytes ? [] : [dataSize(name, bytes, data.length, place(name))];
    }),
  ];
}

function assembleProgram(
  dataflow: Dataflow,
  machine: Machine,
  image: DataImage,
  expanded: ReturnType<typeof expandDataflow>,
): Program {
  const instructions = [...expanded.instructions, end];
  const tensorsEnd = dataflow.tensors.reduce(
    (top, tensor) => Math.max(top, tensor.address + tensor.bytes),
    0,
  );
  const programAddress = Math.ceil(tensorsEnd / BURST_BOUNDARY_BYTES) * BURST_BOUNDARY_BYTES;
  const dramBytes = programAddress + fetchedInstructions(instructions.length) * INSTRUCTION_BYTES;
  const { addressBits } = machine.bus;
  if (dramBytes > 2 ** addressBits) {
    const where: Place = { kind: 'value', network: dataflow.name, value: '(instructions)' };
    throw new DiagnosticError([outOfMemory(dramBytes, addressBits, where)]);
  }
  const { lineOf } = printWithLines(dataflow);
  return {
    name: dataflow.name,
    machine: dataflow.machine,
    instructions,
    words: encodeProgram(instructions, dataflow.name),
    segments: dataflow.tensors.map((tensor) => segmentOf(tensor, image)),
    programAddress,
    dramBytes,
    layers: layersOf(dataflow),
    layerOf: Int32Array.from([...expanded.layerOf, -1]),
    lineOf: Int32Array.from([...expanded.operationOf.map((operation) => lineOf.get(operation) ?? 0), 0]),
  };
}

/**
 * Words that fetch may read: it asks for whole bursts, and for as many as its buffer holds before it sees `end`. The words
 * past the program are zero, which is `end`.
 */
function fetchedInstructions(count: number): number {
  const bursts = Math.ceil((count + FETCH_BUFFER_INSTRUCTIONS) / FETCH_BURST_INSTRUCTIONS);
  return bursts * FETCH_BURST_INSTRUCTIONS;
}

function segmentOf(tensor: DataflowTensor, image: DataImage): DramSegment {
  const data = image.get(tensor.name);
  return data ? { ...tensor, data } : tensor;
}

/** A program's layer names the graph value; where its tensor holds none, the tensor itself. */
function layersOf(dataflow: Dataflow): readonly ProgramLayer[] {
  const values = new Map(dataflow.tensors.map((tensor) => [tensor.name, tensor.value ?? tensor.name]));
  return dataflow.layers.map(({ name, node, operator, macs, output, kept }) => ({
    name,
    node,
    operator,
    macs,
    output: values.get(output) ?? output,
    ...(kept && { kept }),
  }));
}
