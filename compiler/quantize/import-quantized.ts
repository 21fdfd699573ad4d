/**
 * Networks that their framework has quantised: QuantizeLinear/DequantizeLinear pairs around float operators, or QLinearConv and
 * QLinearMatMul. In: such a graph. Out: the same integer graph that calibration makes, with the framework's own scales.
 */

import { collect, type Result } from '../../base/index.js';
import type { Graph } from '../graph/index.js';
import { emitInteger } from './emit.js';
import { defaultElements, type ElementWidths, type QuantizedNetwork, type QuantizeOptions } from './types.js';
import { Unquantizer } from './unquantize.js';

const quantizedOperators = new Set(['QuantizeLinear', 'DequantizeLinear', 'QLinearConv', 'QLinearMatMul']);

/** True when the graph carries its own quantisation: a scale that it computes while it runs is none. */
export function isQuantized(graph: Graph): boolean {
  return graph.nodes.some(
    ({ operator, inputs }) =>
      quantizedOperators.has(operator) && graph.values.get(inputs[1] ?? '')?.constant !== undefined,
  );
}

/**
 * uint8 becomes int8 by taking 128 from values and zero points; graph inputs and outputs keep their names and element types.
 * @param options.multiplierBits width of the requantiser's signed multiplier, 8 to 32 (default 32).
 * @param options.weightBits of the machine's weights (default 8): with 16, weights keep whatever zero point they have, exactly.
 * @param options.refused what no schedule takes, from an earlier attempt.
 * @returns diagnostics for weights that are not symmetric, scales that are not constant, tensors without a scale.
 */
export function importQuantized(
  graph: Graph,
  options: Pick<QuantizeOptions, 'multiplierBits' | 'refused'> &
    Partial<Pick<ElementWidths, 'weightBits'>> = {},
): Result<QuantizedNetwork> {
  const { weightBits = 8, ...others } = options;
  const plain = collect(() => new Unquantizer(graph, weightBits).run());
  if (!plain.ok) return plain;
  const elements = { ...defaultElements, weightBits };
  const integer = emitInteger(plain.value, { ...others, elements });
  if (!integer.ok) return integer;
  return {
    ok: true,
    value: {
      graph: integer.value,
      summary: `int8${weightBits === 16 ? ' with 16-bit weights' : ''} as the network file was quantised`,
    },
    diagnostics: integer.diagnostics,
  };
}
