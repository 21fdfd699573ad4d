/** Latency, throughput and energy of every device as bars on a logarithmic axis, with the model's error as a whisker. */

import * as Plot from '@observablehq/plot';
import { type ComparisonRecord, si } from '../report/index.js';
import { decades, draw, tenTicks } from './chart.js';
import { html, type Markup } from './markup.js';
import { classColour } from './style.js';

interface Quantity {
  readonly title: string;
  readonly unit: string;
  readonly value: (row: ComparisonRecord) => number | null;
  /** Mean absolute error in percent. */
  readonly error: (row: ComparisonRecord) => number | null | undefined;
  readonly better: 'less' | 'more';
  /** Sign of a bound, where dispatch is unknown. */
  readonly bound: '>' | '<';
}

const quantities: readonly Quantity[] = [
  {
    title: 'Latency of a batch',
    unit: 's',
    value: (row) => row.latencySeconds,
    error: (row) => row.error?.latencyPercent,
    better: 'less',
    bound: '>',
  },
  {
    title: 'Inferences per second',
    unit: '/s',
    value: (row) => row.throughputPerSecond,
    error: (row) => row.error?.throughputPercent,
    better: 'more',
    bound: '<',
  },
  {
    title: 'Energy of an inference',
    unit: 'J',
    value: (row) => row.energyJoules,
    error: (row) => row.error?.throughputPercent,
    better: 'less',
    bound: '>',
  },
];

export function barCharts(rows: readonly ComparisonRecord[]): Markup[] {
  return quantities.map((quantity) => barChart(quantity, rows));
}

interface Bar {
  readonly device: string;
  readonly kind: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly firm: boolean;
  readonly text: string;
  readonly tip: string;
}

function barChart(quantity: Quantity, rows: readonly ComparisonRecord[]): Markup {
  const bars = rows.flatMap((row) => barOf(quantity, row));
  bars.sort((a, b) => (quantity.better === 'less' ? a.value - b.value : b.value - a.value));
  const domain = decades(bars.flatMap(({ value, low, high }) => [value, low, high]));
  const label = `${quantity.title}, ${quantity.better} is better`;
  const plot = draw(
    {
      width: 380,
      height: 40 + 21 * bars.length,
      marginLeft: 136,
      marginRight: 60,
      marginTop: 8,
      marginBottom: 32,
      x: {
        type: 'log',
        domain: [...domain],
        ticks: tenTicks(domain),
        tickFormat: (v: number) => si(v, quantity.unit).replace(/\.0+ /, ' '),
        label: null,
      },
      y: { domain: bars.map(({ device }) => device), label: null, tickSize: 0 },
      marks: marks(bars, domain[0]),
    },
    label,
  );
  const missing = rows.filter((row) => quantity.value(row) === null).map(({ device }) => device);
  return html`<figure><h3>${quantity.title}</h3>${plot}<figcaption>${quantity.better} is better${
    missing.length > 0 ? `; no power is known of ${missing.join(', ')}` : ''
  }</figcaption></figure>`;
}

function barOf(quantity: Quantity, row: ComparisonRecord): Bar[] {
  const value = quantity.value(row);
  if (value === null || !(value > 0)) return [];
  const percent = quantity.error(row) ?? null;
  const factor = 1 + (percent ?? 0) / 100;
  const text = `${row.lowerBound ? `${quantity.bound} ` : ''}${si(value, quantity.unit)}`;
  const tip = `${row.device}: ${text}${percent === null ? '' : ` ± ${percent.toFixed(0)} %`} (${row.how ?? 'estimated'})`;
  return [
    {
      device: row.device,
      kind: row.kind,
      value,
      low: value / factor,
      high: value * factor,
      firm: row.how !== 'assumed',
      text,
      tip,
    },
  ];
}

function marks(bars: readonly Bar[], from: number): Plot.Markish[] {
  const held = bars.filter(({ low, high }) => high > low);
  const drawn = (firm: boolean) => bars.filter((bar) => bar.firm === firm);
  const colour = (bar: Bar) => classColour(bar.kind);
  const at = { x1: from, x2: 'value', y: 'device', insetTop: 4, insetBottom: 4, title: 'tip' } as const;
  return [
    Plot.gridX({ stroke: 'var(--line)', strokeOpacity: 1 }),
    Plot.barX(drawn(true), { ...at, fill: colour, fillOpacity: 0.75 }),
    Plot.barX(drawn(false), {
      ...at,
      fill: colour,
      fillOpacity: 0.15,
      stroke: colour,
      strokeDasharray: '3,2',
    }),
    Plot.ruleY(held, { x1: 'low', x2: 'high', y: 'device', stroke: 'var(--ink)', strokeWidth: 1.5 }),
    Plot.text(bars, {
      x: 'high',
      y: 'device',
      text: 'text',
      textAnchor: 'start',
      dx: 5,
      fill: 'var(--ink)',
      fontSize: 10,
    }),
  ];
}
