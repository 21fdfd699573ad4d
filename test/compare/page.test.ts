/** Pages: one file that needs nothing else, with every figure's basis, made of the record alone. */

import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { run } from '../../tools/library/index.js';
import { renderPage } from '../../tools/page/index.js';
import { parseRunRecord } from '../../tools/report/index.js';

const { record } = await run('digits', {
  verify: 'none',
  compare: ['tesla-t4', 'tpu-v3', 'tpu-v1', 'zcu102-dpu-b4096', 'raspberry-pi-4b', 'eyeriss-v1', 'edge16'],
});
const text = renderPage(record);
const { document } = parseHTML(text);

describe('a page', () => {
  it('is a function of the record: what was written and read back gives the same page', () => {
    expect(renderPage(parseRunRecord(JSON.stringify(record))) === text).toBe(true);
  });

  it('fetches nothing: no scripts, links, pictures, fonts or style sheets from elsewhere', () => {
    expect(document.querySelectorAll('script, link, img, iframe, object, embed').length).toBe(0);
    expect(/url\(|@import|\bsrc=|\bon\w+=/.exec(text)?.[0]).toBeUndefined();
    const addresses = [...text.matchAll(/https?:\/\/[^\s"'<)]+/g)].map(([address]) => address);
    // Names of XML's vocabularies are no addresses to fetch.
    expect(addresses.filter((address) => !/^http:\/\/www\.w3\.org\//.test(address))).toEqual([]);
  });

  it('shows three bar charts, and a roofline for every device that has points', () => {
    const labels = [...document.querySelectorAll('svg')].map((svg) => svg.getAttribute('aria-label') ?? '');
    expect(labels.filter((label) => label.includes('better')).length).toBe(3);
    for (const { device } of record.comparison)
      if (device !== 'edge16') expect(labels).toContain(`Roofline of ${device}`);
  });

  it('says of every device how its figures are known, with the error where one is known', () => {
    const rows = [...document.querySelectorAll('table')][0]!.querySelectorAll('tbody tr');
    const cells = [...rows].map((row) =>
      [...row.querySelectorAll('td')].map((cell) => cell.textContent ?? ''),
    );
    expect(cells.map((row) => row[0])).toEqual(record.comparison.map(({ device }) => device));
    const basis = Object.fromEntries(cells.map((row) => [row[0], row.at(-1)]));
    expect(basis).toMatchObject({ edge8: 'simulated', edge16: 'simulated', 'eyeriss-v1': 'assumed' });
    expect(basis['tesla-t4']).toMatch(/^modelled, ± \d+ %$/);
    for (const { device, source } of record.comparison) {
      expect(document.querySelector('.sources')!.textContent).toContain(device);
      expect(document.querySelector('.sources')!.textContent).toContain(source);
    }
  });

  it('lists every kernel with its time on each device', () => {
    const table = [...document.querySelectorAll('table')].at(-1)!;
    expect(table.querySelectorAll('tbody tr').length).toBe(record.kernels!.length);
    const priced = record.comparison.filter(({ kernelSeconds }) => kernelSeconds !== undefined);
    expect(table.querySelectorAll('thead th').length).toBe(4 + priced.length);
  });

  it('takes names as text, never as markup', () => {
    const hostile = { ...record, network: { ...record.network, name: '<script>alert(1)</script>' } };
    expect(renderPage(hostile).includes('<script>')).toBe(false);
  });

  it('draws a record of before devices had kernels, and one without a comparison', () => {
    const old = record.comparison.map(
      ({
        device,
        kind,
        latencySeconds,
        throughputPerSecond,
        powerWatts,
        energyJoules,
        lowerBound,
        basis,
        source,
        known,
      }) => ({
        device,
        kind,
        latencySeconds,
        throughputPerSecond,
        powerWatts,
        energyJoules,
        lowerBound,
        basis,
        source,
        known,
      }),
    );
    const { kernels, ...rest } = record;
    expect(kernels).toBeDefined();
    expect(renderPage({ ...rest, comparison: old }).includes('estimated')).toBe(true);
    expect(renderPage({ ...rest, comparison: [] }).includes('Rooflines')).toBe(false);
  });
});
