/** The ends of an ONNX graph: initializers become constants, inputs get concrete shapes, outputs are checked. */

import { type Diagnostic, type ElementType, elementCount } from '../../../base/index.js';
import { type GraphBuilder, printType, type TensorType } from '../../graph/index.js';
import { type OnnxDimension, type OnnxGraph, type OnnxValueInfo, wireNumber } from '../wire/index.js';
import {
  badShape,
  badTensor,
  noOutputs,
  redefinedValue,
  shapeMismatch,
  typeMismatch,
  undefinedOutput,
  unknownExtent,
  unsupportedInput,
} from './diagnostics.js';
import type { ExternalData } from './external.js';
import { elementOfCode, readTensor } from './tensor.js';

/** Shapes that the user states for graph inputs, by name, and extents of the file's symbols: `sequence` as [128]. */
export type StatedShapes = Readonly<Record<string, readonly number[]>>;

/** Defines every initializer as a constant. */
export function readInitializers(
  builder: GraphBuilder,
  graph: OnnxGraph,
  external: ExternalData,
): Diagnostic[] {
  const diagnostics = graph.initializer.flatMap((stored) => {
    if (builder.has(stored.name)) return [redefinedValue(builder.name, stored.name)];
    const resolved = external.resolve(stored);
    const tensor = 'fault' in resolved ? resolved : readTensor(resolved);
    if ('fault' in tensor) return [badTensor(builder.name, stored.name, tensor.fault)];
    builder.constant(stored.name, tensor);
    return [];
  });
  if (graph.sparseInitializer.length > 0)
    diagnostics.push(badTensor(builder.name, 'sparse_initializer', 'sparse initializers are not supported'));
  return diagnostics;
}

/** Defines every graph input that is no initializer (old files list those among the inputs too). */
export function readInputs(builder: GraphBuilder, graph: OnnxGraph, shapes: StatedShapes): Diagnostic[] {
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  const inputs = graph.input.filter(({ name }) => !initializers.has(name));
  const names = new Set(inputs.map(({ name }) => name));
  const others = Object.entries(shapes).filter(([name]) => !names.has(name));
  const known = new Set(inputs.flatMap((input) => dimensionsOf(input)?.map((dim) => dim.dimParam) ?? []));
  const isSymbol = ([name, shape]: readonly [string, readonly number[]]) =>
    name !== '' && known.has(name) && isExtents(shape) && shape.length === 1;
  const symbols = new Map(others.filter(isSymbol).map(([name, [extent]]) => [name, extent!]));
  const strangers = others.filter((other) => !isSymbol(other));
  return [
    ...strangers.map(([name, shape]) =>
      badShape(
        builder.name,
        name,
        shape,
        known.has(name) && name !== ''
          ? 'is no extent of that symbol: state one positive integer'
          : 'is stated for no input of the network',
      ),
    ),
    ...inputs.flatMap((input) =>
      readInput(builder, input, Object.hasOwn(shapes, input.name) ? shapes[input.name] : undefined, symbols),
    ),
  ];
}

const dimensionsOf = (input: OnnxValueInfo): readonly OnnxDimension[] | undefined =>
  input.type?.tensorType?.shape?.dim;

const isExtents = (shape: readonly number[]): boolean =>
  shape.every((extent) => Number.isSafeInteger(extent) && extent >= 1);

function readInput(
  builder: GraphBuilder,
  input: OnnxValueInfo,
  stated: readonly number[] | undefined,
  symbols: ReadonlyMap<string, number>,
): Diagnostic[] {
  const { name } = input;
  if (builder.has(name)) return [redefinedValue(builder.name, name)];
  const element = elementOf(input);
  if (element === undefined)
    return [unsupportedInput(builder.name, name, 'the input is not a tensor of numbers')];
  const dims = input.type?.tensorType?.shape?.dim;
  const bound =
    stated === undefined
      ? bindShape(builder.name, name, dims, symbols)
      : checkStated(builder.name, name, dims, stated);
  if ('code' in bound) return [bound];
  builder.input(name, { element, shape: bound });
  return [];
}

function elementOf(info: OnnxValueInfo): ElementType | undefined {
  const element = elementOfCode(info.type?.tensorType?.elemType ?? 0);
  return element === 'string' ? undefined : element;
}

/** The concrete shape of an input that nobody states: what the file says, symbols bound, and an unknown batch of 1. */
function bindShape(
  network: string,
  name: string,
  dims: readonly OnnxDimension[] | undefined,
  symbols: ReadonlyMap<string, number>,
): readonly number[] | Diagnostic {
  if (dims === undefined) return unknownExtent(network, name, 0, '');
  const shape: number[] = [];
  for (const [axis, dim] of dims.entries()) {
    const extent = wireNumber(dim.dimValue);
    const bound = symbols.get(dim.dimParam);
    if (bound !== undefined) shape.push(bound);
    else if (Number.isSafeInteger(extent) && extent > 0 && dim.dimParam === '') shape.push(extent);
    else if (axis === 0) shape.push(1);
    else return unknownExtent(network, name, axis, dim.dimParam);
  }
  return checkSize(network, name, shape);
}

function checkStated(
  network: string,
  name: string,
  dims: readonly OnnxDimension[] | undefined,
  stated: readonly number[],
): readonly number[] | Diagnostic {
  if (!isExtents(stated))
    return badShape(network, name, stated, 'has an extent that is not a positive integer');
  if (dims !== undefined && dims.length !== stated.length)
    return badShape(
      network,
      name,
      stated,
      `has rank ${stated.length}, the file's input has rank ${dims.length}`,
    );
  return checkSize(network, name, stated);
}

function checkSize(network: string, name: string, shape: readonly number[]): readonly number[] | Diagnostic {
  return elementCount(shape) <= 2 ** 31 ? shape : badShape(network, name, shape, 'is too large');
}

/** Marks the graph outputs and compares the file's statement about each with what was inferred. */
export function readOutputs(builder: GraphBuilder, graph: OnnxGraph): Diagnostic[] {
  if (graph.output.length === 0) return [noOutputs(builder.name)];
  return graph.output.flatMap((output) => {
    if (!builder.has(output.name)) return [undefinedOutput(builder.name, output.name)];
    builder.output(output.name);
    return compareOutput(builder.name, output, builder.value(output.name).type);
  });
}

function compareOutput(network: string, output: OnnxValueInfo, found: TensorType): Diagnostic[] {
  const element = elementOf(output);
  const dims = output.type?.tensorType?.shape?.dim;
  if (element !== undefined && element !== found.element)
    return [typeMismatch(network, output.name, element, found.element)];
  if (element === undefined || dims === undefined) return [];
  const stated = dims.map((dim) => (dim.dimParam === '' ? wireNumber(dim.dimValue) : 0));
  // Unknown extents (0) and the batch may be bound to anything.
  const agrees =
    stated.length === found.shape.length &&
    stated.every((extent, axis) => extent <= 0 || axis === 0 || extent === found.shape[axis]);
  return agrees
    ? []
    : [shapeMismatch(network, output.name, printType({ element, shape: stated }), printType(found))];
}
