/**
 * Networks that their framework has quantised: QuantizeLinear/DequantizeLinear pairs around float operators, or QLinearConv and
 * QLinearMatMul. In: such a graph. Out: the same integer graph that calibration makes, with the framework's own scales.
 */

import { collect, fail, type Result } from '../../base/index.js';
import type { Graph } from '../graph/index.js';
import { otherWidth } from './diagnostics.js';
import { emitInteger } from './emit.js';
import { expandStated, type StatedForm } from './expand-stated.js';
import { storedBits } from './stated.js';
import { defaultElements, type ElementWidths, type QuantizedNetwork, type QuantizeOptions } from './types.js';
import { Unquantizer } from './unquantize.js';

const quantizedOperators = new Set(['QuantizeLinear', 'DequantizeLinear', 'QLinearConv', 'QLinearMatMul']);

const fullForm: StatedForm = { tables: true, expanded: true };

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
 * @param options.activationBits of the machine's activations (default: the network's own); a network of others is refused.
 * @param options.form what the machine has (default: everything).
 * @param options.refused what no schedule takes, from an earlier attempt.
 * @returns diagnostics for weights that are not symmetric, scales that are not constant, tensors without a scale.
 */
export function importQuantized(
  graph: Graph,
  options: Pick<QuantizeOptions, 'multiplierBits' | 'refused'> &
    Partial<Pick<ElementWidths, 'weightBits' | 'activationBits'>> & { readonly form?: StatedForm } = {},
): Result<QuantizedNetwork> {
  const stored = storedBits(graph);
  const { weightBits = 8, activationBits = stored, form = fullForm, ...others } = options;
  if (activationBits !== stored)
    return fail(otherWidth({ network: graph.name, value: graph.inputs[0] ?? '' }, stored, activationBits));
  const bits = { weights: weightBits, activations: stored };
  const plain = collect(() => {
    const tables = form.tables && stored === 8;
    return expandStated(new Unquantizer(graph, bits).run(), { ...form, tables });
  });
  if (!plain.ok) return plain;
  const elements = { ...defaultElements, weightBits, activationBits };
  const integer = emitInteger(plain.value, { ...others, elements });
  if (!integer.ok) return integer;
  return {
    ok: true,
    value: {
      graph: integer.value,
      summary: `int${stored}${weightBits === 16 && stored === 8 ? ' with 16-bit weights' : ''} as the network file was quantised`,
    },
    diagnostics: integer.diagnostics,
  };
}
