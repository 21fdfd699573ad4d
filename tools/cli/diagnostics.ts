/** What is wrong with a command line whose options parse one by one. */

import { type Diagnostic, DiagnosticError, errorDiagnostic } from '../../base/index.js';

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

/** What `systole explore` cannot start without. */
export function exploreNeeds(missing: string): Diagnostic {
  return errorDiagnostic('option/missing', `explore needs ${missing}`, {
    where: { kind: 'option', option: missing },
    hint: 'systole explore digits --space space.yaml, or --resume DIR',
  });
}

/** An option that the folder of a resumed exploration has decided. */
export function resumeAlone(option: string): Diagnostic {
  return errorDiagnostic('option/decided', `${option} is decided by the folder that --resume names`, {
    where: { kind: 'option', option },
    hint: `leave ${option} out, or start another exploration with --out`,
  });
}

/** `--from` and `--point` belong together, and name a machine as `--machine` does. */
export function pointOptions(message: string): Diagnostic {
  return errorDiagnostic('option/point', message, {
    where: { kind: 'option', option: '--from, --point' },
    hint: '--from DIR --point ID name a machine of an exploration; --machine names any other',
  });
}

export function networkNeeded(): Diagnostic {
  return errorDiagnostic('option/missing', 'there is no network to verify', {
    where: { kind: 'option', option: 'NETWORK' },
    hint: 'name one, or an exploration with --from DIR --point ID',
  });
}

export function notARecord(file: string, message: string): DiagnosticError {
  return new DiagnosticError([
    errorDiagnostic('record/format', message, {
      where: { kind: 'file', file },
      hint: 'systole compare NETWORK --record run.json writes one, and so does systole run NETWORK --json',
    }),
  ]);
}
