/** The passes, in the order in which they run. */

import type { Graph } from '../graph/index.js';
import { foldBatchNormalization } from './fold-batch-normalization.js';
import { foldConstants } from './fold-constants.js';
import { foldPad } from './fold-pad.js';
import type { Pass } from './pass.js';
import { removeIdentities } from './remove-identities.js';
import { removeUnused } from './remove-unused.js';

/** Every float pass, in pipeline order. */
export const passes: readonly Pass[] = [
  foldConstants,
  // Identities hide a BatchNormalization or Pad from its neighbour, so they go first.
  removeIdentities,
  foldPad,
  foldBatchNormalization,
  removeUnused,
];

/** Runs the passes in order. The input must be a graph without verification faults; so is the output. */
export function runPasses(graph: Graph, list: readonly Pass[] = passes): Graph {
  return list.reduce((current, pass) => pass.run(current), graph);
}
