/** The synthesis of a RunRecord as the text that `systole synth` prints. */

import { grouped, percent, si, textTable } from './format.js';
import type { RunRecord } from './record.js';
import {
  type NetlistCheck,
  netlistAgrees,
  type SwitchedPower,
  type SwitchedRecord,
  type SynthesisRecord,
} from './synthesis.js';

/** @param record with a synthesis. */
export function renderSynthesis(record: RunRecord): string {
  const synthesis = record.synthesis!;
  const { machine } = record;
  return [
    `${machine.name}, flow ${synthesis.flow}: ${synthesis.target} (${synthesis.tools.join(', ')})`,
    [
      ...resourceLines(synthesis),
      ...areaLines(synthesis),
      ...timingLines(synthesis),
      ...powerLines(synthesis),
    ].join('\n'),
    ...partTable(synthesis),
    checkLine(synthesis.netlist),
    ...(synthesis.notes.length > 0
      ? [`Notes\n${synthesis.notes.map((note) => `- ${note}`).join('\n')}`]
      : []),
  ].join('\n\n');
}

function resourceLines({ resources, placeAndRoute }: SynthesisRecord): string[] {
  const lines: string[] = [];
  if (resources !== null) {
    const { luts, memoryLuts, flipFlops, dsps, blockRams } = resources;
    lines.push(
      `mapped       ${grouped(luts)} LUTs (${grouped(memoryLuts)} of them memory), ${grouped(flipFlops)} flip-flops, ${grouped(dsps)} DSPs, ${grouped(blockRams)} block RAMs`,
    );
  }
  if (placeAndRoute !== null) {
    const used = Object.entries(placeAndRoute.utilization)
      .filter(([, { used: n }]) => n > 0)
      .map(([name, u]) => `${name} ${grouped(u.used)} of ${grouped(u.available)}`);
    lines.push(`device       ${placeAndRoute.device}, seed ${placeAndRoute.seed}: ${used.join(', ')}`);
    if (placeAndRoute.bitstreamBytes !== null)
      lines.push(`bitstream    ${si(placeAndRoute.bitstreamBytes, 'B')}`);
  }
  return lines;
}

function areaLines({ area }: SynthesisRecord): string[] {
  if (area === null) return [];
  return [
    `cell area    ${(area.squareMicrometres / 1e6).toPrecision(3)} mm2 without memories (${si(area.memoryBits / 8, 'B')}); outside array and requantisers ${percent(area.controlShare)}`,
  ];
}

function timingLines({ timing }: SynthesisRecord): string[] {
  if (timing === null) return [];
  const path = timing.criticalPath;
  const lines = [`clock        ${timing.fmaxMegahertz.toFixed(1)} MHz at most (${timing.basis})`];
  if (path !== null)
    lines.push(`worst path   ${path.nanoseconds.toFixed(3)} ns in ${path.part}: ${path.from} to ${path.to}`);
  return lines;
}

function powerLines({ power }: SynthesisRecord): string[] {
  if (power === null) return [];
  return [
    ...switchedLines(power.switched),
    `${power.switched === null ? 'power       ' : 'uniform     '} ${si(power.watts, 'W')} at ${power.megahertz} MHz, ${si(power.leakageWatts, 'W')} of it leakage; ${power.activity.toPrecision(3)} transitions a net a cycle (${power.basis})`,
  ];
}

/** Power with toggles, and how far two ways to it are apart in the array. */
function switchedLines(switched: SwitchedRecord | null): string[] {
  if (switched === null) return [];
  const { network, layers, array } = switched;
  const kinds = (power: SwitchedPower) =>
    `clock pins ${si(power.clockWatts, 'W')}, inside cells ${si(power.internalWatts, 'W')}, nets ${si(power.switchingWatts, 'W')}, leakage ${si(power.leakageWatts, 'W')}; ${power.meanActivity.toPrecision(3)} transitions a cell a cycle`;
  const parts = Object.entries(network.parts).map(([name, watts]) => `${name} ${si(watts, 'W')}`);
  return [
    `power        ${si(network.watts, 'W')} with toggles, whole network: ${kinds(network)}`,
    `of parts     ${parts.join(', ')}`,
    ...(layers === null
      ? []
      : [
          `of layers    ${si(layers.watts, 'W')} in ${grouped(layers.cycles)} cycles of ${layers.subject}, each cell as simulated: ${kinds(layers)}`,
        ]),
    ...(array === null
      ? []
      : [
          `array there  ${si(array.byCells, 'W')} by its cells, ${si(array.byToggles, 'W')} (${signed(array.byToggles / array.byCells - 1)}) by the array engine's toggles, ${si(array.byMeanActivity, 'W')} (${signed(array.byMeanActivity / array.byCells - 1)}) by their mean; ${grouped(array.togglesOfCells)} toggles of registers in the netlist, ${grouped(array.togglesOfEngine)} in the array engine`,
        ]),
  ];
}

const signed = (share: number) => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`;

function partTable({ parts }: SynthesisRecord): string[] {
  if (parts === null) return [];
  const rows = Object.entries(parts).filter(([, { cells }]) => cells > 0);
  const areas = rows.map(([, { squareMicrometres }]) => squareMicrometres ?? 0);
  const total = areas.reduce((sum, a) => sum + a, 0);
  return [
    textTable(
      [
        { title: 'part', cell: ([name]) => name },
        { title: 'cells', align: 'right', cell: ([, { cells }]) => grouped(cells) },
        ...(total > 0
          ? [
              {
                title: 'um2',
                align: 'right' as const,
                cell: ([, part]: (typeof rows)[number]) => grouped(part.squareMicrometres ?? 0),
              },
              {
                title: 'share',
                align: 'right' as const,
                cell: ([, part]: (typeof rows)[number]) => percent((part.squareMicrometres ?? 0) / total),
              },
            ]
          : []),
      ],
      rows,
    ),
  ];
}

function checkLine(check: NetlistCheck | null): string {
  if (check === null) return 'netlist      not simulated';
  const verdict = netlistAgrees(check)
    ? 'agrees'
    : `DIFFERS in ${grouped(check.mismatches)} values and ${grouped(check.timeMismatches)} instructions: ${check.firstMismatch ?? 'cycles'}`;
  return `netlist      ${verdict}: ${grouped(check.valuesCompared)} values, ${grouped(check.instructionsCompared)} instructions, ${grouped(check.cyclesSimulated)} cycles of ${check.subject} in the ${check.engine} engine`;
}
