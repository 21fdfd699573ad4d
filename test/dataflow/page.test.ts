import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import {
  parseDataflow,
  printDataflow,
  renderSyntaxList,
  verifyDataflow,
} from '../../compiler/dataflow/index.js';
import { lower } from '../../compiler/lower/index.js';
import { tinyMachine } from './tiny.js';

const page = readFileSync(new URL('../../docs/dataflow.md', import.meta.url), 'utf8');

describe('docs/dataflow.md', () => {
  it('its example is canonical text of a legal dataflow, and lowers', () => {
    const text = /```dataflow\n([\s\S]*?)```/.exec(page)![1]!;
    const dataflow = unwrap(parseDataflow(text, 'docs/dataflow.md'));
    expect(printDataflow(dataflow)).toBe(text);
    expect(verifyDataflow(dataflow, tinyMachine())).toEqual([]);
    const image = new Map([
      ['w', new Uint8Array(16)],
      ['p', new Uint8Array(40)],
    ]);
    expect(unwrap(lower(dataflow, tinyMachine(), image)).instructions).toHaveLength(3 + 2 * 4 + 1);
  });

  it('its operation list is fresh (node --import tsx scripts/render-dataflow-page.mjs renews it)', () => {
    expect(page).toContain(`${renderSyntaxList()}\n<!-- end of operations -->`);
  });
});
