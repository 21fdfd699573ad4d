/**
 * What the edges of an array see, cycle by cycle: tiles of weights, each with vectors of activations. In: a distribution and a seed, or what a
 * real network's layer showed the array engine. Out: rows, the same for the netlist and for the array engine.
 */

import { type Machine, machinePresets } from '../../models/machine/index.js';
import { PeArray } from '../../simulator/array/pe-array.js';
import { compile, simulate } from '../../tools/library/verbs.js';

/** One cycle of the edges; rows of R activations and of C weights, held from the cycle before where nothing is shown. */
export interface EdgeCycle {
  readonly activations: Int8Array;
  readonly weights: Int8Array;
  /** Weight row that is shown, or undefined; row 0 raises the write enable. */
  readonly weightRow: number | undefined;
}

export type Draw = (random: () => number) => number;

export interface Distribution {
  readonly name: string;
  readonly activation: Draw;
  readonly weight: Draw;
  /** Act rows a tile; 48 by default. */
  readonly vectors?: number;
}

const between =
  (low: number, high: number): Draw =>
  (random) =>
    low + Math.floor(random() * (high - low + 1));
const normal =
  (deviation: number): Draw =>
  (random) => {
    const z = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(-128, Math.min(127, Math.round(z * deviation)));
  };
const sparse =
  (zeros: number, draw: Draw): Draw =>
  (random) =>
    random() < zeros ? 0 : draw(random);

/** The model's joules are fitted on these. */
export const fitted: readonly Distribution[] = [
  { name: 'sparse', activation: sparse(0.7, between(-128, 127)), weight: between(-128, 127) },
  { name: 'normal', activation: normal(20), weight: normal(20) },
  { name: 'positive', activation: between(0, 127), weight: normal(40) },
  { name: 'constant activations', activation: () => 77, weight: between(-128, 127) },
  { name: 'weights of one', activation: between(-128, 127), weight: (r) => (r() < 0.5 ? 1 : -1) },
  { name: 'rectified', activation: (r) => Math.max(0, normal(30)(r)), weight: normal(15) },
  { name: 'no weights', activation: normal(60), weight: () => 0 },
  // What a change of weights costs shows between tiles of different lengths.
  { name: 'long tiles', activation: () => 77, weight: between(-128, 127), vectors: 120 },
  { name: 'short tiles', activation: normal(20), weight: normal(20), vectors: 12 },
  { name: 'constant and short', activation: () => -3, weight: normal(40), vectors: 12 },
];

/** It is judged on these, and on layers of a network. */
export const judged: readonly Distribution[] = [
  { name: 'zeros', activation: () => 0, weight: () => 0 },
  { name: 'small values', activation: between(-7, 7), weight: between(-7, 7) },
  { name: 'uniform', activation: between(-128, 127), weight: between(-128, 127) },
];

/** mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Tiles of `vectors` act rows, `count` cycles in all; weight row 0 is shown a cycle before the first of them. */
export function drawn(machine: Machine, distribution: Distribution, count = 240): EdgeCycle[] {
  const { rows, columns } = machine.array;
  const { vectors = 48 } = distribution;
  const random = seeded(rows * 1000 + distribution.name.length);
  const take = (count: number, draw: Draw) => Int8Array.from({ length: count }, () => draw(random));
  const cycles: EdgeCycle[] = [];
  let weights: Int8Array = new Int8Array(columns);
  for (let cycle = 0; cycle < count; cycle++) {
    const row = cycle % vectors < rows ? cycle % vectors : undefined;
    if (row !== undefined) weights = take(columns, distribution.weight);
    cycles.push({ activations: take(rows, distribution.activation), weights, weightRow: row });
  }
  return cycles;
}

interface Shown {
  cycle: number;
  act?: Int8Array;
  weights?: Int8Array;
  row?: number;
}

/** Every matmul instruction of a network, as the array engine showed it to the array of this machine; `most` cycles of each. */
export async function ofNetwork(network: string, machine: string, most = 240): Promise<EdgeCycle[][]> {
  const instructions: Shown[][] = [];
  const kept = {
    begin: PeArray.prototype.begin,
    act: PeArray.prototype.showAct,
    weight: PeArray.prototype.showWeight,
  };
  const compiled = compile(network, { machine });
  const { rows, columns } = machinePresets.get(machine)!.array;
  // The edges are the array's private business: read where they are shown.
  const now = (array: PeArray) => (array as unknown as { cycle: number }).cycle;
  try {
    PeArray.prototype.begin = function (acc) {
      instructions.push([]);
      kept.begin.call(this, acc);
    };
    PeArray.prototype.showAct = function (ahead, source, from) {
      instructions.at(-1)!.push({ cycle: now(this) + ahead, act: source.slice(from, from + rows) });
      kept.act.call(this, ahead, source, from);
    };
    PeArray.prototype.showWeight = function (ahead, row, source, from) {
      instructions
        .at(-1)!
        .push({ cycle: now(this) + ahead, row, weights: source.slice(from, from + columns) });
      kept.weight.call(this, ahead, row, source, from);
    };
    await simulate(compiled, 'array');
  } finally {
    PeArray.prototype.begin = kept.begin;
    PeArray.prototype.showAct = kept.act;
    PeArray.prototype.showWeight = kept.weight;
  }
  return instructions.map((shown) => edges(shown, rows, columns, most));
}

/** Events as cycles. */
function edges(shown: readonly Shown[], rows: number, columns: number, most: number): EdgeCycle[] {
  const first = shown.reduce((least, { cycle }) => Math.min(least, cycle), Number.POSITIVE_INFINITY);
  const last = shown.reduce((most, { cycle }) => Math.max(most, cycle), 0);
  const acts = new Map(shown.flatMap(({ cycle, act }) => (act ? [[cycle, act] as const] : [])));
  const weightRows = new Map(shown.flatMap((s) => (s.weights ? [[s.cycle, s] as const] : [])));
  const cycles: EdgeCycle[] = [];
  let activations: Int8Array = new Int8Array(rows);
  let weights: Int8Array = new Int8Array(columns);
  for (let cycle = first; cycle <= last && cycles.length < most; cycle++) {
    activations = acts.get(cycle) ?? activations;
    weights = weightRows.get(cycle)?.weights ?? weights;
    cycles.push({ activations, weights, weightRow: weightRows.get(cycle)?.row });
  }
  return cycles;
}
