/** Weights of recurrent layers. In: arrays in Keras's order of gates, in one or one a gate. Out: arrays in ONNX's order, as the operators read them. */

import { float32Tensor, type Tensor, tensor } from '../../../base/index.js';
import type { LayerCall } from './call.js';
import { usesBias } from './windowed.js';

export interface Cell {
  readonly operator: 'LSTM' | 'GRU' | 'RNN';
  /** Gate g of the graph is gate `order[g]` of the file. */
  readonly order: readonly number[];
  /** Gates of the file as Keras 1 calls them, which keeps each in arrays of its own. */
  readonly letters: readonly string[];
  /** Weights as cuDNN keeps them: a gate's matrix is [units, k], laid out as one of [k, units], and the state has biases of its own. */
  readonly cudnn?: boolean;
}

export const cells: Readonly<Record<string, Cell>> = {
  // Keras: input, forget, cell, output. ONNX: input, output, forget, cell.
  LSTM: { operator: 'LSTM', order: [0, 3, 1, 2], letters: ['i', 'f', 'c', 'o'] },
  GRU: { operator: 'GRU', order: [0, 1, 2], letters: ['z', 'r', 'h'] },
  SimpleRNN: { operator: 'RNN', order: [0], letters: [] },
  CuDNNLSTM: { operator: 'LSTM', order: [0, 3, 1, 2], letters: [], cudnn: true },
  CuDNNGRU: { operator: 'GRU', order: [0, 1, 2], letters: [], cudnn: true },
};

/** [k, gates * units] in the file's order of gates; one array, or one a gate. */
export function matrix(
  call: LayerCall,
  cell: Cell,
  role: string,
  old: string,
  [k, units]: readonly [number, number],
): Tensor {
  const wide = cell.order.length * units;
  if (cell.letters.length === 0 || !call.hasWeight(`${old}_${cell.letters[0]}`))
    return call.weight(role, [k, wide]);
  const out = new Float32Array(k * wide);
  for (const [gate, letter] of cell.letters.entries()) {
    const { data } = call.weight(`${old}_${letter}`, [k, units]);
    for (let i = 0; i < k; i++)
      for (let unit = 0; unit < units; unit++)
        out[i * wide + gate * units + unit] = Number(data[i * units + unit]);
  }
  return float32Tensor([k, wide], out);
}

/** [k, gates * units] as [1, gates * units, k], gates in the graph's order. */
export function gates(stored: Tensor, { order, cudnn = false }: Cell, units: number): Tensor {
  const [k, wide] = stored.shape as readonly [number, number];
  const out = new Float32Array(k * wide);
  for (const [to, from] of order.entries())
    for (let at = 0; at < units * k; at++) {
      // Element `at` of the gate in rows of k; cuDNN's lie in this order in the file's rows of units.
      const [i, unit] = cudnn ? [Math.floor(at / units), at % units] : [at % k, Math.floor(at / k)];
      out[to * units * k + at] = Number(stored.data[i * wide + from * units + unit]);
    }
  return tensor('float32', [1, wide, k], out);
}

/** [1, 2 * gates * units]: those of the input, then those of the state, which only cuDNN's layers and a GRU that resets afterwards have. */
export function biases(call: LayerCall, cell: Cell, units: number, after: boolean): Tensor {
  const { order, letters, cudnn = false } = cell;
  const wide = order.length * units;
  const out = new Float32Array(2 * wide);
  if (!usesBias(call)) return tensor('float32', [1, 2 * wide], out);
  const apart = letters.length > 0 && call.hasWeight(`b_${letters[0]}`);
  const data = apart
    ? letters.flatMap((letter) => Array.from(call.weight(`b_${letter}`, [units]).data, Number))
    : call.weight('bias', cudnn ? [2 * wide] : after ? [2, wide] : [wide]).data;
  for (const half of after || cudnn ? [0, 1] : [0])
    for (const [to, from] of order.entries())
      for (let unit = 0; unit < units; unit++)
        out[half * wide + to * units + unit] = Number(data[half * wide + from * units + unit]);
  return tensor('float32', [1, 2 * wide], out);
}

/** Tensors [1, ...] as one [n, ...]. */
export function stacked(tensors: readonly Tensor[]): Tensor {
  const [{ shape, data }] = tensors as readonly [Tensor];
  const out = new Float32Array(data.length * tensors.length);
  for (const [i, one] of tensors.entries()) out.set(one.data as Float32Array, i * data.length);
  return tensor('float32', [tensors.length, ...shape.slice(1)], out);
}
