/**
 * SimpleRNN, GRU and LSTM, in one direction or in both. In: a layer's call over [N, T, C]. Out: an operator over [T, N, C], its result as Keras lays
 * it out. Gates are in Keras's order in the file, in ONNX's in the graph.
 */

import { float32Tensor, type Tensor, tensor } from '../../../base/index.js';
import { activationOperator, hardSigmoidSlope } from './activations.js';
import type { LayerCall } from './call.js';
import { biases, type Cell, cells, gates, matrix, stacked } from './gates.js';
import { maskedSteps } from './masked.js';
import { heeded } from './masks.js';
import { weightsOfSide } from './roles.js';

/** What the operator reads and is told, of one direction. */
interface Side {
  readonly cell: Cell;
  readonly units: number;
  /** [1, gates * units, k], gates in the graph's order. */
  readonly w: Tensor;
  readonly r: Tensor;
  /** [1, 2 * gates * units] */
  readonly b: Tensor;
  readonly attributes: Readonly<Record<string, number | boolean | string>>;
}

export function recurrent(call: LayerCall): void {
  const side = sideOf(call);
  const backwards = call.flag('go_backwards', false);
  const results = emit(call, [side], backwards ? 'reverse' : 'forward');
  const [, steps] = call.shape as readonly [number, number, number];
  if (call.flag('return_sequences', false)) {
    const inTime = sequenceOf(call, results.all, [0], side.units);
    // Keras leaves the states in the order in which they were made.
    const back = { starts: [-1], ends: [-steps - 1], axes: [1], steps: [-1] };
    call.finish({ value: backwards ? call.op('Slice', [inTime], back) : inTime, form: 'last' });
  } else call.finish({ value: lastOf(call, results.all, 0, backwards), form: 'last' });
  finishStates(call, results, 1);
}

const merges: Readonly<Record<string, string>> = { sum: 'Add', ave: 'Add', mul: 'Mul', concat: 'Concat' };

/** A layer over the sequence, and one of its like over the sequence backwards, in step with the first. */
export function bidirectional(call: LayerCall): void {
  const inner = call.layer.wrapped[0] ?? call.refuse('it holds no layer');
  const other = call.layer.wrapped[1] ?? inner;
  if (!Object.hasOwn(cells, inner.className)) call.refuse(`a layer of ${inner.className} is not supported`);
  if (inner.config.go_backwards === true) call.refuse('its forward layer goes backwards');
  const forward = call.as(inner, weightsOfSide(call.weights, 'forward'));
  const sides = [sideOf(forward), sideOf(call.as(other, weightsOfSide(call.weights, 'backward')))] as const;
  requireAlike(call, sides);
  const results = emit(forward, sides, 'bidirectional');
  const mode = call.text('merge_mode', 'concat');
  const operator = Object.hasOwn(merges, mode)
    ? merges[mode]!
    : call.refuse(`merge mode "${mode}" is not supported`);
  call.finish({ value: merged(forward, results.all, operator, mode === 'ave'), form: 'last' });
  finishStates(forward, results, 2);
}

function requireAlike(call: LayerCall, [a, b]: readonly [Side, Side]): void {
  const told = ({ cell, units, attributes }: Side) => JSON.stringify([cell.operator, units, attributes]);
  if (told(a) !== told(b)) call.refuse('its two layers are not alike');
}

function merged(call: LayerCall, all: string, operator: string, halved: boolean): string {
  const units = call.number('units', call.layer.config.output_dim as number | undefined);
  const sequences = call.flag('return_sequences', false);
  if (sequences && operator === 'Concat') return sequenceOf(call, all, [0, 1], units);
  const parts = [0, 1].map((d) =>
    sequences ? sequenceOf(call, all, [d], units) : lastOf(call, all, d, d === 1),
  );
  const joined = call.op(operator, parts, operator === 'Concat' ? { axis: 1 } : {});
  return halved ? call.op('Mul', [joined, call.constant('half', float32Tensor([], [0.5]))]) : joined;
}

interface Results {
  /** [T, D, N, H] */
  readonly all: string;
  /** [D, N, H]: the hidden state, and the LSTM's cell state. */
  readonly states: readonly string[];
}

function emit(call: LayerCall, sides: readonly Side[], direction: string): Results {
  const [{ cell, units, attributes }] = sides as readonly [Side];
  const joined = (role: string, key: 'w' | 'r' | 'b'): string =>
    call.constant(role, stacked(sides.map((side) => side[key])));
  const x = call.op('Transpose', [call.values.last(call.input)], { perm: [1, 0, 2] });
  const mask = maskOf(call);
  if (mask !== undefined) return emitMasked(call, sides, direction, { x, mask });
  const inputs = [x, joined('weights', 'w'), joined('recurrent', 'r'), joined('bias', 'b')];
  const given = call.inputs.slice(1);
  const count = cell.operator === 'LSTM' ? 2 : 1;
  if (given.length > 0) inputs.push(...initialStates(call, given, sides.length, count));
  const told = { hidden: units, direction, ...attributes };
  const [all, ...states] = call.results(cell.operator, inputs, told, 1 + count);
  return { all: all!, states };
}

/** Keras 3 hands a layer with initial states no mask unless the call states it; what earlier versions' masked steps give then differs. */
function maskOf(call: LayerCall): string | undefined {
  if (call.mask === undefined || call.inputs.length === 1) return heeded(call);
  const stated = 'value' in call.mask && call.mask.stated === true;
  if (stated || !isKeras3(call)) call.refuse('a mask together with initial states is not supported');
  return undefined;
}

