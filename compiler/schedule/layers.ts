/** One operator to operations: constants are packed and declared, a plan is chosen, the plan is emitted. */

import { DiagnosticError, InternalError, integerRange, type Place } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Value } from '../graph/index.js';
import { isDepthwise } from './band.js';
import { emitConcat } from './concat.js';
import { emitConv } from './conv.js';
import type { ConvShape } from './conv-cost.js';
import { type ConvPlan, convFinalists, convVariants, planConv } from './conv-plan.js';
import { emitSplitDepthwise } from './depthwise.js';
import { planSplit, type SplitPlan, type SplitShape, splitFinalists } from './depthwise-plan.js';
import { unsupportedOperator } from './diagnostics.js';
import { emitExchangedConv } from './exchanged-conv.js';
import type { LayerMapping, MappingChoice } from './mapping.js';
import { type ConvWeights, packConvWeights, packDepthwiseWeights, packDiagonalWeights } from './pack.js';
import { factorRows, productGeometry, refusedProduct } from './product.js';
import type { Ranking } from './ranking.js';
import { checkAccumulator, checkAddSums, checkConvSums, checkWindowSums, fitsAccumulator } from './reach.js';
import type { Session } from './session.js';
import {
  channelParameters,
  checkMultiplier,
  checkShift,
  declareParameters,
  declareTable,
  numberOf,
  numbersOf,
  outputFields,
  padConstant,
  requireFunction,
} from './stage.js';
import { emitPoint, emitWindow, type WindowLayer } from './stream.js';
import {
  planStream,
  type StreamNeeds,
  type StreamPlan,
  type StreamShape,
  streamFinalists,
} from './stream-plan.js';
import { isDense, samePicture, type TensorView } from './tensors.js';
import type { Box } from './tile.js';
import { type Geometry, type LayerParts, pointWindow, simplify, windowOf } from './window.js';

/** The parts of a layer and the constants of its node, by input position. */
export interface LayerRequest extends LayerParts {
  /** Its activations lie with pixels in lanes and channels in rows (exchange.ts). */
  readonly exchanged: boolean;
  readonly constants: readonly (Value | undefined)[];
}

/** Emits the operations of a node, or undefined when the operator is not one of the accelerator's. */
export function layerEmitter(
  operator: string,
): ((session: Session, request: LayerRequest) => void) | undefined {
  switch (operator) {
    case 'IntegerConv':
      return scheduleConv;
    case 'IntegerMaxPool':
      return (session, request) => schedulePool(session, request, 0);
    case 'IntegerAveragePool':
      return (session, request) => schedulePool(session, request, 1);
    case 'IntegerAdd':
      return scheduleAdd;
    case 'IntegerMul':
      return scheduleProduct;
    case 'IntegerRescale':
      return scheduleRescale;
    case 'Concat':
      return scheduleConcat;
    default:
      return undefined;
  }
}

function scheduleConv(session: Session, request: LayerRequest): void {
  const { node } = request;
  const weights = weightsOf(request);
  const bias = request.constants[2]?.constant?.data;
  if (bias === undefined) throw new InternalError(`node ${node.name}: the bias is no constant`);
  const parameters = channelParameters(session.machine, node, request.where, {
    channels: weights.outputs,
    bias: Array.from(bias, Number),
  });
  session.once('sums', () => checkConvSums(session.machine, weights, parameters, request.where));
  if (request.exchanged) {
    session.once('accumulator', () => checkAccumulator(session.machine, weights, request.where));
    const [input, output] = [request.inputs[0]!, request.output];
    const plan = emitExchangedConv(session, {
      node,
      where: request.where,
      input,
      output,
      weights,
      parameters,
    });
    session.note(convMapping(plan, 'inputs'));
    return;
  }
  const geometry = geometryOf(session, request, weights.height, weights.width);
  const group = numberOf(node, 'group', 1);
  if (isDepthwise(session.machine, { outputs: weights.outputs, inputs: weights.inputs * group, group })) {
    scheduleDepthwise(session, request, { geometry, weights, parameters });
    return;
  }
  session.once('accumulator', () => checkAccumulator(session.machine, weights, request.where));
  const finalists = session.once('finalists', () => {
    const best = planConv(session.machine, geometry, request.where, { group });
    return convFinalists(session.machine, geometry, best, group);
  });
  const plan = session.choose(finalists, convVariants);
  session.note(convMapping(plan, restingOperand(session.machine)));
  const table = declareTable(session, node, request.where);
  const tensors = {
    weights: session.tensors.constant(
      'weights',
      `${node.name}_weights`,
      session.once('weights', () => packConvWeights(session.machine, weights, group)),
    ),
    parameters: declareParameters(session, node.name, parameters),
  };
  const stage = outputFields(session, request, table);
  emitConv(session, {
    geometry,
    plan,
    padValue: padConstant(session.machine, request, 0),
    ...tensors,
    stage,
    group,
  });
}

