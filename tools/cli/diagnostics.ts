/** What is wrong with a command line whose options parse one by one. */

import { type Diagnostic, errorDiagnostic } from '../../base/index.js';

/** An option that would change nothing. @param needs what makes it mean something. */
export function idleOption(option: string, needs: string): Diagnostic {
  return errorDiagnostic('option/idle', `${option} has no effect without ${needs}`, {
    where: { kind: 'option', option },
    hint: `add ${needs}, or leave ${option} out`,
  });
}
