/**
 * Model beside gate level: joules of an array's registers fitted on a 4 x 4 array under some distributions, judged on a 4 x 4 and an 8 x 8 array
 * under others and under layers of a network. In: a Liberty text, a folder to work in. Out: watts of both.
 */

import type { Toggles } from '../../models/activity/index.js';
import { nonNegativeFit } from '../../models/area/index.js';
import { type ArrayJoules, arrayEnergy, arrayFeatures, meanFeatures } from '../../models/energy/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { PlainPeArray } from '../../simulator/array/plain-array.js';
import { type GateLevel, gateLevel, measure, nanoseconds, restCycles } from './gate-level.js';
import { drawn, type EdgeCycle, fitted, judged, ofNetwork } from './stimuli.js';

export interface PowerRow {
  readonly array: string;
  readonly distribution: string;
  readonly held: boolean;
  /** Watts at 100 MHz: of the gates; of the model with toggles by register class; with their mean. */
  readonly gates: number;
  readonly byToggles: number;
  readonly byMean: number;
}

interface Case {
  readonly machine: Machine;
  readonly name: string;
  readonly held: boolean;
  readonly gates: number;
  readonly toggles: Toggles;
  readonly cycles: number;
}

/** Toggles that the array engine counts while the array sees these edges, then rests. */
export function engineToggles(machine: Machine, edges: readonly EdgeCycle[]): Toggles {
  const array = new PlainPeArray(machine, true);
  const rest = restCycles(machine);
  for (let i = 0; i < edges.length + rest; i++) {
    const { activations, weights, weightRow } = edges[Math.min(i, edges.length - 1)]!;
    array.prepare(1);
    array.showAct(0, activations, 0);
    if (weightRow !== undefined && i < edges.length) array.showWeight(0, weightRow, weights, 0);
    array.run(1);
  }
  return array.takeToggles()!;
}

function caseOf(gates: GateLevel, name: string, held: boolean, edges: readonly EdgeCycle[]): Case {
  const { machine } = gates;
  return {
    machine,
    name,
    held,
    gates: measure(gates, name, edges).watts,
    toggles: engineToggles(machine, edges),
    cycles: edges.length + restCycles(machine),
  };
}

/** The three matmul instructions with most to do of the first, middle and last third of a network. */
async function layers(machine: string): Promise<readonly (readonly [string, readonly EdgeCycle[]])[]> {
  const all = (await ofNetwork('digits', machine)).map((edges, i) => [i, edges] as const);
  return [0, 1, 2].map((third) => {
    const part = all.slice(Math.floor((third * all.length) / 3), Math.ceil(((third + 1) * all.length) / 3));
    const [i, edges] = part.reduce((best, next) => (next[1].length > best[1].length ? next : best));
    return [`digits, matmul ${i + 1} of ${all.length}`, edges] as const;
  });
}

async function casesOf(
  preset: string,
  name: string,
  text: string,
  folder: string,
  fits: boolean,
): Promise<Case[]> {
  const machine = machinePresets.get(preset)!;
  const gates = await gateLevel(machine, name, text, `${folder}/${preset}`);
  const cases = judged.map((d) => caseOf(gates, d.name, true, drawn(machine, d)));
  for (const [layer, edges] of await layers(preset)) cases.push(caseOf(gates, layer, true, edges));
  if (fits) cases.push(...fitted.map((d) => caseOf(gates, d.name, false, drawn(machine, d))));
  return cases;
}

/** Scale of watts-seconds in the fit: least squares takes scales of one and more. */
const FEMTO = 1e-15;

export interface ArrayPower {
  /** Of the library, in the order of `arrayFeatures`. */
  readonly joules: ArrayJoules;
  /** Of `meanFeatures`. */
  readonly meanJoules: ArrayJoules;
  readonly rows: readonly PowerRow[];
}

/** @param folder to work in; mapped netlists of the same inputs that are there are kept. */
export async function arrayPower(name: string, text: string, folder: string): Promise<ArrayPower> {
  const cases = [
    ...(await casesOf('edge4', name, text, folder, true)),
    ...(await casesOf('edge8', name, text, folder, false)),
  ];
  const joules = fitJoules(cases, arrayFeatures);
  const meanJoules = fitJoules(cases, meanFeatures);
  const watts = (c: Case, features: Features, of: ArrayJoules) =>
    arrayEnergy(features(c.machine, c.toggles, c.cycles), of) / secondsOf(c);
  const rows = cases.map((c) => ({
    array: c.machine.name,
    distribution: c.name,
    held: c.held,
    gates: c.gates,
    byToggles: watts(c, arrayFeatures, joules),
    byMean: watts(c, meanFeatures, meanJoules),
  }));
  return { joules, meanJoules, rows };
}

/** The fit alone: nothing that is judged is simulated. */
export async function arrayJoules(
  name: string,
  text: string,
  folder: string,
): Promise<Omit<ArrayPower, 'rows'>> {
  const machine = machinePresets.get('edge4')!;
  const gates = await gateLevel(machine, name, text, `${folder}/edge4`);
  const cases = fitted.map((d) => caseOf(gates, d.name, false, drawn(machine, d)));
  return { joules: fitJoules(cases, arrayFeatures), meanJoules: fitJoules(cases, meanFeatures) };
}

type Features = typeof arrayFeatures;

const secondsOf = ({ cycles }: Case) => cycles * nanoseconds * 1e-9;

/** Joules of features, by the cases that are not held out. */
function fitJoules(cases: readonly Case[], features: Features): ArrayJoules {
  const samples = cases
    .filter(({ held }) => !held)
    .map((c) => {
      const value = (c.gates * secondsOf(c)) / FEMTO;
      return { features: features(c.machine, c.toggles, c.cycles), value, scale: value };
    });
  return nonNegativeFit(samples, 1e-9).map((weight) => weight * FEMTO);
}
