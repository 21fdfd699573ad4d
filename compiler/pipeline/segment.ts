/** One segment through phases 4 to 6. In: an integer graph, a machine. Out: the segment, or what no schedule takes. */

import { type Diagnostic, type Place, type Result, succeed } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import { verifyDataflow } from '../dataflow/index.js';
import type { Graph, Node } from '../graph/index.js';
import { lower } from '../lower/index.js';
import type { Refused } from '../quantize/index.js';
import { type ScheduleOptions, schedule } from '../schedule/index.js';
import type { Segment } from './compiled.js';

/** @param name of the program. */
export function compileSegment(
  body: Graph,
  machine: Machine,
  { name, options = {} }: { readonly name: string; readonly options?: ScheduleOptions },
): Result<Segment> {
  // 4: tiles, buffers, semaphores.
  const scheduled = schedule(body, machine, options);
  if (!scheduled.ok) return scheduled;
  const { image } = scheduled.value;
  const dataflow = { ...scheduled.value.dataflow, name };
  // 5: the schedule proves itself legal; a finding here is a bug of the scheduler, shown as it is.
  const faults = verifyDataflow(dataflow, machine);
  if (faults.some((d) => d.severity === 'error')) return { ok: false, diagnostics: faults };
  // 6: words and memory image.
  const program = lower(dataflow, machine, image);
  if (!program.ok) return program;
  const diagnostics = [...scheduled.diagnostics, ...faults, ...program.diagnostics];
  const { mappings } = scheduled.value;
  return succeed({ machine, body, dataflow, mappings, image, program: program.value }, diagnostics);
}

/** Refusals that no machine of this kind would lift: the operator has no schedule, a number no instruction field, or a value no form in its memory. */
export const structural: ReadonlySet<string> = new Set([
  'schedule/unsupported-operator',
  'schedule/not-activation',
  'schedule/constant-operand',
  'schedule/beyond-field',
  'isa/field-range',
]);

/** And a function that this machine lacks. */
export const structuralOrMissing: ReadonlySet<string> = new Set([...structural, 'schedule/missing-function']);

/**
 * The nodes of the network that a schedule's failure names, with the reasons. Empty when something else is at fault as well: a buffer
 * that is too small is the user's to enlarge, not to pass over.
 */
export function refusedBySchedule(
  network: Graph,
  body: Graph,
  diagnostics: readonly Diagnostic[],
  codes: ReadonlySet<string>,
): Refused {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (!errors.every(({ code }) => codes.has(code))) return new Map();
  return new Map(
    errors.flatMap(({ where, message }) => {
      const nodes = where === undefined ? [] : namedBy(body, where);
      return nodes
        .flatMap((node) => sourcesOf(network, node))
        .map((node) => [node.name, `the schedule: ${message}`] as const);
    }),
  );
}

/** A node of the integer graph, or of what the scheduler made of it. */
type Named = Pick<Node, 'name' | 'origin'>;

/** The nodes of the network that became one: of several from the same place of the file, the one whose name it bears or extends. */
function sourcesOf(network: Graph, { name, origin }: Named): readonly Node[] {
  const alike = network.nodes.filter(
    (node) => node.origin.name === origin.name && node.origin.operator === origin.operator,
  );
  const prefixes = alike.filter((node) => name.startsWith(node.name));
  const longest = Math.max(...prefixes.map((node) => node.name.length));
  return prefixes.length === 0 ? alike : prefixes.filter((node) => node.name.length === longest);
}

/** Of a node, itself; of a value, its producer and its readers. */
function namedBy(body: Graph, where: Place): readonly Named[] {
  if (where.kind === 'node')
    return [{ name: where.id ?? '', origin: { name: where.node, operator: where.operator } }];
  if (where.kind !== 'value') return [];
  const touches = ({ inputs, outputs }: Node) => [...inputs, ...outputs].includes(where.value);
  return body.nodes.filter(touches);
}
