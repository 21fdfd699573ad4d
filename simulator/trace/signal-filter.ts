/** Which signals to look at. In: glob patterns. Out: the matching signals, or a diagnostic of the pattern that names nothing. */

import { DiagnosticError } from '../../base/index.js';
import type { Signal } from '../engine/index.js';
import { noSuchSignal } from './diagnostics.js';

/**
 * Signals that match any of the patterns, in the engine's order; all where there is no pattern. `*` stands for any characters, dots
 * included, `?` for one; brackets stand for themselves; a pattern that matches a scope selects everything below it.
 * @throws DiagnosticError trace/no-such-signal
 */
export function selectSignals(signals: readonly Signal[], patterns: readonly string[]): readonly Signal[] {
  if (patterns.length === 0) return signals;
  const matchers = patterns.map((pattern) => ({ pattern, matches: globOf(pattern) }));
  const idle = matchers.filter(({ matches }) => !signals.some(({ path }) => matches.test(path)));
  if (idle.length > 0) {
    const some = signals.slice(0, 4).map(({ path }) => path);
    throw new DiagnosticError(idle.map(({ pattern }) => noSuchSignal(pattern, some)));
  }
  return signals.filter(({ path }) => matchers.some(({ matches }) => matches.test(path)));
}

function globOf(pattern: string): RegExp {
  const body = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${body}(\\..*)?$`);
}
