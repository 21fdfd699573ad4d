/** int8 against int4: error on real data, and cycles, energy and area. */

import * as Plot from '@observablehq/plot';
import { tensor, unwrap } from '../../base/index.js';
import { evaluateGraph, type Graph } from '../../compiler/graph/index.js';
import { integersFor, type PreparedNetwork, prepare } from '../../compiler/pipeline/index.js';
import { estimateArea } from '../../models/area/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { exampleSamples, openNetwork } from '../../tools/library/index.js';
import { type Simulated, simulate, topologyNetwork, total } from './alone.js';
import { grouped, markdownTable, num, rounded, type Study, type StudyRow } from './study.js';
import { colours, svgFile } from './svg.js';

const base = machinePresets.get('edge16')!;

type Widths = readonly [activationBits: 4 | 8 | 16, weightBits: 4 | 8 | 16];
const widths: readonly Widths[] = [
  [16, 16],
  [16, 8],
  [8, 8],
  [8, 4],
  [4, 8],
  [4, 4],
];

/** Arrays that a 4-bit machine may have in the area of the 8-bit one. */
const arrays = [
  [16, 16],
  [16, 24],
  [24, 24],
  [24, 32],
  [32, 32],
  [32, 48],
  [48, 48],
] as const;

/** One layer of each stage of ResNet-18 (K. He et al. 2016), inputs with their padding. */
const resnet = [
  'Conv2, 58, 58, 3, 3, 64, 64, 1,',
  'Conv3, 30, 30, 3, 3, 128, 128, 1,',
  'Conv4, 16, 16, 3, 3, 256, 256, 1,',
  'Conv5, 9, 9, 3, 3, 512, 512, 1,',
];

/** edge16 with other elements; buffers keep their rows, so they shrink with them. */
function machineOf(
  [activationBits, weightBits]: Widths,
  [rows, columns]: readonly [number, number] = [16, 16],
): Machine {
  const functions = base.vector.functions.filter((name) => activationBits <= 8 || name !== 'lookup');
  return {
    ...base,
    array: { ...base.array, rows, columns },
    elements: { ...base.elements, activationBits, weightBits },
    vector: { lanes: rows === columns ? rows : 8, functions },
  };
}

/** What the integers make of the pictures that the network was never trained on. */
interface Quality {
  readonly pictures: number;
  readonly right: number;
  readonly asFloat: number;
  /** 10 log10 of the float logits' energy over that of the error. */
  readonly decibels: number;
}

type Logits = readonly (readonly number[])[];

function logitsOf(graph: Graph, pictures: readonly (readonly number[])[]): Logits {
  const [input = '', output = ''] = [graph.inputs[0], graph.outputs[0]];
  const { shape } = graph.values.get(input)!.type;
  return pictures.map((pixels) => {
    const image = tensor(
      'float32',
      shape,
      Float32Array.from(pixels, (pixel) => pixel / 16),
    );
    return Array.from(evaluateGraph(graph, new Map([[input, image]])).get(output)!.data as Float32Array);
  });
}

const best = (logits: readonly number[]) => logits.indexOf(Math.max(...logits));

function quality(float: Logits, integer: Logits, labels: readonly number[]): Quality {
  const count = (is: (i: number) => boolean) => labels.filter((_, i) => is(i)).length;
  const squares = (value: (i: number, j: number) => number) =>
    float.reduce((sum, row, i) => sum + row.reduce((part, _, j) => part + value(i, j) ** 2, 0), 0);
  const signal = squares((i, j) => float[i]![j]!);
  const noise = squares((i, j) => float[i]![j]! - integer[i]![j]!);
  return {
    pictures: labels.length,
    right: count((i) => best(integer[i]!) === labels[i]),
    asFloat: count((i) => best(integer[i]!) === best(float[i]!)),
    decibels: 10 * Math.log10(signal / noise),
  };
}

