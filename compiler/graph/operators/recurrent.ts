/**
 * LSTM, GRU and RNN as ONNX states them: x [T, N, I], W [D, gates * H, I], R [D, gates * H, H], B [D, 2 * gates * H], lengths [N], initial
 * states [D, N, H]; results y [T, D, N, H] and last states [D, N, H]. Gates in the order i o f c, and z r h.
 */

import { elementCount, type Tensor } from '../../../base/index.js';
import { flagAttribute, numberAttribute, textAttribute } from '../attributes.js';
import {
  type EvaluateCall,
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  operatorsByName,
  refuse,
} from '../operator.js';
import { generate, isFloat, type Numbers, toNumbers } from './numeric.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

type Scalar = (x: number) => number;

/** What gates and new values may pass through, by the operators' names. */
const functions: Readonly<Record<string, Scalar>> = {
  Sigmoid: sigmoid,
  Tanh: Math.tanh,
  Relu: (x) => Math.max(x, 0),
  Identity: (x) => x,
  Elu: (x) => (x < 0 ? Math.expm1(x) : x),
  Softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  Softsign: (x) => x / (1 + Math.abs(x)),
  Silu: (x) => x / (1 + Math.exp(-x)),
};

/** Names that `gateFunction`, `newFunction` and `outFunction` may have. */
export const recurrentFunctions: ReadonlySet<string> = new Set(Object.keys(functions));

const functionOf = (name: string): Scalar =>
  Object.hasOwn(functions, name) ? functions[name]! : refuse(`the function "${name}" is not known`);

/** One direction's weights, with the biases of input and state apart. */
interface Cell {
  readonly hidden: number;
  readonly features: number;
  readonly w: Numbers;
  readonly r: Numbers;
  readonly wb: Numbers;
  readonly rb: Numbers;
  /** LSTM's peepholes, [3 * H] in the order i o f. */
  readonly peephole: Numbers;
  readonly linearBeforeReset: boolean;
  /** What the gates of GRU and LSTM apply. */
  readonly gate: Scalar;
  /** What new values apply. */
  readonly fresh: Scalar;
  /** What the LSTM's cell state applies on its way out. */
  readonly out: Scalar;
}

/** The new hidden state of one sample; `c` is the LSTM's cell state, changed in place. */
type Step = (cell: Cell, x: Numbers, h: Float64Array, c: Float64Array) => Float64Array;

/** `W[g] x`, for every unit of gate `g`. */
function ofInput({ hidden, features, w, wb }: Cell, gate: number, x: Numbers): Float64Array {
  return Float64Array.from({ length: hidden }, (_, unit) => {
    const row = gate * hidden + unit;
    let sum = wb[row]!;
    for (let i = 0; i < features; i++) sum += w[row * features + i]! * x[i]!;
    return sum;
  });
}

/** `R[g] h`, for every unit of gate `g`. */
function ofState({ hidden, r, rb }: Cell, gate: number, h: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: hidden }, (_, unit) => {
    const row = gate * hidden + unit;
    let sum = rb[row]!;
    for (let i = 0; i < hidden; i++) sum += r[row * hidden + i]! * h[i]!;
    return sum;
  });
}

const rnnStep: Step = (cell, x, h) => {
  const state = ofState(cell, 0, h);
  return ofInput(cell, 0, x).map((v, i) => cell.fresh(v + state[i]!));
};

const gruStep: Step = (cell, x, h) => {
  const gate = (g: number): Float64Array => {
    const state = ofState(cell, g, h);
    return ofInput(cell, g, x).map((v, i) => cell.gate(v + state[i]!));
  };
  const [z, r] = [gate(0), gate(1)];
  const state = cell.linearBeforeReset
    ? ofState(cell, 2, h).map((v, i) => v * r[i]!)
    : ofState(
        cell,
        2,
        h.map((v, i) => v * r[i]!),
      );
  const fresh = ofInput(cell, 2, x).map((v, i) => cell.fresh(v + state[i]!));
  return fresh.map((v, i) => (1 - z[i]!) * v + z[i]! * h[i]!);
};

const lstmStep: Step = (cell, x, h, c) => {
  const gate = (g: number): Float64Array => {
    const state = ofState(cell, g, h);
    return ofInput(cell, g, x).map((v, i) => v + state[i]!);
  };
  const [i, o, f, g] = [0, 1, 2, 3].map(gate) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const { hidden, peephole: p, gate: open, fresh, out } = cell;
  return h.map((_, u) => {
    const old = c[u]!;
    c[u] = open(f[u]! + p[2 * hidden + u]! * old) * old + open(i[u]! + p[u]! * old) * fresh(g[u]!);
    return open(o[u]! + p[hidden + u]! * c[u]!) * out(c[u]!);
  });
};

const directions: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

function reversals(call: Pick<InferCall, 'attributes'>): readonly boolean[] {
  const name = call.attributes.text('direction');
  return Object.hasOwn(directions, name) ? directions[name]! : refuse(`direction "${name}" is not known`);
}

/** A line between 0 and 1 where a slope is stated. */
function gateOf({ attributes }: Pick<InferCall, 'attributes'>): Scalar {
  const slope = attributes.number('hardSlope');
  const named = functionOf(attributes.text('gateFunction'));
  return slope === 0 ? named : (x) => Math.min(1, Math.max(0, slope * x + 0.5));
}

/** Of an LSTM, the function of new values where no other is stated. */
function outOf({ attributes }: Pick<InferCall, 'attributes'>): Scalar {
  const name = attributes.text('outFunction');
  return functionOf(name === '' ? attributes.text('newFunction') : name);
}

