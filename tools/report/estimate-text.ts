/** A prediction of the area model in words, each figure with its worst error on cores that the model was not fitted on. */

import {
  COMPARED_ACTIVITY,
  type HeldOutError,
  type MappedEstimate,
  wattsAt,
} from '../../models/area/index.js';
import type { PointPower } from '../../models/data/index.js';

/** @param at clock and activity that power is stated at; default 100 MHz and a tenth of a transition a net and cycle. */
export function estimateText(
  { counts, megahertz, power, errors }: MappedEstimate,
  at: { readonly megahertz: number; readonly activity: number } = {
    megahertz: 100,
    activity: COMPARED_ACTIVITY,
  },
): string {
  const { luts, flipFlops, dsps, blockRams, squareMicrometres } = counts;
  const texts: Readonly<Record<string, string | undefined>> = {
    luts: luts === undefined ? undefined : `${luts} LUTs`,
    flipFlops: flipFlops === undefined ? undefined : `${flipFlops} flip-flops`,
    dsps: dsps === undefined ? undefined : `${dsps} DSPs`,
    blockRams: blockRams === undefined ? undefined : `${blockRams} block RAMs`,
    squareMicrometres:
      squareMicrometres === undefined ? undefined : `${(squareMicrometres / 1e6).toPrecision(3)} mm2`,
    megahertz: megahertz === null ? undefined : `${megahertz.toFixed(0)} MHz`,
    watts: power === null ? undefined : wattsText(power, at),
  };
  const figures = Object.entries(texts).flatMap(([name, text]) =>
    text === undefined ? [] : [`${text}${errorText(errors[name])}`],
  );
  const cores = Math.max(0, ...Object.values(errors).map((error) => error.cores));
  const others = cores === 1 ? 'one core' : `${cores} cores`;
  return `${figures.join(', ')}; in brackets the worst error on up to ${others} that it was not fitted on`;
}

function wattsText(power: PointPower, at: { readonly megahertz: number; readonly activity: number }): string {
  const watts = wattsAt(power, at.megahertz, at.activity);
  return `${watts.toPrecision(3)} W at ${at.megahertz} MHz and ${at.activity.toPrecision(2)} transitions a net`;
}

/** ` (7 %)`; nothing where none was held out. */
function errorText(error: HeldOutError | undefined): string {
  return error === undefined ? '' : ` (${(100 * error.worst).toFixed(0)} %)`;
}
