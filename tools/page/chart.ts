/** Observable Plot without a browser: a document of linkedom's, SVG text out. */

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Markup } from './markup.js';

/** Draws a plot. The SVG scales to its place; colours that are CSS variables follow the page. */
export function draw(options: Plot.PlotOptions, label: string): Markup {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({ ...options, document, ariaLabel: label });
  svg.setAttribute('role', 'img');
  // A style sheet of the plot's own would hold for the whole page.
  for (const style of [...svg.querySelectorAll('style')]) style.remove();
  return new Markup(svg.toString());
}

/** Powers of ten around positive values: ends of a logarithmic axis. */
export function decades(values: readonly number[]): readonly [number, number] {
  const logs = values.filter((value) => value > 0 && Number.isFinite(value)).map(Math.log10);
  if (logs.length === 0) return [1, 10];
  const [low, high] = [Math.floor(Math.min(...logs)), Math.ceil(Math.max(...logs))];
  return [10 ** low, 10 ** Math.max(high, low + 1)];
}

/** At most about five ticks of a logarithmic axis, at powers of ten. */
export function tenTicks([low, high]: readonly [number, number]): number[] {
  const [from, to] = [Math.round(Math.log10(low)), Math.round(Math.log10(high))];
  const step = Math.max(1, Math.ceil((to - from) / 5));
  return Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, i) => 10 ** (from + i * step));
}
