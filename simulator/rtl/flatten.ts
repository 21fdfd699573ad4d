/**
 * Hierarchy to one level. In: the elaborated modules. Out: primitive cells whose connections are global bit numbers, with
 * joined bits resolved to one representative. Instantiating is cheap here (Yosys' own flatten takes seconds).
 */

import type { NetBit, NetCell, Netlist, NetModule } from './netlist.js';

/** Global bits 0 and 1 are the constants; x and z are 0. */
export const ZERO = 0;
export const ONE = 1;

export type Bits = readonly number[];

export interface FlatCell {
  readonly type: string;
  readonly path: string;
  /** The module that the cell stands in, and the path of its instance ('' for the top). */
  readonly module: NetModule;
  readonly scope: string;
  readonly cell: NetCell;
  readonly connections: Readonly<Record<string, Bits>>;
}

/** An instance and its map from local to global bits, kept to look names up. */
interface Scope {
  readonly module: NetModule;
  readonly map: Int32Array;
}

export interface Flat {
  readonly cells: readonly FlatCell[];
  readonly ports: Readonly<Record<string, { readonly direction: string; readonly bits: Bits }>>;
  /** Scopes by path; the top's path is ''. */
  readonly scopes: ReadonlyMap<string, Scope>;
  readonly bits: BitSets;
}

/** Union-find over bits; the smallest number represents a set, so that constants always do. */
export class BitSets {
  private parents = new Int32Array(1 << 12);
  private used = 2;

  constructor() {
    this.parents[ONE] = ONE;
  }

  get count(): number {
    return this.used;
  }

  fresh(): number {
    if (this.used === this.parents.length) {
      const larger = new Int32Array(this.used * 2);
      larger.set(this.parents);
      this.parents = larger;
    }
    this.parents[this.used] = this.used;
    return this.used++;
  }

  find(bit: number): number {
    let root = bit;
    while (this.parents[root] !== root) root = this.parents[root]!;
    while (this.parents[bit] !== root) {
      const next = this.parents[bit]!;
      this.parents[bit] = root;
      bit = next;
    }
    return root;
  }

  join(a: number, b: number): void {
    const [x, y] = [this.find(a), this.find(b)];
    if (x !== y) this.parents[Math.max(x, y)] = Math.min(x, y);
  }
}

export function flatten(netlist: Netlist): Flat {
  const bits = new BitSets();
  const cells: FlatCell[] = [];
  const scopes = new Map<string, Scope>();
  const top = netlist.modules[netlist.top]!;

  const enter = (module: NetModule, path: string, connections: Readonly<Record<string, Bits>>): void => {
    const map = new Int32Array(1 + highestBit(module)).fill(-1);
    const local = (bit: NetBit): number => {
      if (typeof bit !== 'number') return bit === '1' ? ONE : ZERO;
      if (map[bit] === -1) map[bit] = bits.fresh();
      return map[bit]!;
    };
    for (const [name, port] of Object.entries(module.ports)) {
      port.bits.forEach((bit, i) => {
        const outer = connections[name]?.[i];
        if (outer === undefined) return;
        if (typeof bit === 'number' && map[bit] === -1) map[bit] = outer;
        else bits.join(local(bit), outer);
      });
    }
    scopes.set(path, { module, map });
    for (const [name, cell] of Object.entries(module.cells)) {
      const inner = path === '' ? name : `${path}.${name}`;
      const connected: Record<string, Bits> = {};
      for (const [port, connection] of Object.entries(cell.connections))
        connected[port] = connection.map(local);
      const child = netlist.modules[cell.type];
      if (child) enter(child, inner, connected);
      else cells.push({ type: cell.type, path: inner, module, scope: path, cell, connections: connected });
    }
  };

  const ports: Record<string, { direction: string; bits: Bits }> = {};
  for (const [name, port] of Object.entries(top.ports)) {
    ports[name] = { direction: port.direction, bits: port.bits.map(() => bits.fresh()) };
  }
  enter(top, '', Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, port.bits])));
  return { cells, ports, scopes, bits };
}

function highestBit(module: NetModule): number {
  let highest = 1;
  const see = (bits: readonly NetBit[]) => {
    for (const bit of bits) if (typeof bit === 'number' && bit > highest) highest = bit;
  };
  for (const port of Object.values(module.ports)) see(port.bits);
  for (const cell of Object.values(module.cells))
    for (const bits of Object.values(cell.connections)) see(bits);
  for (const name of Object.values(module.netnames)) see(name.bits);
  return highest;
}

/** Global bits of a hierarchical name, or undefined. Names of instances may contain dots themselves, so every split is tried. */
export function lookupBits(flat: Flat, name: string): Bits | undefined {
  for (let cut = -1; cut !== name.length; ) {
    const scope = flat.scopes.get(cut < 0 ? '' : name.slice(0, cut));
    const net = scope?.module.netnames[name.slice(cut + 1)];
    if (scope && net) {
      return net.bits.map((bit) =>
        typeof bit === 'number' ? Math.max(ZERO, scope.map[bit]!) : bit === '1' ? ONE : ZERO,
      );
    }
    const next = name.indexOf('.', cut + 1);
    cut = next < 0 ? name.length : next;
  }
  return undefined;
}
