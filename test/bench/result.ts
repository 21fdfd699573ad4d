/**
 * A benchmark's figure beside its target, and how it is shown. A ratio is always "ours over theirs", larger is better; a figure
 * without a peer (milliseconds, megabytes) gives target over measured. What could not run is skipped, never met.
 */

export interface Measured {
  readonly kind: 'measured';
  readonly name: string;
  /** At least `target` when met. */
  readonly ratio: number;
  readonly target: number;
  readonly met: boolean;
  /** What was measured, in words with units. */
  readonly measured: string;
  /** What it is divided by, in words with units, and where that comes from. */
  readonly reference: string;
  readonly command: string;
  /** What bounds it now. */
  readonly bound: string;
}

export interface Skipped {
  readonly kind: 'skipped';
  readonly name: string;
  readonly why: string;
}

export type Result = Measured | Skipped;

export const command = 'node --import tsx test/bench/run.ts';

export function measured(
  entry: Omit<Measured, 'kind' | 'met' | 'command'> & { readonly command?: string },
): Measured {
  return { kind: 'measured', command, ...entry, met: entry.ratio >= entry.target };
}

export function skipped(name: string, why: string): Skipped {
  return { kind: 'skipped', name, why };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Three significant digits, with the magnitude as a word. */
export function amount(value: number): string {
  for (const [factor, letter] of [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e3, ' k'],
  ] as const) {
    if (value >= factor) return `${Number((value / factor).toPrecision(3))}${letter} `;
  }
  return `${Number(value.toPrecision(3))} `;
}

/** What `--json` prints: skipped entries have no ratio and `met` false. */
export function toJson(results: readonly Result[]): string {
  const rows = results.map((result) => {
    if (result.kind === 'skipped')
      return { name: result.name, ratio: null, target: null, met: false, skipped: result.why };
    const { kind: _, ...rest } = result;
    return rest;
  });
  return JSON.stringify({ results: rows }, null, 2);
}

export function toTable(results: readonly Result[]): string {
  return results
    .map((result) =>
      result.kind === 'skipped'
        ? `skipped  ${result.name}: ${result.why}`
        : `${result.met ? 'met    ' : 'NOT MET'}  ${result.name}: ${show(result.ratio)} (target ${result.target})\n` +
          `         measured  ${result.measured}\n         reference ${result.reference}\n         bound     ${result.bound}`,
    )
    .join('\n');
}

export function show(ratio: number): string {
  return Number(ratio.toPrecision(3)).toString();
}
