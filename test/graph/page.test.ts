import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderOperatorsPage } from '../../compiler/pipeline/index.js';

it('docs/operators.md is fresh (node --import tsx scripts/render-operators-page.mjs writes it)', () => {
  const page = readFileSync(new URL('../../docs/operators.md', import.meta.url), 'utf8');
  expect(page).toBe(renderOperatorsPage());
});
