// Writes docs/isa.md from the instruction table: node --import tsx scripts/render-isa-page.mjs
import { writeFileSync } from 'node:fs';
import { renderIsaPage } from '../compiler/isa/index.ts';

writeFileSync(new URL('../docs/isa.md', import.meta.url), renderIsaPage());
