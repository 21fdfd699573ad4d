/** `systole results DIR`: what an exploration found, as text, JSON, CSV, Parquet, a page, or the answer to a query. */

import type { Command } from 'commander';
import { type Diagnostic, renderDiagnostic } from '../../base/index.js';
import {
  openPoints,
  openSetup,
  pointsTable,
  readFront,
  renderExplorationPage,
  renderFront,
} from '../explore/index.js';
import { print, progressTo, writeOne } from './io.js';

interface ResultsFlags {
  readonly sql?: string;
  readonly csv?: string;
  readonly parquet?: string;
  readonly page?: string;
  readonly json?: boolean;
}

export function addResultsCommand(program: Command): void {
  program
    .command('results')
    .description('what an exploration found: its front, a query, or all points as CSV or Parquet')
    .argument('<dir>', 'folder of systole explore')
    .option('--sql <query>', 'a query of the table points, by DuckDB')
    .option('--csv <file>', 'write every point')
    .option('--parquet <file>', 'write every point')
    .option(
      '--page <file>',
      'write an interactive page (HTML, one file): scatter, parallel coordinates, sensitivity',
    )
    .option('--json', 'print JSON')
    .action(resultsCommand);
}

function warn(diagnostic: Diagnostic): void {
  process.stderr.write(`${renderDiagnostic(diagnostic)}\n`);
}

async function resultsCommand(folder: string, flags: ResultsFlags): Promise<void> {
  const record = readFront(folder);
  const { sql, csv, parquet, page } = flags;
  if (page !== undefined) {
    const setup = openSetup(folder);
    writeOne(page, renderExplorationPage(setup, pointsTable(setup, warn)), '--page');
    progressTo(false)(`wrote ${page}`);
  }
  if (sql === undefined && csv === undefined && parquet === undefined) {
    if (page !== undefined) return;
    print(flags.json ? JSON.stringify(record) : renderFront(record, folder));
    return;
  }
  const points = await openPoints(pointsTable(openSetup(folder), warn));
  try {
    for (const format of ['csv', 'parquet'] as const) {
      const file = flags[format];
      if (file === undefined) continue;
      await points.export(format, file);
      progressTo(false)(`wrote ${file}`);
    }
    if (flags.sql === undefined) return;
    const rows = await points.query(flags.sql);
    print(flags.json ? JSON.stringify(rows) : rows.map((row) => Object.values(row).join('\t')).join('\n'));
  } finally {
    points.close();
  }
}
