/**
 * SCALE-Sim's `.cfg`: sections of `KEY: VALUE` or `KEY = VALUE`, as Python's configparser reads them (names of keys in any case). In: the text. Out:
 * entries that know where they stand, or located diagnostics.
 */

import { type Diagnostic, fail, type Place, type Result, spanOf, succeed } from '../../base/index.js';
import { noSection, strangeLine, twice } from './diagnostics.js';

export interface ConfigEntry {
  readonly section: string;
  /** As written. */
  readonly key: string;
  readonly value: string;
  /** Counted from 1. */
  readonly line: number;
  /** Of the value. */
  readonly where: Place;
}

/** Entries by `section.key`, in lower case. */
export interface ScaleSimConfig {
  readonly file: string;
  readonly entries: ReadonlyMap<string, ConfigEntry>;
}

export function readConfig(source: string, file: string): Result<ScaleSimConfig> {
  const entries = new Map<string, ConfigEntry>();
  const faults: Diagnostic[] = [];
  let section: string | undefined;
  let offset = 0;
  for (const [index, raw] of source.split('\n').entries()) {
    const start = offset;
    offset += raw.length + 1;
    const text = raw.trim();
    if (text === '' || /^[#;]/.test(text)) continue;
    const at = (part: string, from = 0): Place => {
      const begin = start + raw.indexOf(part, from);
      return { kind: 'text', file, source, span: spanOf(source, begin, begin + part.length) };
    };
    const header = /^\[([^\]]+)\]$/.exec(text);
    if (header) {
      section = header[1]!.trim();
      continue;
    }
    // A line that begins with a blank goes on with the value above, in configparser; SCALE-Sim has no such value.
    const entry = /^([^:=\s][^:=]*?)\s*[:=]\s*(.*)$/.exec(text);
    if (!entry || /^\s/.test(raw)) faults.push(strangeLine(at(text)));
    else if (section === undefined) faults.push(noSection(at(entry[1]!), entry[1]!));
    else {
      const [, key = '', value = ''] = entry;
      const id = idOf(section, key);
      const first = entries.get(id);
      const where = value === '' ? at(key) : at(value, key.length);
      if (first) faults.push(twice(where, key, first.where));
      else entries.set(id, { section, key, value, line: index + 1, where });
    }
  }
  return faults.length > 0 ? fail(...faults) : succeed({ file, entries });
}

export function idOf(section: string, key: string): string {
  return `${section}.${key}`.toLowerCase();
}
