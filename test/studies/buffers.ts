/** Size of the on-chip buffers against DRAM energy. */

import * as Plot from '@observablehq/plot';
import { estimateArea } from '../../models/area/index.js';
import { dramPicojoulesPerBit } from '../../models/data/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { type Simulated, simulate, topologyNetwork, total } from './alone.js';
import { grouped, markdownTable, num, rounded, type Study, type StudyRow } from './study.js';
import { colours, legend, legended, svgFile } from './svg.js';

const base = machinePresets.get('edge16')!;

/** One layer of each stage of ResNet-18 (K. He et al. 2016), inputs with their padding. */
const layers = [
  'Conv2, 58, 58, 3, 3, 64, 64, 1,',
  'Conv3, 30, 30, 3, 3, 128, 128, 1,',
  'Conv4, 16, 16, 3, 3, 256, 256, 1,',
  'Conv5, 9, 9, 3, 3, 512, 512, 1,',
];

/** Rows a bank of act, and rows of wgt beside them, at the preset's proportion. */
const scales = [128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768];
/** What the two are varied over one by one. */
const alone = [256, 1024, 4096, 16384];
const PROPORTION = 2;

function machineOf(activationRows: number, weightRows: number): Machine {
  const { buffers } = base;
  return {
    ...base,
    buffers: {
      ...buffers,
      activation: { ...buffers.activation, rowsPerBank: activationRows },
      weight: { ...buffers.weight, rows: weightRows },
    },
  };
}

const activationKibibytes = (rows: number) => (rows * base.buffers.activation.banks * base.array.rows) / 1024;
const weightKibibytes = (rows: number) => (rows * base.array.columns) / 1024;

function row(set: string, run: (machine: Machine) => Simulated, rows: readonly [number, number]): StudyRow {
  const machine = machineOf(...rows);
  const { cycles, joules, components, layers: figures } = run(machine);
  return {
    set,
    activation_kibibytes: activationKibibytes(rows[0]),
    weight_kibibytes: weightKibibytes(rows[1]),
    square_millimetres: rounded(estimateArea(machine).squareMillimetres!),
    cycles,
    dram_activation_bytes: total(figures, (l) => l.loadedBytes.act),
    dram_weight_bytes: total(figures, (l) => l.loadedBytes.wgt),
    dram_read_bytes: total(figures, (l) => l.bytesRead.dram),
    dram_written_bytes: total(figures, (l) => l.bytesWritten.dram),
    dram_joules: rounded(components.dram!),
    buffers_joules: rounded(components.buffers!),
    leakage_joules: rounded(components.leakage!),
    logic_joules: rounded(components.array! + components.vector! + components['clock and wires']!),
    joules: rounded(joules),
  };
}

const kibibytes = (r: StudyRow) => num(r, 'activation_kibibytes') + num(r, 'weight_kibibytes');
const together = (rows: readonly StudyRow[]) => rows.filter((r) => r.set === 'together');
const dramBytes = (r: StudyRow) => num(r, 'dram_read_bytes') + num(r, 'dram_written_bytes');
const least = (rows: readonly StudyRow[], of: (r: StudyRow) => number) =>
  rows.reduce((best, r) => (of(r) < of(best) ? r : best));

const apartRow = (rows: readonly StudyRow[], act: number, wgt: number) =>
  rows.find(
    (r) => r.set === 'apart' && num(r, 'activation_kibibytes') === act && num(r, 'weight_kibibytes') === wgt,
  )!;
const apartOf = (rows: readonly StudyRow[], act: number, wgt: number) => dramBytes(apartRow(rows, act, wgt));

/** Every input, weight and output once, as rows of 16 bytes: what no buffer can save. */
function compulsoryBytes(): number {
  const figures = layers.map((text) => text.split(',').map((cell) => Number(cell)));
  return figures.reduce((sum, [, height = 0, width = 0, high = 0, wide = 0, channels = 0, filters = 0]) => {
    const inner = (height - 2) * (width - 2);
    return sum + inner * channels + inner * filters + high * wide * channels * filters;
  }, 0);
}

