/** Observable Plot as an SVG file of its own: white ground, its fonts and names stated. */

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

/** Draws a plot. @param label what the picture shows, for readers who do not see it. */
export function svgFile(options: Plot.PlotOptions, label: string): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = Plot.plot({
    ...options,
    document,
    ariaLabel: label,
    style: { background: '#fff', color: '#222', fontFamily: 'sans-serif', fontSize: '12px' },
  });
  svg.setAttribute('role', 'img');
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  for (const style of [...svg.querySelectorAll('style')]) style.remove();
  // Two digits are more than anyone sees, and the same on every computer.
  return `${svg.toString().replace(/-?\d+\.\d{3,}/g, (number: string) => String(Number(Number(number).toFixed(2))))}\n`;
}

/** Colours that stay apart for most kinds of colour blindness (M. Okabe, K. Ito). */
export const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#7f7f7f'] as const;

/** Room for the title and the legend of {@link legend}. */
export const legended = { marginTop: 66, marginBottom: 40 } as const;

/** A title, and a row of coloured words below it; facets share them. @param width of the plot. */
export function legend(title: string, names: readonly string[], width: number): Plot.Markish[] {
  const step = Math.min(130, (width - 60) / names.length);
  const above = { facet: 'super', frameAnchor: 'top-left', textAnchor: 'start' } as const;
  return [
    Plot.text([title], { ...above, text: (d: string) => d, dy: -58, fontWeight: 'bold' }),
    ...names.map((name, i) =>
      Plot.text([name], {
        ...above,
        text: (d: string) => `\u25a0 ${d}`,
        fill: () => name,
        dx: i * step,
        dy: -40,
      }),
    ),
  ];
}
