/**
 * Writes docs/conformance.md: `npm run conformance`. In: the ONNX conformance suite and the TFLite networks of the shared data, as the tests run them.
 * Out: the page. Fails where a case is wrong.
 */

import { writeFileSync } from 'node:fs';
import { type ConformanceRow, conformanceRows, type Outcome, runCase } from '../support/conformance.js';
import { scriptOptions } from '../support/script-options.js';
import { bitExactness } from '../tflite/table.js';

scriptOptions({});

type Judged = ConformanceRow & Outcome;
const verdicts = ['pass', 'refused', 'wrong'] as const;
const number = (rows: readonly Judged[], verdict: string) =>
  rows.filter((row) => row.verdict === verdict).length;
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

/** The reason without what differs from case to case. */
function reasonOf({ reason }: Judged): string {
  return cell(reason.replace(/"[^"]*"/g, '"..."').slice(0, 140));
}

function operatorRows(rows: readonly Judged[]): string[] {
  const names = [...new Set(rows.flatMap(({ ops }) => ops))].sort();
  return names.map((name) => {
    const own = rows.filter(({ ops }) => ops.includes(name));
    const reasons = new Set(own.filter(({ verdict }) => verdict === 'refused').map(reasonOf));
    const [first = '', ...others] = reasons;
    const more = others.length > 0 ? ` (and ${others.length} other reasons)` : '';
    return `| \`${name}\` | ${verdicts.map((verdict) => number(own, verdict)).join(' | ')} | ${first}${more} |`;
  });
}

const rows: readonly Judged[] = conformanceRows().map((row) => ({ ...row, ...runCase(row.test) }));
const theirs = rows.filter((row) => row.ort_1_30 === 'pass');
const page = [
  '# Conformance',
  '',
  'Written by `npm run conformance` from the data that the tests use; do not edit.',
  '',
  '## ONNX',
  '',
  `The ${rows.length} cases of the ONNX suite at the tolerance of the standard's own runner (1e-3 relative, 1e-7 absolute, integers exact): **${number(rows, 'pass')} pass`,
  `(${percent(number(rows, 'pass'), rows.length)}), ${number(rows, 'refused')} are refused with a diagnostic, ${number(rows, 'wrong')} are wrong**. Of the ${theirs.length} that onnxruntime 1.30 passes,`,
  `${number(theirs, 'pass')} pass (${percent(number(theirs, 'pass'), theirs.length)}). A case counts for each of its operators. Where the importer asks for a constant (shapes, axes), the case's fed`,
  'value is one.',
  '',
  '| operator | pass | refused | wrong | first reason for refusing |',
  '| --- | ---: | ---: | ---: | --- |',
  ...operatorRows(rows),
  '',
  '## TFLite networks, bit for bit',
  '',
  ...bitExactness(),
  '',
];
writeFileSync(new URL('../../docs/conformance.md', import.meta.url), page.join('\n'));
const wrong = rows.filter(({ verdict }) => verdict === 'wrong');
for (const { test, reason } of wrong) process.stderr.write(`wrong: ${test}: ${reason}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;
