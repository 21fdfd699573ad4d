/** Dataflow (weight-stationary against output-stationary) against the shape of a layer. */

import * as Plot from '@observablehq/plot';
import { scaleSimCycles } from '../../models/analytic/index.js';
import { estimateArea } from '../../models/area/index.js';
import { energyScale, logicPrices } from '../../models/data/index.js';
import { type Machine, machinePresets } from '../../models/machine/index.js';
import { type Simulated, simulate, topologyNetwork, total } from './alone.js';
import { grouped, markdownTable, num, rounded, type Study, type StudyRow } from './study.js';
import { colours, legend, legended, svgFile } from './svg.js';

const base = machinePresets.get('edge16')!;
const machines: Readonly<Record<'ws' | 'os', Machine>> = {
  ws: { ...base, array: { ...base.array, dataflow: 'weight-stationary' } },
  os: { ...base, array: { ...base.array, dataflow: 'output-stationary' } },
};

const pixels = [1, 4, 16, 49, 64, 196, 784, 3136];
const depths = [16, 64, 256, 1024];
const channels = [16, 256];

/** Published layers; inputs include their padding. */
const published: readonly (readonly [string, 'convolution' | 'product', string])[] = [
  ['ResNet-18 conv2, 56 x 56, 3 x 3, 64 to 64', 'convolution', 'Conv2, 58, 58, 3, 3, 64, 64, 1,'],
  ['ResNet-18 conv5, 7 x 7, 3 x 3, 512 to 512', 'convolution', 'Conv5, 9, 9, 3, 3, 512, 512, 1,'],
  ['MobileNetV2 expansion, 14 x 14, 64 to 384', 'convolution', 'Expand, 14, 14, 1, 1, 64, 384, 1,'],
  ['MobileNetV2 projection, 14 x 14, 384 to 64', 'convolution', 'Project, 14, 14, 1, 1, 384, 64, 1,'],
  ['BERT base, 128 tokens, 768 to 3072', 'product', 'Up, 128, 3072, 768,'],
  ['BERT base, scores of a head, 128 x 64 x 128', 'product', 'Scores, 128, 128, 64,'],
  ['dense, one input, 2048 to 1000', 'product', 'Dense, 1, 1000, 2048,'],
];

function figures(prefix: 'ws' | 'os', { cycles, joules, components, layers }: Simulated): StudyRow {
  const acc = total(layers, ({ bytesRead, bytesWritten }) => bytesRead.acc + bytesWritten.acc);
  return {
    [`${prefix}_cycles`]: cycles,
    [`${prefix}_array_busy_cycles`]: total(layers, ({ busyCycles }) => busyCycles.matmul),
    [`${prefix}_stall_cycles`]: total(
      layers,
      ({ cycles: all, causes }) => all - causes.array - causes.vector,
    ),
    [`${prefix}_acc_bytes`]: acc,
    [`${prefix}_wgt_read_bytes`]: total(layers, ({ bytesRead }) => bytesRead.wgt),
    [`${prefix}_dram_bytes`]: total(
      layers,
      ({ bytesRead, bytesWritten }) => bytesRead.dram + bytesWritten.dram,
    ),
    [`${prefix}_array_joules`]: rounded(components.array!),
    [`${prefix}_buffers_joules`]: rounded(components.buffers!),
    [`${prefix}_dram_joules`]: rounded(components.dram!),
    [`${prefix}_joules`]: rounded(joules),
  };
}

function row(set: string, layer: string, kind: 'convolution' | 'product', text: string): StudyRow {
  const network = topologyNetwork(kind, [text]);
  const ws = simulate(network, machines.ws);
  const os = simulate(network, machines.os);
  const [macs, slots] = [total(ws.layers, (l) => l.macs), total(os.layers, (l) => l.arrayMacs)];
  const [, outputs = 1, height = 1, width = 1] = ws.layers.at(-1)!.shape;
  const product = { m: height * width, n: outputs, k: macs / (height * width * outputs) };
  return {
    set,
    layer,
    ...product,
    macs,
    ...figures('ws', ws),
    ...figures('os', os),
    // One register of accumulatorBits a PE that only moves while sums drain; the model charges it every slot.
    os_drain_register_joules: rounded(drainPicojoules() * slots * 1e-12),
    scalesim_ws_cycles: scaleSimCycles('ws', product, base.array),
    scalesim_os_cycles: scaleSimCycles('os', product, base.array),
  };
}

