/**
 * The roofline of every device: its published peak and bandwidth as lines, the network's layers as points at the rate that the device's model
 * (or the simulation) gives them. A point far below its roof is a layer that the device handles badly.
 */

import * as Plot from '@observablehq/plot';
import { type KernelType, kernelTypeBytes } from '../../models/devices/index.js';
import { type ComparisonRecord, grouped, type RunRecord, si } from '../report/index.js';
import { decades, draw, tenTicks } from './chart.js';
import { html, type Markup } from './markup.js';
import { classColour } from './style.js';

interface Point {
  /** Operations per byte of DRAM. */
  readonly intensity: number;
  /** Operations per second. */
  readonly rate: number;
  readonly share: number;
  readonly tip: string;
}

interface Panel {
  readonly row: ComparisonRecord;
  readonly points: readonly Point[];
}

/** One panel a device, all with the same axes. */
export function rooflines(record: RunRecord): Markup[] {
  const panels = record.comparison
    .filter(({ roof }) => roof !== undefined)
    .map((row) => ({ row, points: row.kind === 'this' ? ownPoints(record) : pointsOf(record, row) }))
    .filter(({ points }) => points.length > 0);
  const all = panels.flatMap(({ points }) => points);
  const ridges = panels.map(({ row: { roof } }) => roof!.operationsPerSecond / roof!.bytesPerSecond);
  const x = decades([...all.map(({ intensity }) => intensity), ...ridges]);
  const y = decades([
    ...all.map(({ rate }) => rate),
    ...panels.map(({ row }) => row.roof!.operationsPerSecond),
  ]);
  return panels.map((panel) => drawPanel(panel, x, y));
}

/** The accelerator's layers: operations over simulated cycles, bytes as counted on its bus. */
function ownPoints({ layers, machine, cycles }: RunRecord): Point[] {
  const hertz = machine.clockMegahertz * 1e6;
  return layers
    .filter(({ macs, cycles: taken }) => macs > 0 && taken > 0)
    .map((layer) => {
      const rate = (2 * layer.macs * hertz) / layer.cycles;
      const intensity = (2 * layer.macs) / Math.max(1, layer.bytesRead + layer.bytesWritten);
      const share = layer.cycles / cycles;
      return { intensity, rate, share, tip: tipOf(layer.name, rate, share) };
    });
}

function pointsOf({ kernels = [], batch }: RunRecord, row: ComparisonRecord): Point[] {
  const bytes = kernelTypeBytes((row.type ?? 'int8') as KernelType);
  const seconds = row.kernelSeconds ?? [];
  const total = seconds.reduce((sum, s) => sum + s, 0);
  return kernels.flatMap((kernel, i) => {
    const taken = seconds[i] ?? 0;
    if (kernel.macs === 0 || taken === 0) return [];
    const operations = 2 * kernel.macs * batch;
    const elements = kernel.weightElements + batch * (kernel.inputElements + kernel.outputElements);
    const [rate, share] = [operations / taken, taken / total];
    const tip = tipOf(kernel.name, rate, share);
    return [{ intensity: operations / Math.max(1, elements * bytes), rate, share, tip }];
  });
}

function tipOf(name: string, rate: number, share: number): string {
  return `${name}: ${si(rate, 'op/s')}, ${(100 * share).toFixed(1)} % of the time`;
}

function drawPanel(
  { row, points }: Panel,
  x: readonly [number, number],
  y: readonly [number, number],
): Markup {
  const { operationsPerSecond: peak, bytesPerSecond: bandwidth } = row.roof!;
  const colour = classColour(row.kind);
  const ridge = peak / bandwidth;
  // From where the slope enters the picture: nothing needs clipping.
  const from = Math.max(x[0], y[0] / bandwidth);
  const line = [from, Math.min(Math.max(ridge, from), x[1]), x[1]].map((intensity) => ({
    intensity,
    rate: Math.min(peak, intensity * bandwidth),
  }));
  const plot = draw(
    {
      width: 320,
      height: 226,
      marginLeft: 46,
      marginRight: 14,
      marginTop: 22,
      marginBottom: 36,
      x: {
        type: 'log',
        domain: [...x],
        ticks: tenTicks(x),
        tickFormat: plain,
        label: 'operations per byte',
        labelAnchor: 'center',
        labelArrow: 'none',
      },
      y: {
        type: 'log',
        domain: [...y],
        ticks: tenTicks(y),
        tickFormat: (v: number) => si(v, '').replace(/\.0+/, ''),
        label: 'operations/s',
        labelArrow: 'none',
      },
      r: { domain: [0, 1], range: [2, 13] },
      marks: [
        Plot.gridX({ stroke: 'var(--line)', strokeOpacity: 1, ticks: tenTicks(x) }),
        Plot.gridY({ stroke: 'var(--line)', strokeOpacity: 1, ticks: tenTicks(y) }),
        Plot.line(line, { x: 'intensity', y: 'rate', stroke: colour, strokeWidth: 1.75 }),
        Plot.dot(points, {
          x: 'intensity',
          y: 'rate',
          r: 'share',
          fill: colour,
          fillOpacity: 0.35,
          stroke: colour,
          strokeOpacity: 0.9,
          title: 'tip',
        }),
      ],
    },
    `Roofline of ${row.device}`,
  );
  const caption = `${row.type ?? ''}: ${si(peak, 'op/s')}, ${si(bandwidth, 'B/s')}, ridge ${ridge < 10 ? ridge.toFixed(1) : grouped(ridge)} op/B; ${row.how ?? 'estimated'}`;
  return html`<figure><h3>${row.device}</h3>${plot}<figcaption>${caption}</figcaption></figure>`;
}

const plain = (value: number): string =>
  value >= 1000 ? si(value, '').replace(/\.0+ ?/, ' ') : String(value);
