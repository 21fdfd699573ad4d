// Writes compiler/dataflow/grammar.generated.ts from dataflow.ohm, so that the compiler needs no file access:
//     node scripts/embed-grammar.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const folder = new URL('../compiler/dataflow/', import.meta.url);

/** The generated module for a grammar text. */
export function embedGrammar(grammar) {
  const lines = grammar.split('\n').map((line) => `  ${JSON.stringify(line)},`);
  return [
    '/** Generated from dataflow.ohm by scripts/embed-grammar.mjs: do not edit. */',
    'export const dataflowGrammarText = [',
    ...lines,
    "].join('\\n');",
    '',
  ].join('\n');
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const grammar = readFileSync(new URL('dataflow.ohm', folder), 'utf8');
  writeFileSync(new URL('grammar.generated.ts', folder), embedGrammar(grammar));
}
