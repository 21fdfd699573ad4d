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

/** Something was asked that only a network of one segment has. */
export function severalSegments(network: string, segments: number): Diagnostic {
  return errorDiagnostic(
    'compile/several-segments',
    `the host works in the middle of the network: the accelerator runs it as ${segments} programs, not one`,
    {
      where: { kind: 'file', file: network },
      hint: 'run, verify, compile, simulate and diff take such networks; what was asked needs a single program',
    },
  );
}
