/** Where the package's own files are, and files of the user read with located errors. */

import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type Diagnostic, DiagnosticError, errorDiagnostic, InternalError } from '../../base/index.js';

/** The folder of package.json: two or three levels up, from the sources or from dist. */
export function packageRoot(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'hdl-templates'))) return folder;
    if (dirname(folder) === folder) throw new InternalError('the package root was not found');
  }
}

export function packageVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  return String((parsed as { version: unknown }).version);
}

/** Bytes of a file of the user's. @throws DiagnosticError that names the file and what went wrong. */
export function readUserFile(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : String(code);
    throw new DiagnosticError([
      errorDiagnostic('file/unreadable', `cannot read ${path}: ${why}`, {
        where: { kind: 'file', file: path },
      }),
    ]);
  }
}

export function readUserText(path: string): string {
  return new TextDecoder().decode(readUserFile(path));
}

/** A Liberty file as text, gunzipped where its name ends in .gz. @throws DiagnosticError */
export function readLibertyFile(path: string): { readonly name: string; readonly text: string } {
  const bytes = readUserFile(path);
  try {
    return { name: path, text: new TextDecoder().decode(path.endsWith('.gz') ? gunzipSync(bytes) : bytes) };
  } catch (error) {
    throw new DiagnosticError([
      errorDiagnostic('file/unreadable', `cannot unpack ${path}: ${(error as Error).message}`, {
        where: { kind: 'file', file: path },
      }),
    ]);
  }
}

/** A folder of the user's, made where it is not there. @throws DiagnosticError that names it and its option. */
export function userFolder(path: string, option = '--out'): string {
  try {
    makeFolder(path);
    if (!statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(path, constants.W_OK);
    return path;
  } catch (error) {
    throw new DiagnosticError([unwritable(path, `${(error as NodeJS.ErrnoException).code}`, option)]);
  }
}

function unwritable(path: string, why: string, option: string): Diagnostic {
  return errorDiagnostic('file/unwritable', `cannot write into ${path}: ${why}`, {
    where: { kind: 'option', option: `${option} ${path}` },
  });
}

/** What a folder of the user's is refused for while it is being filled: a full disk, a file that may not be replaced. */
const REFUSALS = new Set(['EACCES', 'EISDIR', 'ENOSPC', 'ENOTDIR', 'EPERM', 'EROFS', 'EDQUOT']);

/** The diagnostic of a failed write into a user's folder, or undefined for any other error. */
export function refusedWrite(error: unknown, folder: string, option = '--out'): Diagnostic | undefined {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === undefined || !REFUSALS.has(code) || path?.startsWith(folder) !== true) return undefined;
  return unwritable(folder, `${code} at ${path}`, option);
}

/** mkdir -p, one folder at a time: the recursive form of Node 20 does not return where a file system refuses new folders. */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
