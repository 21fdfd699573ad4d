/**
 * What a machine does with the networks. In: prepared networks (compiler/pipeline) and a Machine. Out: a {@link Measurement}, or why the
 * machine cannot run them. Cycles and events are the timing engine's on the compiled program; area and energy are the models'. What
 * depends on fewer fields than a machine has is kept: integers by element widths, cycles and events by {@link timingKey}.
 */

import type { Diagnostic } from '../../base/index.js';
import { type Dataflow, expandDataflow, Locator } from '../../compiler/dataflow/index.js';
import type { Graph } from '../../compiler/graph/index.js';
import type { Program } from '../../compiler/isa/index.js';
import {
  compilePrepared,
  integersFor,
  nothingToAccelerate,
  type PreparedNetwork,
} from '../../compiler/pipeline/index.js';
import { segmentPlan } from '../../compiler/quantize/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { type Activity, addActivities, zeroActivity } from '../../models/activity/index.js';
import { estimateArea, fpgaTargetOf, predictMapped } from '../../models/area/index.js';
import { priceActivity } from '../../models/energy/index.js';
import type { Machine } from '../../models/machine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import type { Measurement, NetworkMeasurement } from './objectives.js';

export type Outcome =
  | { readonly ok: true; readonly measurement: Measurement }
  | { readonly ok: false; readonly reason: string };

interface Timed {
  readonly activity: Activity;
}

/** Runs that are remembered; each is a few hundred bytes. */
const REMEMBERED_RUNS = 50_000;

export class Evaluator {
  private readonly bodies = new Map<string, readonly Graph[] | string>();
  private readonly runs = new Map<string, Timed | string>();

  constructor(private readonly networks: readonly PreparedNetwork[]) {}

  /** Deterministic: the same machine has the same outcome, whatever was evaluated before. */
  evaluate(machine: Machine): Outcome {
    const measured: NetworkMeasurement[] = [];
    for (const index of this.networks.keys()) {
      const run = this.timed(index, machine);
      if (typeof run === 'string') return { ok: false, reason: run };
      measured.push(measureNetwork(machine, run.activity));
    }
    return { ok: true, measurement: { ...measureMachine(machine), networks: measured } };
  }

  private timed(index: number, machine: Machine): Timed | string {
    const key = `${index} ${timingKey(machine)}`;
    const known = this.runs.get(key);
    if (known !== undefined) return known;
    const made = this.run(index, machine);
    if (this.runs.size >= REMEMBERED_RUNS) this.runs.delete(this.runs.keys().next().value!);
    this.runs.set(key, made);
    return made;
  }

  private run(index: number, machine: Machine): Timed | string {
    const bodies = this.bodiesFor(index, machine);
    if (typeof bodies === 'string') return bodies;
    const parts = bodies.map((body) => timeBody(body, machine));
    if (parts.every((part) => part !== undefined))
      return { activity: parts.reduce(addActivities, zeroActivity) };
    // Something has no schedule: the whole pipeline may move it to the host.
    return timeWhole(this.networks[index]!, machine);
  }

  /** What the accelerator computes of a network, as integers of the machine's widths. */
  private bodiesFor(index: number, { elements, requantization }: Machine): readonly Graph[] | string {
    const key = `${index} ${JSON.stringify([elements, requantization])}`;
    const known = this.bodies.get(key);
    if (known !== undefined) return known;
    const integers = integersFor(this.networks[index]!, { elements, requantization });
    const bodies = integers.ok ? segmentPlan(integers.value).segments : firstError(integers.diagnostics);
    const made = bodies.length === 0 ? nothingToRun(this.networks[index]!) : bodies;
    this.bodies.set(key, made);
    return made;
  }
}

function firstError(diagnostics: readonly Diagnostic[]): string {
  const error = diagnostics.find(({ severity }) => severity === 'error');
  return error === undefined ? 'unknown' : `${error.code}: ${error.message}`;
}

/** The whole pipeline and the timing engine, or why there is nothing to time. */
function timeWhole(network: PreparedNetwork, machine: Machine): Timed | string {
  const compiled = compilePrepared(network, machine);
  if (!compiled.ok) return firstError(compiled.diagnostics);
  const { segments } = compiled.value;
  if (segments.length === 0) return nothingToRun(network);
  const timed = segments.map(({ program }) => simulateTiming(machine, program).activity);
  return { activity: timed.reduce(addActivities, zeroActivity) };
}

/** A network that the host computes alone tells no machine from another. */
const nothingToRun = ({ network }: PreparedNetwork): string => firstError([nothingToAccelerate(network)]);

/** Undefined where a part has no schedule. The schedule's own proof is left to the exact run of front points. */
function timeBody(body: Graph, machine: Machine): Activity | undefined {
  const scheduled = schedule(body, machine);
  if (!scheduled.ok) return undefined;
  const program = instructionsOnly(scheduled.value.dataflow);
  return simulateTiming(machine, program).activity;
}

/** What the timing engine needs of a program: no words, no memory image. */
function instructionsOnly(dataflow: Dataflow): Program {
  const { instructions, layerOf } = expandDataflow(dataflow, new Locator(dataflow));
  const { name, machine, layers } = dataflow;
  return {
    name,
    machine,
    instructions: [...instructions, { mnemonic: 'end', wait: 0, signal: 0, fields: {} }],
    words: new Uint8Array(),
    segments: [],
    programAddress: 0,
    dramBytes: 0,
    layers,
    layerOf: Int32Array.from([...layerOf, -1]),
    lineOf: new Int32Array(instructions.length + 1),
  };
}

/** Every field that a schedule or a cycle can depend on: all but names, prices and the clock. */
export function timingKey(machine: Machine): string {
  const { name: _, description: __, clockMegahertz: ___, target: ____, counters: _____, ...rest } = machine;
  const { technology: ______, ...memory } = rest.memory;
  return JSON.stringify({ ...rest, memory });
}

function measureNetwork(machine: Machine, activity: Activity): NetworkMeasurement {
  const seconds = activity.cycles / (machine.clockMegahertz * 1e6);
  return {
    cycles: activity.cycles,
    joules: priceActivity(machine, activity, seconds).joules,
    dramBytes: activity.bytesRead.dram + activity.bytesWritten.dram,
    macs: activity.usefulMacs,
  };
}

function measureMachine(machine: Machine): Omit<Measurement, 'networks'> {
  const area = estimateArea(machine);
  const target = fpgaTargetOf(machine);
  const counts = target === undefined ? undefined : predictMapped(machine, target)?.counts;
  return {
    megahertz: machine.clockMegahertz,
    slots: machine.array.rows * machine.array.columns,
    squareMillimetres: area.squareMillimetres,
    memoryBits: area.memoryBits,
    luts: counts?.luts ?? null,
    flipFlops: counts?.flipFlops ?? null,
    dsps: counts?.dsps ?? null,
    blockRams: counts?.blockRams ?? null,
  };
}

/** A point through the whole pipeline, the schedule's proof of legality included, and the timing engine: nothing remembered. */
export function confirmExactly(networks: readonly PreparedNetwork[], machine: Machine): Outcome {
  const measured: NetworkMeasurement[] = [];
  for (const network of networks) {
    const timed = timeWhole(network, machine);
    if (typeof timed === 'string') return { ok: false, reason: timed };
    measured.push(measureNetwork(machine, timed.activity));
  }
  return { ok: true, measurement: { ...measureMachine(machine), networks: measured } };
}
