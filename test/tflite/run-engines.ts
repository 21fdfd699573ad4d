/**
 * Runs the networks of cases.ts on engines and writes what came out into engines.json, from which the table of docs/conformance.md is made:
 *
 *     node --import tsx test/tflite/run-engines.ts [--engine array|rtl] [--only TEXT] [--inferences N]
 */

import { scriptOptions, wholeNumber } from '../support/script-options.js';
import { exactCases } from './cases.js';
import { compiledCase, keepOutcome, onEngine } from './engines.js';

const options = scriptOptions({
  engine: { type: 'string', default: 'array' },
  only: { type: 'string', default: '' },
  inferences: { type: 'string', default: '1' },
});

for (const exact of exactCases.filter(({ name }) => name.includes(options.only))) {
  const started = Date.now();
  const outcome = await onEngine(
    exact,
    options.engine,
    compiledCase(exact),
    wholeNumber('inferences', options.inferences, 1),
  );
  keepOutcome(exact, outcome);
  const { different, ...figures } = outcome;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  process.stdout.write(
    `${exact.name}: ${JSON.stringify(figures)}, ${different.length} layers differ, ${seconds} s\n`,
  );
  if (
    different.length > 0 ||
    outcome.equal < outcome.numbers ||
    outcome.mismatches + outcome.timeMismatches > 0
  )
    process.exitCode = 1;
}
