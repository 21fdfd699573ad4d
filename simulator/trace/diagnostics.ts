/** What can be wrong with a request for a trace. */

import { type Diagnostic, errorDiagnostic } from '../../base/index.js';

/** A signal pattern that names nothing. `some`: paths that exist. */
export function noSuchSignal(pattern: string, some: readonly string[]): Diagnostic {
  return errorDiagnostic('trace/no-such-signal', `no signal of this engine matches "${pattern}"`, {
    where: { kind: 'option', option: `--signals ${pattern}` },
    hint: `patterns match paths below systole_core (* and ? are wild; a scope means all below it), such as ${some.join(', ')}`,
  });
}

/** The engine never offered its signals. */
export function engineWithoutSignals(engine: string): Diagnostic {
  return errorDiagnostic('trace/no-signals', `the ${engine} engine shows no signals`, {
    where: { kind: 'option', option: '--vcd' },
    hint: 'use --engine array or --engine rtl',
  });
}

/** A window with no cycle in it. */
export function emptyWindow(from: number, to: number): Diagnostic {
  return errorDiagnostic('trace/empty-window', `there is no cycle from ${from} to ${to}`, {
    where: { kind: 'option', option: `--from ${from} --to ${to}` },
  });
}
