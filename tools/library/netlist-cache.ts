/**
 * Elaborated netlists on disk, so that Yosys reads the Verilog of a machine once, not once a command. A file's name is the hash of all that
 * its content depends on: the sources, the script and the version of Yosys. `SYSTOLE_CACHE` names another folder, or `off`.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { NetlistStore } from '../../simulator/rtl/index.js';
import { makeFolder } from './files.js';

/** Files kept; those not used for longest go first. */
const KEPT = 64;
const SUFFIX = '.json.gz';

/** The store of this user, or undefined when it is switched off. */
export function openNetlistCache(): NetlistStore | undefined {
  const setting = process.env['SYSTOLE_CACHE'];
  if (setting === 'off') return undefined;
  const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return netlistStore(setting ?? join(home, 'systole', 'netlists'));
}

/** A store in a folder. What can't be read is absent, what can't be written is not kept: a cache never stops a run. */
export function netlistStore(folder: string): NetlistStore {
  const version = yosysVersion();
  const fileOf = (content: string) =>
    join(folder, `${createHash('sha256').update(`${version}\0${content}`).digest('hex')}${SUFFIX}`);
  return {
    read: async (content) => {
      const file = fileOf(content);
      const text = attempt(() => gunzipSync(readFileSync(file)).toString('utf8'));
      if (text !== undefined) attempt(() => utimesSync(file, new Date(), new Date()));
      return text;
    },
    write: async (content, text) => {
      attempt(() => {
        makeFolder(folder);
        const file = fileOf(content);
        // Another process may write the same: the file appears whole.
        const partial = `${file}.${process.pid}`;
        writeFileSync(partial, gzipSync(text, { level: 1 }));
        renameSync(partial, file);
        prune(folder);
      });
    },
  };
}

function prune(folder: string): void {
  const files = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  if (files.length <= KEPT) return;
  const aged = files
    .map((name) => join(folder, name))
    .map((file) => ({ file, used: statSync(file).mtimeMs }))
    .sort((a, b) => a.used - b.used);
  for (const { file } of aged.slice(0, files.length - KEPT)) rmSync(file, { force: true });
}

function yosysVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@yowasp/yosys');
  const { version } = JSON.parse(readFileSync(join(dirname(entry), '..', 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
