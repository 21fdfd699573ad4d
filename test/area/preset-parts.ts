/** The FPGA that each preset is for, and whether the area model puts it there. Out: rows, and their text for docs/hardware.md. */

import { fpgaTargetOf, type MappedEstimate, predictMapped } from '../../models/area/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { type FpgaPart, fpgaParts } from '../../tools/explore/index.js';

/** As the presets' descriptions name them. */
const partOf: Readonly<Record<string, string>> = {
  nano2: 'up5k',
  ico1: 'hx8k',
  gowin4: 'gw1nr-9',
  edge4: 'hx8k',
  ecp8: 'ecp5-85',
  cyclone8: 'cyclone-v-a6',
  edge8: 'zynq-7020',
  zynq12: 'zynq-7020',
  zynq16: 'zynq-7030',
  kria32: 'kria-k26',
};

export interface PresetPart {
  readonly machine: Machine;
  readonly part: FpgaPart | undefined;
  readonly estimate: MappedEstimate;
}

/** Presets for FPGAs. */
export const presetParts = (): readonly PresetPart[] =>
  [...machinePresets.values()].flatMap((machine) => {
    const target = fpgaTargetOf(machine);
    const estimate = target && predictMapped(machine, target);
    if (!estimate) return [];
    const part = fpgaParts.find(
      ({ name, family }) => name === partOf[machine.name] && family === familyOf(machine),
    );
    return [{ machine, part, estimate }];
  });

function familyOf({ target }: Machine): string | undefined {
  return target.kind === 'fpga' ? target.family : undefined;
}

const resources = ['luts', 'flipFlops', 'dsps', 'blockRams'] as const;

/** Resources that the part has too few of, by the model. */
export function lacking({ part, estimate }: PresetPart): readonly (typeof resources)[number][] {
  return part === undefined ? [] : resources.filter((name) => estimate.counts[name]! > part[name]);
}

/** A table for the page. */
export function presetPartsText(): readonly string[] {
  const rows = presetParts().filter(({ part }) => part !== undefined);
  return [
    '| preset, part (predicted of available) | LUTs | flip-flops | DSPs | block RAMs | fits |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows.map((row) => {
      const cells = resources.map((name) => `${row.estimate.counts[name]} of ${row.part![name]}`);
      const missing = lacking(row);
      const verdict = missing.length === 0 ? 'yes' : `no: ${missing.join(', ')}`;
      return `| ${row.machine.name}, ${row.part!.name} | ${cells.join(' | ')} | ${verdict} |`;
    }),
  ];
}