function drainPicojoules(): number {
  const { target, elements } = base;
  if (target.kind !== 'asic') throw new Error('the study is of standard cells');
  return logicPrices.registerBit.value * elements.accumulatorBits * energyScale(40, target.nodeNanometres);
}

const ratio = (r: StudyRow, figure: string) => num(r, `os_${figure}`) / num(r, `ws_${figure}`);
const scaleSimRatio = (r: StudyRow) => num(r, 'scalesim_os_cycles') / num(r, 'scalesim_ws_cycles');
const isGrid = (r: StudyRow) => r.set === 'grid';

export const dataflow: Study = {
  name: 'dataflow',
  title: 'Weights or sums at rest: dataflow against the shape of a layer',
  rows: () => [
    ...pixels.flatMap((m) =>
      depths.flatMap((k) =>
        channels.map((n) => row('grid', `${m} x ${k} x ${n}`, 'product', `L, ${m}, ${n}, ${k},`)),
      ),
    ),
    ...published.map(([layer, kind, text]) => row('published', layer, kind, text)),
  ],
  plots: (rows) => ({
    cycles: ratioPlot(
      rows.filter(isGrid),
      'cycles, output- over weight-stationary',
      (r) => ratio(r, 'cycles'),
      [0.9, 2],
    ),
    scalesim: ratioPlot(
      rows.filter(isGrid),
      'the same by SCALE-Sim’s stall-free definitions',
      scaleSimRatio,
      [0.2, 4],
    ),
    energy: energyPlot(rows.filter((r) => !isGrid(r))),
  }),
  page,
  claims: (rows) => {
    const all = rows.map((r) => ratio(r, 'cycles'));
    const shallow = rows.filter(
      (r) => isGrid(r) && num(r, 'k') === 16 && num(r, 'm') >= 784 && num(r, 'n') === 256,
    );
    const whole = rows.filter((r) => isGrid(r) && num(r, 'k') >= 64 && num(r, 'm') % 16 === 0);
    const cells = (r: StudyRow) => ratio(r, 'array_joules');
    return [
      { text: 'output-stationary is never faster', holds: Math.min(...all) >= 1 },
      { text: 'and never twice as slow', holds: Math.max(...all) < 2 },
      {
        text: 'one tile of reduction costs most: over 1.7',
        holds: shallow.every((r) => ratio(r, 'cycles') > 1.7),
      },
      {
        text: 'deep reductions over whole blocks of pixels cost at most 6 %',
        holds: whole.every((r) => ratio(r, 'cycles') < 1.06),
      },
      {
        text: 'it moves less through acc wherever a reduction has several tiles',
        holds: rows.every((r) => num(r, 'k') <= 16 || ratio(r, 'acc_bytes') < 1),
      },
      { text: 'its array costs more energy on every layer', holds: rows.every((r) => cells(r) > 1.2) },
      {
        text: 'at M = 1 the two differ by less than 5 %',
        holds: rows.every((r) => num(r, 'm') > 1 || ratio(r, 'cycles') < 1.05),
      },
      {
        text: 'K of 256 and more save about seven eighths of acc traffic',
        holds: rows.every((r) => !isGrid(r) || num(r, 'k') < 256 || ratio(r, 'acc_bytes') < 0.13),
      },
      { text: 'it never costs less energy in all', holds: rows.every((r) => ratio(r, 'joules') >= 1) },
      {
        text: 'SCALE-Sim’s definitions make it more than three times as fast somewhere',
        holds: Math.min(...rows.map(scaleSimRatio)) < 1 / 3,
      },
      {
        text: 'and faster on every product of the grid with 16 pixels or fewer',
        holds: rows.every((r) => !isGrid(r) || num(r, 'm') > 16 || scaleSimRatio(r) < 1),
      },
      {
        text: 'the energy of the MobileNetV2 projection differs by DRAM traffic of another mapping',
        holds: rows.some((r) => String(r.layer).includes('projection') && ratio(r, 'dram_bytes') > 1.5),
      },
    ];
  },
};

