/** The TFLite importer. In: the bytes of a file. Out: a graph with channels-first convolutions, or diagnostics. */

import {
  collect,
  type Diagnostic,
  DiagnosticError,
  elementCount,
  fail,
  type Result,
} from '../../../base/index.js';
import { type Graph, GraphBuilder } from '../../graph/index.js';
import { removeUnused } from '../../passes/index.js';
import { ChannelsLastValues, type NodePlace, unmappedOperator } from '../channels-last/index.js';
import { TfliteCall } from './call.js';
import { badTensor, noOutputs } from './diagnostics.js';
import { decodeTflite, type TfliteModel, type TfliteOperator, type TfliteTensor } from './model.js';
import { tfliteMappings } from './operators.js';
import { defineInput, isQuantized, scaleConstants, type TfliteImport, useTensor } from './quantized.js';

export interface ImportTfliteOptions {
  /** What graph and diagnostics call the network; default `network`. */
  readonly name?: string;
  /** Concrete shapes of inputs, by name, in the file's layout; default: those of the file. */
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
}

/** Reads a TFLite model: float, float16 or int8 weights, or quantised to int8, uint8 or int16. Never throws for a bad file. */
export function importTflite(bytes: Uint8Array, options: ImportTfliteOptions = {}): Result<Graph> {
  const name = options.name ?? 'network';
  const model = decodeTflite(bytes, name);
  if (!model.ok) return model;
  const places = placeOperators(name, model.value);
  const unmapped = places.flatMap(([{ code, custom }, place]) =>
    custom === '' && tfliteMappings[code] !== undefined ? [] : [unmappedOperator('tflite', place)],
  );
  if (unmapped.length > 0) return fail(...unmapped);
  const published = new Set(model.value.outputs.map((index) => model.value.tensors[index]!.name));
  const values = new ChannelsLastValues(new GraphBuilder(name, 'tflite'), 'tflite', published);
  const shared: TfliteImport = { values, model: model.value, integers: new Map() };
  return collect(() => {
    defineInputs(shared, options.shapes ?? {});
    const faults = readOperators(shared, places);
    if (faults.length > 0) throw new DiagnosticError(faults);
    if (model.value.outputs.length === 0) throw noOutputs(name);
    for (const index of model.value.outputs) publish(shared, index);
    return removeUnused.run(values.builder.build());
  });
}

function defineInputs(shared: TfliteImport, shapes: Readonly<Record<string, readonly number[]>>): void {
  const { model, values } = shared;
  const network = values.builder.name;
  const inputs = model.inputs.map((index) => model.tensors[index]!);
  for (const name of Object.keys(shapes))
    if (!inputs.some((input) => input.name === name))
      throw badTensor(network, name, 'a shape is stated for it, but it is no input of the network');
  for (const input of inputs) {
    const shape = Object.hasOwn(shapes, input.name) ? shapes[input.name]! : input.shape;
    const fault = inputFault(values, input, shape);
    if (fault !== undefined) throw badTensor(network, input.name, fault);
    defineInput(shared, input, shape);
  }
}

function inputFault(
  { builder }: ChannelsLastValues,
  { name, element }: TfliteTensor,
  shape: readonly number[],
): string | undefined {
  if (builder.has(name)) return 'the input is listed twice';
  if (element === undefined || element === 'string') return 'the input is not a tensor of numbers';
  if (shape.some((extent) => !Number.isSafeInteger(extent) || extent < 1) || elementCount(shape) > 2 ** 31)
    return `[${shape.join(', ')}] is not a shape that an input can have`;
  return undefined;
}

/** Maps the operators in order. Those that depend on a refused one are passed over: their faults would be its. */
function readOperators(shared: TfliteImport, places: readonly Placed[]): Diagnostic[] {
  const lost = new Set<number>();
  return places.flatMap(([operator, place]) => {
    const result = operator.inputs.some((index) => lost.has(index))
      ? fail()
      : collect(() => tfliteMappings[operator.code]!.map(new TfliteCall(shared, operator, place)));
    if (result.ok) return [];
    for (const index of operator.outputs) lost.add(index);
    return result.diagnostics;
  });
}

/** Makes a tensor a graph output in the file's layout and type. */
function publish({ values, integers, model }: TfliteImport, index: number): void {
  const stored = model.tensors[index]!;
  const integer = integers.get(stored.name);
  if (integer !== undefined) {
    const integerName = `${stored.name}.integers`;
    values.bind(integerName, integer);
    values.publish(stored.name, values.last(integerName));
  } else if (isQuantized(stored) && values.has(stored.name)) {
    const constants = scaleConstants(values, stored.name, stored.quantization!, stored.element!);
    const origin = { name: stored.name, operator: 'QuantizeLinear' };
    const inputs = [values.last(stored.name), ...constants];
    values.publish(
      stored.name,
      values.node('QuantizeLinear', inputs, {}, `${stored.name}.quantized`, origin),
    );
  } else values.publish(stored.name, values.last(useTensor({ values, integers, model }, stored)));
}

type Placed = readonly [TfliteOperator, NodePlace];

function placeOperators(network: string, { operators, tensors }: TfliteModel): Placed[] {
  return operators.map((operator) => {
    const word = operator.custom || (tfliteMappings[operator.code]?.name ?? `code ${operator.code}`);
    const node = tensors[operator.outputs[0] ?? -1]?.name ?? `${word}_${operator.index}`;
    return [operator, { network, node, operator: word }] as const;
  });
}
