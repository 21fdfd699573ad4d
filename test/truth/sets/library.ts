/** Calls of vendors' libraries on GPUs, each chip predicted with constants fitted to the others: NeuSight's and DeepBench's measurements. */

import { gpuMaker } from '../../../models/data/index.js';
import {
  frameworkCallSeconds,
  type GpuConvolutionConstants,
  type GpuFrameworkConstants,
  type GpuLibraryConstants,
  type LibraryConvolution,
  type LibraryProduct,
  libraryConvolutionSeconds,
  libraryMatmulSeconds,
} from '../../../models/devices/index.js';
import { type FitProblem, fitConstants } from '../fit.js';
import { grouped, type Point } from '../statistics.js';
import type { Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';
import { deepbenchProducts, type LibraryRow, neusightConvolution, neusightLinear } from './library-rows.js';

type Span = readonly [start: number, least: number, most: number];
type Spans<Name extends string> = Readonly<Record<Name, Span>>;

const calls = {
  callSeconds: [60e-6, 1e-6, 1e-3],
  callYearly: [0.2, 0.01, 1],
} as const satisfies Spans<keyof GpuFrameworkConstants>;
const products = {
  computeShare: [0.95, 0.3, 1.3],
  memoryShare: [0.7, 0.1, 1.2],
  fillSteps: [20, 0.1, 500],
  halfReuse: [5, 0.1, 50],
  olderShare: [0.95, 0.3, 1],
  olderTransposedShare: [0.7, 0.2, 1],
} as const satisfies Spans<keyof GpuLibraryConstants>;

/** Constants by name out of a fit's list. */
function named<Name extends string>(spans: Spans<Name>, values: readonly number[]): Record<Name, number> {
  const names = Object.keys(spans) as Name[];
  return Object.fromEntries(names.map((name, at) => [name, values[at]!])) as Record<Name, number>;
}

function spansOf(
  spans: Spans<string>,
): Pick<FitProblem<never>, 'starts' | 'limits' | 'iterations' | 'sweeps'> {
  const all = Object.values(spans);
  return {
    starts: [all.map(([start]) => start)],
    limits: all.map(([, least, most]) => [least, most]),
    iterations: 0,
    sweeps: 24,
  };
}

/** A bare kernel's launch is DeepBench's. */
const productSpans = { ...calls, kernelSeconds: [8e-6, 1e-6, 1e-4], ...products } as const;

const productProblem: Omit<FitProblem<LibraryRow<LibraryProduct>>, 'rows'> = {
  measured: ({ seconds }) => seconds,
  model: (values, { device, shape, framework }) => {
    const constants = named(productSpans, values);
    const call = framework ? frameworkCallSeconds(device, constants) : constants.kernelSeconds;
    return call + libraryMatmulSeconds(device, constants, shape);
  },
  ...spansOf(productSpans),
};

const convolutionSpans = {
  ...calls,
  ...products,
  memoryShare: [0.9, 0.1, 1],
  directShare: [0.8, 0.1, 1.2],
  winogradTwoShare: [0.8, 0.1, 1.2],
  winogradFourShare: [0.8, 0.1, 1.2],
} as const satisfies Spans<keyof GpuConvolutionConstants | keyof typeof calls>;

const convolutionProblem: Omit<FitProblem<LibraryRow<LibraryConvolution>>, 'rows'> = {
  measured: ({ seconds }) => seconds,
  model: (values, { device, shape }) => {
    const constants = named(convolutionSpans, values);
    return frameworkCallSeconds(device, constants) + libraryConvolutionSeconds(device, constants, shape);
  },
  ...spansOf(convolutionSpans),
};

/** A fit sees every so many rows of a set: thousands of shapes say no more of ten constants than hundreds do. */
const SEEN = 9;
/** A device of the judged set counts in a fit as much as so many devices of another set. */
const OWN_WEIGHT = 3;

/** Predicts each chip's rows with constants fitted to the other chips' rows and to the other chips of `helpers`. */
function leaveChipsOut<Shape>(
  rows: readonly LibraryRow<Shape>[],
  helpers: readonly LibraryRow<Shape>[],
  problem: Omit<FitProblem<LibraryRow<Shape>>, 'rows'>,
  every = SEEN,
): readonly Point[] {
  const seen = [...rows.filter((_, at) => at % every === 0), ...helpers];
  const own = new Set(rows);
  return [...new Set(rows.map(({ chip }) => chip))].flatMap((chip) => {
    const others = sameMaker(
      chip,
      seen.filter((row) => row.chip !== chip),
      rows,
    );
    const constants = fitConstants({ ...problem, rows: others, weight: equalDevices(others, own) });
    return rows
      .filter((row) => row.chip === chip)
      .map((row) => ({
        label: row.label,
        published: row.seconds * 1e3,
        predicted: problem.model(constants, row) * 1e3,
      }));
  });
}

/** DeepBench's products by the model of tiles in waves, each chip from the others: what the kriging of deepbench.ts is held against. */
export function leaveProductChipsOut(rows: readonly LibraryRow<LibraryProduct>[]): readonly Point[] {
  return leaveChipsOut(rows, [], productProblem, 1);
}

/** The same with constants fitted to each chip's own rows: what the model could reach. */
export function fitOwnProducts(rows: readonly LibraryRow<LibraryProduct>[]): readonly Point[] {
  return grouped(rows, ({ chip }) => chip).flatMap((own) => {
    const constants = fitConstants({ ...productProblem, rows: own });
    return own.map((row) => ({
      label: row.label,
      published: row.seconds,
      predicted: productProblem.model(constants, row),
    }));
  });
}

/** Makers have their own libraries: rows of the same maker's devices, where there are any. */
function sameMaker<Shape>(
  chip: string,
  others: readonly LibraryRow<Shape>[],
  rows: readonly LibraryRow<Shape>[],
): readonly LibraryRow<Shape>[] {
  const maker = gpuMaker(rows.find((row) => row.chip === chip)!.device);
  const same = others.filter(({ device }) => gpuMaker(device) === maker);
  return same.length > 0 ? same : others;
}

/** Constants fitted to every device of a set and of `helpers`. */
function fitAll<Shape, Name extends string>(
  spans: Spans<Name>,
  rows: readonly LibraryRow<Shape>[],
  helpers: readonly LibraryRow<Shape>[],
  problem: Omit<FitProblem<LibraryRow<Shape>>, 'rows'>,
): Readonly<Record<Name, number>> {
  const seen = [...rows.filter((_, at) => at % SEEN === 0), ...helpers];
  return named(spans, fitConstants({ ...problem, rows: seen, weight: equalDevices(seen, new Set(rows)) }));
}

/** What models/data carries for products. */
export function fitProducts(tables: Tables): Readonly<Record<keyof typeof productSpans, number>> {
  return fitAll(productSpans, neusightLinear(tables).rows, olderHelpers(tables), productProblem);
}

/** What models/data carries for convolutions. */
export function fitConvolutions(tables: Tables): Readonly<Record<keyof typeof convolutionSpans, number>> {
  return fitAll(convolutionSpans, neusightConvolution(tables).rows, [], convolutionProblem);
}

/** DeepBench's float32 rows: the Maxwells and Pascals that NeuSight has but one of. */
function olderHelpers(tables: Tables): readonly LibraryRow<LibraryProduct>[] {
  if (!tables.has('published/deepbench_gemm.json')) return [];
  return deepbenchProducts(tables).rows.filter(({ shape }) => shape.type === 'float32');
}

/** Each device of a set weighs the same, however many rows it has. */
function equalDevices<Shape>(rows: readonly LibraryRow<Shape>[], own: ReadonlySet<LibraryRow<Shape>>) {
  const key = (row: LibraryRow<Shape>) => `${row.device.name} ${own.has(row)}`;
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  return (row: LibraryRow<Shape>) => (own.has(row) ? OWN_WEIGHT : 1) / counts.get(key(row))!;
}

const shared = { unit: 'ms', measure: 'mean percent', slow: true } as const;

export const neusightLinearSet: TruthSet = {
  ...shared,
  name: 'GPU linear layers, NeuSight, leave-one-device-out',
  target: 15,
  fit: 'nine constants for all devices, fitted to the other devices here and in DeepBench (float32); nothing by device but data sheets',
  peer: 'NeuSight (ASPLOS 2025), whose measurements these are, predicts such calls too; its error on these rows was not read',
  find: (tables) => {
    const { rows, unknown } = neusightLinear(tables);
    return {
      points: leaveChipsOut(rows, olderHelpers(tables), productProblem),
      notes: [
        'Float32 through PyTorch, best of repeated calls; the call takes more on older hosts, and hosts are taken to be of the age of their',
        'GPUs. DeepBench tells what Maxwell and Pascal lose where both operands are read along k; no figure tells that P100 loses up to two',
        'thirds beyond 8192 inputs. Under load the clock falls from boost to base (T4: 1590 to 585 MHz) within 0.7 ms of work a call: an',
        "assumption made with these rows in sight, as is that products see the data sheet's bandwidth and not what the device attains.",
        ...leftOut(unknown),
      ],
    };
  },
};

export const neusightConvolutionSet: TruthSet = {
  ...shared,
  name: 'GPU convolutions, NeuSight, leave-one-device-out',
  target: 25,
  fit: 'eleven constants for all devices, fitted to the other devices; nothing by device but data sheets',
  peer: 'NeuSight (ASPLOS 2025), whose measurements these are, predicts such calls too; its error on these rows was not read',
  find: (tables) => {
    const { rows, unknown } = neusightConvolution(tables);
    return {
      points: leaveChipsOut(rows, [], convolutionProblem),
      notes: [
        'Float32 through PyTorch, 3 x 3 at stride 1, the best of three algorithms as the library finds it (implicit product, Winograd fused,',
        'Winograd through memory). The clock is the geometric mean of base and boost: an assumption made with these rows in sight.',
        ...leftOut(unknown),
      ],
    };
  },
};

function leftOut(unknown: readonly string[]): Findings['notes'] {
  return unknown.length === 0 ? [] : [`Left out, no GPU of the table: ${unknown.join(', ')}.`];
}
