/** Area and energy of a PE follow its widths: against Yosys in a cell library that the model was not fitted on. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runYosys, type Tree } from '@yowasp/yosys';
import { describe, expect, it } from 'vitest';
import { zeroActivity } from '../../models/activity/index.js';
import { peRegisterBits, peSquareMicrometres } from '../../models/area/index.js';
import { priceActivity } from '../../models/energy/index.js';
import { type Machine, machinePresets, partialSumBits } from '../../models/machine/index.js';

const library = join(import.meta.dirname, '../../../shared/data/liberty/asap7_rvt_tt.lib.gz');
const pe = readFileSync(join(import.meta.dirname, '../../hdl-templates/pe.v'), 'utf8');
const edge16 = machinePresets.get('edge16')!;
if (!existsSync(library)) console.log('skipped: area of PEs, ../shared/data/liberty is not there');

type Widths = readonly [activationBits: 4 | 8 | 16, weightBits: 4 | 8 | 16, multiplierStages: 0 | 1 | 2];

const machineOf = ([activationBits, weightBits, multiplierStages]: Widths): Machine => ({
  ...edge16,
  array: { ...edge16.array, multiplierStages },
  elements: { ...edge16.elements, activationBits, weightBits },
});

/** What Yosys makes of pe.v, in the library's own unit. */
async function mappedArea(widths: Widths): Promise<number> {
  const [act, wgt, stages] = widths;
  const values = `-set ACT_BITS ${act} -set WGT_BITS ${wgt} -set MULTIPLIER_STAGES ${stages}`;
  const script = [
    'read_verilog pe.v',
    `chparam ${values} -set SUM_BITS ${partialSumBits(machineOf(widths))} pe`,
    'synth -top pe -booth',
    'dfflibmap -liberty cells.lib',
    'abc -liberty cells.lib',
    'tee -o area.json stat -json -liberty cells.lib',
  ].join('\n');
  const tree: Tree = {
    'pe.v': pe,
    'run.ys': script,
    'cells.lib': gunzipSync(readFileSync(library)).toString(),
  };
  const out = await runYosys(['-q', '-s', 'run.ys'], tree, { stdout: () => {}, stderr: () => {} });
  const { design } = JSON.parse(String(out?.['area.json'])) as { readonly design: { readonly area: number } };
  return design.area;
}

describe.skipIf(!existsSync(library))('area of a PE in asap7, beside that of 8 x 8 bits', () => {
  it.each<Widths>([
    [4, 4, 1],
    [8, 4, 0],
    [16, 8, 1],
    [16, 16, 2],
  ])('%i x %i bits, %i stages, is predicted within a fifth', async (...widths) => {
    const reference: Widths = [8, 8, 1];
    const measured = (await mappedArea(widths)) / (await mappedArea(reference));
    const predicted = peSquareMicrometres(machineOf(widths)) / peSquareMicrometres(machineOf(reference));
    expect(Math.abs(predicted / measured - 1)).toBeLessThan(0.2);
  });
});

describe('a PE', () => {
  it('of edge16 has the registers of pe.v', () => {
    expect(peRegisterBits(edge16)).toBe(8 + 8 + 16 + 20 + 1);
  });

  it('costs more energy for each product, the wider it is', () => {
    const energy = (widths: Widths) => {
      const price = priceActivity(machineOf(widths), { ...zeroActivity, arrayMacs: 1e6 }, 0);
      return price.components.find(({ name }) => name === 'array')!.joules;
    };
    const rising = (
      [
        [4, 4, 1],
        [8, 4, 1],
        [8, 8, 1],
        [16, 8, 1],
        [16, 16, 1],
      ] as const
    ).map(energy);
    rising.slice(1).forEach((joules, i) => {
      expect(joules / rising[i]!).toBeGreaterThan(1.3);
    });
    expect(energy([8, 8, 2])).toBeGreaterThan(energy([8, 8, 1]));
  });
});
