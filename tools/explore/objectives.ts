/**
 * What a machine is judged by. In: the measurement of a machine on every network, and the networks' weights. Out: metrics by name
 * (units in {@link metrics}), objectives as numbers to make small, and whether limits hold.
 */

import type { Environment, Expression } from './expression.js';

/** Of one network on one machine. */
export interface NetworkMeasurement {
  readonly cycles: number;
  readonly joules: number;
  readonly dramBytes: number;
  readonly macs: number;
}

/** Of one machine; FPGA resources are null where the area model has none (models/area), area is on FPGAs. */
export interface Measurement {
  readonly megahertz: number;
  readonly slots: number;
  readonly squareMillimetres: number | null;
  readonly memoryBits: number;
  readonly luts: number | null;
  readonly flipFlops: number | null;
  readonly dsps: number | null;
  readonly blockRams: number | null;
  readonly networks: readonly NetworkMeasurement[];
}

export type Goal = 'minimize' | 'maximize';

interface Metric {
  readonly unit: string;
  readonly goal: Goal;
  readonly what: string;
  readonly of: (sums: Sums, measurement: Measurement) => number | null;
}

/** Weighted sums over the networks. */
interface Sums {
  readonly cycles: number;
  readonly joules: number;
  readonly dramBytes: number;
  readonly macs: number;
  readonly seconds: number;
}

/** Every metric an objective, a limit or an axis can name. Over several networks times, energies and bytes are weighted means. */
export const metrics = {
  latency: {
    unit: 's',
    goal: 'minimize',
    what: 'time of an inference on the accelerator',
    of: (s) => s.seconds,
  },
  throughput: { unit: '1/s', goal: 'maximize', what: 'inferences a second', of: (s) => 1 / s.seconds },
  energy: { unit: 'J', goal: 'minimize', what: 'energy of an inference, DRAM included', of: (s) => s.joules },
  power: {
    unit: 'W',
    goal: 'minimize',
    what: 'mean power while it works, DRAM included',
    of: (s) => s.joules / s.seconds,
  },
  area: {
    unit: 'mm2',
    goal: 'minimize',
    what: 'silicon of array, vector lanes and buffers (ASIC targets)',
    of: (_, m) => m.squareMillimetres,
  },
  edp: { unit: 'J s', goal: 'minimize', what: 'energy times latency', of: (s) => s.joules * s.seconds },
  cycles: { unit: 'cycles', goal: 'minimize', what: 'cycles of an inference', of: (s) => s.cycles },
  utilization: {
    unit: '',
    goal: 'maximize',
    what: 'share of the multipliers’ cycles that compute the network',
    of: (s, m) => s.macs / (s.cycles * m.slots),
  },
  dramBytes: {
    unit: 'B',
    goal: 'minimize',
    what: 'bytes over the memory bus in an inference',
    of: (s) => s.dramBytes,
  },
  multipliers: {
    unit: '',
    goal: 'minimize',
    what: 'processing elements of the array',
    of: (_, m) => m.slots,
  },
  memoryBits: { unit: 'bit', goal: 'minimize', what: 'bits of all buffers', of: (_, m) => m.memoryBits },
  luts: { unit: '', goal: 'minimize', what: 'look-up tables (FPGA targets)', of: (_, m) => m.luts },
  flipFlops: { unit: '', goal: 'minimize', what: 'flip-flops (FPGA targets)', of: (_, m) => m.flipFlops },
  dsps: { unit: '', goal: 'minimize', what: 'DSP blocks (FPGA targets)', of: (_, m) => m.dsps },
  blockRams: { unit: '', goal: 'minimize', what: 'block RAMs (FPGA targets)', of: (_, m) => m.blockRams },
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof metrics;
export const metricNames = Object.keys(metrics) as readonly MetricName[];
export type Metrics = Readonly<Record<MetricName, number | null>>;

/** @param weights one a network, their sum above 0. */
export function metricsOf(measurement: Measurement, weights: readonly number[]): Metrics {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (of: (network: NetworkMeasurement) => number) =>
    measurement.networks.reduce((sum, network, i) => sum + weights[i]! * of(network), 0) / total;
  const cycles = mean((network) => network.cycles);
  const sums: Sums = {
    cycles,
    joules: mean((network) => network.joules),
    dramBytes: mean((network) => network.dramBytes),
    macs: mean((network) => network.macs),
    seconds: cycles / (measurement.megahertz * 1e6),
  };
  return Object.fromEntries(
    metricNames.map((name) => [name, metrics[name].of(sums, measurement)]),
  ) as Metrics;
}

export interface Objective {
  readonly name: string;
  readonly goal: Goal;
  readonly unit: string;
  readonly expression: Expression;
}

/** Names an objective or limit can use, by network besides: `latency`, `latency.digits`. */
export function objectiveNames(networks: readonly string[]): ReadonlyMap<string, 'number'> {
  const own = networks.flatMap((network) => metricNames.map((name) => `${name}.${identifier(network)}`));
  return new Map([...metricNames, ...own].map((name) => [name, 'number']));
}

/** A network's name as expressions write it. */
export function identifier(network: string): string {
  return network.replaceAll(/[^A-Za-z0-9_]/g, '_');
}

/** Values of all metric names for one measurement; NaN where a machine has none, which fails every comparison. */
export function environmentOf(
  measurement: Measurement,
  networks: readonly string[],
  weights: readonly number[],
): Environment {
  const whole = metricsOf(measurement, weights);
  const parts = new Map<string, Metrics>();
  const of = (network: string): Metrics => {
    const found = parts.get(network);
    if (found !== undefined) return found;
    const index = networks.findIndex((name) => identifier(name) === network);
    const made = metricsOf({ ...measurement, networks: [measurement.networks[index]!] }, [1]);
    parts.set(network, made);
    return made;
  };
  return (name) => {
    const [metric, network] = name.split('.') as [MetricName, string?];
    return (network === undefined ? whole : of(network))[metric] ?? Number.NaN;
  };
}

/** Objectives as numbers to make small: what is to be large is negated. */
export function costsOf(objectives: readonly Objective[], environment: Environment): readonly number[] {
  return objectives.map(({ goal, expression }) => {
    const value = expression.evaluate(environment) as number;
    return goal === 'minimize' ? value : -value;
  });
}

/** Indices of the limits that do not hold. */
export function brokenLimits(limits: readonly Expression[], environment: Environment): readonly number[] {
  return limits.flatMap((limit, index) => (limit.evaluate(environment) === true ? [] : [index]));
}
