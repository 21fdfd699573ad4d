/**
 * All benchmarks: `node --import tsx test/bench/run.ts [--quick] [--json] [--write] [--only=import,mapping,explore,timing,array,rtl]`. Progress goes to
 * standard error, the table or JSON to standard output; `--write` writes docs/benchmarks.md. Exit code 0 whether targets are met
 * or not; 1 where engines that are compared disagree.
 */

import { writeFileSync } from 'node:fs';
import { scriptOptions } from '../support/script-options.js';
import { benchArray } from './array.js';
import { benchExplore } from './explore.js';
import { benchImport } from './import.js';
import { benchMapping } from './mapping.js';
import { toPage } from './page.js';
import { type Result, toJson, toTable } from './result.js';
import { benchRtl } from './rtl.js';
import { benchTiming } from './timing.js';

const groups: Readonly<Record<string, (quick: boolean) => Result[] | Promise<Result[]>>> = {
  import: benchImport,
  mapping: benchMapping,
  explore: benchExplore,
  timing: benchTiming,
  array: benchArray,
  rtl: benchRtl,
};

const values = scriptOptions({
  quick: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  write: { type: 'boolean', default: false },
  only: { type: 'string' },
});
const { quick } = values;
const only = values.only?.split(',');
const unknown = only?.filter((name) => !(name in groups)) ?? [];
if (unknown.length > 0) {
  process.stderr.write(`no group named ${unknown.join(', ')}; there are ${Object.keys(groups).join(', ')}\n`);
  process.exit(2);
}
const results: Result[] = [];
for (const [name, bench] of Object.entries(groups)) {
  if (only && !only.includes(name)) continue;
  process.stderr.write(`bench: ${name}\n`);
  results.push(...(await bench(quick)));
}
if (values.write) writeFileSync(new URL('../../docs/benchmarks.md', import.meta.url), toPage(results, quick));
process.stdout.write(`${values.json ? toJson(results) : toTable(results)}\n`);
