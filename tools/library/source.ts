/** Where a network's bytes are. In: the path that the user gives, a file or a folder. Out: the main file, and how to get the ones beside it. */

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path';
import { DiagnosticError, errorDiagnostic } from '../../base/index.js';
import { readUserFile } from './files.js';

export interface NetworkSource {
  readonly bytes: Uint8Array;
  /** What diagnostics call the network. */
  readonly name: string;
  /** Bytes of another file of the network by its path from the main file; undefined where there is none. */
  readonly beside: (name: string) => Uint8Array | undefined;
}

/** The file that a folder is known by: SavedModel, TF.js. */
const mainFiles: readonly string[] = ['saved_model.pb', 'model.json'];

/** @throws DiagnosticError when the file cannot be read, or the folder is none of a network. */
export function networkSource(path: string, name?: string): NetworkSource {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const file = isFolder ? mainFile(path) : path;
  return {
    bytes: readUserFile(file),
    name: name ?? basename(resolve(isFolder ? path : file)),
    beside: (other) => readBeside(dirname(file), other),
  };
}

function mainFile(folder: string): string {
  const found = mainFiles.map((name) => join(folder, name)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new DiagnosticError([
    errorDiagnostic('network/folder', `the folder holds no ${mainFiles.join(' and no ')}`, {
      where: { kind: 'file', file: folder },
      hint: 'give the folder of a SavedModel or a TF.js model, or the file of a network',
    }),
  ]);
}

/** Names come from the network's file: none may lead out of its folder. */
function readBeside(folder: string, name: string): Uint8Array | undefined {
  const inside = normalize(name);
  if (inside.startsWith('..') || isAbsolute(inside)) return undefined;
  const path = join(folder, inside);
  if (!existsSync(path) || !statSync(path).isFile()) return undefined;
  // A symbolic link may not lead out either.
  const real = relative(realpathSync(folder), realpathSync(path));
  return real.startsWith('..') || isAbsolute(real) ? undefined : readFileSync(path);
}
