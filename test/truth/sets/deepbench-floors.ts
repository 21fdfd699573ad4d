/** What bounds the error on DeepBench's products: predictors that see what a held-out device does not, and simpler ones. */

import { attainedProductSeconds, type LibraryProduct } from '../../../models/devices/index.js';
import { type Kriging, krigedByOthers, searchedConstants } from '../kriging.js';
import { grouped, type Point, statisticsOf } from '../statistics.js';
import type { Tables } from '../tables.js';
import type { Floor } from '../truth-set.js';
import { deepbenchKriging } from './deepbench-kriging.js';
import { fitOwnProducts, leaveProductChipsOut } from './library.js';
import { deepbenchProducts, type LibraryRow } from './library-rows.js';

type Product = LibraryRow<LibraryProduct>;

export function deepbenchFloors(tables: Tables): readonly Floor[] {
  const { rows } = deepbenchProducts(tables);
  const stated = deepbenchKriging.stated;
  const hindsight = searchedConstants(deepbenchKriging, rows);
  const byShape: Kriging<Product> = { ...deepbenchKriging, group: shapeOf };
  return [
    floor('tiles in waves, nine constants fitted to the other devices', leaveProductChipsOut(rows)),
    floor(
      'roofline of attained rates alone',
      krigedPoints(rows, () => 0),
    ),
    floor('kriging at the stated figures, not searched', kriged(deepbenchKriging, stated, rows)),
    floor(
      'in hindsight: kriging with its constants searched on the judged devices',
      kriged(deepbenchKriging, hindsight, rows),
    ),
    floor(
      'in hindsight: the most like other device, times the best constant for each device and type',
      likest(rows),
    ),
    floor(
      "in hindsight: tiles in waves, nine constants fitted to the device's own rows",
      fitOwnProducts(rows),
    ),
    floor('kriging that knows the device, at other shapes (leave-shapes-out)', kriged(byShape, stated, rows)),
  ];
}

function floor(what: string, points: readonly Point[]): Floor {
  return { what, rows: points.length, error: statisticsOf(points).mean };
}

function kriged(problem: Kriging<Product>, constants: readonly number[], rows: readonly Product[]) {
  const predicted = krigedByOthers(problem, constants, rows);
  return krigedPoints(rows, (at) => predicted[at]!);
}

function krigedPoints(rows: readonly Product[], residual: (at: number) => number): readonly Point[] {
  return rows.map((row, at) =>
    point(row, attainedProductSeconds(row.device, row.shape) * Math.exp(residual(at))),
  );
}

function point({ label, seconds }: Product, predicted: number): Point {
  return { label, published: seconds, predicted };
}

function shapeOf({ shape: { m, n, k } }: Product): string {
  return `${m} ${n} ${k}`;
}

/** Every series of a device and type from the one other series that, times one constant, fits it best; shapes that both have. */
function likest(rows: readonly Product[]): readonly Point[] {
  const series = grouped(rows, ({ device, shape }) => `${device.name} ${shape.type}`);
  return series.flatMap((own) => {
    const candidates = series
      .filter((other) => other[0]!.chip !== own[0]!.chip)
      .map((other) => scaled(own, other))
      .filter((points) => points.length > own.length / 2);
    return candidates.length === 0
      ? []
      : candidates.reduce((best, points) =>
          statisticsOf(points).mean < statisticsOf(best).mean ? points : best,
        );
  });
}

function scaled(own: readonly Product[], other: readonly Product[]): readonly Point[] {
  const seconds = new Map(other.map((row) => [`${shapeOf(row)} ${row.layout}`, row.seconds]));
  const both = own.flatMap((row) => {
    const theirs = seconds.get(`${shapeOf(row)} ${row.layout}`);
    return theirs === undefined ? [] : [{ row, theirs }];
  });
  const tried = both.map(({ row, theirs }) => {
    const factor = row.seconds / theirs;
    return both.map((pair) => point(pair.row, pair.theirs * factor));
  });
  return tried.reduce(
    (best, points) =>
      best.length === 0 || statisticsOf(points).mean < statisticsOf(best).mean ? points : best,
    [] as readonly Point[],
  );
}
