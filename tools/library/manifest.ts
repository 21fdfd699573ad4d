/**
 * The manifest of a bundle: every file with its size and SHA-256. In: the files. Out: `manifest.json`, schema
 * `systole.manifest/1`, files in order of path; the same bundle gives the same bytes.
 */

import { createHash } from 'node:crypto';
import { type Machine, machineHash } from '../../models/machine/index.js';
import { packageVersion } from './files.js';

export interface ManifestSource {
  readonly path: string;
  readonly content: string | Uint8Array;
}

export const MANIFEST_PATH = 'manifest.json';

/** Text of the manifest of these files (which must not hold a manifest yet). `sha256sum` of a file gives the same digits. */
export function manifestOf(machine: Machine, files: readonly ManifestSource[]): string {
  const entries = files.map(({ path, content }) => {
    const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
    return { path, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  });
  const manifest = {
    schema: 'systole.manifest/1',
    tool: `systole ${packageVersion()}`,
    machine: machine.name,
    machineHash: machineHash(machine),
    files: entries.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
  };
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
