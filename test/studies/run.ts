/**
 * `npm run studies [-- --write] [--only NAME]`: computes the studies of docs/studies again. Prints every claim and what differs from the committed
 * files; `--write` writes them. Exit status 0 when all claims hold and nothing differs (or was written), 1 otherwise, 2 for a wrong option.
 */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { scriptOptions } from '../support/script-options.js';
import { studies } from './index.js';
import { studyFiles } from './study.js';

const docs = new URL('../../docs/studies/', import.meta.url);

process.exitCode = main();

function main(): number {
  const { only, write } = scriptOptions({
    only: { type: 'string' },
    write: { type: 'boolean', default: false },
  });
  const chosen = studies.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) {
    process.stderr.write(
      `no study is called ${only}; there are ${studies.map(({ name }) => name).join(', ')}\n`,
    );
    return 2;
  }
  return chosen.map((study) => renew(study, write)).includes(false) ? 1 : 0;
}

/** @returns whether everything is as it should be. */
function renew(study: (typeof studies)[number], write: boolean): boolean {
  const rows = study.rows();
  const claims = study.claims(rows);
  for (const { text, holds } of claims)
    process.stdout.write(`${holds ? 'holds     ' : 'DOES NOT HOLD'} ${study.name}: ${text}\n`);
  const stale = [...studyFiles(study, rows)].filter(([name, text]) => !isCommitted(name, text));
  if (write) {
    mkdirSync(docs, { recursive: true });
    for (const [name, text] of stale) writeFileSync(new URL(name, docs), text);
  }
  for (const [name] of stale)
    process.stdout.write(`${write ? 'written' : 'differs'}   docs/studies/${name}\n`);
  return claims.every(({ holds }) => holds) && (write || stale.length === 0);
}

function isCommitted(name: string, text: string): boolean {
  const file = new URL(name, docs);
  return existsSync(file) && readFileSync(file, 'utf8') === text;
}
