/** The page of an exploration in a real browser: it draws, dragging chooses points, axes change. Skipped where Chromium is not installed. */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  openSetup,
  pointsTable,
  renderExplorationPage,
  runExploration,
  sensitivityOf,
  setupExploration,
} from '../../tools/explore/index.js';

const browser = ['chromium', 'google-chrome'].find((name) => spawnSync('which', [name]).status === 0);
if (browser === undefined) console.log('the page is not opened: there is no chromium here');
const folder = mkdtempSync(join(tmpdir(), 'systole-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function page(): Promise<string> {
  const space = join(folder, 'space.yaml');
  writeFileSync(
    space,
    'name: page\nmachine: edge8\nparameters:\n  array.rows: [4, 8]\n  array.columns: [4, 8]\n  clockMegahertz: [50, 100]\nderived: {vector.lanes: 4}\nobjectives: [latency, energy]\n',
  );
  const out = join(folder, 'results');
  const setup = setupExploration({ networks: ['digits'], space, out });
  await runExploration(setup, { threads: 1 });
  return renderExplorationPage(
    openSetup(out),
    pointsTable(setup, (warning) => expect(warning).toBeUndefined()),
  );
}

/** Drags over the whole scatter, then changes an axis; what the page then says is put where the dump shows it. */
const acts = `
const mouse = (type, x, y, to) => to.dispatchEvent(new MouseEvent(type, { bubbles: true, view: window, clientX: x, clientY: y }));
const overlay = document.querySelector('#scatter .overlay');
const box = overlay.getBoundingClientRect();
mouse('mousedown', box.left + 1, box.top + 1, overlay);
mouse('mousemove', box.right - 1, box.bottom - 1, window);
mouse('mouseup', box.right - 1, box.bottom - 1, window);
const dragged = document.getElementById('chosen').textContent;
const select = document.querySelector('select[name=x]');
select.value = 'area';
select.value = 'array.rows';
select.dispatchEvent(new Event('change'));
const state = { dragged, after: document.getElementById('chosen').textContent,
  label: document.querySelector('#scatter').textContent.includes('array.rows'),
  dots: document.querySelectorAll('#scatter circle').length,
  lines: document.querySelectorAll('#parallel path').length,
  command: document.querySelector('#table button').title,
  cells: document.querySelectorAll('#sensitivity td').length };
document.body.append(Object.assign(document.createElement('pre'), { id: 'probe', textContent: JSON.stringify(state) }));
`;

describe('the page', () => {
  it('is one file that asks nothing of a network', { timeout: 60_000 }, async () => {
    const html = await page();
    writeFileSync(join(folder, 'page.html'), html);
    expect(html).not.toMatch(/<(?:script|link|img)[^>]+(?:src|href)=/);
    expect(html).not.toMatch(/@import|url\(["']?(?:https?:)?\/\//);
  });

  it.skipIf(browser === undefined)('draws, and dragging chooses points', { timeout: 120_000 }, () => {
    const html = readFileSync(join(folder, 'page.html'), 'utf8');
    const probed = join(folder, 'probe.html');
    writeFileSync(
      probed,
      html.replace('</body>', () => `<script>${acts}</script></body>`),
    );
    const { stdout, stderr } = spawnSync(
      browser!,
      [
        ...[
          '--headless',
          '--no-sandbox',
          '--disable-gpu',
          '--enable-logging=stderr',
          '--window-size=1200,2400',
        ],
        ...['--virtual-time-budget=5000', '--dump-dom', `file://${probed}`],
      ],
      { encoding: 'utf8', maxBuffer: 2 ** 26 },
    );
    const said = /<pre id="probe">(.*?)<\/pre>/.exec(stdout)?.[1];
    expect(said, stderr).toBeDefined();
    const state = JSON.parse(said!) as Record<string, unknown>;
    expect(state.dragged).toMatch(/^8 chosen/);
    expect(state.after).toMatch(/ on the front$/);
    expect(state).toMatchObject({ label: true, dots: 8, cells: 9 });
    expect(state.lines).toBeGreaterThan(0);
    expect(state.command).toMatch(/^systole emit --from .*results --point \d+ --out hw$/);
    expect(stderr).not.toMatch(/CONSOLE.*(?:Error|error)/);
  });
});

describe('sensitivity', () => {
  it('property: is 1 where the parameter decides alone, 0 where it decides nothing, and between otherwise', () => {
    const value = fc.constantFrom('a', 'b', 'c');
    const point = fc.tuple(value, fc.integer({ min: -50, max: 50 }));
    const names = { parameter: 'p', objective: 'o' };
    fc.assert(
      fc.property(fc.array(point, { minLength: 2, maxLength: 30 }), (points) => {
        const { share } = sensitivityOf(names, points);
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }),
    );
    expect(
      sensitivityOf(names, [
        ['a', 1],
        ['a', 1],
        ['b', 5],
      ]).share,
    ).toBeCloseTo(1, 12);
    expect(
      sensitivityOf(names, [
        ['a', 1],
        ['a', 3],
        ['b', 1],
        ['b', 3],
      ]).share,
    ).toBe(0);
  });
});
