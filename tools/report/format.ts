/** Numbers as people read them, and plain text tables. */

const prefixes: readonly (readonly [number, string])[] = [
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
  [1, ''],
  [1e-3, 'm'],
  [1e-6, 'u'],
  [1e-9, 'n'],
  [1e-12, 'p'],
];

/** Three significant digits with an SI prefix: `si(0.00123, 's')` is `1.23 ms`. */
export function si(value: number, unit: string): string {
  if (value === 0) return `0 ${unit}`.trim();
  const magnitude = Math.abs(value);
  const [scale, prefix] = prefixes.find(([s]) => magnitude >= s * 0.9995) ?? prefixes.at(-1)!;
  const digits = value / scale;
  const text =
    Math.abs(digits) >= 99.95
      ? digits.toFixed(0)
      : Math.abs(digits) >= 9.995
        ? digits.toFixed(1)
        : digits.toFixed(2);
  return `${text} ${prefix}${unit}`.trim();
}

/** `1234567` as `1,234,567`. */
export function grouped(value: number): string {
  return value.toFixed(0).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

export function percent(value: number): string {
  return `${(100 * value).toFixed(1)} %`;
}

export interface Column<Row> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: Row) => string;
}

/** A table with aligned columns, a rule under the head, two spaces between columns. */
export function textTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const cells = [columns.map((c) => c.title), ...rows.map((row) => columns.map((c) => c.cell(row)))];
  const widths = columns.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const align = (text: string, i: number) =>
    columns[i]!.align === 'right' ? text.padStart(widths[i]!) : text.padEnd(widths[i]!);
  const lines = cells.map((line) => line.map(align).join('  ').trimEnd());
  lines.splice(1, 0, widths.map((w) => '-'.repeat(w)).join('  '));
  return lines.join('\n');
}
