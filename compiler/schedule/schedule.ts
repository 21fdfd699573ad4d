/**
 * Graph + Machine -> Dataflow. In: an integer graph (compiler/graph/integer.md) and a checked Machine. Out: the dataflow with
 * its constants, every operation with explicit addresses and semaphores. Layers run one after another in the order of the graph;
 * units overlap within and across layers as far as the data allow.
 */

import { collect, DiagnosticError, fail, type Result, succeed } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { Graph, Node } from '../graph/index.js';
import type { Instruction } from '../isa/index.js';
import { chooseExchange } from './exchange-choice.js';
import { legalize } from './legalize/index.js';
import { planResidents } from './residents.js';
import { noResidents, type Residents } from './shelf.js';
import { exchangeTrial } from './trials.js';
import { type Saved, type Schedule, type ScheduleOptions, ScheduleWriter } from './writer.js';

export type { Schedule, ScheduleOptions };

/**
 * Schedules an integer graph.
 * @param graph int8 inputs and outputs, the operators of integer.md and shape operators.
 * @returns the schedule, or located diagnostics: an operator without implementation, a vector function that the machine lacks,
 *   a buffer that even the smallest tile does not fit. Warnings (expanded groups) come with a success.
 */
export function schedule(graph: Graph, machine: Machine, options: ScheduleOptions = {}): Result<Schedule> {
  const legal = legalize(graph, machine);
  if (!legal.ok) return legal;
  const scheduled = collect(() => scheduleLegal(legal.value, graph, machine, options));
  if (!scheduled.ok) return fail(...legal.diagnostics, ...scheduled.diagnostics);
  return succeed(scheduled.value, legal.diagnostics);
}

/** @param source the graph before legalisation: values that it lacks were made by the scheduler. */
function scheduleLegal(graph: Graph, source: Graph, machine: Machine, options: ScheduleOptions): Schedule {
  const exchange = chooseExchange(
    { graph, machine },
    exchangeTrial({ graph, source, machine }, options.measure),
  );
  const subject = { graph, source, machine, options, exchange };
  const writer = (residents: Residents) => new ScheduleWriter(subject, residents);
  const plain = writer(noResidents);
  const residents = planResidents(plain.nodes, plain, staysOnShelf(options));
  const without = plain.saved();
  if (residents.rows === 0) return without.schedule;
  const beside = shelved(() => writer(residents).saved());
  const { keepOnChip } = options;
  const cost = typeof keepOnChip === 'function' ? keepOnChip : movedRows;
  return beside !== undefined && cost(beside.instructions) < cost(without.instructions)
    ? beside.schedule
    : without.schedule;
}

/** What does not fit beside a shelf is undefined: it may fit without it. */
function shelved(write: () => Saved): Saved | undefined {
  try {
    return write();
  } catch (error) {
    if (error instanceof DiagnosticError) return undefined;
    throw error;
  }
}

/** Rows that pass between DRAM and the chip. */
function movedRows(instructions: readonly Instruction[]): number {
  return instructions.reduce(
    (sum, { mnemonic, fields }) =>
      mnemonic === 'load' || mnemonic === 'store' ? sum + fields.rows * fields.runs * fields.planes : sum,
    0,
  );
}

/** Small results that stay: states of recurrent layers always, all others where results are to be kept. */
function staysOnShelf({ keepOnChip = false }: ScheduleOptions): (node: Node) => boolean {
  return ({ origin }) => keepOnChip !== false || recurrentOperators.has(origin.operator);
}

const recurrentOperators: ReadonlySet<string> = new Set(['LSTM', 'GRU', 'RNN']);