export const buffers: Study = {
  name: 'buffers',
  title: 'Buffer size against DRAM energy',
  rows: () => {
    const network = topologyNetwork('convolution', layers);
    const run = (machine: Machine) => simulate(network, machine);
    return [
      ...scales.map((rows) => row('together', run, [rows, PROPORTION * rows])),
      ...alone.flatMap((act) => alone.map((wgt) => row('apart', run, [act, wgt]))),
    ];
  },
  plots: (rows) => ({
    energy: energyPlot(together(rows)),
    apart: apartPlot(rows.filter((r) => r.set === 'apart')),
  }),
  page,
  claims: (rows) => {
    const line = together(rows);
    const best = least(line, (r) => num(r, 'joules'));
    const last = line.at(-1)!;
    const dram = line.map((r) => num(r, 'dram_joules'));
    const from = line.findIndex((r) => kibibytes(r) >= 192);
    return [
      {
        text: 'DRAM energy never rises with size',
        holds: dram.every((joules, i) => i === 0 || joules <= dram[i - 1]! * 1.0001),
      },
      {
        text: 'the smallest takes more than 2.5 times the DRAM traffic of the largest',
        holds: dramBytes(line[0]!) > 2.5 * dramBytes(last),
      },
      {
        text: 'from 192 KiB on less than a tenth is left to save',
        holds: dramBytes(line[from]!) < 1.1 * dramBytes(last),
      },
      {
        text: 'no traffic is below the compulsory',
        holds: line.every((r) => dramBytes(r) >= compulsoryBytes()),
      },
      { text: 'the largest comes within 5 % of it', holds: dramBytes(last) < 1.05 * compulsoryBytes() },
      { text: 'the least energy in all is at neither end', holds: best !== line[0] && best !== last },
      {
        text: 'the minimum stays inside with half and twice the leakage, and with DDR4',
        holds: sensitivities(line).every(
          ([change, r]) =>
            change === 'nothing leaked' || change.includes('HBM2') || (r !== line[0] && r !== last),
        ),
      },
      {
        text: 'bytes in act save more than as many in wgt',
        holds: apartOf(rows, 256, 4) < apartOf(rows, 16, 256),
      },
      {
        text: 'it is at 96 KiB, where 192 are within 5 %',
        holds: kibibytes(best) === 96 && num(line[from]!, 'joules') < 1.05 * num(best, 'joules'),
      },
      {
        text: 'the largest takes more than twice the least',
        holds: num(last, 'joules') > 2 * num(best, 'joules'),
      },
      { text: 'leakage is then most of it', holds: num(last, 'leakage_joules') > num(last, 'joules') / 2 },
      {
        text: 'cycles stop falling before energy is lost: 0.2 % from 192 KiB on',
        holds: num(line[from]!, 'cycles') < 1.002 * num(last, 'cycles'),
      },
    ];
  },
};

const parts = ['DRAM', 'leakage', 'buffers', 'logic'] as const;
const columns = ['dram_joules', 'leakage_joules', 'buffers_joules', 'logic_joules'] as const;

function energyPlot(rows: readonly StudyRow[]): string {
  const bars = rows.flatMap((r) =>
    parts.map((part, i) => ({ size: sizeText(r), part, microjoules: 1e6 * num(r, columns[i]!) })),
  );
  const label = 'energy of the four layers, microjoules, by KiB of act and wgt buffers';
  return svgFile(
    {
      ...legended,
      width: 760,
      height: 380,
      marginLeft: 56,
      x: { label: 'KiB of act and wgt', domain: rows.map(sizeText) },
      y: { label: null, grid: true },
      color: { domain: [...parts], range: [...colours] },
      marks: [
        ...legend(label, parts, 760),
        Plot.barY(bars, { x: 'size', y: 'microjoules', fill: 'part', order: [...parts] }),
        Plot.ruleY([0]),
      ],
    },
    label,
  );
}

const sizeText = (r: StudyRow) => String(kibibytes(r));

function apartPlot(rows: readonly StudyRow[]): string {
  const label = 'DRAM traffic, MB, by KiB of each buffer';
  const cells = rows.map((r) => ({
    act: num(r, 'activation_kibibytes'),
    wgt: num(r, 'weight_kibibytes'),
    megabytes: dramBytes(r) / 1e6,
  }));
  return svgFile(
    {
      ...legended,
      width: 460,
      height: 320,
      marginLeft: 60,
      x: { label: 'act, KiB', type: 'band' },
      y: { label: 'wgt, KiB', type: 'band', reverse: true },
      color: { scheme: 'oranges', type: 'log' },
      marks: [
        Plot.cell(cells, { x: 'act', y: 'wgt', fill: 'megabytes', inset: 1 }),
        Plot.text(cells, {
          x: 'act',
          y: 'wgt',
          text: (d: { megabytes: number }) => d.megabytes.toPrecision(3),
          fill: '#000',
        }),
        ...legend(label, [], 460),
      ],
    },
    label,
  );
}

