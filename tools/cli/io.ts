/** What the commands share: output, progress, options that need parsing. */

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { DiagnosticError, errorDiagnostic } from '../../base/index.js';
import { makeFolder, type Progress } from '../library/index.js';

/** A command did its work and the result is at fault; it has said so. */
export class ResultAtFault extends Error {
  override readonly name = 'ResultAtFault';
}

export function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

/** Progress lines on standard error. */
export function progressTo(quiet: boolean): Progress {
  return quiet ? () => undefined : (message) => process.stderr.write(`systole: ${message}\n`);
}

export type MappingMode = 'believed' | 'measured';

/** `--mapping` of the commands that compile. */
export function mappingOption(): Option {
  const help =
    'decide mappings by closed forms (believed) or by the timing engine among the best few (measured)';
  return new Option('--mapping <how>', help).choices(['believed', 'measured']);
}

/** `--keep-on-chip` of the commands that compile. */
export function keepOption(): Option {
  const help =
    'leave results in act for the next layer where the timing engine finds the two layers quicker so';
  return new Option('--keep-on-chip', help);
}

export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('a whole number of 1 or more is needed.');
  return value;
}

/** Above zero; `1e9` is one. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError('a number above 0 is needed.');
  return value;
}

export function cycleNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new InvalidArgumentError('a whole number of 0 or more is needed.');
  return value;
}

export function nameList(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** `input=1,3,224,224` options, collected. */
export function shapeOption(text: string, previous: Record<string, number[]>): Record<string, number[]> {
  const match = /^(.+)=(\d+(?:,\d+)*)$/.exec(text);
  if (!match) throw new InvalidArgumentError('write it as NAME=1,3,224,224.');
  return { ...previous, [match[1]!]: match[2]!.split(',').map(Number) };
}

/** Writes files below a folder. `option` is the one that names it. @throws DiagnosticError when the folder or a file cannot be written. */
export function writeFolder(
  folder: string,
  files: readonly { readonly path: string; readonly content: string | Uint8Array }[],
  option = '--out',
): void {
  for (const { path, content } of files) writeOne(join(folder, path), content, option);
}

/** Writes one file and the folders above it. `option` is the one that names it. @throws DiagnosticError */
export function writeOne(path: string, content: string | Uint8Array, option = '--out'): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, content);
  } catch (error) {
    throw new DiagnosticError([
      errorDiagnostic('file/unwritable', `cannot write ${path}: ${(error as NodeJS.ErrnoException).code}`, {
        where: { kind: 'option', option: `${option} ${path}` },
      }),
    ]);
  }
}
