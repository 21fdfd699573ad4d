// Puts `systole` into node_modules/.bin of this checkout, so that `npx systole` runs it at once: npx looks there first,
// and npm links the programs of dependencies only, not the package's own. Part of `prepare`; does nothing elsewhere.
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../node_modules/.bin/', import.meta.url));
const link = `${folder}systole`;
const target = '../../bin/systole.js';

if (process.platform !== 'win32' && existsSync(new URL('../node_modules', import.meta.url))) {
  mkdirSync(folder, { recursive: true });
  if (lstatSync(link, { throwIfNoEntry: false })) rmSync(link);
  symlinkSync(target, link);
  chmodSync(new URL('../bin/systole.js', import.meta.url), 0o755);
}