function costs(machine: Machine, { cycles, joules, components, layers }: Simulated): StudyRow {
  return {
    machine: `${machine.array.rows} x ${machine.array.columns}`,
    cycles,
    dram_bytes: total(layers, ({ bytesRead, bytesWritten }) => bytesRead.dram + bytesWritten.dram),
    array_joules: rounded(components.array!),
    buffers_joules: rounded(components.buffers!),
    dram_joules: rounded(components.dram!),
    leakage_joules: rounded(components.leakage!),
    joules: rounded(joules),
    array_square_millimetres: rounded(estimateArea(machine).arraySquareMillimetres!),
    memory_square_millimetres: rounded(estimateArea(machine).memorySquareMillimetres!),
    square_millimetres: rounded(estimateArea(machine).squareMillimetres!),
  };
}

const noQuality = { pictures: '', right: '', as_float: '', signal_to_noise_decibels: '' };

function digitsRows(): readonly StudyRow[] {
  const { graph, calibration } = openNetwork('digits');
  const { test } = exampleSamples('digits');
  const pictures = test.map(({ pixels }) => pixels);
  const labels = test.map(({ label }) => label);
  const float = logitsOf(graph, pictures);
  const prepared: PreparedNetwork = unwrap(prepare(graph, { calibration }));
  return widths.map((pair) => {
    const machine = machineOf(pair);
    const integer = logitsOf(unwrap(integersFor(prepared, machine)).graph, pictures);
    const { right, asFloat, decibels } = quality(float, integer, labels);
    return {
      set: 'digits',
      activation_bits: pair[0],
      weight_bits: pair[1],
      pictures: labels.length,
      right,
      as_float: asFloat,
      signal_to_noise_decibels: rounded(decibels),
      ...costs(machine, simulate(prepared, machine)),
    };
  });
}

function resnetRow(set: string, network: PreparedNetwork, pair: Widths, machine: Machine): StudyRow {
  const [activation_bits, weight_bits] = pair;
  return { set, activation_bits, weight_bits, ...noQuality, ...costs(machine, simulate(network, machine)) };
}

const of = (rows: readonly StudyRow[], set: string) => rows.filter((r) => r.set === set);
const pairText = (r: StudyRow) => `${num(r, 'activation_bits')} x ${num(r, 'weight_bits')}`;
const find = (rows: readonly StudyRow[], set: string, text: string) =>
  of(rows, set).find((r) => pairText(r) === text)!;

/** The fastest 4-bit array that takes no more area than the 8-bit machine. */
function fittest(rows: readonly StudyRow[]): StudyRow {
  const limit = num(find(rows, 'resnet', '8 x 8'), 'square_millimetres');
  const fitting = of(rows, 'arrays').filter((r) => num(r, 'square_millimetres') <= limit);
  return fitting.reduce((least, r) => (num(r, 'cycles') < num(least, 'cycles') ? r : least));
}

export const precision: Study = {
  name: 'precision',
  title: 'int8 against int4',
  rows: () => {
    const network = topologyNetwork('convolution', resnet);
    return [
      ...digitsRows(),
      ...widths.map((pair) => resnetRow('resnet', network, pair, machineOf(pair))),
      ...arrays.map((size) => resnetRow('arrays', network, [4, 4], machineOf([4, 4], size))),
    ];
  },
  plots: (rows) => ({ tradeoff: tradeoffPlot(of(rows, 'digits')) }),
  page,
  claims: (rows) => {
    const [eight, four] = [find(rows, 'resnet', '8 x 8'), find(rows, 'resnet', '4 x 4')];
    const [good, poor] = [find(rows, 'digits', '8 x 8'), find(rows, 'digits', '4 x 4')];
    const small = (key: string) => num(four, key) / num(eight, key);
    const fit = fittest(rows);
    return [
      {
        text: 'the same array takes the same cycles within 0.1 %',
        holds: Math.abs(small('cycles') - 1) < 1e-3,
      },
      { text: 'and half the DRAM bytes', holds: Math.abs(small('dram_bytes') - 0.5) < 0.01 },
      { text: 'energy falls by a third to a half', holds: small('joules') > 0.5 && small('joules') < 0.67 },
      {
        text: 'area falls by a third to a half',
        holds: small('square_millimetres') > 0.5 && small('square_millimetres') < 0.67,
      },
      {
        text: 'memories are most of the area',
        holds: num(eight, 'memory_square_millimetres') > 0.8 * num(eight, 'square_millimetres'),
      },
      {
        text: '8 bits cost no picture',
        holds: num(good, 'right') === num(find(rows, 'digits', '16 x 16'), 'right'),
      },
      {
        text: '4 bits cost between 1 and 5 % of them',
        holds: num(good, 'right') - num(poor, 'right') > 3.6 && num(good, 'right') - num(poor, 'right') < 18,
      },
      {
        text: '4 bits lose more than 20 dB',
        holds: num(good, 'signal_to_noise_decibels') - num(poor, 'signal_to_noise_decibels') > 20,
      },
      {
        text: 'weights are the part that suffers',
        holds:
          num(find(rows, 'digits', '8 x 4'), 'signal_to_noise_decibels') <
          num(find(rows, 'digits', '4 x 8'), 'signal_to_noise_decibels'),
      },
      { text: 'a larger array fits into the area of the 8-bit one', holds: fit.machine !== '16 x 16' },
      {
        text: 'and is nearly twice as fast',
        holds: Math.abs(num(eight, 'cycles') / num(fit, 'cycles') - 2) < 0.2,
      },
    ];
  },
};

