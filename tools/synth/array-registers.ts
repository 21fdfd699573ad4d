/**
 * Cells of the mapped array by the register that they belong to. In: a module's cells. Out: for each the class of register (`models/activity`)
 * that it is, that its output is computed for, or that it carries on; undefined where none is.
 */

import type { RegisterClass } from '../../models/activity/index.js';

/** Names of nets that registers drive, as they read from the array down: module instances and word. */
const WORDS: readonly (readonly [RegExp, RegisterClass])[] = [
  [/\bu_align\.(.*\.)?line_q$/, 'sumAlignment'],
  [/\bg_bus\[\d+\]\.u_skew\.(.*\.)?line_q$/, 'weightSkew'],
  [/\bg_row\[\d+\]\.u_skew\.(.*\.)?line_q$/, 'activationSkew'],
  [/\bu_transposer\.row_q$/, 'activationSkew'],
  [/\bu_pe\.(write_q|turn_q)$/, 'writeEnable'],
  [/\bu_pe\.weight_q$/, 'weight'],
  [/\bu_pe\.activation_q$/, 'activation'],
  [/\bu_pe\.(.*\.)?(product_q|low_q|high_q)$/, 'product'],
  [/\bu_pe\.(sum_q|drain_q)$/, 'sum'],
  [/\.(write_q|turn_q|load_q)$/, 'writeSkew'],
];

/** @param word hierarchical name below `u_array`, e.g. `u_array.g_row[0].g_col[0].u_pe.sum_q`. */
export function registerClassOf(word: string): RegisterClass | undefined {
  return WORDS.find(([pattern]) => pattern.test(word))?.[1];
}

/** A cell by the nets (numbers of one module) at its pins. */
export interface CellNets {
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** Class of the register that the cell is; undefined for logic and for registers of no class. */
  readonly register: RegisterClass | undefined;
  readonly flipFlop: boolean;
}

/** Where one cell works for several registers, the first of them names it: the product's logic also sees what the next PE gets. */
const FIRST: readonly RegisterClass[] = ['product', 'sum', 'weight', 'activationSkew', 'sumAlignment'];

/**
 * Logic gets the class of the registers whose next value it computes; logic behind the last register (buffers of outputs) that of the
 * register that it comes from.
 */
export function classesOfCells(cells: readonly CellNets[]): readonly (RegisterClass | undefined)[] {
  const driver = new Map(cells.flatMap(({ outputs }, i) => outputs.map((net) => [net, i] as const)));
  const found = cells.map(({ register }) => register);
  const order = new Set([...FIRST, ...found.filter((name) => name !== undefined)]);
  for (const name of order) {
    const waiting = cells.flatMap(({ register, inputs }) => (register === name ? inputs : []));
    for (let net = waiting.pop(); net !== undefined; net = waiting.pop()) {
      const i = driver.get(net);
      if (i === undefined || cells[i]!.flipFlop || found[i] !== undefined) continue;
      found[i] = name;
      waiting.push(...cells[i]!.inputs);
    }
  }
  const source = (i: number, depth: number): RegisterClass | undefined => {
    if (found[i] !== undefined || depth === 0) return found[i];
    const before = cells[i]!.inputs.flatMap((net) => driver.get(net) ?? []);
    return before.map((j) => source(j, depth - 1)).find((name) => name !== undefined);
  };
  return found.map((name, i) => name ?? source(i, 4));
}
