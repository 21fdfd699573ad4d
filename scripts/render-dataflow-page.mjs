// Renews the operation list in docs/dataflow.md: node --import tsx scripts/render-dataflow-page.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { renderSyntaxList } from '../compiler/dataflow/index.ts';

const page = new URL('../docs/dataflow.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const list =
  /(<!-- operations[^\n]*\n\| operation[^\n]*\n\| ---[^\n]*\n)[\s\S]*?(<!-- end of operations -->)/;
writeFileSync(
  page,
  text.replace(list, (_, before, after) => `${before}${renderSyntaxList()}\n${after}`),
);