function tradeoffPlot(rows: readonly StudyRow[]): string {
  const label = 'digits: error of the logits against energy, by bits of activations x weights';
  const points = rows.map((r) => ({
    microjoules: 1e6 * num(r, 'joules'),
    decibels: num(r, 'signal_to_noise_decibels'),
    text: `${pairText(r)}: ${num(r, 'right')} of ${num(r, 'pictures')}`,
  }));
  return svgFile(
    {
      width: 640,
      height: 380,
      marginTop: 40,
      marginBottom: 40,
      marginRight: 140,
      x: { label: 'energy of a picture, microjoules', zero: true, grid: true },
      y: { label: 'signal to noise, dB', zero: true, grid: true },
      marks: [
        Plot.dot(points, { x: 'microjoules', y: 'decibels', r: 5, fill: colours[0] }),
        Plot.text(points, { x: 'microjoules', y: 'decibels', text: 'text', dx: 10, textAnchor: 'start' }),
      ],
    },
    label,
  );
}

function page(rows: readonly StudyRow[]): string {
  const micro = (r: StudyRow, column: string) => {
    const value = 1e6 * num(r, column);
    return value < 999.5 ? value.toPrecision(3) : grouped(value);
  };
  const eight = find(rows, 'resnet', '8 x 8');
  const four = find(rows, 'resnet', '4 x 4');
  const fit = fittest(rows);
  const pictures = num(of(rows, 'digits')[0]!, 'pictures');
  const percentOf = (a: StudyRow, b: StudyRow, key: string) =>
    `${Math.round((100 * num(a, key)) / num(b, key))} %`;
  const costColumns = [
    'cycles',
    'DRAM kB',
    'array uJ',
    'buffers uJ',
    'DRAM uJ',
    'leakage uJ',
    'all uJ',
    'mm2, array',
    'mm2, all',
  ];
  const costCells = (r: StudyRow) => [
    grouped(num(r, 'cycles')),
    grouped(num(r, 'dram_bytes') / 1e3),
    micro(r, 'array_joules'),
    micro(r, 'buffers_joules'),
    micro(r, 'dram_joules'),
    micro(r, 'leakage_joules'),
    micro(r, 'joules'),
    num(r, 'array_square_millimetres').toFixed(3),
    num(r, 'square_millimetres').toFixed(3),
  ];
  return `## Question

What does a machine of 4-bit elements gain over one of 8 bits, and what does it cost in accuracy? Folklore: half the bits, twice the speed.

## Method

Preset \`edge16\` (16 x 16, 22 nm, 500 MHz) with other \`elements\`; buffers keep their rows, so their bytes go with the widths; sums have 32 bits throughout.

- **Accuracy**: the shipped \`digits\` network (E. Alpaydin, C. Kaynak 1998; trained in float, examples/digits/train.py) is quantised for each machine by its own calibration pictures, without retraining, and the integer
  graph, which the Verilog computes bit for bit, runs on the ${pictures} test pictures. Reported: pictures classified right, those classified as the float network does, and the energy of the float logits over that of their error.
- **Cost**: the same network, and one layer of each stage of ResNet-18 (K. He et al. 2016) by the timing engine. Of those layers there is no accuracy here: their weights are drawn, cycles and traffic do not depend on them.

\`\`\`sh
npm run studies -- --only precision          # add --write to make this page again
\`\`\`

## Result

![error against energy](precision-tradeoff.svg)

${markdownTable(
  [
    'digits: activations x weights',
    `right, of ${pictures}`,
    'as float',
    'signal to noise, dB',
    ...costColumns,
  ],
  of(rows, 'digits').map((r) => [
    pairText(r),
    num(r, 'right'),
    num(r, 'as_float'),
    num(r, 'signal_to_noise_decibels').toFixed(1),
    ...costCells(r),
  ]),
)}

${markdownTable(
  ['four layers of ResNet-18', ...costColumns],
  of(rows, 'resnet').map((r) => [pairText(r), ...costCells(r)]),
)}

${markdownTable(
  ['4 x 4 bits on larger arrays, the same layers', ...costColumns],
  of(rows, 'arrays').map((r) => [`${r.machine}${r === fit ? ', fits the 8-bit area' : ''}`, ...costCells(r)]),
)}

## Why, from the counters

- **No cycle is saved on the same array.** A PE multiplies one pair a cycle whatever its width, and rows of R and C elements move in the same number of cycles: ${grouped(num(eight, 'cycles'))} against ${grouped(num(four, 'cycles'))}. Half the bytes
  leave the bus idle more often, and these layers do not wait for it.
- **Energy falls to ${percentOf(four, eight, 'joules')}**, not to a quarter as a multiplier's does: DRAM and most of the buffers halve, but sums keep their width, and so do the accumulator accesses.
- **Area falls to ${percentOf(four, eight, 'square_millimetres')}**, because memories are ${Math.round((100 * num(eight, 'memory_square_millimetres')) / num(eight, 'square_millimetres'))} % of it, and the accumulator memory is as large as before.
- **Speed is what the saved area buys**: a ${fit.machine} array of 4-bit PEs fits into the area of the 8-bit machine and takes ${grouped(num(fit, 'cycles'))} cycles, ${(num(eight, 'cycles') / num(fit, 'cycles')).toFixed(2)} times as fast.
- **Weights suffer more than activations**: 8 x 4 is at ${num(find(rows, 'digits', '8 x 4'), 'signal_to_noise_decibels').toFixed(1)} dB, 4 x 8 at ${num(find(rows, 'digits', '4 x 8'), 'signal_to_noise_decibels').toFixed(1)}. Weights are symmetric (15 values of 16), activations are asymmetric and
  use all 16 for what a ReLU leaves.

## Limits

One small network decides the accuracy; one picture is ${(100 / pictures).toFixed(2)} %, so differences of one or two pictures (such as 4 x 8 beside 8 x 8) mean nothing, while decibels are sums over ${grouped(10 * pictures)} logits. Quantisation after training is
the worst case for 4 bits: training with quantisation in the loop, groups of channels or mixed widths by layer would lose less. Large arrays have 8 lanes where they are not square. Area has no control logic in it.

## Conclusion

On the same array 4 bits are not faster at all: they take ${percentOf(four, eight, 'joules')} of the energy and ${percentOf(four, eight, 'square_millimetres')} of the area, and on this network ${num(find(rows, 'digits', '8 x 8'), 'right') - num(find(rows, 'digits', '4 x 4'), 'right')} of ${pictures} pictures and
${(num(find(rows, 'digits', '8 x 8'), 'signal_to_noise_decibels') - num(find(rows, 'digits', '4 x 4'), 'signal_to_noise_decibels')).toFixed(0)} dB. The speed is there only for who spends the area on more PEs.`;
}
