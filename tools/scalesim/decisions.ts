/** What became of every key of a configuration, and what was assumed where it says nothing. */

import { type Column, textTable } from '../report/index.js';

export interface Decision {
  /** `assumed`: the configuration does not say. */
  readonly status: 'mapped' | 'approximated' | 'ignored' | 'assumed';
  /** `Section.Key`, or the machine's field where it is assumed. */
  readonly key: string;
  readonly value: string;
  /** What it became, or why it became nothing. */
  readonly what: string;
  /** Line of the configuration; absent where it is assumed. */
  readonly line?: number;
}

export function renderDecisions(decisions: readonly Decision[]): string {
  const columns: Column<Decision>[] = [
    { title: 'line', align: 'right', cell: ({ line }) => (line === undefined ? '-' : String(line)) },
    { title: 'key', cell: ({ key }) => key },
    { title: 'value', cell: ({ value }) => value },
    { title: 'status', cell: ({ status }) => status },
    { title: 'what', cell: ({ what }) => what },
  ];
  return textTable(columns, decisions);
}
