/**
 * Runs the engines of the tree that it lies in and compares them with what the parent recorded. In: the path of a JSON file. Out: exit status 0,
 * or 1 with the first difference on standard output. The parent copies the tree, changes one file and starts this there.
 */

import { readFileSync } from 'node:fs';
import { revive } from './json.js';
import { firstDifference, type Recorded } from './recorded.js';

const recorded = revive(readFileSync(process.argv[2]!, 'utf8')) as Recorded;
let difference: string | undefined;
try {
  difference = firstDifference(recorded);
} catch (error) {
  difference = String(error).split('\n')[0];
}
if (difference) console.log(difference);
process.exitCode = difference ? 1 : 0;
