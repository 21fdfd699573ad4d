/** What keeps Verilog from being simulated: each fault at the source line that Yosys names for the cell. */

import { type Diagnostic, errorDiagnostic, type Place } from '../../base/index.js';
import type { SourceFile } from './netlist.js';

/**
 * The place of a Yosys `src` attribute (`rtl/pe.v:22.5-23.9`, alternatives separated by `|`): its first range. What Yosys made
 * itself stands in line 0, which is no place.
 */
export function placeOfSource(files: readonly SourceFile[], src: string | undefined): Place | undefined {
  const range = src?.split('|').find((text) => !/:0(\.|$)/.test(text));
  const match = /^(.*?):(\d+)(?:\.(\d+)(?:-(\d+)\.(\d+))?)?$/.exec(range ?? '');
  if (!match) return undefined;
  const file = files.find(({ path }) => path === match[1]);
  if (file === undefined) return { kind: 'file', file: match[1]! };
  const [line, column] = [Number(match[2]), Number(match[3] ?? 1)];
  const lines = file.text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
  const start = before + column - 1;
  const sameLine = match[4] !== undefined && Number(match[4]) === line;
  const end = sameLine ? before + Number(match[5]) - 1 : before + (lines[line - 1]?.length ?? 0);
  return {
    kind: 'text',
    file: file.path,
    source: file.text,
    span: { start, end: Math.max(end, start + 1), line, column },
  };
}

/**
 * The place of an instance that Yosys names without one (`Module `\sub' referenced in module `\top' in cell `\u' is not part of the
 * design`): where the module's name first stands before the cell's.
 */
export function placeOfInstance(files: readonly SourceFile[], message: string): Place | undefined {
  const [, module, cell] = /Module `\\?(\w+)' referenced .* in cell `\\?(\w+)'/.exec(message) ?? [];
  if (module === undefined) return undefined;
  for (const { path, text } of files) {
    const found = new RegExp(`\\b${module}\\b[^;]*?\\b${cell}\\b`).exec(text);
    if (found === null) continue;
    const line = text.slice(0, found.index).split('\n').length;
    const column = found.index - text.lastIndexOf('\n', found.index - 1);
    return placeOfSource(files, `${path}:${line}.${column}-${line}.${column + module.length}`);
  }
  return undefined;
}

const at = (place: Place | undefined) => (place === undefined ? {} : { where: place });

/** Yosys refused the source. `message` is its own sentence. */
export function elaborationFailed(message: string, place?: Place): Diagnostic {
  return errorDiagnostic('rtl/elaboration', message, at(place));
}

/** Yosys itself gave up (out of memory, a crash inside the wasm module). */
export function elaborationCrashed(message: string): Diagnostic {
  return errorDiagnostic('rtl/elaboration-crash', `Yosys stopped without an answer: ${message}`);
}

export function noSuchTop(top: string): Diagnostic {
  return errorDiagnostic('rtl/no-top', `the design has no module ${top}`);
}

/** A cell that the simulator has no rule for. */
export function unsupportedCell(type: string, path: string, place?: Place): Diagnostic {
  return errorDiagnostic('rtl/unsupported-cell', `cell ${type} (${path}) cannot be simulated`, {
    ...at(place),
    hint: 'write synthesizable single-clock Verilog without tri-states, black boxes and analog or formal primitives',
  });
}

/** A net that may float, or a comparison with z: the simulator knows 0 and 1. @param name as in the source, or one of Yosys' own ($...). */
export function triState(name: string, place?: Place): Diagnostic {
  return errorDiagnostic(
    'rtl/tri-state',
    `${name.startsWith('$') ? 'this' : name} is or reads high impedance (z)`,
    {
      ...at(place),
      hint: 'the simulator has two states: choose between drivers with a multiplexer, and split a bidirectional pin into input, output and output enable',
    },
  );
}

/** A bidirectional port of the top. */
export function inoutPort(name: string, place?: Place): Diagnostic {
  return errorDiagnostic('rtl/inout-port', `port ${name} of the top is bidirectional`, {
    ...at(place),
    hint: 'split it into an input, an output and an output enable; pads are outside what is simulated',
  });
}

/** A level-sensitive storage element. */
export function latch(path: string, place?: Place): Diagnostic {
  return errorDiagnostic('rtl/latch', `${path} is a latch`, {
    ...at(place),
    hint: 'assign the signal on every path of the combinational block, or clock it',
  });
}

/** A second clock, or a clock that is computed. */
export function clockMismatch(what: string, path: string, place?: Place, first?: Place): Diagnostic {
  return errorDiagnostic('rtl/clock', `${path}: ${what}`, {
    ...at(place),
    ...(first ? { related: [{ message: 'the first clocked cell is here', where: first }] } : {}),
    hint: 'the simulator runs designs whose registers all use the same edge of one top-level input',
  });
}

/** Combinational logic that feeds itself. @param ring paths and places of the cells on the loop, in order. */
export function combinationalLoop(
  ring: readonly { readonly path: string; readonly place?: Place }[],
): Diagnostic {
  const [first, ...rest] = ring;
  const related = rest.flatMap(({ path, place }) => (place ? [{ message: path, where: place }] : []));
  return errorDiagnostic(
    'rtl/combinational-loop',
    `combinational loop through ${ring.map(({ path }) => path).join(' -> ')}`,
    { ...at(first?.place), related: related.slice(0, 4) },
  );
}

/** Two cells, or a cell and an input, drive one net. */
export function multipleDrivers(path: string, place?: Place): Diagnostic {
  return errorDiagnostic('rtl/multiple-drivers', `${path} drives a net that has another driver`, at(place));
}

/** A register with an asynchronous control that the simulator has no rule for. */
export function asynchronousReset(type: string, path: string, place?: Place): Diagnostic {
  return errorDiagnostic(
    'rtl/asynchronous-control',
    `register ${type} (${path}) cannot be simulated`,
    at(place),
  );
}

/** The clock is read as data. */
export function clockAsData(path: string, place?: Place): Diagnostic {
  return errorDiagnostic('rtl/clock-as-data', `${path} reads the clock as data`, at(place));
}
