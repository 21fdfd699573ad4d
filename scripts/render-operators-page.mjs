// Writes docs/operators.md from the operator table: node --import tsx scripts/render-operators-page.mjs
import { writeFileSync } from 'node:fs';
import { renderOperatorsPage } from '../compiler/pipeline/index.ts';

writeFileSync(new URL('../docs/operators.md', import.meta.url), renderOperatorsPage());