function cellOf(call: EvaluateCall, direction: number, gates: number): Cell {
  const hidden = call.attributes.number('hidden');
  const features = inputTensor(call, 0).shape[2]!;
  const part = (index: number, size: number): Numbers => {
    const given = call.inputs[index];
    if (given === undefined) return new Float64Array(size);
    return toNumbers(given.data).subarray(direction * size, (direction + 1) * size);
  };
  const bias = part(3, 2 * gates * hidden);
  return {
    ...{ hidden, features },
    w: part(1, gates * hidden * features),
    r: part(2, gates * hidden * hidden),
    wb: bias.subarray(0, gates * hidden),
    rb: bias.subarray(gates * hidden),
    peephole: gates === 4 ? part(7, 3 * hidden) : new Float64Array(0),
    linearBeforeReset: gates === 3 && call.attributes.flag('linearBeforeReset'),
    gate: gates === 1 ? sigmoid : gateOf(call),
    fresh: functionOf(call.attributes.text('newFunction')),
    out: gates === 4 ? outOf(call) : sigmoid,
  };
}

function initialState(given: Tensor | undefined, at: number, hidden: number): Float64Array {
  if (given === undefined) return new Float64Array(hidden);
  return Float64Array.from(toNumbers(given.data).subarray(at * hidden, (at + 1) * hidden));
}

function evaluateRecurrent(call: EvaluateCall, gates: number, step: Step): readonly Tensor[] {
  const x = inputTensor(call, 0);
  const [steps, samples, features] = x.shape as [number, number, number];
  const hidden = call.attributes.number('hidden');
  const lengths = call.inputs[4] && toNumbers(call.inputs[4].data);
  const data = toNumbers(x.data);
  const reverse = reversals(call);
  const y = new Float64Array(steps * reverse.length * samples * hidden);
  const [lastH, lastC] = [0, 1].map(() => new Float64Array(reverse.length * samples * hidden));
  for (const [d, backwards] of reverse.entries()) {
    const cell = cellOf(call, d, gates);
    for (let n = 0; n < samples; n++) {
      const at = d * samples + n;
      let h = initialState(call.inputs[5], at, hidden);
      const c = initialState(gates === 4 ? call.inputs[6] : undefined, at, hidden);
      const length = lengths?.[n] ?? steps;
      for (let k = 0; k < length; k++) {
        const t = backwards ? length - 1 - k : k;
        const row = (t * samples + n) * features;
        h = step(cell, data.subarray(row, row + features), h, c);
        y.set(h, ((t * reverse.length + d) * samples + n) * hidden);
      }
      lastH!.set(h, at * hidden);
      lastC!.set(c, at * hidden);
    }
  }
  return [y, lastH!, lastC!]
    .slice(0, call.outputs.length)
    .map((values, i) => generate(call.outputs[i]!, (k) => values[k]!));
}

function inferRecurrent(call: InferCall, gates: number) {
  const { element, shape } = inputType(call, 0);
  if (!isFloat(element) || shape.length !== 3) refuse(`the input is ${element} of rank ${shape.length}`);
  const [steps, samples, features] = shape as unknown as [number, number, number];
  const hidden = call.attributes.number('hidden');
  const count = reversals(call).length;
  functionOf(call.attributes.text('newFunction'));
  if (gates > 1) functionOf(call.attributes.text('gateFunction'));
  if (gates === 4) outOf(call);
  const expected: readonly (readonly number[])[] = [
    [count, gates * hidden, features],
    [count, gates * hidden, hidden],
    [count, 2 * gates * hidden],
    [samples],
    [count, samples, hidden],
    [count, samples, hidden],
    [count, 3 * hidden],
  ];
  expected.forEach((wanted, i) => {
    const given = call.inputs[i + 1]?.shape;
    if (given !== undefined && given.join() !== wanted.join())
      refuse(`input ${i + 1} has shape [${given.join(', ')}], not [${wanted.join(', ')}]`);
  });
  const state = { element, shape: [count, samples, hidden] };
  const all = { element, shape: [steps, count, samples, hidden] };
  return gates === 4 ? [all, state, state] : [all, state];
}

function recurrent(name: string, summary: string, gates: number, step: Step): OperatorSpec {
  const reset = { linearBeforeReset: flagAttribute('the reset gate multiplies behind the product', false) };
  const hard = {
    gateFunction: textAttribute('operator that gates pass through', 'Sigmoid'),
    hardSlope: numberAttribute('gates are clamp(slope * x + 0.5, 0, 1) instead; 0: they are not', 0),
  };
  const out = {
    outFunction: textAttribute('operator that the cell state passes through; none: newFunction', ''),
  };
  return {
    name,
    summary,
    attributes: {
      hidden: numberAttribute('units'),
      direction: textAttribute('forward, reverse or bidirectional', 'forward'),
      newFunction: textAttribute('operator that new values pass through', 'Tanh'),
      ...(gates === 3 ? reset : {}),
      ...(gates > 1 ? hard : {}),
      ...(gates === 4 ? out : {}),
    },
    inputs: { min: 3, max: gates === 4 ? 8 : 6 },
    infer: (call) => inferRecurrent(call, gates),
    evaluate: (call) => evaluateRecurrent(call, gates, step),
    macs: ({ inputs }) => {
      const [steps, samples] = inputs[0]!.shape as unknown as [number, number];
      return steps * samples * (elementCount(inputs[1]!.shape) + elementCount(inputs[2]!.shape));
    },
  };
}

export const recurrentOperators: OperatorTable = operatorsByName(
  recurrent('RNN', 'h = tanh(W x + R h + b) or another function, step by step', 1, rnnStep),
  recurrent('GRU', 'gated recurrent unit, step by step', 3, gruStep),
  recurrent('LSTM', 'long short-term memory, step by step', 4, lstmStep),
);
