/**
 * The tables that the truth suite reads: `published/`, `measured/` and `peers/` of a folder in the form of `shared/data`, gzipped or
 * not. In: the folder. Out: rows as they stand, numbers and texts. A table that is absent or broken is named.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { MissingTable } from './truth-set.js';

export type Row = Readonly<Record<string, unknown>>;

export class Tables {
  constructor(readonly folder: string) {}

  has(path: string): boolean {
    return existsSync(resolve(this.folder, path)) || existsSync(resolve(this.folder, `${path}.gz`));
  }

  /** Paths of the tables in a folder whose names match, without `.gz`, in order. */
  list(folder: string, pattern: RegExp): readonly string[] {
    const whole = resolve(this.folder, folder);
    if (!existsSync(whole)) throw new MissingTable(`${folder} is not in ${this.folder}`);
    const names = readdirSync(whole).map((name) => name.replace(/\.gz$/, ''));
    return [...new Set(names)]
      .filter((name) => pattern.test(name))
      .sort()
      .map((name) => `${folder}/${name}`);
  }

  /** A list of a JSON table, `rows` as a rule. @throws MissingTable */
  json(path: string, list = 'rows'): readonly Row[] {
    const text = this.text(path);
    const value = this.broken(path, () => JSON.parse(text)) as Readonly<Record<string, unknown>> | null;
    const rows = value?.[list];
    if (!Array.isArray(rows)) throw new MissingTable(`${path} has no list named "${list}"`);
    return rows;
  }

  /** The rows of a CSV table with a line of names; lines that begin with # are remarks. @throws MissingTable */
  csv(path: string): readonly Readonly<Record<string, string>>[] {
    const text = this.text(path);
    return this.broken(path, () =>
      parse(text, { columns: true, comment: '#', trim: true, relax_column_count: true }),
    ) as readonly Readonly<Record<string, string>>[];
  }

  private text(path: string): string {
    const file = resolve(this.folder, path);
    if (existsSync(file)) return readFileSync(file, 'utf8');
    if (existsSync(`${file}.gz`))
      return this.broken(path, () => gunzipSync(readFileSync(`${file}.gz`)).toString('utf8')) as string;
    throw new MissingTable(`${path} is not in ${this.folder}`);
  }

  private broken(path: string, read: () => unknown): unknown {
    try {
      return read();
    } catch (error) {
      throw new MissingTable(`${path}: ${(error as Error).message}`);
    }
  }
}

/** A field that must be a number above zero. @throws MissingTable naming table, row and field. */
export function positive(path: string, row: Row, field: string): number {
  const value = Number(row[field]);
  if (Number.isFinite(value) && value > 0) return value;
  throw new MissingTable(
    `${path}: ${JSON.stringify(row[field])} for "${field}" is no number above zero, in ${JSON.stringify(row).slice(0, 200)}`,
  );
}

/** A field that must be a number. @throws MissingTable naming table, row and field. */
export function numeric(path: string, row: Row, field: string): number {
  const value = Number(row[field]);
  if (row[field] !== '' && row[field] !== null && Number.isFinite(value)) return value;
  throw new MissingTable(
    `${path}: ${JSON.stringify(row[field])} for "${field}" is no number, in ${JSON.stringify(row).slice(0, 200)}`,
  );
}
