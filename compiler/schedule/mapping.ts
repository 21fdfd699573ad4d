/** What the scheduler chose for a layer and what it believes it to cost: for reports and for tests of the belief. */

import type { NestCost } from '../../models/analytic/index.js';

/** How a layer is laid over the machine. */
export interface LayerMapping {
  readonly kind: 'convolution' | 'vector' | 'depthwise';
  /** The sizes that were chosen, by name. */
  readonly choice: Readonly<Record<string, number | string>>;
  /** Closed-form cost of the layer alone, from its first load to its last store. */
  readonly cost: NestCost;
}
