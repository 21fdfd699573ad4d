/**
 * What a flow must know of a Liberty file beyond what Yosys and OpenSTA read in it themselves: the library's name, its units, the
 * cells' areas, and cells to drive and load with. In: text. Out: values, or a diagnostic.
 */

import { fail, type Result, succeed } from '../../base/index.js';
import { libertyUnusable } from './diagnostics.js';

export interface Liberty {
  readonly name: string;
  /** Seconds of one time unit. */
  readonly timeUnit: number;
  /** Farads of one capacitance unit. */
  readonly capacitanceUnit: number;
  /** um2 by cell. */
  readonly areas: ReadonlyMap<string, number>;
  /** Cells with a flip-flop. */
  readonly flipFlops: ReadonlySet<string>;
  /** A buffer of middling strength, taken as driver and load of every port. */
  readonly buffer: string;
  /** Input capacitance of that buffer, in the library's unit. */
  readonly bufferCapacitance: number;
  /** Smallest cell that gates a rising-edge clock; null when the library has none. */
  readonly clockGate: ClockGate | null;
}

/** An integrated clock gating cell by its pins; test enables are tied low. */
export interface ClockGate {
  readonly cell: string;
  readonly clock: string;
  readonly enable: string;
  readonly out: string;
  readonly tests: readonly string[];
}

interface CellText {
  readonly name: string;
  readonly text: string;
}

/** @param file for messages. */
export function readLiberty(text: string, file: string): Result<Liberty> {
  const name = /^\s*library\s*\(\s*"?([\w.-]+)"?\s*\)/m.exec(text)?.[1];
  if (name === undefined) return fail(libertyUnusable(file, 'no library(NAME) in it'));
  const open = openGroups(text);
  if (open > 0) {
    const lines = text.split('\n').length;
    return fail(
      libertyUnusable(file, `it ends in line ${lines} with ${open} groups open: is the file whole?`),
    );
  }
  const cells = cellTexts(text);
  if (cells.length === 0) return fail(libertyUnusable(file, 'no cells in it'));
  const flipFlops = new Set(cells.filter((cell) => /^\s*ff\s*\(/m.test(cell.text)).map((cell) => cell.name));
  if (flipFlops.size === 0) return fail(libertyUnusable(file, 'no flip-flop in it'));
  const areas = new Map(
    cells.map((cell) => [cell.name, Number(/\barea\s*:\s*([\d.e+-]+)/.exec(cell.text)?.[1] ?? 0)]),
  );
  const buffers = cells.filter(isBuffer).sort((a, b) => areas.get(a.name)! - areas.get(b.name)!);
  const buffer = buffers[Math.floor(buffers.length / 3)];
  if (buffer === undefined) return fail(libertyUnusable(file, 'no buffer in it'));
  return succeed({
    name,
    timeUnit: unitOf(text, /time_unit\s*:\s*"?([\d.]+)\s*([a-z]*)s"?/i, 1e-9),
    capacitanceUnit: unitOf(text, /capacitive_load_unit\s*\(\s*([\d.]+)\s*,\s*"?([a-z]*)f"?\s*\)/i, 1e-12),
    areas,
    flipFlops,
    clockGate: clockGateOf(cells, areas),
    buffer: buffer.name,
    bufferCapacitance: Number(/\bcapacitance\s*:\s*([\d.e+-]+)/.exec(inputPin(buffer.text))?.[1] ?? 0),
  });
}

/** Groups `{` that nothing closes; comments and strings aside. */
function openGroups(text: string): number {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\[\s\S])*"|\/\/.*/g, '');
  let open = 0;
  for (const bracket of bare.match(/[{}]/g) ?? []) open += bracket === '{' ? 1 : -1;
  return open;
}

/** Texts of the `cell (NAME) { ... }` groups. */
function cellTexts(text: string): readonly CellText[] {
  const starts = [...text.matchAll(/^\s*cell\s*\(\s*"?([\w.-]+)"?\s*\)/gm)];
  return starts.map((match, i) => ({
    name: match[1]!,
    text: text.slice(match.index, starts[i + 1]?.index ?? text.length),
  }));
}

/** One input, and one output whose function is that input. */
function isBuffer({ text }: CellText): boolean {
  if (/\b(ff|latch|statetable)\s*\(|\bdont_use\s*:\s*"?true|\bthree_state\b/.test(text)) return false;
  const inputs = pinTexts(text).filter(isInput);
  const functions = [...text.matchAll(/\bfunction\s*:\s*"([^"]*)"/g)].map((m) => m[1]!);
  return inputs.length === 1 && functions.length === 1 && /^\s*\(?\s*\w+\s*\)?\s*$/.test(functions[0]!);
}

/** Pins are told by their `clock_gate_*_pin` attributes, cells by `clock_gating_integrated_cell : latch_posedge...`. */
function clockGateOf(cells: readonly CellText[], areas: ReadonlyMap<string, number>): ClockGate | null {
  const gates = cells.flatMap(({ name, text }) => {
    if (!/clock_gating_integrated_cell\s*:\s*"?latch_posedge/.test(text)) return [];
    const pins = (role: string) =>
      pinTexts(text).flatMap((pin) =>
        new RegExp(`clock_gate_${role}_pin\\s*:\\s*"?true`).test(pin)
          ? [/^pin\s*\(\s*"?(\w+)"?\s*\)/.exec(pin)![1]!]
          : [],
      );
    const [clock, enable, out] = ['clock', 'enable', 'out'].map((role) => pins(role)[0]);
    if (clock === undefined || enable === undefined || out === undefined) return [];
    return [{ cell: name, clock, enable, out, tests: pins('test') }];
  });
  return gates.sort((a, b) => areas.get(a.cell)! - areas.get(b.cell)!)[0] ?? null;
}

const isInput = (pin: string) => /direction\s*:\s*"?input"?/.test(pin);

/** Texts of the `pin (NAME) { ... }` groups; supply pins (`pg_pin`) are no pins here. */
function pinTexts(text: string): readonly string[] {
  const starts = [...text.matchAll(/\bpin\s*\([^)]*\)\s*\{/g)];
  return starts.map((match, i) => text.slice(match.index, starts[i + 1]?.index ?? text.length));
}

function inputPin(text: string): string {
  return pinTexts(text).find(isInput) ?? text;
}

const PREFIXES: Readonly<Record<string, number>> = { f: 1e-15, p: 1e-12, n: 1e-9, u: 1e-6, '': 1 };

function unitOf(text: string, pattern: RegExp, byDefault: number): number {
  const match = pattern.exec(text);
  return match ? Number(match[1]) * (PREFIXES[match[2]!.toLowerCase()] ?? 1) : byDefault;
}
