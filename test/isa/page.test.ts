import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { renderIsaPage } from '../../compiler/isa/index.js';

it('docs/isa.md is fresh (node --import tsx scripts/render-isa-page.mjs writes it)', () => {
  const page = readFileSync(new URL('../../docs/isa.md', import.meta.url), 'utf8');
  expect(page).toBe(renderIsaPage());
});
