/** A study: rows that a run of the tools gives, plots and a page that are functions of the rows, and claims that must hold of them. */

import { parse } from 'csv-parse/sync';
import { csvCell } from '../../tools/report/index.js';

/** A row of a study's table; numbers have their unit in the column's name. */
export type StudyRow = Readonly<Record<string, string | number>>;

export interface Claim {
  /** As the page's conclusion rests on it. */
  readonly text: string;
  readonly holds: boolean;
}

export interface Study {
  /** Of its files in docs/studies: NAME.md, NAME.csv, NAME-PLOT.svg. */
  readonly name: string;
  readonly title: string;
  /** Computes every row, without files or chance. */
  readonly rows: () => readonly StudyRow[];
  readonly plots: (rows: readonly StudyRow[]) => Readonly<Record<string, string>>;
  /** Markdown below the title. */
  readonly page: (rows: readonly StudyRow[]) => string;
  /** What the page's text says of the rows. A claim that fails means that the text is out of date. */
  readonly claims: (rows: readonly StudyRow[]) => readonly Claim[];
}

/** A figure of a row. @throws Error where the column holds none. */
export function num(row: StudyRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new Error(`column ${column} holds ${JSON.stringify(value)}`);
  return value;
}

/** Twelve digits: what sums of joules repeat on any computer. */
export function rounded(value: number): number {
  return Number(value.toPrecision(12));
}

export function toCsv(rows: readonly StudyRow[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  return lines.map((line) => `${line.map(csvCell).join(',')}\n`).join('');
}

export function fromCsv(text: string): readonly StudyRow[] {
  const records: Record<string, string>[] = parse(text, { columns: true });
  return records.map((record) =>
    Object.fromEntries(
      Object.entries(record).map(([name, value]) => [
        name,
        value !== '' && Number.isFinite(Number(value)) ? Number(value) : value,
      ]),
    ),
  );
}

/** Every file of a study, by its name in docs/studies. */
export function studyFiles(study: Study, rows: readonly StudyRow[]): ReadonlyMap<string, string> {
  const plots = Object.entries(study.plots(rows)).map(
    ([name, svg]) => [`${study.name}-${name}.svg`, svg] as const,
  );
  const head = `# ${study.title}\n\nWritten by \`npm run studies -- --write\`; CI computes the data again (\`test/studies\`). Data: [${study.name}.csv](${study.name}.csv).\n\n`;
  return new Map([
    [`${study.name}.csv`, toCsv(rows)],
    [`${study.name}.md`, `${head}${study.page(rows).trim()}\n`],
    ...plots,
  ]);
}

/** A Markdown table; the first column stands left, the others right. */
export function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '---:'));
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
}

export function grouped(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
