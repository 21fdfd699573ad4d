/** Operands by distribution: those that the prices are fitted on, and the six that they are judged on, two of them a trained network's own. */

import { evaluateGraph } from '../../compiler/graph/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { compile } from '../../tools/library/index.js';
import type { Operands } from './stimuli.js';

/** A reproducible source of numbers in [0, 1). */
function random(seed: number): () => number {
  let state = (seed * 2654435761 + 12345) >>> 0;
  return () => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

const clamp = (value: number) => Math.max(-128, Math.min(127, Math.round(value)));

function normal(next: () => number, deviation: number): () => number {
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return clamp(deviation * radius * Math.cos(2 * Math.PI * next()));
  };
}

const uniform = (next: () => number, low: number, high: number) => () =>
  low + Math.floor(next() * (high - low + 1));

const sparse = (next: () => number, density: number, value: () => number) => () =>
  next() < density ? value() : 0;

const drawn = (activation: () => number, weight: () => number): Operands => ({ activation, weight });

/** Prices are fitted on these. */
export function trainingOperands(): Readonly<Record<string, Operands>> {
  const next = random(7);
  const found: Record<string, Operands> = {};
  for (const deviation of [2, 6, 15, 40]) {
    found[`normal-${deviation}`] = drawn(normal(next, deviation), normal(next, deviation));
  }
  found['sharp-weights'] = drawn(uniform(next, -100, 100), normal(next, 3));
  found['sharp-activations'] = drawn(normal(next, 3), uniform(next, -100, 100));
  for (const density of [0.1, 0.3, 0.6]) {
    found[`rare-${density * 10}`] = drawn(
      sparse(next, density, uniform(next, -90, 90)),
      uniform(next, -90, 90),
    );
  }
  found['positive'] = drawn(uniform(next, 0, 100), normal(next, 20));
  found['still'] = { activation: (_, row) => 10 * row - 15, weight: uniform(next, -60, 60) };
  found['slow'] = {
    activation: (vector, row) => clamp(90 * Math.sin(vector / 9 + row)),
    weight: normal(next, 25),
  };
  return found;
}

/** Prices are judged on these. */
export function judgedOperands(): Readonly<Record<string, Operands>> {
  const next = random(1001);
  return {
    zeros: drawn(
      () => 0,
      () => 0,
    ),
    small: drawn(uniform(next, -4, 4), uniform(next, -4, 4)),
    uniform: drawn(uniform(next, -128, 127), uniform(next, -128, 127)),
    sparse: drawn(sparse(next, 0.25, uniform(next, -128, 127)), normal(next, 30)),
    ...networkOperands(),
  };
}

/** Inputs and weights of two convolutions of the digits example, as the integer graph has them. */
function networkOperands(): Readonly<Record<string, Operands>> {
  const { opened, compiled } = compile('digits', { machine: 'edge4' });
  const inputs = bodyInputs(compiled.quantized, opened.tests[0]!);
  const values = evaluateGraph(compiled.body, inputs, { keep: 'all' });
  const convolutions = compiled.body.nodes.filter(({ operator }) => operator === 'IntegerConv');
  const found: Record<string, Operands> = {};
  for (const [i, node] of [convolutions.at(1)!, convolutions.at(2)!].entries()) {
    const input = values.get(node.inputs[0]!)!;
    const [, channels, height, width] = input.shape as readonly [number, number, number, number];
    const weights = compiled.body.values.get(node.inputs[1]!)!.constant!;
    const [outputs, ins, kh, kw] = weights.shape as readonly [number, number, number, number];
    const pixels = height * width;
    found[`digits-${i + 2}`] = {
      activation: (vector, row) => Number(input.data[(row % channels) * pixels + (vector % pixels)]),
      weight: (tile, row, column) =>
        Number(weights.data[((column % outputs) * ins + (row % ins)) * kh * kw + (tile % (kh * kw))]),
    };
  }
  return found;
}
