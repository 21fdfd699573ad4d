/** Which of the parts of a graph that can keep their inputs in the array (exchange.ts) do so. In: the parts, and what they cost either way. */

import { collect } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Node } from '../graph/index.js';
import type { Subject } from './declare.js';
import { type ExchangePart, exchangeParts } from './exchange.js';
import { Placement } from './placement.js';

/** Layers written on trial. */
export interface Trial {
  /** Cycles of layers whose values lie so. @throws DiagnosticError where no mapping fits. */
  readonly cycles: (nodes: readonly Node[], exchanged: ReadonlySet<string>) => number;
  /** The cycles are measured, not believed. */
  readonly exact: boolean;
}

/** Values that lie with pixels in lanes and, by node, why a layer's do not. */
export interface Exchange {
  readonly values: ReadonlySet<string>;
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * The values that lie with pixels in lanes (exchange.ts): of every part of the graph that can, on an input-stationary machine; else of those whose
 * layers are believed (or, by exact cycles, are) quicker for it. And why not, by node.
 */
export function chooseExchange(subject: Pick<Subject, 'graph' | 'machine'>, trial: Trial): Exchange {
  const { graph, machine } = subject;
  const { parts, refused } = exchangeParts(graph, machine, new Placement(graph, machine.array.rows));
  const values = new Set<string>();
  const reasons = new Map(refused);
  for (const part of parts) {
    const reason = refuseExchange(machine, part, trial);
    if (reason === undefined) for (const name of part.values) values.add(name);
    else
      for (const { name, operator } of part.nodes) if (operator === 'IntegerConv') reasons.set(name, reason);
  }
  return { values, refused: reasons };
}

/** Beliefs of two ways to compute the same layers differ in their errors, by some percent: a smaller gain may be none. */
const CERTAIN_GAIN = 0.97;

/** Why a part is not exchanged: no mapping fits, or it is slower. */
function refuseExchange(machine: Machine, part: ExchangePart, trial: Trial): string | undefined {
  const cycles = (exchanged: ReadonlySet<string>) => trial.cycles(part.nodes, exchanged);
  const inputs = collect(() => cycles(part.values));
  if (!inputs.ok) return inputs.diagnostics[0]!.message;
  if (machine.array.dataflow === 'input-stationary') return undefined;
  const weights = collect(() => cycles(new Set()));
  const least = trial.exact ? 1 : CERTAIN_GAIN;
  if (!weights.ok || inputs.value < least * weights.value) return undefined;
  const [slow, quick] = [inputs.value, weights.value].map((n) => Math.round(n).toLocaleString('en'));
  return `${part.nodes.length === 1 ? 'it takes' : 'the layers between input and output take'} ${slow} cycles so, ${quick} with weights at rest`;
}
