/**
 * The block diagram of a machine, as SVG: units, buffers and ports with this machine's sizes. In: a Machine. Out: text.
 * Boxes and lines stand at fixed places; only the words in the boxes depend on the machine.
 */

import { bufferBankRows, bufferRowBytes, type Machine, machineHash } from '../../models/machine/index.js';
import { toolVersion } from './templates.generated.js';

/** A box of the diagram: its heading and the lines under it. */
export interface DiagramBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly kind: 'port' | 'unit' | 'buffer' | 'control' | 'absent';
  readonly title: string;
  readonly lines: readonly string[];
}

/** A line of the diagram: corners in order as SVG writes them, the arrow at the last one. */
interface DiagramWire {
  readonly points: string;
  readonly dashed?: boolean;
  /** Data go both ways. */
  readonly both?: boolean;
}

const WIDTH = 1110;
const HEIGHT = 740;
const TITLE_PIXELS = 13;
const LINE_PIXELS = 11;
const LINE_STEP = 15;

/** The whole picture. */
export function blockDiagram(machine: Machine): string {
  const { array, elements } = machine;
  const what = `${array.rows} x ${array.columns} ${array.dataflow} array, int${elements.activationBits} activations, int${elements.weightBits} weights, ${machine.clockMegahertz} MHz`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans, Arial, sans-serif">`,
    `<title>Machine ${machine.name}, hash ${machineHash(machine)}, systole ${toolVersion}</title>`,
    `<style>${STYLE}</style>`,
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z"/></marker></defs>',
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(20, 34, machine.name, 18, true),
    text(20, 56, what, 12, false),
    ...wires(machine).map(wire),
    ...diagramBoxes(machine).map(box),
    text(20, HEIGHT - 14, `hash ${machineHash(machine)}, systole ${toolVersion}`, LINE_PIXELS, false),
    '</svg>',
    '',
  ].join('\n');
}

const STYLE = [
  'rect{stroke:#333;stroke-width:1.2}',
  '.port{fill:#e6e6e6}.unit{fill:#dbe9f8}.buffer{fill:#fbeed5}.control{fill:#e4f3e1}',
  '.absent{fill:#fff;stroke:#999;stroke-dasharray:4 3}',
  'polyline{fill:none;stroke:#333;stroke-width:1.4}.dashed{stroke:#777;stroke-dasharray:5 4}',
].join('');

/** Every box of a machine, for drawing and for checking that words fit. */
export function diagramBoxes(machine: Machine): readonly DiagramBox[] {
  return [...portsAndControl(machine), ...buffers(machine), ...units(machine)];
}

function portsAndControl(machine: Machine): readonly DiagramBox[] {
  const bus = `${8 * machine.bus.bytes} bit`;
  const port = { x: 20, width: 150, height: 60, kind: 'port' } as const;
  const unit = { x: 200, width: 165, height: 60, kind: 'unit' } as const;
  const burst = `bursts to ${machine.bus.maximumBurstBeats} beats`;
  return [
    { ...port, y: 80, title: 's_axil', lines: ['AXI4-Lite, 32 bit'] },
    {
      ...unit,
      y: 80,
      kind: 'control',
      title: 'control registers',
      lines: ['start, status, counters'],
    },
    { ...port, y: 170, title: 'm_axi_i', lines: [`AXI4 read, ${bus}`] },
    { ...unit, y: 170, title: 'fetch', lines: ['8 instructions ahead'] },
    {
      x: 400,
      y: 170,
      width: 670,
      height: 60,
      kind: 'control',
      title: 'instruction queues and semaphores',
      lines: [
        `load, matmul, vector, store: ${machine.queueDepth} instructions each; 12 semaphores of 8 bits`,
      ],
    },
    { ...port, y: 290, title: 'm_axi AR, R', lines: [`AXI4 read, ${bus}`] },
    { ...unit, y: 290, title: 'load', lines: [burst] },
    { ...port, y: 395, title: 'm_axi AW, W, B', lines: [`AXI4 write, ${bus}`] },
    { ...unit, y: 395, title: 'store', lines: [burst] },
  ];
}

