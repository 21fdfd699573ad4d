/** Queries and exports by DuckDB (an optional dependency). In: a table of points. Out: rows of a query, CSV, Parquet. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosticError } from '../../base/index.js';
import { noDuckDb, queryFault, unwritable } from './diagnostics.js';
import type { Cell, Table } from './rows.js';

export type QueryRow = Readonly<Record<string, unknown>>;

/** A database that holds one table, `points`. */
export interface PointsDatabase {
  /** @throws DiagnosticError with DuckDB's own words. */
  query(sql: string): Promise<readonly QueryRow[]>;
  /** Writes the whole table. @throws DiagnosticError where the file cannot be written. */
  export(format: 'csv' | 'parquet', file: string): Promise<void>;
  close(): void;
}

/** @throws DiagnosticError where DuckDB is not installed. */
export async function openPoints(table: Table): Promise<PointsDatabase> {
  const { DuckDBInstance } = await load();
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await fill(table, (sql) => connection.run(sql));
  return {
    query: async (sql) => {
      try {
        return (await connection.runAndReadAll(sql)).getRowObjectsJson();
      } catch (error) {
        throw new DiagnosticError([queryFault(sql, (error as Error).message)]);
      }
    },
    export: async (format, file) => {
      const options = format === 'csv' ? 'FORMAT csv, HEADER' : 'FORMAT parquet, COMPRESSION zstd';
      try {
        await connection.run(`COPY (SELECT * FROM points ORDER BY id) TO ${quoted(file)} (${options})`);
      } catch (error) {
        throw new DiagnosticError([unwritable(file, (error as Error).message)]);
      }
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

async function load(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api');
  } catch (error) {
    throw new DiagnosticError([noDuckDb((error as Error).message.split('\n')[0]!)]);
  }
}

/** Fills the table through a file, which DuckDB reads much faster than single rows. */
async function fill({ columns, rows }: Table, run: (sql: string) => Promise<unknown>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'systole-points-'));
  try {
    const file = join(folder, 'points.json');
    writeFileSync(file, rows.map((row) => `${JSON.stringify(rowObject(columns, row))}\n`).join(''));
    const types = columns.map(({ name, type }) => `${quoted(name)}: '${type}'`).join(', ');
    await run(
      `CREATE TABLE points AS SELECT * FROM read_json(${quoted(file)}, format='newline_delimited', columns={${types}})`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rowObject(columns: Table['columns'], row: readonly Cell[]): Readonly<Record<string, Cell>> {
  return Object.fromEntries(columns.map(({ name }, i) => [name, row[i]!]));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