function scheduleDepthwise(
  session: Session,
  request: LayerRequest,
  parts: {
    readonly geometry: Geometry;
    readonly weights: ConvWeights;
    readonly parameters: ReturnType<typeof channelParameters>;
  },
): void {
  const { machine } = session;
  const { node, where } = request;
  requireFunction(machine, 'depthwise', where);
  const { geometry, weights } = parts;
  const { rows: R, columns: C } = machine.array;
  const taps = weights.height * weights.width;
  const wgtRows = (blocks: number) => Math.ceil((blocks * R) / C) * taps;
  const finalists = session.once('finalists', () => {
    const needs = { ...streamNeeds(session, geometry, taps), wgtRows, uniform: false };
    const alone = streamFinalists(machine, needs, planStream(machine, needs, where));
    const split = fitsAccumulator(machine, weights) ? planSplit(machine, geometry) : undefined;
    const shared = split === undefined ? [] : splitFinalists(split);
    return [...alone, ...shared].sort((a, b) => a.cost.score - b.cost.score);
  });
  const plan = session.choose(finalists);
  if ('by' in plan) {
    scheduleSplitDepthwise(session, request, { ...parts, plan });
    return;
  }
  session.note(streamMapping(plan));
  const table = declareTable(session, node, where);
  const packed = packDepthwiseWeights(machine, weights, plan.blocks * R);
  const tensor = session.tensors.constant('weights', `${node.name}_weights`, packed);
  const parameters = declareParameters(session, node.name, parts.parameters);
  emitWindow(session, {
    geometry,
    plan,
    padValue: padConstant(machine, request, 0),
    stage: outputFields(session, { node, where }, table),
    parameters: perChannel(session, parameters),
    reduction: { kind: 'dwconv', weights: tensor, groupRows: wgtRows(plan.blocks) },
  });
}

/** The same on the array and the vector unit at once. */
function scheduleSplitDepthwise(
  session: Session,
  request: LayerRequest,
  {
    geometry,
    weights,
    parameters,
    plan,
  }: {
    readonly geometry: Geometry;
    readonly weights: ConvWeights;
    readonly parameters: ReturnType<typeof channelParameters>;
    readonly plan: SplitPlan;
  },
): void {
  const { machine, tensors } = session;
  const { node } = request;
  session.note(splitMapping(plan));
  const table = declareTable(session, node, request.where);
  const constant = (name: string, data: Uint8Array) =>
    tensors.constant('weights', `${node.name}_${name}`, data);
  const diagonal = constant('diagonal', packDiagonalWeights(machine, weights));
  const taps =
    plan.by === 'array'
      ? diagonal
      : constant('weights', packDepthwiseWeights(machine, weights, machine.array.rows));
  emitSplitDepthwise(session, {
    geometry,
    plan,
    padValue: padConstant(machine, request, 0),
    diagonal,
    taps,
    parameters: declareParameters(session, node.name, parameters),
    stage: outputFields(session, request, table),
  });
}

function schedulePool(session: Session, request: LayerRequest, mode: 0 | 1): void {
  const { node, where } = request;
  requireFunction(session.machine, 'pool', where);
  const kernel = numbersOf(node, 'kernel');
  const [height, width] = kernel.length === 1 ? [1, kernel[0]!] : [kernel[0]!, kernel[1]!];
  const terms = mode === 0 ? 1 : height * width;
  checkWindowSums(session.machine, { terms, biases: numbersOf(node, 'bias', [0]) }, where);
  const geometry = geometryOf(session, request, height, width);
  const plan = chooseStream(session, streamNeeds(session, geometry, height * width), where);
  session.note(streamMapping(plan));
  const table = declareTable(session, node, where);
  const parameters = declareChannelParameters(session, request, plan.blocks);
  const least = integerRange(session.machine.elements.activationBits).min;
  emitWindow(session, {
    geometry,
    plan,
    padValue: padConstant(session.machine, request, mode === 0 ? least : 0),
    stage: outputFields(session, { node, where }, table),
    parameters,
    reduction: { kind: 'pool', mode },
  });
}

