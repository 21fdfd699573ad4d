/** What can be wrong with a network as a whole. */

import { type Diagnostic, errorDiagnostic } from '../../base/index.js';

/** @param operators operators of the network, all of which stay on the host. */
export function nothingToAccelerate(network: string, operators: readonly string[]): Diagnostic {
  return errorDiagnostic(
    'compile/nothing-to-accelerate',
    `no operator of the network runs on the accelerator (${[...new Set(operators)].join(', ') || 'it has none'})`,
    {
      where: { kind: 'file', file: network },
      hint: 'a network needs a convolution, a dense layer, a pool or another operator with an integer form',
    },
  );
}
