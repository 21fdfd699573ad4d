// Writes docs/layer-figures.md from the table of columns: node --import tsx scripts/render-layer-figures-page.mjs
import { writeFileSync } from 'node:fs';
import { renderLayerFiguresPage } from '../tools/report/index.ts';

writeFileSync(new URL('../docs/layer-figures.md', import.meta.url), renderLayerFiguresPage());
