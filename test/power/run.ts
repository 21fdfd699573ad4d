/**
 * Measures the array's power in standard cells and keeps the points: `npm run power -- --liberty FILE[,FILE] [--folder DIR]`. Needs Icarus and
 * OpenSTA in PATH; a few minutes a library. Writes test/power/points.json, of which models/data/array-energy.ts holds the fit.
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Machine } from '../../models/machine/index.js';
import { machineOf } from '../schedule/networks.js';
import { scriptOptions } from '../support/script-options.js';
import { judgedOperands, trainingOperands } from './distributions.js';
import { gatePower, mapArray } from './gate-array.js';
import { type GatePoint, pointsFile, readPoints } from './points.js';
import { arrayCycles, type Operands, registerToggles } from './stimuli.js';

const VECTORS = 40;
const TILES = 3;
/** The first tile fills the array. */
const SKIP = 45;

const { liberty, folder } = scriptOptions({ liberty: { type: 'string' }, folder: { type: 'string' } });
if (liberty === undefined) {
  process.stderr.write(
    '--liberty FILE is needed: a cell library (.lib or .lib.gz), several with commas between\n',
  );
  process.exit(2);
}
let points = [...readPoints()];
for (const file of liberty.split(',')) {
  const measured = await measure(file);
  const library = measured[0]!.library;
  points = [...points.filter((point) => point.library !== library), ...measured];
  writeFileSync(pointsFile, `${JSON.stringify(points, null, 1)}\n`);
}

async function measure(file: string): Promise<readonly GatePoint[]> {
  const name = basename(file).replace(/\.lib(\.gz)?$/, '');
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const work = folder ?? mkdtempSync(join(tmpdir(), 'systole-power-'));
  const megahertz = name.startsWith('asap7') ? 1000 : 200;
  const found: GatePoint[] = [];
  for (const side of [4, 8]) {
    const machine = machineOf({ rows: side, columns: side, lanes: side });
    process.stderr.write(`${name}: mapping ${side} x ${side}\n`);
    const netlist = await mapArray(machine, { text, name }, join(work, `${name}-${side}`), megahertz);
    const sets =
      side === 4 ? { fit: trainingOperands(), judged: judgedOperands() } : { judged: judgedOperands() };
    for (const [use, operands] of Object.entries(sets) as ['fit' | 'judged', Record<string, Operands>][]) {
      for (const [label, source] of Object.entries(operands)) {
        const power = gatePower(netlist, machine, arrayCycles(machine, source, TILES, VECTORS), {
          megahertz,
          name: label,
          skip: SKIP,
        });
        found.push(point({ library: name, side, use, operands: label, megahertz }, machine, source, power));
        process.stderr.write(
          `${name}: ${side} x ${side} ${label} ${found.at(-1)!.picojoules.toFixed(2)} pJ a cycle\n`,
        );
      }
    }
  }
  return found;
}

function point(
  what: Pick<GatePoint, 'library' | 'side' | 'use' | 'operands' | 'megahertz'>,
  machine: Machine,
  source: Operands,
  power: { readonly watts: number; readonly leakageWatts: number },
): GatePoint {
  const cycles = arrayCycles(machine, source, TILES, VECTORS);
  return {
    ...what,
    cycles: cycles.length - SKIP,
    toggles: registerToggles(machine, cycles, SKIP),
    picojoules: ((power.watts - power.leakageWatts) / (what.megahertz * 1e6)) * 1e12,
    leakageWatts: power.leakageWatts,
  };
}