function ratioPlot(
  rows: readonly StudyRow[],
  label: string,
  value: (r: StudyRow) => number,
  domain: readonly [number, number],
): string {
  const points = rows.map((r) => ({
    m: num(r, 'm'),
    n: `${num(r, 'n')} output channels`,
    k: `K = ${num(r, 'k')}`,
    value: value(r),
  }));
  const channel = { x: 'm', y: 'value', stroke: 'k', fx: 'n' } as const;
  return svgFile(
    {
      ...legended,
      width: 760,
      height: 340,
      x: { type: 'log', label: 'pixels M', ticks: [1, 10, 100, 1000], tickFormat: 'd' },
      y: {
        type: 'log',
        domain: [...domain],
        label: null,
        grid: true,
        ticks: [0.2, 0.5, 1, 1.2, 1.5, 2, 4],
        tickFormat: '.2~f',
      },
      fx: { label: null },
      color: { domain: depths.map((k) => `K = ${k}`), range: [...colours] },
      marks: [
        ...legend(
          label,
          depths.map((k) => `K = ${k}`),
          760,
        ),
        Plot.ruleY([1], { stroke: '#222', strokeDasharray: '4 3' }),
        Plot.lineY(points, channel),
        Plot.dot(points, { ...channel, r: 2.5, fill: 'k' }),
      ],
    },
    label,
  );
}

const parts = ['array', 'buffers', 'DRAM', 'rest'] as const;

function energyPlot(rows: readonly StudyRow[]): string {
  const bars = rows.flatMap((r) =>
    (['ws', 'os'] as const).flatMap((prefix) => {
      const known = (['array', 'buffers', 'dram'] as const).map((part) => num(r, `${prefix}_${part}_joules`));
      const rest = num(r, `${prefix}_joules`) - known.reduce((sum, joules) => sum + joules, 0);
      return [...known, rest].map((joules, i) => ({
        layer: String(r.layer),
        prefix: prefix.toUpperCase(),
        part: parts[i]!,
        share: joules / num(r, 'ws_joules'),
      }));
    }),
  );
  return svgFile(
    {
      ...legended,
      width: 760,
      height: 420,
      marginLeft: 290,
      x: { label: null, grid: true },
      y: { label: null, domain: ['WS', 'OS'] },
      fy: { label: null, axis: null, domain: rows.map((r) => String(r.layer)) },
      color: { domain: [...parts], range: [...colours] },
      marks: [
        ...legend('energy by part; weight-stationary of the same layer is 1', parts, 760),
        Plot.barX(bars, { x: 'share', y: 'prefix', fy: 'layer', fill: 'part', order: [...parts] }),
        Plot.text(rows, {
          fy: (r: StudyRow) => String(r.layer),
          text: (r: StudyRow) => String(r.layer),
          frameAnchor: 'left',
          textAnchor: 'end',
          dx: -32,
        }),
      ],
    },
    'energy by part of published layers, weight- and output-stationary',
  );
}

