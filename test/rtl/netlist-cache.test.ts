/** Elaborated netlists survive the process, and a damaged or forbidden cache costs time only. */

import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { elaborate, type NetlistStore } from '../../simulator/rtl/index.js';
import { netlistStore } from '../../tools/library/index.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'systole-cache-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const source = (operator: string) => [
  {
    path: 'top.v',
    text: `module top(input [3:0] a, output [3:0] b); assign b = a ${operator} 4'd3; endmodule`,
  },
];

/** Counts what gets through to Yosys: only that is written. */
function counting(store: NetlistStore) {
  const counts = { found: 0, written: 0 };
  const wrapped: NetlistStore = {
    read: async (content) => {
      const text = await store.read(content);
      if (text !== undefined) counts.found++;
      return text;
    },
    write: async (content, text) => {
      counts.written++;
      await store.write(content, text);
    },
  };
  return { counts, wrapped };
}

it('elaborates a content once', async () => {
  const { counts, wrapped } = counting(netlistStore(folder));
  const first = unwrap(await elaborate(source('+'), 'top', {}, wrapped));
  const again = unwrap(await elaborate(source('+'), 'top', {}, counting(netlistStore(folder)).wrapped));
  expect(again).toEqual(first);
  await elaborate(source('+'), 'top', {}, wrapped);
  expect(counts).toEqual({ found: 1, written: 1 });
  const other = unwrap(await elaborate(source('-'), 'top', {}, wrapped));
  expect(counts).toEqual({ found: 1, written: 2 });
  expect(other).not.toEqual(first);
});

it('does not trust a damaged file', async () => {
  const whole = unwrap(await elaborate(source('+'), 'top', {}, netlistStore(folder)));
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'not a netlist');
  const { counts, wrapped } = counting(netlistStore(folder));
  expect(unwrap(await elaborate(source('+'), 'top', {}, wrapped))).toEqual(whole);
  expect(counts).toEqual({ found: 0, written: 1 });
});

it('works where nothing can be kept', async () => {
  const store = netlistStore('/proc/systole-cache');
  expect((await elaborate(source('^'), 'top', {}, store)).ok).toBe(true);
  expect(await store.read('anything')).toBeUndefined();
});

it('keeps the sixty-four files that were used last', async () => {
  const store = netlistStore(folder);
  for (let i = 0; i < 70; i++) await store.write(`content ${i}`, '{}');
  expect(readdirSync(folder)).toHaveLength(64);
  expect(await store.read('content 69')).toBe('{}');
});
