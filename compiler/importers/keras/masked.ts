/**
 * Recurrent layers of a sequence of which some steps do not count. In: operands over [T, N, C] and a mask [N, T]. Out: one operator a step; a step
 * that does not count leaves the states as they are.
 */

import { float32Tensor } from '../../../base/index.js';
import type { LayerCall } from './call.js';

/** One direction, as an operator of a single step reads it. */
export interface MaskedSide {
  /** Weights, recurrent weights and biases, each [1, ...]. */
  readonly weights: readonly string[];
  readonly backwards: boolean;
}

export interface MaskedLayer {
  readonly operator: 'LSTM' | 'GRU' | 'RNN';
  readonly attributes: Readonly<Record<string, number | boolean | string>>;
  readonly units: number;
  /** Steps that do not count give 0, as Keras has it in a Bidirectional layer; else the hidden state, as the step before did. */
  readonly zeros: boolean;
}

/** Steps times directions: each becomes five nodes or more. */
const MOST_STEPS = 1024;

/**
 * @param x [T, N, C]
 * @param mask [N, T], true where a step counts
 * @returns all [T, D, N, H] and the last states [D, N, H].
 */
export function maskedSteps(
  call: LayerCall,
  layer: MaskedLayer,
  { x, mask }: { readonly x: string; readonly mask: string },
  sides: readonly MaskedSide[],
): { readonly all: string; readonly states: readonly string[] } {
  const [steps, samples] = call.values.builder.value(x).type.shape as readonly [number, number, number];
  if (steps * sides.length > MOST_STEPS)
    call.refuse(`with a mask, more than ${MOST_STEPS} steps are not supported`);
  const swapped = call.op('Transpose', [mask], { perm: [1, 0] });
  const counts = call.op('Reshape', [swapped], { shape: [steps, samples, 1] });
  const at = (value: string, t: number) =>
    call.op('Slice', [value], { starts: [t], ends: [t + 1], axes: [0], steps: [1] });
  const rows = Array.from({ length: steps }, (_, t) => ({ x: at(x, t), counts: at(counts, t) }));
  const made = sides.map((side) => new Walk(call, layer, side, samples).run(rows));
  const joined = (values: readonly string[], axis: number) =>
    values.length === 1 ? values[0]! : call.op('Concat', values, { axis });
  const turns = rows.map((_, t) =>
    joined(
      made.map(({ outputs }) => outputs[t]!),
      0,
    ),
  );
  const shape = [steps, sides.length, samples, layer.units];
  return {
    all: call.op('Reshape', [joined(turns, 0)], { shape }),
    states: made[0]!.states.map((_, state) =>
      joined(
        made.map(({ states }) => states[state]!),
        0,
      ),
    ),
  };
}

interface Row {
  /** [1, N, C] */
  readonly x: string;
  /** [1, N, 1] */
  readonly counts: string;
}

/** One direction, step by step. */
class Walk {
  private readonly zero: string;

  constructor(
    private readonly call: LayerCall,
    private readonly layer: MaskedLayer,
    private readonly side: MaskedSide,
    samples: number,
  ) {
    const { units } = layer;
    this.zero = call.constant('zero', float32Tensor([1, samples, units], new Float32Array(samples * units)));
  }

  run(rows: readonly Row[]): { readonly outputs: readonly string[]; readonly states: readonly string[] } {
    const count = this.layer.operator === 'LSTM' ? 2 : 1;
    let states: readonly string[] = new Array<string>(count).fill(this.zero);
    const outputs: string[] = [];
    const times = rows.map((_, t) => t);
    for (const t of this.side.backwards ? times.reverse() : times) {
      const { x, counts } = rows[t]!;
      const fresh = this.step(x, states);
      const kept = states;
      states = fresh.map((state, i) => this.call.op('Where', [counts, state, kept[i]!]));
      outputs[t] = this.layer.zeros ? this.call.op('Where', [counts, fresh[0]!, this.zero]) : states[0]!;
    }
    return { outputs, states };
  }

  private step(x: string, states: readonly string[]): readonly string[] {
    const { operator, attributes, units } = this.layer;
    const told = { hidden: units, direction: 'forward', ...attributes };
    const inputs = [x, ...this.side.weights, '', ...states];
    const [, ...next] = this.call.results(operator, inputs, told, 1 + states.length);
    return next;
  }
}
