/** The user errors of SCALE-Sim configurations, each made by one factory. */

import { type Diagnostic, errorDiagnostic, type Place, warningDiagnostic } from '../../base/index.js';

export function strangeLine(where: Place): Diagnostic {
  return errorDiagnostic('scalesim/cfg-line', 'the line is no [section], no KEY: VALUE and no comment', {
    where,
    hint: 'comments begin with # or ;; values stand on one line',
  });
}

export function noSection(where: Place, key: string): Diagnostic {
  return errorDiagnostic('scalesim/cfg-section', `${key} stands above any [section]`, {
    where,
    hint: 'SCALE-Sim reads [general], [architecture_presets] and [run_presets]',
  });
}

export function twice(where: Place, key: string, first: Place): Diagnostic {
  return errorDiagnostic('scalesim/cfg-twice', `${key} is stated twice`, {
    where,
    related: [{ message: 'the first time', where: first }],
    hint: 'take one of the two away',
  });
}

export function missingKey(file: string, section: string, key: string): Diagnostic {
  return errorDiagnostic('scalesim/cfg-missing', `[${section}] does not state ${key}`, {
    where: { kind: 'file', file },
    hint: `add "${key}: VALUE" below [${section}]`,
  });
}

export function badValue(where: Place, key: string, value: string, legal: string): Diagnostic {
  return errorDiagnostic('scalesim/cfg-value', `${key} is ${JSON.stringify(value)}`, {
    where,
    hint: `legal: ${legal}`,
  });
}

export function tooSmall(where: Place, key: string, needed: string): Diagnostic {
  return errorDiagnostic('scalesim/cfg-small', `${key} is too little for this array`, {
    where,
    hint: `at least ${needed}`,
  });
}

export function sparsityOn(where: Place): Diagnostic {
  return errorDiagnostic(
    'scalesim/sparsity',
    'SparsitySupport is on, and the machines have no sparse arrays',
    {
      where,
      hint: 'set SparsitySupport to false for the dense network',
    },
  );
}

export function unknownKey(where: Place, section: string, key: string): Diagnostic {
  return warningDiagnostic(
    'scalesim/cfg-unknown',
    `[${section}] ${key} is no key of SCALE-Sim’s that is known here; it is ignored`,
    { where },
  );
}

export function noTopology(): Diagnostic {
  return errorDiagnostic('scalesim/no-topology', 'no topology is named', {
    where: { kind: 'option', option: '--topology' },
    hint: 'systole import scalesim -c FILE.cfg -t TOPOLOGY.csv',
  });
}
