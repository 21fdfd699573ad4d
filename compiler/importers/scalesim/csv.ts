/**
 * The lines of a SCALE-Sim file as cells that know where they stand. In: the text. Out: one row a line that says something; blank lines,
 * lines of commas only and comments (`#`, `//`) are none. SCALE-Sim's files have no quotes, and mostly a comma at the end of each line.
 */

import { type Place, spanOf } from '../../../base/index.js';

/** The text between two commas, without the blanks around it. */
export interface Cell {
  readonly text: string;
  /** UTF-16 offset of `text` in the file. */
  readonly start: number;
}

export interface Row {
  /** Counted from 1. */
  readonly line: number;
  readonly cells: readonly Cell[];
}

/** The file that diagnostics point into. */
export interface SourceText {
  readonly file: string;
  readonly source: string;
}

export function readRows(source: string): readonly Row[] {
  let offset = 0;
  return source.split('\n').flatMap((text, index) => {
    const start = offset;
    offset += text.length + 1;
    const cells = readCells(text, start);
    return isComment(text) || cells.every((cell) => cell.text === '') ? [] : [{ line: index + 1, cells }];
  });
}

function isComment(text: string): boolean {
  const begin = text.trimStart();
  return begin.startsWith('#') || begin.startsWith('//');
}

function readCells(line: string, start: number): readonly Cell[] {
  let offset = start;
  const cells = line.split(',').map((raw) => {
    // A byte order mark is white space to `trim`.
    const cell = { text: raw.trim(), start: offset + raw.length - raw.trimStart().length };
    offset += raw.length + 1;
    return cell;
  });
  return cells.at(-1)!.text === '' ? cells.slice(0, -1) : cells;
}

export function cellPlace({ file, source }: SourceText, { text, start }: Cell): Place {
  return { kind: 'text', file, source, span: spanOf(source, start, start + text.length) };
}
