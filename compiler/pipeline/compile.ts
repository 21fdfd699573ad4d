/**
 * From a network graph and a machine to programs, in numbered phases. In: a float or quantised Graph, calibration samples.
 * Out: everything each phase made, so that a report can point back.
 */

import { type Diagnostic, fail, type Result, succeed } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Graph } from '../graph/index.js';
import { type QuantizedNetwork, type Refused, segmentPlan } from '../quantize/index.js';
import type { ScheduleOptions } from '../schedule/index.js';
import { type Compiled, compiledOf } from './compiled.js';
import { hostOnly } from './diagnostics.js';
import { type CompileOptions, formFor, integersFor, type PreparedNetwork, prepare } from './prepare.js';
import { compileSegment, refusedBySchedule, structural, structuralOrMissing } from './segment.js';

/** Phase 2, given what no schedule takes. */
type ToInteger = (refused: Refused) => Result<QuantizedNetwork>;

/** What a round of phases 2 to 6 gave, and what must leave the accelerator for another round to come further. */
interface Round {
  readonly result: Result<Compiled>;
  readonly refused: Refused;
}

/**
 * Compiles a network for a machine.
 * @param graph from an importer; any float or quantised graph within the operator set.
 * @returns everything, or the diagnostics of the first phase that failed.
 */
export function compile(graph: Graph, machine: Machine, options: CompileOptions = {}): Result<Compiled> {
  const prepared = prepare(graph, options, formFor(machine));
  return prepared.ok ? compilePrepared(prepared.value, machine, options.schedule) : prepared;
}

/** Phases 2 to 6 of {@link compile}, for a network whose first phases are done. */
export function compilePrepared(
  prepared: PreparedNetwork,
  machine: Machine,
  options: ScheduleOptions = {},
): Result<Compiled> {
  const { network } = prepared;
  const toIntegers: ToInteger = (refused) => integersFor(prepared, machine, refused);
  const usual = settle(network, { machine, options, lifted: structural }, toIntegers);
  if (usual.ok) return usual;
  // Where the machine lacks the functions for each and every operator, there is nothing that another machine would speed up but all of it.
  const without = settle(network, { machine, options, lifted: structuralOrMissing }, toIntegers);
  return without.ok && without.value.segments.length === 0
    ? explained(without.value, usual.diagnostics)
    : usual;
}

/** A network on the host alone, with what kept it there as warnings. */
function explained(compiled: Compiled, errors: readonly Diagnostic[]): Result<Compiled> {
  const { machine, network, quantized, segments } = compiled;
  const reasons = errors.map((error) => ({ ...error, severity: 'warning' as const }));
  const diagnostics = [...compiled.diagnostics, ...reasons];
  return succeed(compiledOf({ machine, network, quantized, segments, diagnostics }), diagnostics);
}

interface Target {
  readonly machine: Machine;
  readonly options: ScheduleOptions;
  /** Codes of refusals that take a node to the host. */
  readonly lifted: ReadonlySet<string>;
}

/** What no schedule takes goes to the host, and the rest is tried again. */
function settle(network: Graph, target: Target, toIntegers: ToInteger): Result<Compiled> {
  let last = compileRound(network, target, toIntegers, new Map());
  let { refused } = last;
  while (last.refused.size > 0) {
    last = compileRound(network, target, toIntegers, refused);
    const more = new Map([...refused, ...last.refused]);
    if (more.size === refused.size) break;
    refused = more;
  }
  return last.result;
}

function compileRound(
  network: Graph,
  { machine, options, lifted: codes }: Target,
  toIntegers: ToInteger,
  refused: Refused,
): Round {
  // 2: floats become integers, or a quantised network's own integers are kept.
  const quantized = toIntegers(refused);
  if (!quantized.ok) return { result: quantized, refused: new Map() };
  // 3: the network is cut where the host works; each segment of the accelerator is a program of its own.
  const { segments: bodies } = segmentPlan(quantized.value);
  const outcomes = bodies.map((body, i) => {
    const name = bodies.length > 1 ? `${body.name}_${i}` : body.name;
    return compileSegment(body, machine, { name, options });
  });
  const diagnostics = [
    ...quantized.diagnostics,
    ...(bodies.length === 0 ? [hostOnly(network)] : []),
    ...outcomes.flatMap((outcome) => outcome.diagnostics),
  ];
  const failed = outcomes.flatMap((outcome, i) => (outcome.ok ? [] : [{ outcome, body: bodies[i]! }]));
  if (failed.length === 0) {
    const segments = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
    const whole = { machine, network, quantized: quantized.value, segments, diagnostics };
    return { result: succeed(compiledOf(whole), diagnostics), refused: new Map() };
  }
  const reasons = failed.map(({ outcome, body }) =>
    refusedBySchedule(network, body, outcome.diagnostics, codes),
  );
  const lifted = reasons.every((reason) => reason.size > 0) ? reasons.flatMap((reason) => [...reason]) : [];
  return {
    result: fail(...failed.flatMap(({ outcome }) => outcome.diagnostics)),
    refused: new Map(lifted),
  };
}
