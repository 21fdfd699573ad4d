/** The errors of the models as a text: a table a target, prediction beside measurement on cores that were not fitted on, and how many rows are today's. */

import { hasMappedModel, type ModelError, modelErrors } from '../../models/area/index.js';
import { isLibrary, type SynthesisTarget } from '../../models/data/index.js';
import { presetPartsText } from './preset-parts.js';
import { synthesisTargets } from './targets.js';

export const heldErrors = (target: SynthesisTarget): readonly ModelError[] =>
  modelErrors(target).filter(({ held }) => held);

/** What the model is wanted to reach. */
export const WANTED = 0.15;

/** Whether a figure is as near as wanted: a DSP or a block RAM more or less in a few is not 15 %. */
export function isNear({ figure, measured, predicted }: ModelError): boolean {
  const slack = figure === 'dsps' || figure === 'blockRams' ? 1 : 0;
  return Math.abs(predicted - measured) <= Math.max(WANTED * measured, slack);
}

const titles: Readonly<Record<string, string>> = {
  luts: 'LUTs',
  flipFlops: 'flip-flops',
  dsps: 'DSPs',
  blockRams: 'block RAMs',
  squareMicrometres: 'um2',
  megahertz: 'MHz',
  watts: 'W',
};

function value(figure: string, n: number): string {
  if (figure === 'watts') return n.toPrecision(3);
  return n >= 1000 || Number.isInteger(n) ? String(Math.round(n)) : n.toPrecision(4);
}

function cell(error: ModelError | undefined): string {
  if (error === undefined) return '-';
  const { figure, measured, predicted } = error;
  const share = measured === 0 ? '' : ` (${(100 * error.error).toFixed(1)} %)`;
  return `${value(figure, measured)} / ${value(figure, predicted)}${share}${isNear(error) ? '' : ' **missed**'}`;
}

/** Rows: held-out cores. Columns: figures. */
function table(target: SynthesisTarget): readonly string[] {
  const errors = heldErrors(target);
  const figures = [...new Set(errors.map(({ figure }) => figure))];
  const machines = [...new Set(errors.map(({ machine }) => machine))];
  const fitted = new Set(
    modelErrors(target)
      .filter(({ held }) => !held)
      .map(({ machine }) => machine),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line([`${target}, fitted on ${[...fitted].join(', ')}`, ...figures.map((name) => titles[name]!)]),
    line(['---', ...figures.map(() => '---')]),
    ...machines.map((machine) =>
      line([
        machine,
        ...figures.map((figure) => cell(errors.find((e) => e.machine === machine && e.figure === figure))),
      ]),
    ),
    '',
  ];
}

/** Worst and mean error of each figure over held-out cores, a row a target. */
function summary(targets: readonly SynthesisTarget[]): readonly string[] {
  const figures = Object.keys(titles);
  const of = (target: SynthesisTarget, figure: string) => {
    const errors = heldErrors(target).filter((e) => e.figure === figure);
    if (errors.length === 0) return '-';
    const worst = Math.max(...errors.map((e) => Math.abs(e.error)));
    const mean = errors.reduce((sum, e) => sum + Math.abs(e.error), 0) / errors.length;
    const missed = errors.filter((e) => !isNear(e)).length;
    const text = `${(100 * worst).toFixed(1)} % (${(100 * mean).toFixed(1)} %)`;
    return missed === 0 ? text : `${text}, **${missed} of ${errors.length} missed**`;
  };
  return [
    `| worst error (mean), held-out cores | ${figures.map((name) => titles[name]!).join(' | ')} |`,
    `| --- | ${figures.map(() => '---').join(' | ')} |`,
    ...targets.map((target) => `| ${target} | ${figures.map((figure) => of(target, figure)).join(' | ')} |`),
    '',
  ];
}

/** The generated part of docs/hardware.md. */
export function errorsPage(): string {
  const targets = synthesisTargets.filter((target) => hasMappedModel(target));
  const clocked = targets.filter((t) => heldErrors(t).some(({ figure }) => figure === 'megahertz'));
  const unclocked = targets.filter((t) => !clocked.includes(t) && !isLibrary(t));
  return [
    ...summary(targets),
    `Clocks: ${clocked.join(', ')}; of ${unclocked.join(', ')} none, for no place-and-route tool of theirs is at hand. Watts: at 100 MHz and 0.1 transitions a net and cycle.`,
    '',
    'Measured / predicted (error):',
    '',
    ...targets.flatMap(table),
    'The FPGAs that presets are for, by the same model (without the SB_MAC16s of an UltraPlus):',
    '',
    ...presetPartsText(),
  ]
    .join('\n')
    .trimEnd();
}
