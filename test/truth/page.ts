/** docs/accuracy.md: every set with its error, target, spread, plot, notes and worst rows. */

import { scatter } from './scatter.js';
import { percentError, statisticsOf } from './statistics.js';
import type { Floor, Judged } from './truth-set.js';

const WORST = 5;

export function toPage(judged: readonly Judged[]): string {
  return [
    '# Accuracy',
    '',
    'Written by `npm run truth -- --write`. Every figure is recomputed from tables of published and measured values that are not part of the',
    'project; `--data DIR` takes another folder of tables in the same form. Errors are of single rows, in percent of the published value. A',
    'positive bias means that the model predicts more than was published. Dashed lines in the plots: 25 % more, 20 % less.',
    '',
    '| set | rows | error | target | met |',
    '| --- | ---: | ---: | ---: | --- |',
    ...judged.map(row),
    '',
    ...judged.flatMap(section),
  ].join('\n');
}

function row({ set, findings, missing, error, met }: Judged): string {
  if (missing !== undefined) return `| ${set.name} | | no data | ${set.target} | no |`;
  return `| ${set.name} | ${findings!.points.length} | ${show(error!)} (${set.measure}) | ${set.target} | ${met ? 'yes' : '**no**'} |`;
}

function section({ set, findings, missing, floors }: Judged): readonly string[] {
  const head = [`## ${set.name}`, '', `- parameters: ${set.fit}`, `- the best published tool: ${set.peer}`];
  if (!findings) return [...head, `- no data: ${missing}`, ''];
  const { n, median, mean, p90, max, bias } = statisticsOf(
    findings.points.filter(({ published }) => published !== 0),
  );
  const worst = [...findings.points]
    .filter(({ published }) => published !== 0)
    .sort((a, b) => Math.abs(percentError(b)) - Math.abs(percentError(a)))
    .slice(0, WORST);
  return [
    ...head,
    `- n ${n}; absolute error: median ${show(median)} %, mean ${show(mean)} %, p90 ${show(p90)} %, maximum ${show(max)} %; bias ${show(bias)} %`,
    '',
    ...(scatter(findings.points, set.unit)
      ? [`![predicted against published](accuracy/${fileName(set.name)})`, '']
      : []),
    ...findings.notes,
    '',
    ...(floors ? floorTable(floors) : []),
    ...(max === 0 ? [] : ['| worst rows | published | predicted | error |', '| --- | ---: | ---: | ---: |']),
    ...(max === 0
      ? []
      : worst.map(
          (p) => `| ${p.label} | ${show(p.published)} | ${show(p.predicted)} | ${show(percentError(p))} % |`,
        )),
    '',
  ];
}

/** `npm run truth -- --floor` prints the same. */
function floorTable(floors: readonly Floor[]): readonly string[] {
  return [
    '| other predictors of these rows (`--floor`) | rows | mean error |',
    '| --- | ---: | ---: |',
    ...floors.map(({ what, rows, error }) => `| ${what} | ${rows} | ${show(error)} % |`),
    '',
  ];
}

/** Name of a set's plot under docs/accuracy. */
export function fileName(name: string): string {
  return `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`;
}

/** Four significant digits. */
export function show(value: number): string {
  return String(Number(value.toPrecision(4)));
}