function page(rows: readonly StudyRow[]): string {
  const line = together(rows);
  const best = least(line, (r) => num(r, 'joules'));
  const last = line.at(-1)!;
  const micro = (r: StudyRow, column: string) => grouped(1e6 * num(r, column));
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
  const price = dramPicojoulesPerBit[base.memory.technology]!;
  return `## Question

How large should the buffers be? Folklore: DRAM is two orders of magnitude dearer than SRAM, so every byte of SRAM that saves DRAM traffic pays.

## Method

Preset \`edge16\` (16 x 16 int8, 22 nm, 500 MHz, LPDDR4), rows of the act and wgt buffers scaled together at the preset's proportion, from a 16th of its size to 16 times of it, and then each alone. One layer of each stage of ResNet-18 (K. He et al. 2016)
in one program. For every size the mapping is searched again; the timing engine counts DRAM bytes in bus beats, exactly as the Verilog moves them. Energy: counted bytes at ${price.value} pJ a bit of DRAM, SRAM accesses and
leakage by a fit to CACTI 7 at the buffer's size, logic by published prices (docs/hardware.md).

\`\`\`sh
npm run studies -- --only buffers            # add --write to make this page again
\`\`\`

## Result

![energy by buffer size](buffers-energy.svg)

${markdownTable(
  [
    'act + wgt, KiB',
    'mm2',
    'cycles',
    'DRAM MB',
    'of it weights',
    'DRAM uJ',
    'leakage uJ',
    'buffers uJ',
    'logic uJ',
    'all uJ',
  ],
  line.map((r) => [
    `${num(r, 'activation_kibibytes')} + ${num(r, 'weight_kibibytes')}${r === best ? ', least energy' : ''}`,
    num(r, 'square_millimetres').toFixed(2),
    grouped(num(r, 'cycles')),
    megabytes(dramBytes(r)),
    megabytes(num(r, 'dram_weight_bytes')),
    micro(r, 'dram_joules'),
    micro(r, 'leakage_joules'),
    micro(r, 'buffers_joules'),
    micro(r, 'logic_joules'),
    micro(r, 'joules'),
  ]),
)}

![DRAM traffic by each buffer's size](buffers-apart.svg)

## Why, from the counters

- **DRAM energy falls with size, and has a floor.** Every input, weight and output once are ${megabytes(compulsoryBytes())} MB; the largest buffers move ${megabytes(dramBytes(last))}, the smallest ${megabytes(dramBytes(line[0]!))}. At
  192 KiB ${Math.round((100 * (dramBytes(line[0]!) - dramBytes(sizeOf(line, 192)))) / (dramBytes(line[0]!) - dramBytes(last)))} % of the difference is gone.
- **A large buffer costs by being there.** An access of a larger memory costs more (\`buffers\` grows from ${micro(line[0]!, 'buffers_joules')} to ${micro(last, 'buffers_joules')} uJ), and idle bits leak: from ${micro(best, 'leakage_joules')} uJ at ${sizeText(best)} KiB to ${micro(last, 'leakage_joules')} uJ at
  ${sizeText(last)} KiB. The cycles that leakage is paid for do not fall any more, since the array is the bound.
- **Which buffer has the bytes matters as much as how many there are.** ${apartText(rows)}

## Limits

Four layers of one network on one machine. Leakage is of a 22 nm process by a fit to CACTI at its own temperature and without power gating: retention modes or gated banks would move the minimum
to the right, and so would a dearer DRAM (DDR3, DDR4). Tensors are not kept on chip between layers; with fusion, large buffers would save what here is compulsory. Prices are estimates; the minimum moves with them:
${markdownTable(
  ['if', 'least energy at, KiB'],
  sensitivities(line).map(([change, r]) => [change, sizeText(r)]),
).replace(/^/, '\n')}

## Conclusion

DRAM energy alone says "as large as you can"; energy in all is least at ${sizeText(best)} KiB, and twice that is as good within 5 %. Beyond, a ${megabytes(compulsoryBytes())} MB floor of compulsory traffic leaves nothing to
save, and leakage makes the largest buffers cost ${(num(last, 'joules') / num(best, 'joules')).toFixed(1)} times the least energy.`;
}

/** Two machines of about the same bytes, one with them in act, one with them in wgt. */
function apartText(rows: readonly StudyRow[]): string {
  const [large, small] = [apartRow(rows, 256, 4), apartRow(rows, 16, 256)];
  const megabytes = (r: StudyRow, column: string) => (num(r, column) / 1e6).toFixed(2);
  const split = (r: StudyRow) =>
    `${megabytes(r, 'dram_activation_bytes')} MB of activations and ${megabytes(r, 'dram_weight_bytes')} of weights`;
  return `256 KiB of act with 4 of wgt load ${split(large)}; 16 of act with 256 of wgt load
  ${split(small)}. Either way the operand with the room comes once; the weights that came again in the first cost less than the inputs, with the borders of their tiles, in the second.`;
}

const sizeOf = (rows: readonly StudyRow[], size: number) => rows.find((r) => kibibytes(r) === size)!;

/** Where the minimum is with other prices. */
function sensitivities(rows: readonly StudyRow[]): readonly (readonly [string, StudyRow])[] {
  const price = (name: string) => dramPicojoulesPerBit[name]!.value;
  const own = price(base.memory.technology);
  const at = (dram: number, leakage: number) =>
    least(
      rows,
      (r) => num(r, 'joules') + (dram - 1) * num(r, 'dram_joules') + (leakage - 1) * num(r, 'leakage_joules'),
    );
  return [
    ['leakage were half', at(1, 0.5)],
    ['leakage were twice', at(1, 2)],
    ['nothing leaked', at(1, 0)],
    [`DRAM were DDR4 (${price('ddr4')} pJ a bit)`, at(price('ddr4') / own, 1)],
    [`DRAM were HBM2 (${price('hbm2')} pJ a bit)`, at(price('hbm2') / own, 1)],
  ];
}
