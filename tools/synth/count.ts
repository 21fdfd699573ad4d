/**
 * What a mapped netlist is made of. In: Yosys' JSON, hierarchy kept or flat. Out: cells by type, over the whole design and
 * by part of the machine (array, requantisers, buffers, ...), each instance counted as often as it stands in the design.
 */

import { InternalError } from '../../base/index.js';

/** As much of Yosys' JSON as counting needs. */
export interface MappedModule {
  readonly attributes: Readonly<Record<string, string>>;
  readonly cells: Readonly<Record<string, { readonly type: string }>>;
}
export interface MappedNetlist {
  readonly modules: Readonly<Record<string, MappedModule>>;
}

/** Parts that areas and counts are told by. */
export const partNames = [
  'array',
  'requantizers',
  'vector',
  'matmul',
  'buffers',
  'transfer',
  'control',
] as const;
export type PartName = (typeof partNames)[number];

/** Modules that open a part; the outermost one wins except that requantisers and the array stand inside units. */
const PARTS: readonly (readonly [RegExp, PartName])[] = [
  [/^pe_array(_os)?$/, 'array'],
  [/^requantizer$/, 'requantizers'],
  [/^vector_(unit|lane)$/, 'vector'],
  [/^matmul_unit$/, 'matmul'],
  [/^(act|wgt|acc|par|lut)_buffer$/, 'buffers'],
  [/^(load|store)_unit$/, 'transfer'],
];

export type CellCounts = ReadonlyMap<string, number>;

/** Cells by part. A flat netlist has its part in the cells' names (`u_compute.u_matmul.u_array...`), which is not read: all is `control`. */
export function countByPart(netlist: MappedNetlist, top: string): ReadonlyMap<PartName, CellCounts> {
  const counts = new Map<PartName, Map<string, number>>(partNames.map((name) => [name, new Map()]));
  const visit = (name: string, part: PartName, times: number): void => {
    for (const [type, number] of census(netlist, name)) {
      const inner = netlist.modules[type];
      if (inner === undefined || isBlackBox(inner)) add(counts.get(part)!, type, number * times);
      else visit(type, partOf(type) ?? part, number * times);
    }
  };
  visit(top, 'control', 1);
  return counts;
}

const censuses = new WeakMap<MappedModule, ReadonlyMap<string, number>>();

/** Cells of one module by type. */
function census(netlist: MappedNetlist, name: string): ReadonlyMap<string, number> {
  const module = netlist.modules[name];
  if (module === undefined) throw new InternalError(`the netlist has no module ${name}`);
  const known = censuses.get(module);
  if (known) return known;
  const counts = new Map<string, number>();
  for (const { type } of Object.values(module.cells)) add(counts, type, 1);
  censuses.set(module, counts);
  return counts;
}

function isBlackBox({ attributes }: MappedModule): boolean {
  return attributes.blackbox !== undefined || attributes.whitebox !== undefined;
}

/** The module's name in the source: Yosys calls instances with parameters `$paramod$HASH\\NAME` or `$paramod\\NAME\\P=1`. */
export function sourceName(module: string): string {
  const match = /^\$paramod(?:\$[0-9a-f]+)?\\(\w+)/.exec(module);
  return match?.[1] ?? module;
}

/** The part that a module opens, by its name in Yosys' netlist; undefined: it belongs to what it stands in. */
export function partOf(module: string): PartName | undefined {
  const name = sourceName(module);
  return PARTS.find(([pattern]) => pattern.test(name))?.[1];
}

function add(counts: Map<string, number>, type: string, number: number): void {
  counts.set(type, (counts.get(type) ?? 0) + number);
}

/** Sum over the parts. */
export function totalCounts(parts: ReadonlyMap<PartName, CellCounts>): CellCounts {
  const total = new Map<string, number>();
  for (const counts of parts.values()) for (const [type, number] of counts) add(total, type, number);
  return new Map([...total].sort(([a], [b]) => (a < b ? -1 : 1)));
}
