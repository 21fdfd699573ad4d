/** The script and the files of studies: what is written reads back, what is stale is noticed, what is unknown is refused. */

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { studies } from './index.js';
import { fromCsv, num, toCsv } from './study.js';
import { legend, legended, svgFile } from './svg.js';

const root = resolve(import.meta.dirname, '../..');

describe('studies', () => {
  it('rows read back from their CSV, names with commas and quotes as well', () => {
    const rows = [
      { layer: 'a, "b"', cycles: 12, joules: 1.25e-7, note: '' },
      { layer: 'c', cycles: 0, joules: 3, note: 'x' },
    ];
    expect(fromCsv(toCsv(rows))).toEqual(rows);
    expect(() => num(rows[0]!, 'layer')).toThrow('column layer holds');
  });

  it('a plot is an SVG file of its own: namespace, no style sheet, the words of its legend', () => {
    const svg = svgFile({ ...legended, width: 300, marks: legend('a title', ['one', 'two'], 300) }, 'label');
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    for (const part of ['a title', '■ one', '■ two', 'aria-label="label"']) expect(svg).toContain(part);
    expect(svg).not.toContain('<style');
  });

  it('docs/studies/README.md lists every study, and the script refuses others', () => {
    const index = readFileSync(resolve(root, 'docs/studies/README.md'), 'utf8');
    for (const { name, title } of studies) expect(index).toContain(`[${title}](${name}.md)`);
    const links = [...index.matchAll(/\]\(([^)#\s]+)\)/g)].map((match) => match[1]!);
    expect(links.filter((link) => !existsSync(resolve(root, 'docs/studies', link)))).toEqual([]);
    const outcome = spawnSync(
      process.execPath,
      ['--import', 'tsx', 'test/studies/run.ts', '--only', 'nothing'],
      {
        cwd: root,
        encoding: 'utf8',
      },
    );
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('no study is called nothing; there are dataflow, buffers, precision');
  });
});
