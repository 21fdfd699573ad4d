/**
 * Power of GPU boards by their own sensor over a sweep of arithmetic intensity; boards are left out, or blocks of intensities of a single one. In: published
 * rows. Out: watts. Also the fit to all rows.
 */

import {
  type BoardPowerFit,
  boardPowerFit,
  type boardPowerFitted,
  type GpuDevice,
  gpuDevices,
} from '../../../models/data/index.js';
import { devicePower } from '../../../models/devices/index.js';
import { type FitProblem, fitConstants, leaveOneOut } from '../fit.js';
import { positive, type Tables } from '../tables.js';
import type { Findings, TruthSet } from '../truth-set.js';

const sweepPath = 'published/gpu_roofline_power.json';

interface SweepPoint {
  readonly label: string;
  readonly device: GpuDevice;
  readonly operationsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly watts: number;
}

/** The sweep's names are short: the board that carries the chip with most power. */
function sweptDevice(name: string): GpuDevice | undefined {
  const plain = name.toLowerCase();
  const fits = gpuDevices.filter((gpu) => plain.split('-').every((part) => gpu.name.includes(part)));
  return fits.toSorted((a, b) => b.thermalWatts - a.thermalWatts)[0];
}

function sweepPoints(tables: Tables): readonly SweepPoint[] {
  return tables.json(sweepPath).flatMap((row) => {
    const device = sweptDevice(String(row.device));
    if (device === undefined) return [];
    return {
      label: `${row.device}, ${row.flop_per_byte} operations a byte`,
      device,
      operationsPerSecond: 1e9 * positive(sweepPath, row, 'GFs'),
      bytesPerSecond: 1e9 * positive(sweepPath, row, 'GBs'),
      watts: positive(sweepPath, row, 'W'),
    };
  });
}

const freeBoard = {
  activeShare: [0.2, 0.02, 0.8],
  joulesPerOperation: [8e-13, 1e-14, 1e-11],
  joulesPerByte: [8e-11, 1e-12, 1e-9],
} as const satisfies Record<
  keyof typeof boardPowerFitted,
  readonly [start: number, least: number, most: number]
>;
const boardNames = Object.keys(freeBoard) as (keyof typeof freeBoard)[];

function withBoard(constants: readonly number[]): BoardPowerFit {
  return { ...boardPowerFit, ...Object.fromEntries(boardNames.map((name, at) => [name, constants[at]!])) };
}

const boardProblem: Omit<FitProblem<SweepPoint>, 'rows'> = {
  measured: ({ watts }) => watts,
  model: (constants, { device, ...load }) => devicePower(device, load, withBoard(constants)).watts,
  starts: [boardNames.map((name) => freeBoard[name][0])],
  limits: boardNames.map((name) => [freeBoard[name][1], freeBoard[name][2]]),
  iterations: 20,
  sweeps: 40,
};

/** Constants fitted to every row, by name. */
export function fitBoardPower(tables: Tables): BoardPowerFit {
  return withBoard(fitConstants({ ...boardProblem, rows: sweepPoints(tables) }));
}

export const gpuPowerCurves: TruthSet = {
  name: 'power, GPU boards over arithmetic intensity, blocks left out',
  unit: 'W',
  measure: 'mean percent',
  target: 15,
  slow: true,
  fit: 'three constants; of one board, intensities are left out in three blocks (low, middle, high); of several, each board',
  peer: 'none publishes an error on these rows',
  find: (tables) => boardFindings(tables),
};

function boardFindings(tables: Tables): Findings {
  const points = sweepPoints(tables);
  const devices = [...new Set(points.map(({ device }) => device.name))];
  const third = Math.ceil(points.length / 3);
  const groups =
    devices.length > 1
      ? devices.map((name) => points.filter(({ device }) => device.name === name))
      : [points.slice(0, third), points.slice(third, 2 * third), points.slice(2 * third)];
  return {
    points: leaveOneOut(groups, boardProblem).map(({ row, predicted }) => ({
      label: row.label,
      published: row.watts,
      predicted,
    })),
    notes: [
      'Watts of the board by its own sensor (device level). Float32 in the vector lanes, not in the matrix units; the rates reached are given to the model.',
    ],
  };
}
