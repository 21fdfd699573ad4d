/** The operation list of docs/dataflow.md, from the syntax table. Out: Markdown table rows. */

import { enumNames } from './operation.js';
import { type HeadItem, type OperationSyntax, operationSyntax, type Phrase } from './syntax.js';
import type { Operation } from './types.js';

/** One table row an operation; a test holds docs/dataflow.md equal to it. */
export function renderSyntaxList(): string {
  return Object.entries(operationSyntax)
    .map(([name, syntax]) => `| ${name} | ${describe(name as Operation['mnemonic'], syntax)} |`)
    .join('\n');
}

function describe(name: Operation['mnemonic'], { suffix, head, phrases }: OperationSyntax): string {
  const ending = suffix === undefined ? '' : `.${enumNames(name, suffix).join('/')}`;
  const parts = [`${name}${ending}`, ...head.map(headText), ...phrases.map(phraseText)];
  return `\`${parts.join(' ')}\``;
}

function headText(item: HeadItem): string {
  switch (item.kind) {
    case 'place':
      return `${item.memory}[${item.field}]${item.slot === undefined ? '' : `.${item.slot}`}`;
    case 'buffer':
      return `act/wgt/par/lut[${item.field}]`;
    case 'dram':
      return '%tensor + offset';
    case 'symbol':
      return item.text;
    case 'assign':
      return '=/+=';
  }
}

function phraseText({ word, fields, by, form, defaults }: Phrase): string {
  const joined =
    form === 'range' ? fields.join('..') : form === 'extents' ? fields.join(' x ') : list(fields);
  const text = `${word} ${joined}${by ? ` by ${list(by)}` : ''}`;
  return defaults ? `[${text}: ${defaults.join(', ')}]` : text;
}

function list(names: readonly string[]): string {
  return names.length === 1 ? names[0]! : `(${names.join(', ')})`;
}
