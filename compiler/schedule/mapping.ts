/** What the scheduler chose for a layer and what it believes it to cost: for reports and for tests of the belief. */

import type { NestCost } from '../../models/analytic/index.js';

/** How a layer is laid over the machine. */
export interface LayerMapping {
  /** On the array, on the vector unit, or (a depthwise convolution) on both. */
  readonly kind: 'convolution' | 'vector' | 'depthwise';
  /** Which operand rests in the array (convolution): weights, inputs (pixels and output channels have changed places in `choice`) or sums. */
  readonly stationary?: 'weights' | 'inputs' | 'sums';
  /** Why not the inputs, on a machine that can keep them there. */
  readonly notInputs?: string;
  /** The sizes that were chosen, by name. */
  readonly choice: MappingChoice;
  /** Closed-form cost of the layer alone, from its first load to its last store. */
  readonly cost: NestCost;
  /** How many mappings were weighed. */
  readonly candidates: number;
  /** The best mapping of each other bound, the better ones first. */
  readonly alternatives: readonly { readonly choice: MappingChoice; readonly cost: NestCost }[];
}

export type MappingChoice = Readonly<Record<string, number | string>>;
