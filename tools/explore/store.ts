/**
 * Files of a results folder that are whole or not there: a temporary file is written, flushed and renamed; contents carry their own
 * hash. In: a path and values. Out: files, or diagnostics of what the file system refused.
 */

import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DiagnosticError } from '../../base/index.js';
import { unwritable } from './diagnostics.js';

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** @throws DiagnosticError (disk full, folder read-only); nothing is left behind then. */
export function writeWhole(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.${Math.round(performance.now() * 1e3)}.tmp`;
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const file = openSync(temporary, 'w');
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    removeQuietly(temporary);
    throw new DiagnosticError([unwritable(path, (error as NodeJS.ErrnoException).code ?? String(error))]);
  }
}

/** The rename itself reaches the disk; file systems that cannot flush a folder are left to their own ways. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    return;
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    return;
  }
}

/** JSON behind a line with its hash. */
export function sealed(value: unknown): string {
  const body = JSON.stringify(value);
  return `${sha256(body)}\n${body}\n`;
}

export type Unsealed =
  | { readonly kind: 'absent' }
  | { readonly kind: 'corrupt'; readonly why: string }
  | { readonly kind: 'whole'; readonly value: unknown };

/** What {@link sealed} wrote, if it is there and whole. */
export function readSealed(path: string): Unsealed {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'corrupt', why: String(code) };
  }
  const line = text.indexOf('\n');
  const body = text.slice(line + 1).trimEnd();
  if (line !== 64) return { kind: 'corrupt', why: 'its first line is no hash' };
  if (sha256(body) !== text.slice(0, line)) return { kind: 'corrupt', why: 'its hash is another' };
  return { kind: 'whole', value: JSON.parse(body) };
}
