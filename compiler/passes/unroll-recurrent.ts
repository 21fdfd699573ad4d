/**
 * unroll-recurrent: LSTM, GRU and RNN become products, sums, functions and products of gates, step by step. In: a float graph. Out: one of the
 * same meaning, in which what reads a single step reads that step's state, and reshapings between two such layers are gone.
 */

import { Expansion } from './expand/expansion.js';
import { expandRecurrent } from './expand/recurrent.js';
import type { Pass } from './pass.js';
import { removeUnused } from './remove-unused.js';
import { shortenMoves } from './shorten-moves.js';

const recurrent: ReadonlySet<string> = new Set(['RNN', 'GRU', 'LSTM']);

/** Operators that this pass takes to the accelerator. */
export const unrolledOperators: ReadonlySet<string> = recurrent;

export const unrollRecurrent: Pass = {
  name: 'unroll-recurrent',
  summary: 'LSTM, GRU and RNN become products, sums and functions, step by step',
  run: (graph) => {
    const expansion = new Expansion(graph);
    let changed = false;
    for (const node of graph.nodes) {
      expansion.begin(node);
      const done = recurrent.has(node.operator) && expandRecurrent(expansion, node);
      if (!done) expansion.keep(node);
      changed ||= done;
    }
    return changed ? shortenMoves.run(removeUnused.run(expansion.graph())) : graph;
  },
};
