/** `npm run area`: prints the area model's errors on cores that it was not fitted on; `npm run area -- --write` puts them into docs/hardware.md. */

import { readFileSync, writeFileSync } from 'node:fs';
import { errorsPage } from './errors.js';

export const PAGE = new URL('../../docs/hardware.md', import.meta.url);
const BEGIN = '<!-- area errors: npm run area -- --write -->';
const END = '<!-- end of area errors -->';

/** The generated part of a page as it stands. */
export function writtenPart(page: string): string {
  return page.slice(page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)).trim();
}

if (process.argv[1]?.endsWith('page.ts')) {
  const text = errorsPage();
  if (process.argv.includes('--write')) {
    const page = readFileSync(PAGE, 'utf8');
    const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
    if (from < 0 || to < from) throw new Error('docs/hardware.md has no place for the errors');
    writeFileSync(PAGE, `${page.slice(0, from)}${BEGIN}\n\n${text}\n\n${page.slice(to)}`);
  } else process.stdout.write(`${text}\n`);
}
