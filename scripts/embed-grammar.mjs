// Writes compiler/dataflow/grammar.generated.ts from dataflow.ohm, so that the compiler needs no file access:
//     node scripts/embed-grammar.mjs

import { readFileSync, writeFileSync } from 'node:fs';
import { grammar as parseGrammar } from 'ohm-js';

const folder = new URL('../compiler/dataflow/', import.meta.url);

/** The generated module for a grammar text: ohm's recipe, which is read in a few milliseconds where the text takes some 300. */
export function embedGrammar(grammar) {
  const recipe = JSON.parse(parseGrammar(grammar).toRecipe());
  return [
    '/** Generated from dataflow.ohm by scripts/embed-grammar.mjs: do not edit. */',
    'export const dataflowRecipe: string =',
    `  ${JSON.stringify(JSON.stringify(recipe))};`,
    '',
  ].join('\n');
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const grammar = readFileSync(new URL('dataflow.ohm', folder), 'utf8');
  writeFileSync(new URL('grammar.generated.ts', folder), embedGrammar(grammar));
}
