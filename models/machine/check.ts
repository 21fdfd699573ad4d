/**
 * From YAML or JSON text, or a plain object, to a checked {@link Machine}. Every error names the field's path; text
 * errors also point at the line.
 */

import { type Document, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import {
  type Diagnostic,
  errorDiagnostic,
  fail,
  type Place,
  type Result,
  spanOf,
  succeed,
} from '../../base/index.js';
import { columnSumBits } from './geometry.js';
import { MAXIMUM_ACCUMULATOR_BITS, type Machine, machineSchema } from './machine.js';
import { machinePresets } from './presets.js';

type Locate = (path: readonly PropertyKey[]) => Place;

/** Checks a plain value against the schema and the rules between fields. */
export function checkMachine(value: unknown, locate: Locate = placeIn(nameOf(value))): Result<Machine> {
  const parsed = machineSchema.safeParse(value);
  if (!parsed.success) {
    return {
      ok: false,
      diagnostics: parsed.error.issues.flatMap((issue) => fieldDiagnostics(issue, locate)),
    };
  }
  const diagnostics = ruleDiagnostics(parsed.data, locate);
  return diagnostics.length > 0 ? { ok: false, diagnostics } : succeed(parsed.data);
}

/** Parses YAML or JSON text. A `preset: NAME` entry starts from that preset; other entries override it, field by field. */
export function parseMachine(text: string, file: string): Result<Machine> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      ok: false,
      diagnostics: document.errors.map((error) =>
        errorDiagnostic('machine/syntax', error.message, {
          where: { kind: 'text', file, source: text, span: spanOf(text, error.pos[0], error.pos[1]) },
        }),
      ),
    };
  }
  const locate = locateIn(document, text, file);
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (!isRecord(value))
    return fail(
      errorDiagnostic('machine/field', 'a machine is a mapping of fields', { where: { kind: 'file', file } }),
    );
  const { preset, ...rest } = value;
  if (preset === undefined) return checkMachine(rest, locate);
  const base = typeof preset === 'string' ? machinePresets.get(preset) : undefined;
  if (base === undefined) return fail(unknownMachine(String(preset), locate(['preset'])));
  return checkMachine(merge(base, rest), locate);
}

/** The diagnostic for a machine name that is neither preset nor file. */
export function unknownMachine(name: string, where: Place): Diagnostic {
  return errorDiagnostic('machine/unknown', `there is no machine preset "${name}"`, {
    where,
    hint: `presets: ${[...machinePresets.keys()].join(', ')}; or give a YAML or JSON file`,
  });
}

function fieldDiagnostics(issue: z.core.$ZodIssue, locate: Locate): Diagnostic[] {
  const paths =
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  const message = issue.code === 'unrecognized_keys' ? 'there is no such field' : issue.message;
  return paths.map((path) =>
    errorDiagnostic('machine/field', `${pathText(path)}: ${message}`, { where: locate(path) }),
  );
}

function ruleDiagnostics(machine: Machine, locate: Locate): Diagnostic[] {
  const { rows, columns } = machine.array;
  const { lanes } = machine.vector;
  const found: Diagnostic[] = [];
  if (rows % lanes !== 0 || columns % lanes !== 0) {
    const legal = divisors(rows).filter((d) => columns % d === 0);
    found.push(
      errorDiagnostic(
        'machine/lanes',
        `${lanes} vector lanes do not divide ${rows} rows and ${columns} columns`,
        {
          where: locate(['vector', 'lanes']),
          hint: `legal: ${legal.join(', ')}`,
        },
      ),
    );
  }
  const { weight } = machine.buffers;
  if (weight.banks > 1 && weight.rows < 4) {
    found.push(
      errorDiagnostic(
        'machine/weight-banks',
        `${weight.rows} weight rows do not make two banks of two or more`,
        {
          where: locate(['buffers', 'weight', 'rows']),
          hint: 'at least 4 rows, or one bank',
        },
      ),
    );
  }
  // Wider sums than acc can have are left to the scheduler's proof.
  const needed = Math.min(MAXIMUM_ACCUMULATOR_BITS, columnSumBits(machine));
  if (machine.elements.accumulatorBits < needed) {
    found.push(
      errorDiagnostic(
        'machine/accumulator-bits',
        `${machine.elements.accumulatorBits} accumulator bits cannot hold a column sum of ${needed} bits`,
        {
          where: locate(['elements', 'accumulatorBits']),
          hint: `at least ${needed}`,
        },
      ),
    );
  }
  if (machine.elements.activationBits > 8 && machine.vector.functions.includes('lookup')) {
    found.push(
      errorDiagnostic(
        'machine/lookup',
        `look-up tables have 256 entries, too few for ${machine.elements.activationBits}-bit activations`,
        { where: locate(['vector', 'functions']), hint: "leave 'lookup' out of vector.functions" },
      ),
    );
  }
  if (machine.array.dataflow === 'input-stationary' && !machine.vector.functions.includes('row-parameters')) {
    found.push(
      errorDiagnostic(
        'machine/input-stationary',
        'an input-stationary machine requantises rows of one channel each, which needs the vector function row-parameters',
        { where: locate(['array', 'dataflow']), hint: "add 'row-parameters' to vector.functions" },
      ),
    );
  }
  return found;
}

function divisors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);
}

function placeIn(machine: string): Locate {
  return (path) => ({ kind: 'machine', machine, path: pathText(path) });
}

function locateIn(document: Document, text: string, file: string): Locate {
  return (path) => {
    for (let length = path.length; length >= 0; length--) {
      const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
      if ((isScalar(node) || isMap(node) || isSeq(node)) && node.range) {
        return { kind: 'text', file, source: text, span: spanOf(text, node.range[0], node.range[1]) };
      }
    }
    return { kind: 'file', file };
  };
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'machine' : path.map(String).join('.');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  return isRecord(value) && typeof value.name === 'string' ? value.name : '(unnamed)';
}

function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    // A target of another kind replaces the preset's whole target: its fields differ.
    result[key] = key === 'target' ? value : merge(base[key], value);
  }
  return result;
}
