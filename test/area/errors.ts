/** How far the area model is off: prediction against measurement, for every core of the table. */

import { hasMappedModel, machineOfPoint, predictMapped } from '../../models/area/index.js';
import { type CorePoint, corePoints } from '../../models/data/index.js';

export interface ModelError {
  readonly machine: string;
  readonly flow: CorePoint['flow'];
  readonly held: boolean;
  readonly figure: string;
  readonly measured: number;
  readonly predicted: number;
  /** Prediction over measurement, less one; of DSPs and block RAMs where there are none: what is predicted. */
  readonly error: number;
}

/** Every figure of every core. */
export function modelErrors(): readonly ModelError[] {
  return corePoints
    .filter(({ flow }) => hasMappedModel(flow))
    .flatMap((point) => {
      const machine = machineOfPoint(point);
      const estimate = predictMapped(machine, point.flow)!;
      const row = (figure: string, measured: number, predicted: number): ModelError => ({
        machine: machine.name,
        flow: point.flow,
        held: point.held,
        figure,
        measured,
        predicted,
        error: measured === 0 ? predicted : predicted / measured - 1,
      });
      const counts = Object.entries(point.counts).map(([name, measured]) =>
        row(name, measured, estimate.counts[name as keyof typeof estimate.counts] ?? Number.NaN),
      );
      if (point.nanoseconds === undefined) return counts;
      const measured = 1000 / Math.max(...Object.values(point.nanoseconds));
      return [
        ...counts,
        row('megahertz', Math.round(measured * 10) / 10, Math.round(estimate.megahertz! * 10) / 10),
      ];
    });
}