function scheduleAdd(session: Session, request: LayerRequest): void {
  const { node, where } = request;
  const { machine } = session;
  requireFunction(machine, 'add', where);
  checkAddSums(machine, node, where);
  const { geometry, inputs } = pointGeometry(session, request);
  const needs = { ...streamNeeds(session, geometry, 3), operands: 2, parRows: () => 3 };
  const plan = chooseStream(session, needs, where);
  session.note(streamMapping(plan));
  const table = declareTable(session, node, where);
  const entry = (bias: number, multiplier: number, shift: number) => {
    checkMultiplier(machine, multiplier, where);
    checkShift(shift, where);
    return new Array(machine.vector.lanes).fill({ bias, multiplier, shift }) as {
      bias: number;
      multiplier: number;
      shift: number;
    }[];
  };
  const sum = [numbersOf(node, 'multiplier')[0]!, numbersOf(node, 'shift')[0]!] as const;
  const tensor = declareParameters(session, node.name, [
    ...entry(numberOf(node, 'aBias', 0), numberOf(node, 'aMultiplier'), numberOf(node, 'aShift')),
    ...entry(numberOf(node, 'bBias', 0), numberOf(node, 'bMultiplier'), numberOf(node, 'bShift')),
    ...entry(numberOf(node, 'bias', 0), ...sum),
  ]);
  emitPoint(session, {
    inputs,
    output: geometry.output,
    plan,
    stage: outputFields(session, { node, where }, table),
    parameters: () => ({ tensor, first: 0, rows: 3 }),
    operation: { kind: 'add', leftShift: numberOf(node, 'leftShift', 0) },
  });
}

function scheduleProduct(session: Session, request: LayerRequest): void {
  const { node, where } = request;
  const { machine } = session;
  const refusal = refusedProduct(machine);
  if (refusal !== undefined)
    throw new DiagnosticError([
      unsupportedOperator(where, node.operator, refusal, 'leave the product to the host'),
    ]);
  const { geometry, factor } = productGeometry(stayingFirst(session, request), machine.array.rows);
  const rows = factorRows(machine);
  const needs = { ...streamNeeds(session, geometry, 1), wgtRows: (blocks: number) => blocks * rows };
  const plan = chooseStream(session, needs, where);
  session.note(streamMapping(plan));
  const table = declareTable(session, node, where);
  const parameters = declareChannelParameters(session, { ...request, output: geometry.output }, plan.blocks);
  emitWindow(session, {
    geometry,
    plan,
    padValue: 0,
    stage: outputFields(session, request, table),
    parameters,
    reduction: { kind: 'product', factor, rows },
  });
}

/** A product's second factor is loaded: of two of one shape, that should be the one that does not stay in act. */
function stayingFirst(session: Session, request: LayerRequest): LayerRequest {
  const [a, b] = request.inputs as readonly [TensorView, TensorView];
  const alike = a.channels === b.channels && samePicture(a, b) && a.batch === b.batch;
  return alike && session.stays(b) && !session.stays(a) ? { ...request, inputs: [b, a] } : request;
}

function scheduleRescale(session: Session, request: LayerRequest): void {
  const biases = numbersOf(request.node, 'bias', [0]);
  checkWindowSums(session.machine, { terms: 1, biases }, request.where);
  const { geometry, inputs } = pointGeometry(session, request);
  const plan = chooseStream(session, streamNeeds(session, geometry, 1), request.where);
  session.note(streamMapping(plan));
  const table = declareTable(session, request.node, request.where);
  const parameters = declareChannelParameters(session, request, plan.blocks);
  const stage = outputFields(session, request, table);
  emitPoint(session, {
    inputs,
    output: geometry.output,
    plan,
    stage,
    parameters,
    operation: { kind: 'rescale' },
  });
}

function scheduleConcat(session: Session, request: LayerRequest): void {
  const { geometry, inputs } = pointGeometry(session, request);
  const plan = planStream(
    session.machine,
    { ...streamNeeds(session, geometry, 1), operands: 2 },
    request.where,
  );
  session.note(streamMapping(plan));
  const { array, vector } = session.machine;
  const most = Math.ceil(request.output.channels / vector.lanes);
  const parameterRows = Math.min((plan.blocks * array.rows) / vector.lanes, most);
  const copy = Array.from({ length: parameterRows * vector.lanes }, () => ({
    bias: 0,
    multiplier: 2,
    shift: 1,
  }));
  const parameters = declareParameters(session, request.node.name, copy);
  emitConcat(session, { inputs, output: geometry.output, plan, parameters, parameterRows });
}

function chooseStream(session: Session, needs: StreamNeeds, where: Place): StreamPlan {
  const { machine } = session;
  return session.choose(
    session.once('finalists', () => streamFinalists(machine, needs, planStream(machine, needs, where))),
  );
}

/** What rests in the array where activations do not. */
function restingOperand({ array }: Machine): NonNullable<LayerMapping['stationary']> {
  return array.dataflow === 'output-stationary' ? 'sums' : 'weights';
}