function buffers(machine: Machine): readonly DiagramBox[] {
  const { activation, weight, accumulator } = machine.buffers;
  const { rows, columns } = machine.array;
  const { activationBits, weightBits, accumulatorBits } = machine.elements;
  const { lanes } = machine.vector;
  const box = { x: 400, width: 190, height: 78, kind: 'buffer' } as const;
  const plain = (name: 'act' | 'wgt' | 'par') =>
    bufferBankRows(machine, name) * bufferRowBytes(machine, name);
  const lookup = machine.vector.functions.includes('lookup');
  return [
    {
      ...box,
      y: 290,
      title: 'act buffer',
      lines: [
        `${activation.banks} banks of ${activation.rowsPerBank} rows`,
        `${rows} x int${activationBits} a row`,
        size(plain('act') * activation.banks),
      ],
    },
    {
      ...box,
      y: 395,
      title: 'wgt buffer',
      lines: [
        weight.banks === 1
          ? `${weight.rows} rows`
          : `${weight.banks} banks of ${weight.rows / weight.banks} rows`,
        `${columns} x int${weightBits} a row`,
        size(plain('wgt')),
      ],
    },
    {
      ...box,
      y: 500,
      title: 'par buffer',
      lines: [
        `${machine.buffers.parameter.rows} rows`,
        `${lanes} x (bias, multiplier, shift)`,
        `${size(plain('par'))} in DRAM`,
      ],
    },
    {
      ...box,
      y: 605,
      title: 'lut buffer',
      kind: lookup ? 'buffer' : 'absent',
      lines: lookup
        ? ['2 tables of 256 bytes', `${lanes} ${lanes === 1 ? 'copy' : 'copies'}`, size(512 * lanes)]
        : ['absent in this machine'],
    },
    {
      ...box,
      x: 640,
      y: 500,
      title: 'acc buffer',
      lines: [
        `2 banks of ${accumulator.rowsPerBank} rows`,
        `${columns} x int${accumulatorBits} a row`,
        size((2 * accumulator.rowsPerBank * columns * accumulatorBits) / 8),
      ],
    },
  ];
}

function units(machine: Machine): readonly DiagramBox[] {
  const { array, vector, requantization, elements } = machine;
  return [
    {
      x: 640,
      y: 290,
      width: 190,
      height: 183,
      kind: 'unit',
      title: 'matmul',
      lines: [
        `${array.rows} x ${array.columns} processing elements`,
        array.dataflow,
        `int${elements.activationBits} x int${elements.weightBits}`,
        array.rows * array.columns === 1 ? '1 MAC a cycle' : `${array.rows * array.columns} MACs a cycle`,
      ],
    },
    {
      x: 880,
      y: 290,
      width: 190,
      height: 183,
      kind: 'unit',
      title: 'vector',
      lines: [
        `${vector.lanes} ${vector.lanes === 1 ? 'lane' : 'lanes'}`,
        `requantise, ${requantization.multiplierBits}-bit multiplier`,
        'rescale, clamp',
        ...vector.functions,
      ],
    },
  ];
}

function wires(machine: Machine): readonly DiagramWire[] {
  const { functions } = machine.vector;
  const lookup = functions.includes('lookup');
  const data = (points: string): DiagramWire => ({ points });
  const dispatch = (points: string): DiagramWire => ({ points, dashed: true });
  return [
    ...['170,110 200,110', '170,200 200,200', '365,200 400,200', '170,310 200,310', '200,415 170,415'].map(
      data,
    ),
    // load to the buffers, act to store
    ...[310, 434, 539, ...(lookup ? [644] : [])].map((y) => data(`365,310 388,310 388,${y} 400,${y}`)),
    data('400,345 376,345 376,415 365,415'),
    // operands, sums, parameters
    ...['590,329 640,329', '590,434 640,434', '735,473 735,500', '830,539 855,539 855,430 880,430'].map(data),
    data('590,560 615,560 615,598 950,598 950,473'),
    ...(functions.includes('depthwise') ? [data('590,460 622,460 622,486 868,486 868,455 880,455')] : []),
    ...(lookup ? [data('590,644 1010,644 1010,473')] : []),
    // vector reads and writes act
    { points: '1040,290 1040,274 495,274 495,290', both: true },
    dispatch('740,230 740,290'),
    dispatch('740,252 282,252 282,290'),
    dispatch('282,252 185,252 185,440 200,440'),
    dispatch('740,252 975,252 975,290'),
    dispatch('282,140 282,170'),
  ];
}

function wire({ points, dashed, both }: DiagramWire): string {
  const style = `${dashed ? ' class="dashed"' : ''}${both ? ' marker-start="url(#arrow)"' : ''}`;
  return `<polyline points="${points}"${style} marker-end="url(#arrow)"/>`;
}

function box({ x, y, width, height, kind, title, lines }: DiagramBox): string {
  const center = x + width / 2;
  const textHeight = TITLE_PIXELS + lines.length * LINE_STEP;
  const first = y + (height - textHeight) / 2 + TITLE_PIXELS - 1;
  return [
    `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" rx="4"/>`,
    text(center, first, title, TITLE_PIXELS, true, true),
    ...lines.map((line, i) => text(center, first + (i + 1) * LINE_STEP, line, LINE_PIXELS, false, true)),
  ].join('\n');
}

function text(x: number, y: number, words: string, pixels: number, bold: boolean, middle = false): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const style = `${bold ? ' font-weight="bold"' : ''}${middle ? ' text-anchor="middle"' : ''}`;
  return `<text x="${x}" y="${y}" font-size="${pixels}"${style}>${escaped}</text>`;
}

/** Bytes in the largest binary unit that is not below one. */
function size(bytes: number): string {
  if (bytes >= 2 ** 20) return `${round(bytes / 2 ** 20)} MiB`;
  if (bytes >= 2 ** 10) return `${round(bytes / 2 ** 10)} KiB`;
  return `${round(bytes)} bytes`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
