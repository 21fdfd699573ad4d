/**
 * What every cell of a mapped core draws, from OpenSTA. In: the netlist as JSON and as Verilog, a library. Out: each cell's watts at rest and for one
 * transition a cycle, the nets that it drives, the part and the array's register that it belongs to.
 *
 * OpenSTA of 2019 keeps activities of single pins at registers and ports only, and what it propagates from there is not a number in a core with
 * feedback. At one activity for all nets it is linear in it, so two of its reports (0 and 1 transitions a cycle) say all that it knows of each cell.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InternalError } from '../../base/index.js';
import { type CellNets, classesOfCells, registerClassOf } from './array-registers.js';
import { type MappedNetlist, type PartName, partOf } from './count.js';
import type { CellWatts, NetBitName, PoweredCell } from './powered-cell.js';
import type { SynthesisRequest } from './request.js';
import { linked, staStage } from './sta-stage.js';

/** As much of Yosys' JSON as is read here. */
interface JsonModule {
  readonly attributes: Readonly<Record<string, string>>;
  readonly cells: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly port_directions?: Readonly<Record<string, string>>;
        readonly connections: Readonly<Record<string, readonly (number | string)[]>>;
      }
    >
  >;
  readonly netnames: Readonly<Record<string, { readonly bits: readonly (number | string)[] }>>;
}

/** Cells of the library that are registers, and those that OpenSTA sees. */
export interface PoweredLibrary {
  readonly flipFlops: ReadonlySet<string>;
  readonly powered: (type: string) => boolean;
}

const ACTIVITIES = [0, 1] as const;

/** @param netlist Verilog that OpenSTA reads, clock gates open. */
export async function cellPowers(
  request: SynthesisRequest,
  netlist: string,
  period: number,
  library: PoweredLibrary,
): Promise<readonly PoweredCell[]> {
  const log = await staStage(request, 'cell-power', cellPowerScript(period), netlist);
  const [rest, moving] = ACTIVITIES.map((activity) => readCellPower(log, activity));
  const json = JSON.parse(readFileSync(join(request.folder, 'core.json'), 'utf8')) as MappedNetlist;
  return poweredCells(json, 'systole_core', library, (path) => {
    const [still, moved] = [rest!.get(path), moving!.get(path)];
    if (still === undefined || moved === undefined)
      throw new InternalError(`OpenSTA says nothing of ${path}`);
    return {
      clock: still.internal,
      leakage: still.leakage,
      internal: moved.internal - still.internal,
      switching: moved.switching - still.switching,
    };
  });
}

export function cellPowerScript(period: number): string {
  return [
    ...linked('cell-power.v', period),
    'set cells [get_cells -hierarchical *]',
    ...ACTIVITIES.flatMap((activity) => [
      `puts "SYSTOLE ACTIVITY ${activity}"`,
      `set_power_activity -global -activity ${activity}`,
      'report_power -instances $cells -digits 7',
    ]),
    'puts "SYSTOLE END"',
    '',
  ].join('\n');
}

/** Rows `internal switching leakage total PATH` of one activity, by path (slashes between instances). */
export function readCellPower(log: string, activity: number) {
  const start = log.indexOf(`SYSTOLE ACTIVITY ${activity}\n`);
  const end = log.indexOf('SYSTOLE', start + 1);
  const rows = log.slice(start, end).matchAll(/^\s*(\S+)\s+(\S+)\s+(\S+)\s+\S+\s+(\S+)\s*$/gm);
  return new Map(
    [...rows]
      .map(([, internal, switching, leakage, path]) => {
        const watts = { internal: Number(internal), switching: Number(switching), leakage: Number(leakage) };
        return [path!, watts] as const;
      })
      .filter(([, watts]) => Object.values(watts).every(Number.isFinite)),
  );
}

/** Every cell of the library in the design, instance by instance. @param wattsOf of a path with slashes between instances. */
export function poweredCells(
  netlist: MappedNetlist,
  top: string,
  library: PoweredLibrary,
  wattsOf: (path: string) => CellWatts,
): PoweredCell[] {
  const modules = netlist.modules as Readonly<Record<string, JsonModule>>;
  const leaves = new Map<string, ReturnType<typeof leavesOf>>();
  const cells: PoweredCell[] = [];
  const visit = (type: string, path: readonly string[], part: PartName): void => {
    const module = modules[type]!;
    const inArray = part === 'array';
    const scope = path.map((name) => `${name}.`).join('');
    // Equal modules stand at places of different classes (delay lines): by module and by what its registers are there.
    const classOf = (word: string) => (inArray ? registerClassOf(scope + word) : undefined);
    const found = leaves.get(type) ?? leavesOf(module, library);
    leaves.set(type, found);
    const classes = classesOfCells(
      found.map((leaf) => ({
        ...leaf,
        register: leaf.flipFlop && leaf.nets[0] ? classOf(leaf.nets[0].word) : undefined,
      })),
    );
    found.forEach(({ name, nets, flipFlop }, i) => {
      cells.push({
        part,
        register: classes[i],
        flipFlop,
        nets: nets.map(({ word, bit }) => ({ word: scope + word, bit })),
        watts: wattsOf([...path, name].join('/')),
      });
    });
    for (const [name, cell] of Object.entries(module.cells)) {
      const inner = modules[cell.type];
      if (inner && !library.powered(cell.type) && Object.keys(inner.cells).length > 0)
        visit(cell.type, [...path, name], partOf(cell.type) ?? part);
    }
  };
  visit(top, [], 'control');
  return cells;
}

type Leaf = Omit<CellNets, 'register'> & { readonly name: string; readonly nets: readonly NetBitName[] };

/** Cells of the library that stand in one module. */
function leavesOf(module: JsonModule, { flipFlops, powered }: PoweredLibrary): readonly Leaf[] {
  const names = new Map<number | string, NetBitName>();
  for (const [word, { bits }] of Object.entries(module.netnames))
    bits.forEach((net, bit) => {
      if (!names.has(net)) names.set(net, { word, bit });
    });
  return Object.entries(module.cells).flatMap(([name, { type, port_directions: ways, connections }]) => {
    if (!powered(type)) return [];
    const at = (way: string) =>
      Object.entries(connections).flatMap(([pin, nets]) =>
        ways?.[pin] === way ? nets.filter((net) => typeof net === 'number') : [],
      );
    const [inputs, outputs] = [at('input'), at('output')];
    const nets = outputs.map((net) => names.get(net)).filter((net) => net !== undefined);
    return [{ name, inputs, outputs, nets, flipFlop: flipFlops.has(type) }];
  });
}