function convMapping(
  { ranking, ...plan }: ConvPlan,
  stationary: NonNullable<LayerMapping['stationary']>,
): LayerMapping {
  const { accBlocks, pieceTiles } = plan;
  const sizes = ({ outerBlocks, storeBlocks, tileHeight, tileWidth, inputBlocks }: ConvShape) => ({
    tileHeight,
    tileWidth,
    inputBlocks,
    storeBlocks,
    outerBlocks,
  });
  const chosen = { choice: { ...sizes(plan), accBlocks, pieceTiles }, cost: plan.cost };
  return { ...mappingOf('convolution', chosen, ranking, sizes), stationary };
}

function streamMapping({ ranking, ...plan }: StreamPlan): LayerMapping {
  const sizes = ({ blocks, tileHeight, tileWidth }: StreamShape) => ({ tileHeight, tileWidth, blocks });
  return mappingOf('vector', { choice: sizes(plan), cost: plan.cost }, ranking, sizes);
}

function splitMapping({ ranking, ...plan }: SplitPlan): LayerMapping {
  const sizes = ({ by, share, tileHeight, tileWidth }: SplitShape) => ({ by, share, tileHeight, tileWidth });
  return mappingOf('depthwise', { choice: sizes(plan), cost: plan.cost }, ranking, sizes);
}

function mappingOf<Shape>(
  kind: LayerMapping['kind'],
  chosen: Pick<LayerMapping, 'choice' | 'cost'>,
  ranking: Ranking<Shape>,
  sizes: (shape: Shape) => MappingChoice,
): LayerMapping {
  const alternatives = ranking.alternatives().map(({ shape, cost }) => ({ choice: sizes(shape), cost }));
  return { kind, ...chosen, candidates: ranking.count, alternatives };
}

function weightsOf({ node, constants }: LayerRequest): ConvWeights {
  const tensor = constants[1]?.constant;
  if (tensor === undefined) throw new InternalError(`node ${node.name}: the weights are no constant`);
  const [outputs, inputs, height = 1, width = 1] = tensor.shape as readonly [
    number,
    number,
    number?,
    number?,
  ];
  return { outputs, inputs, height, width, data: tensor.data as ArrayLike<number> };
}

function geometryOf(
  { keepsPictures }: Session,
  { node, inputs, output }: LayerRequest,
  height: number,
  width: number,
): Geometry {
  const geometry = { input: inputs[0]!, output, window: windowOf(node, height, width) };
  return keepsPictures ? geometry : simplify(geometry);
}

/** Element-wise geometry and the inputs in the same form. */
function pointGeometry({ keepsPictures }: Session, { inputs, output }: LayerRequest) {
  // Of a copy under another shape only the lines of pixels are equal.
  const pictures = keepsPictures && inputs.every((input) => samePicture(input, output));
  // All operands take one form, so a part of a tensor among them keeps the others from becoming lines.
  if (pictures || ![...inputs, output].every(isDense))
    return { geometry: { input: inputs[0]!, output, window: pointWindow }, inputs };
  const forms = inputs.map((input) => simplify({ input, output, window: pointWindow }));
  return { geometry: forms[0]!, inputs: forms.map((form) => form.input) };
}

function streamNeeds(session: Session, geometry: Geometry, cyclesPerSlice: number): StreamNeeds {
  const slots = session.machine.array.rows / session.machine.vector.lanes;
  const most = Math.ceil(geometry.output.channels / session.machine.vector.lanes);
  return {
    geometry,
    operands: 1,
    cyclesPerSlice,
    parRows: (blocks) => Math.min(blocks * slots, most),
    uniform: true,
    wgtRows: () => 0,
  };
}

/** Parameters of a node whose bias, multiplier and shift are one for all, or one per channel. */
function declareChannelParameters(
  session: Session,
  { node, where, output }: LayerRequest,
  blocks: number,
): WindowLayer['parameters'] {
  const bias = numbersOf(node, 'bias', [0]);
  const uniform = [bias, numbersOf(node, 'multiplier'), numbersOf(node, 'shift')].every(
    (list) => list.length === 1,
  );
  const { array, vector } = session.machine;
  const most = Math.ceil(output.channels / vector.lanes);
  const rows = Math.min((blocks * array.rows) / vector.lanes, most);
  const channels = uniform ? rows * vector.lanes : output.channels;
  const entries = channelParameters(session.machine, node, where, { channels, bias });
  const tensor = declareParameters(session, node.name, entries);
  if (uniform) return () => ({ tensor, first: 0, rows });
  return perChannel(session, tensor);
}

function perChannel(session: Session, tensor: string): WindowLayer['parameters'] {
  const slots = session.machine.array.rows / session.machine.vector.lanes;
  return (box: Box, slices: number) => ({ tensor, first: box.block * slots, rows: slices });
}
