/** Whether a committed study is what its code gives: the data computed again, and pages and plots drawn from the committed data. */

import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { fromCsv, type Study, type StudyRow, studyFiles } from './study.js';

const docs = new URL('../../docs/studies/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, docs), 'utf8');
const AGAIN = 'run `npm run studies -- --write`, read the page, and correct its text where a claim fails';

/** Joules and areas are sums of floating-point numbers: nine digits of them are held. */
function expectSame(actual: StudyRow, expected: StudyRow, label: string): void {
  expect(Object.keys(actual), `${label}: ${AGAIN}`).toEqual(Object.keys(expected));
  for (const [column, value] of Object.entries(expected)) {
    const found = actual[column]!;
    const where = `${label}, ${column}: ${AGAIN}`;
    if (typeof value === 'number' && !Number.isInteger(value) && value !== 0)
      expect(Number(found) / value, where).toBeCloseTo(1, 9);
    else expect(found, where).toBe(value);
  }
}

export function checkStudy(study: Study): void {
  describe(`docs/studies/${study.name}.md`, () => {
    const committed = fromCsv(read(`${study.name}.csv`));
    let rows: readonly StudyRow[] = [];
    beforeAll(() => {
      rows = study.rows();
    });

    it('rests on data that the tools give today', () => {
      expect(rows.length).toBe(committed.length);
      for (const [i, row] of rows.entries()) expectSame(row, committed[i]!, `row ${i + 1}`);
    });

    it('says only what the data say', () => {
      const claims = study.claims(rows);
      expect(claims.length).toBeGreaterThan(5);
      expect(
        claims.filter(({ holds }) => !holds).map(({ text }) => text),
        AGAIN,
      ).toEqual([]);
    });

    it('is drawn from the committed data, plots included, and links to files that are there', () => {
      const files = studyFiles(study, committed);
      expect(files.size).toBeGreaterThan(2);
      for (const [name, text] of files) expect(read(name), `${name}: ${AGAIN}`).toBe(text);
      const links = [...read(`${study.name}.md`).matchAll(/\]\(([^)#\s]+)\)/g)].map((match) => match[1]!);
      expect(links.length).toBeGreaterThan(1);
      expect(links.filter((link) => !existsSync(new URL(link, docs)))).toEqual([]);
    });

    it('has question, method, command, result, reasons, limits and one conclusion', () => {
      const page = read(`${study.name}.md`);
      const parts = ['Question', 'Method', 'Result', 'Why, from the counters', 'Limits', 'Conclusion'];
      expect([...page.matchAll(/^## (.*)$/gm)].map((match) => match[1])).toEqual(parts);
      expect(page).toContain(`npm run studies -- --only ${study.name}`);
    });
  });
}