const isKeras3 = ({ version }: LayerCall): boolean => Number.parseInt(version ?? '', 10) >= 3;

/** The same with steps that do not count. */
function emitMasked(
  call: LayerCall,
  sides: readonly Side[],
  direction: string,
  operands: { readonly x: string; readonly mask: string },
): Results {
  const [{ cell, units, attributes }] = sides as readonly [Side];
  if (cell.cudnn === true) call.refuse('cuDNN takes no mask');
  // A Bidirectional layer sets it itself, whatever the layers within say.
  const both = direction === 'bidirectional';
  if (!both && call.flag('zero_output_for_mask', false))
    call.refuse('"zero_output_for_mask" is not supported');
  const zeros = both && call.flag('return_sequences', false);
  if (zeros && !isKeras3(call))
    call.refuse('before Keras 3, what masked steps give in both directions depends on the version');
  return maskedSteps(
    call,
    { operator: cell.operator, attributes, units, zeros },
    operands,
    sides.map(({ w, r, b }, d) => ({
      weights: [call.constant('weights', w), call.constant('recurrent', r), call.constant('bias', b)],
      backwards: direction === 'reverse' || d === 1,
    })),
  );
}

/** States that the call is given: of each direction the hidden state, and the LSTM's cell state. */
function initialStates(
  call: LayerCall,
  given: readonly string[],
  directions: number,
  count: number,
): string[] {
  const [n, steps] = call.shape as readonly [number, number, number];
  if (given.length !== directions * count)
    call.refuse(`${given.length} initial states are given, not ${directions * count}`);
  const lengths = tensor('int32', [n], new Int32Array(n).fill(steps));
  const states = Array.from({ length: count }, (_, state) => {
    const parts = Array.from({ length: directions }, (_none, d) => {
      const name = given[d * count + state]!;
      const [rows, units] = call.rank(name, 2) as [number, number];
      return call.op('Reshape', [call.values.last(name)], { shape: [1, rows, units] });
    });
    return parts.length === 1 ? parts[0]! : call.op('Concat', parts, { axis: 0 });
  });
  return [call.constant('lengths', lengths), ...states];
}

/** Results beyond the first, where the layer returns its states. */
function finishStates(call: LayerCall, { states }: Results, directions: number): void {
  if (!call.flag('return_state', false)) return;
  for (let d = 0; d < directions; d++)
    for (const [i, state] of states.entries()) {
      const [, n, units] = call.values.builder.value(state).type.shape as readonly [number, number, number];
      const one = call.op('Slice', [state], { starts: [d], ends: [d + 1], axes: [0], steps: [1] });
      const value = call.op('Reshape', [one], { shape: [n, units] });
      call.finishFurther(1 + d * states.length + i, { value, form: 'last' });
    }
}

/** [T, D, N, H] as [N, T, D' * H] of some directions. */
function sequenceOf(call: LayerCall, all: string, directions: readonly number[], units: number): string {
  const [steps, count, n] = call.values.builder.value(all).type.shape as readonly [number, number, number];
  const [first] = directions as readonly [number];
  const cut = { starts: [first], ends: [first + 1], axes: [1], steps: [1] };
  const some = directions.length === count ? all : call.op('Slice', [all], cut);
  const rows = call.op('Transpose', [some], { perm: [2, 0, 1, 3] });
  return call.op('Reshape', [rows], { shape: [n, steps, directions.length * units] });
}

/** The state of a direction behind its last step: the first in time, if it goes backwards. */
function lastOf(call: LayerCall, all: string, d: number, backwards: boolean): string {
  const [steps, count, n, units] = call.values.builder.value(all).type.shape as readonly [
    number,
    number,
    number,
    number,
  ];
  const t = backwards ? 0 : steps - 1;
  const cut =
    count === 1
      ? { starts: [t], ends: [t + 1], axes: [0], steps: [1] }
      : { starts: [t, d], ends: [t + 1, d + 1], axes: [0, 1], steps: [1, 1] };
  return call.op('Reshape', [call.op('Slice', [all], cut)], { shape: [n, units] });
}

/** The weights and functions of a layer. */
function sideOf(call: LayerCall): Side {
  const cell = cells[call.layer.className] ?? call.refuse('it is no recurrent layer');
  for (const flag of ['stateful', 'time_major'])
    if (call.flag(flag, false)) call.refuse(`"${flag}" is not supported`);
  const channels = call.rank(call.input, 3)[2]!;
  const units = call.number('units', call.layer.config.output_dim as number | undefined);
  const after = cell.operator === 'GRU' && (cell.cudnn === true || call.flag('reset_after', false));
  return {
    ...{ cell, units },
    w: gates(matrix(call, cell, 'kernel', 'W', [channels, units]), cell, units),
    r: gates(matrix(call, cell, 'recurrent_kernel', 'U', [units, units]), cell, units),
    b: biases(call, cell, units, after),
    attributes: {
      newFunction: activationOperator(call, call.text('activation', 'tanh')),
      ...(cell.operator === 'GRU' && { linearBeforeReset: after }),
      ...(cell.operator !== 'RNN' && gateFunction(call)),
    },
  };
}

function gateFunction(call: LayerCall): Readonly<Record<string, number | string>> {
  const gate = call.text('recurrent_activation', call.text('inner_activation', 'sigmoid'));
  return gate === 'hard_sigmoid'
    ? { hardSlope: hardSigmoidSlope(call) }
    : { gateFunction: activationOperator(call, gate) };
}
