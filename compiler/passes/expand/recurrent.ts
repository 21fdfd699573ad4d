/**
 * LSTM, GRU and RNN step by step. In: a node with constant weights. Out: of each gate one product for the inputs of all steps, and for each step
 * one product with the state, sums with a function behind them, and products of gates and states. States are [N, H, 1, 1].
 */

import type { Node } from '../../graph/index.js';
import type { Expansion } from './expansion.js';

/** Steps times directions that are worth a program of their own. */
const MOST_STEPS = 256;

/** Extents of a recurrent node, and its weights as lists. */
interface Recurrence {
  readonly steps: number;
  readonly samples: number;
  readonly features: number;
  readonly hidden: number;
  readonly directions: readonly boolean[];
  readonly w: Float32Array;
  readonly r: Float32Array;
  /** [D, 2 * gates * H] */
  readonly b: Float32Array;
}

const gateCounts: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };
const directionLists: Readonly<Record<string, readonly boolean[]>> = {
  forward: [false],
  reverse: [true],
  bidirectional: [false, true],
};

/** What the cells of a direction have made. */
interface Unrolled {
  /** By time. */
  readonly states: readonly string[];
  readonly last: string;
  readonly lastCell: string | undefined;
}

/** A rule of an expansion: false where weights are computed, samples end early, or there are peepholes. */
export function expandRecurrent(e: Expansion, node: Node): boolean {
  const found = recurrenceOf(e, node);
  if (found === undefined) return false;
  const { steps, samples, features } = found;
  const rows = e.reshape(node.inputs[0]!, [steps * samples, features, 1, 1]);
  const made = found.directions.map((backwards, d) => new Unrolling(e, node, found, d).run(rows, backwards));
  emitOutputs(e, node, found, made);
  return true;
}

function recurrenceOf(e: Expansion, node: Node): Recurrence | undefined {
  const [x, wName, rName, bName, lengths, h0, c0, peepholes] = node.inputs;
  const [w, r] = [e.numbers(wName), e.numbers(rName)];
  const directions = directionLists[String(node.attributes.direction ?? 'forward')];
  if (w === undefined || r === undefined || directions === undefined) return undefined;
  const [steps, samples, features] = e.shape(x!) as readonly [number, number, number];
  // A GRU's `1 - z` is the function of the opposite, where that is so.
  if (node.operator === 'GRU' && gateOf(node) !== 'Sigmoid') return undefined;
  const hidden = Number(node.attributes.hidden);
  const gates = gateCounts[node.operator]!;
  const present = (name: string | undefined): name is string => name !== undefined && name !== '';
  const b = present(bName) ? e.numbers(bName) : new Float32Array(directions.length * 2 * gates * hidden);
  const isZero = (name: string) => e.numbers(name)?.every((v) => v === 0) ?? false;
  // A constant state other than 0 is no value that the accelerator has; a computed one is.
  const fits = [h0, c0].every((n) => !present(n) || e.constantOf(n) === undefined || isZero(n));
  const whole =
    !present(lengths) ||
    (e.constantOf(lengths) !== undefined &&
      Array.from(e.constantOf(lengths)!.data, Number).every((n) => n === steps));
  if (b === undefined || !fits || !whole || (present(peepholes) && !isZero(peepholes))) return undefined;
  if (steps * directions.length > MOST_STEPS || steps === 0) return undefined;
  return { steps, samples, features, hidden, directions, w, r, b };
}

const gateOf = ({ attributes }: Node): string => String(attributes.gateFunction ?? 'Sigmoid');

/** One direction of a recurrent node. */
class Unrolling {
  private readonly gates: number;

  constructor(
    private readonly e: Expansion,
    private readonly node: Node,
    private readonly all: Recurrence,
    private readonly direction: number,
  ) {
    this.gates = gateCounts[node.operator]!;
  }

  run(rows: string, backwards: boolean): Unrolled {
    const { steps } = this.all;
    const inputs = Array.from({ length: this.gates }, (_, gate) => this.ofInput(gate, rows));
    const states: string[] = [];
    let [h, c] = [this.initial(5), this.initial(6)];
    for (let k = 0; k < steps; k++) {
      const t = backwards ? steps - 1 - k : k;
      const x = inputs.map((input) => this.stepOf(input, t));
      if (this.node.operator === 'LSTM') [h, c] = this.lstm(x, h, c);
      else h = this.node.operator === 'GRU' ? this.gru(x, h) : this.fresh(this.preactivation(0, x, h));
      states[t] = h;
    }
    return { states, last: h!, lastCell: c };
  }

  private initial(input: number): string | undefined {
    const { e, node, all } = this;
    const name = node.inputs[input] ?? '';
    if (name === '' || e.constantOf(name) !== undefined) return undefined;
    const state = e.slice(name, 0, this.direction, this.direction + 1);
    return e.reshape(state, [all.samples, all.hidden, 1, 1]);
  }

  /** The input's part of a gate for all steps: [T * N, H, 1, 1]. Its bias is the whole gate's, unless the state's part has its own. */
  private ofInput(gate: number, rows: string): string {
    const { features, hidden, b } = this.all;
    const [input, state] = [0, 1].map((half) =>
      this.part(b, half * this.gates + gate, hidden, 2 * this.gates),
    );
    const bias = input!.map((v, i) => v + (this.hasOwnBias(gate) ? 0 : state![i]!));
    return this.product(rows, this.part(this.all.w, gate, hidden * features, this.gates), features, bias);
  }

