/** What is wrong with a command line whose options parse one by one. */

import { type Diagnostic, errorDiagnostic } from '../../base/index.js';

/** An option that would change nothing. @param needs what makes it mean something. */
export function idleOption(option: string, needs: string): Diagnostic {
  return errorDiagnostic('option/idle', `${option} has no effect without ${needs}`, {
    where: { kind: 'option', option },
    hint: `add ${needs}, or leave ${option} out`,
  });
}

export function noSegment(segment: number, segments: number): Diagnostic {
  return errorDiagnostic('option/segment', `there is no segment ${segment}`, {
    where: { kind: 'option', option: `--segment ${segment}` },
    hint: segments === 1 ? 'the network has one, 0' : `the network has ${segments}, from 0`,
  });
}

/** @param option one that writes a file of a single program. */
export function segmentNeeded(option: string, segments: number): Diagnostic {
  return errorDiagnostic(
    'option/segment',
    `the network runs as ${segments} programs, and ${option} writes one`,
    {
      where: { kind: 'option', option },
      hint: 'say which with --segment, from 0',
    },
  );
}
