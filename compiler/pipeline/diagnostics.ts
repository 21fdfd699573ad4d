/** What can be wrong with a network as a whole. */

import { type Diagnostic, errorDiagnostic, warningDiagnostic } from '../../base/index.js';
import type { Graph } from '../graph/index.js';

/** A network that the host computes alone: it compiles, to no program at all. */
export function hostOnly(network: Graph): Diagnostic {
  return warningDiagnostic('compile/host-only', `${nothing(network)}: the host computes all of it`, {
    where: { kind: 'file', file: network.name },
    hint: 'cycles and energy of the accelerator are 0; the time is the host’s, at assumed or stated rates',
  });
}

/** Something was asked that needs a program, of a network that the host computes alone. */
export function nothingToAccelerate(network: Graph): Diagnostic {
  return errorDiagnostic('compile/nothing-to-accelerate', nothing(network), {
    where: { kind: 'file', file: network.name },
    hint: 'what was asked needs a convolution, a dense layer, a pool or another operator with an integer form',
  });
}

function nothing({ nodes }: Graph): string {
  const names = [...new Set(nodes.map(({ operator }) => operator))];
  const shown = names.length > 8 ? [...names.slice(0, 8), `${names.length - 8} more`] : names;
  return `no operator of the network runs on the accelerator (${shown.join(', ') || 'it has none'})`;
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