  /** The state's part of a gate. */
  private ofState(gate: number, h: string): string {
    const { hidden, b, r } = this.all;
    const bias = this.hasOwnBias(gate) ? this.part(b, this.gates + gate, hidden, 2 * this.gates) : undefined;
    return this.product(h, this.part(r, gate, hidden * hidden, this.gates), hidden, bias);
  }

  /** Behind the reset gate of a GRU a product and its bias are multiplied together. */
  private hasOwnBias(gate: number): boolean {
    return this.node.operator === 'GRU' && gate === 2 && this.node.attributes.linearBeforeReset === true;
  }

  /** Part `index` of this direction's `count` parts of a list. */
  private part(list: Float32Array, index: number, size: number, count: number): Float32Array {
    const first = (this.direction * count + index) * size;
    return list.slice(first, first + size);
  }

  private product(x: string, weights: Float32Array, inputs: number, bias?: Float32Array): string {
    const { e } = this;
    const { hidden } = this.all;
    const matrix = e.floats([hidden, inputs, 1, 1], weights);
    return e.add('Conv', bias === undefined ? [x, matrix] : [x, matrix, e.floats([hidden], bias)]);
  }

  private stepOf(input: string, t: number): string {
    const { samples } = this.all;
    return this.e.slice(input, 0, t * samples, (t + 1) * samples);
  }

  /** A gate before its function; without a state, the input's part. */
  private preactivation(gate: number, x: readonly string[], h: string | undefined): string {
    return h === undefined ? x[gate]! : this.e.add('Add', [x[gate]!, this.ofState(gate, h)]);
  }

  private apply(operator: string, value: string): string {
    return this.e.add(operator, [value]);
  }

  /** What new values pass through. */
  private fresh(value: string): string {
    return this.through(String(this.node.attributes.newFunction ?? 'Tanh'), value);
  }

  /** What the cell state of an LSTM passes through. */
  private out(value: string): string {
    const { newFunction, outFunction } = this.node.attributes;
    return this.through(String(outFunction || newFunction || 'Tanh'), value);
  }

  private through(operator: string, value: string): string {
    return operator === 'Identity' ? value : this.apply(operator, value);
  }

  private open(value: string): string {
    const slope = Number(this.node.attributes.hardSlope ?? 0);
    if (slope === 0) return this.through(gateOf(this.node), value);
    return this.e.add('HardSigmoid', [value], { alpha: slope, beta: 0.5 });
  }

  private times(a: string, b: string): string {
    return this.e.add('Mul', [a, b]);
  }

  /** Gates i o f c. */
  private lstm(x: readonly string[], h: string | undefined, c: string | undefined): [string, string] {
    const before = (gate: number) => this.preactivation(gate, x, h);
    const fresh = this.times(this.open(before(0)), this.fresh(before(3)));
    const cell = c === undefined ? fresh : this.e.add('Add', [this.times(this.open(before(2)), c), fresh]);
    return [this.times(this.open(before(1)), this.out(cell)), cell];
  }

  /** Gates z r h. 1 - z is the logistic function of the opposite. */
  private gru(x: readonly string[], h: string | undefined): string {
    const z = this.preactivation(0, x, h);
    const fresh = this.fresh(this.candidate(x, h));
    const part = this.times(this.open(this.apply('Neg', z)), fresh);
    return h === undefined ? part : this.e.add('Add', [part, this.times(this.open(z), h)]);
  }

  private candidate(x: readonly string[], h: string | undefined): string {
    const reset = () => this.open(this.preactivation(1, x, h));
    if (!this.hasOwnBias(2)) {
      if (h === undefined) return x[2]!;
      return this.e.add('Add', [x[2]!, this.ofState(2, this.times(reset(), h))]);
    }
    if (h !== undefined) return this.e.add('Add', [x[2]!, this.times(reset(), this.ofState(2, h))]);
    const bias = this.part(this.all.b, this.gates + 2, this.all.hidden, 2 * this.gates);
    if (bias.every((v) => v === 0)) return x[2]!;
    return this.e.add('Add', [x[2]!, this.times(reset(), this.e.floats([1, bias.length, 1, 1], bias))]);
  }
}

/** y [T, D, N, H] and the last states [D, N, H], as far as somebody reads them. */
function emitOutputs(e: Expansion, node: Node, all: Recurrence, made: readonly Unrolled[]): void {
  const { steps, samples, hidden, directions } = all;
  const count = directions.length;
  const read = (name: string | undefined): name is string =>
    name !== undefined && name !== '' && (e.uses.isOutput(name) || e.uses.readers(name).length > 0);
  const join = (names: readonly string[], axis: number) =>
    names.length === 1 ? names[0]! : e.add('Concat', names, { axis });
  const [y, lastH, lastC] = node.outputs;
  if (read(y)) {
    // Both directions of a step lie side by side, as the next layer wants its rows.
    const parts = Array.from({ length: steps }, (_, t) =>
      join(
        made.map(({ states }) => states[t]!),
        1,
      ),
    );
    const rows = join(parts, 0);
    if (count === 1) e.reshape(rows, [steps, 1, samples, hidden], y);
    else e.add('Transpose', [e.reshape(rows, [steps, samples, count, hidden])], { perm: [0, 2, 1, 3] }, y);
  }
  if (read(lastH))
    e.reshape(
      join(
        made.map(({ last }) => last),
        0,
      ),
      [count, samples, hidden],
      lastH,
    );
  if (read(lastC))
    e.reshape(
      join(
        made.map((m) => m.lastCell!),
        0,
      ),
      [count, samples, hidden],
      lastC,
    );
}
