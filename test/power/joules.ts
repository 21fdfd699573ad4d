/**
 * Prints the array's joules of each library (models/data/array-joules): fitted on the ten distributions on a 4 x 4 array, none of those that the truth
 * suite judges. `node --import tsx test/power/joules.ts DATA FOLDER`: the data folder with Liberty files, a folder to work in.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { arrayJoules } from './array-power.js';

const [data, folder] = process.argv.slice(2);
if (data === undefined || folder === undefined) throw new Error('usage: joules.ts DATA FOLDER');
for (const library of ['sg13g2_stdcell_typ_1p20V_25C', 'sky130hd_tt_trim']) {
  const text = gunzipSync(readFileSync(join(data, 'liberty', `${library}.lib.gz`))).toString('utf8');
  const { joules, meanJoules } = await arrayJoules(library, text, join(folder, library));
  const digits = (of: readonly number[]) => of.map((j) => (j / 1e-15).toPrecision(4)).join(', ');
  process.stdout.write(`${library}, femtojoules: [${digits(joules)}], mean: [${digits(meanJoules)}]\n`);
}
