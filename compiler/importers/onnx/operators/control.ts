/**
 * If and Loop where the conditions are constant: the branch that is taken, or the body once for each turn, becomes part of the graph. A
 * condition that depends on the data is refused.
 */

import { DiagnosticError, tensor } from '../../../../base/index.js';
import { type OnnxAttribute, type OnnxGraph, type OnnxNode, withFields } from '../../wire/index.js';
import type { MappingTable, OnnxCall } from '../call.js';
import { readInitializers } from '../inputs.js';
import { checkMapped, placeNodes, readNodes } from '../nodes.js';
import { orderNodes } from '../order.js';

const MOST_TURNS = 1024;
const MOST_NODES = 20_000;
const MOST_DEPTH = 16;

/** Puts a body into the graph. `bound`: values for its inputs. Returns the values of its outputs. */
function inline(call: OnnxCall, body: OnnxGraph, prefix: string, bound: readonly string[]): string[] {
  const { builder, reserved, external, inlined, lookup } = call.shared;
  if (body.input.length !== bound.length)
    call.refuse(`its body takes ${body.input.length} inputs, ${bound.length} are given`);
  inlined.nodes += body.node.length;
  if (inlined.nodes > MOST_NODES) call.refuse(`bodies become more than ${MOST_NODES} nodes`);
  if (prefix.split('/').length > MOST_DEPTH) call.refuse(`bodies are nested more than ${MOST_DEPTH} deep`);
  const renamed = new Map(body.input.map(({ name }, index) => [name, bound[index]!]));
  const own = [...body.initializer, ...body.node.flatMap(({ output }) => output.map((name) => ({ name })))];
  for (const { name } of own) if (name !== '') renamed.set(name, fresh(call, prefix + name));
  const rename = (name: string): string => renamed.get(name) ?? name;
  const initializer = body.initializer.map((stored) => withFields(stored, { name: rename(stored.name) }));
  const node: OnnxNode[] = body.node.map((one) =>
    withFields(one, {
      input: one.input.map(rename),
      output: one.output.map(rename),
      attribute: one.attribute.map((entry) => renamedInside(entry, renamed, 0)),
    }),
  );
  const faults = readInitializers(builder, withFields(body, { initializer }), external);
  const placed = placeNodes(builder.name, withFields(body, { node }), reserved, prefix);
  const known = new Set(placed.flatMap((one) => one.node.input).filter((name) => builder.has(name)));
  const ordered = orderNodes(builder.name, placed, known);
  faults.push(...checkMapped(lookup, placed), ...ordered.diagnostics);
  if (faults.length === 0) faults.push(...readNodes(call.shared, ordered.nodes));
  if (faults.length > 0) throw new DiagnosticError(faults);
  return body.output.map(({ name }) => {
    const value = rename(name);
    return builder.has(value) ? value : call.refuse(`nothing computes the output "${name}" of its body`);
  });
}

/** A body inside the body: what it reads from around it has the new names, unless it defines the name itself. */
function closed(body: OnnxGraph, outer: ReadonlyMap<string, string>, depth: number): OnnxGraph {
  const own = new Set([
    ...[...body.input, ...body.initializer].map(({ name }) => name),
    ...body.node.flatMap(({ output }) => output),
  ]);
  const visible = new Map([...outer].filter(([name]) => !own.has(name)));
  const rename = (name: string): string => visible.get(name) ?? name;
  const node = body.node.map((one) =>
    withFields(one, {
      input: one.input.map(rename),
      attribute: one.attribute.map((entry) => renamedInside(entry, visible, depth + 1)),
    }),
  );
  const output = body.output.map((value) => withFields(value, { name: rename(value.name) }));
  return withFields(body, { node, output });
}

/** Bodies deeper than any that is inlined are left alone. */
function renamedInside(
  entry: OnnxAttribute,
  names: ReadonlyMap<string, string>,
  depth: number,
): OnnxAttribute {
  return entry.g && depth < MOST_DEPTH ? withFields(entry, { g: closed(entry.g, names, depth) }) : entry;
}

function fresh({ shared }: OnnxCall, stem: string): string {
  let name = stem;
  for (let index = 1; shared.reserved.has(name) || shared.builder.has(name); index++)
    name = `${stem}_${index}`;
  shared.reserved.add(name);
  return name;
}

function conditional(call: OnnxCall): void {
  const branches = [call.attributes.graph('else_branch'), call.attributes.graph('then_branch')];
  call.attributes.finish();
  const condition = call.number(0, 'cond') ?? call.refuse('the condition is missing');
  const branch = branches[condition === 0 ? 0 : 1] ?? call.refuse('a branch is missing');
  const values = inline(call, branch, `${call.place.node}/`, []);
  answer(call, values);
}

function answer(call: OnnxCall, values: readonly string[]): void {
  if (values.length < call.node.output.length)
    call.refuse(`its body gives ${values.length} results, the node has ${call.node.output.length}`);
  for (const index of call.node.output.keys()) call.alias(index, values[index]!);
}

function loop(call: OnnxCall): void {
  const body = call.attributes.graph('body') ?? call.refuse('the body is missing');
  call.attributes.finish();
  const trips = call.number(0, 'M') ?? Number.POSITIVE_INFINITY;
  let carried = call.node.input.slice(2);
  const scans: string[][] = body.output.slice(1 + carried.length).map(() => []);
  let on = (call.number(1, 'cond') ?? 1) !== 0;
  for (let turn = 0; on && turn < trips; turn++) {
    if (turn >= MOST_TURNS) call.refuse(`it takes more than ${MOST_TURNS} turns`);
    const count = call.intermediateConstant('turn', tensor('int64', [], BigInt64Array.of(BigInt(turn))));
    const go = call.intermediateConstant('cond', tensor('bool', [], Uint8Array.of(1)));
    const values = inline(call, body, `${call.place.node}/${turn}/`, [count, go, ...carried]);
    on = isTrue(call, values[0] ?? call.refuse('its body gives no condition'));
    carried = values.slice(1, 1 + carried.length);
    for (const [index, list] of scans.entries()) list.push(values[1 + carried.length + index]!);
  }
  answer(call, [...carried, ...scans.map((list) => stacked(call, list))]);
}

function isTrue(call: OnnxCall, name: string): boolean {
  const { constant } = call.shared.builder.value(name);
  if (constant === undefined) call.refuse('whether it goes on depends on the data: it must be constant');
  if (constant.data.length !== 1) call.refuse('its condition is not one element');
  return Number(constant.data[0]) !== 0;
}

/** The results of all turns along a new first axis. */
function stacked(call: OnnxCall, list: readonly string[]): string {
  if (list.length === 0) call.refuse('it takes no turn, so that the shape of its results is unknown');
  const rows = list.map((value) => call.intermediate('Unsqueeze', [value], { axes: [0] }));
  return call.intermediate('Concat', rows, { axis: 0 });
}

export const controlMappings: MappingTable = { If: conditional, Loop: loop };
