/**
 * Writes large-front.json: the true front of large-space.yaml, by enumeration (about a minute). Run it after a change that moves cycles,
 * energy or area: `node --import tsx test/explore/enumerate.ts`.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { exhaustive, Front } from '../../tools/explore/index.js';
import { Bench } from './search.js';

const here = new URL('.', import.meta.url);
const bench = new Bench(readFileSync(new URL('large-space.yaml', here), 'utf8'));
const front = new Front();
let evaluated = 0;
for (const { id, costs, violations } of bench.run(exhaustive(bench.space, 256))) {
  evaluated++;
  if (costs !== undefined && violations === 0) front.add({ id, costs });
}
const record = { evaluated, ids: front.points.map(({ id }) => id) };
writeFileSync(new URL('large-front.json', here), `${JSON.stringify(record)}\n`);
console.log(`${evaluated} machines, ${record.ids.length} on the front`);