function page(rows: readonly StudyRow[]): string {
  const layers = rows.filter((r) => !isGrid(r));
  const grid = rows.filter(isGrid);
  const ratios = grid.map((r) => ratio(r, 'cycles'));
  const conv2 = layers[0]!;
  const area = (['ws', 'os'] as const).map((key) => estimateArea(machines[key]).squareMillimetres!);
  const micro = (r: StudyRow, column: string) => (1e6 * num(r, column)).toPrecision(3);
  const megabytes = (r: StudyRow, column: string) => (num(r, column) / 1e6).toPrecision(3);
  const withoutDrain = (r: StudyRow) =>
    ((num(r, 'os_joules') - num(r, 'os_drain_register_joules')) / num(r, 'ws_joules')).toFixed(3);
  const worst = Math.max(...ratios);
  return `## Question

Which layers want their weights at rest in the array, and which their sums? Folklore: output-stationary saves the traffic of partial sums, so it wins where reductions are deep and
pixels few.

## Method

Two machines that differ in one field: preset \`edge16\` (16 x 16 int8, 22 nm, 500 MHz) with \`array.dataflow\` weight-stationary (WS) and output-stationary (OS). Each layer is compiled alone,
its mapping searched for the machine, and run by the timing engine, whose cycles the Verilog of both arrays is held to. Layers: products of M pixels, K deep (channels x window), N output
channels, ${grid.length} of them on a grid, and ${layers.length} published shapes (K. He et al. 2016, M. Sandler et al. 2018, J. Devlin et al. 2019). Energy is estimated from counted
events. Beside it SCALE-Sim's stall-free definitions for the same array, because that is where the question is usually asked.

\`\`\`sh
npm run studies -- --only dataflow           # add --write to make this page again
systole run layer.csv --machine edge16-os.yaml --layers layer-figures.csv    # any one of them: a topology of one row
\`\`\`

## Result

![cycles, output- over weight-stationary](dataflow-cycles.svg)

Output-stationary takes ${Math.min(...ratios).toFixed(2)} to ${worst.toFixed(2)} times the cycles of weight-stationary. It is never the faster one.

![the same ratio by SCALE-Sim's definitions](dataflow-scalesim.svg)

By SCALE-Sim's definitions output-stationary is up to ${(1 / Math.min(...rows.map(scaleSimRatio))).toFixed(1)} times *faster* on the same shapes, most of all with few pixels.

${markdownTable(
  [
    'layer',
    'WS cycles',
    'OS cycles',
    'OS / WS',
    'SCALE-Sim OS / WS',
    'acc MB, WS',
    'acc MB, OS',
    'wgt read MB, WS',
    'wgt read MB, OS',
    'energy OS / WS',
    'without drain registers',
  ],
  layers.map((r) => [
    String(r.layer),
    grouped(num(r, 'ws_cycles')),
    grouped(num(r, 'os_cycles')),
    ratio(r, 'cycles').toFixed(3),
    scaleSimRatio(r).toFixed(3),
    megabytes(r, 'ws_acc_bytes'),
    megabytes(r, 'os_acc_bytes'),
    megabytes(r, 'ws_wgt_read_bytes'),
    megabytes(r, 'os_wgt_read_bytes'),
    ratio(r, 'joules').toFixed(3),
    withoutDrain(r),
  ]),
)}

![energy by part](dataflow-energy.svg)

## Why, from the counters

- **SCALE-Sim's gap is the cost of its folds, not of the dataflow.** A weight-stationary fold there loads its weights, streams and drains before the next one begins: M + 2R + C - 2 cycles, so few
  pixels are hopeless. Here the next weights are written behind the last vectors and a fold costs max(M, R). With few pixels both dataflows wait for the same thing: R weight rows a
  tile, one a cycle. At M = 1 the two differ by less than 5 %.
- **A block of sums takes 2R - 1 cycles at least**, because sums leave north two cycles apart (docs/microarchitecture.md §3). With one tile of reduction (K = 16) that is 31 cycles for 16 pixels:
  up to ${worst.toFixed(2)} times. From K = 64 on the block's own T x R cycles cover it.
- **Blocks are whole.** 49 pixels are four blocks of 16, so 64 pixels' time: 1.2 to 1.6 times. Weight-stationary streams exactly 49 vectors.
- **The folklore about partial sums is right, and does not pay.** ${String(conv2.layer)}: traffic of the acc buffer falls from ${megabytes(conv2, 'ws_acc_bytes')} to ${megabytes(conv2, 'os_acc_bytes')} MB and the energy of all buffers from
  ${micro(conv2, 'ws_buffers_joules')} to ${micro(conv2, 'os_buffers_joules')} uJ. But the sums have moved into the PEs, two words of 32 bits each instead of one of 20, and the array goes from ${micro(conv2, 'ws_array_joules')} to ${micro(conv2, 'os_array_joules')} uJ.
  Weights are read again for every 16 pixels besides.
- **The MobileNetV2 projection is not about dataflow**: the search ranks mappings by cycles, and of two nearly as fast it took one for OS that reads its input more often from DRAM.
- Area: ${area[0]!.toFixed(3)} against ${area[1]!.toFixed(3)} mm2 (array and memories).

## Limits

One array size, one node, one memory. Energy charges every register bit of a PE in every slot at mean activity; OS's drain register moves only while sums drain, so its array is
overestimated. The last column takes that register's energy away whole: the most that the correction can be. Depthwise layers and first layers
with few channels are not in the study. The OS array drains to one side; one that drains along both would halve the 2R - 1.

## Conclusion

On this machine family weight-stationary is at least as fast on every shape of the study and takes less energy, because its weights hide behind the vectors. Output-stationary does save most
of the traffic of partial sums (seven eighths and more on the grid from K = 256 on) but keeps them in PE registers, which cost more than the accumulator memory that they relieve.`;
}
