/** A scatter plot of predictions against published values, both logarithmic, as SVG: a point on the diagonal is right. */

import type { Point } from './statistics.js';

const SIZE = 320;
const LEFT = 56;
const TOP = 12;

/** @returns the SVG's text; undefined where a value is not above zero, which a logarithm has no place for. */
export function scatter(points: readonly Point[], unit: string): string | undefined {
  const values = points.flatMap(({ published, predicted }) => [published, predicted]);
  if (points.length === 0 || values.some((value) => !(value > 0))) return undefined;
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const place = (value: number) => ((Math.log10(value) - low) / (high - low)) * SIZE;
  const x = (value: number) => (LEFT + place(value)).toFixed(1);
  const y = (value: number) => (TOP + SIZE - place(value)).toFixed(1);
  const decades = Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i));
  const line = (from: number, to: number, shift: number, style: string) =>
    `<line x1="${x(from)}" y1="${y(from * shift)}" x2="${x(to)}" y2="${y(to * shift)}" ${style}/>`;
  const [first, last] = [10 ** low, 10 ** high];
  const label = (value: number) =>
    value >= 1e-3 && value < 1e5 ? String(Number(value.toPrecision(1))) : value.toExponential(0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + SIZE + 16} ${TOP + SIZE + 44}" font-family="sans-serif" font-size="11">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<clipPath id="c"><rect x="${LEFT}" y="${TOP}" width="${SIZE}" height="${SIZE}"/></clipPath>`,
    ...decades.map(
      (d) =>
        `<path d="M${x(d)} ${TOP}V${TOP + SIZE}M${LEFT} ${y(d)}H${LEFT + SIZE}" stroke="#ddd" fill="none"/>` +
        `<text x="${x(d)}" y="${TOP + SIZE + 14}" text-anchor="middle">${label(d)}</text>` +
        `<text x="${LEFT - 4}" y="${Number(y(d)) + 4}" text-anchor="end">${label(d)}</text>`,
    ),
    '<g clip-path="url(#c)">',
    line(first, last, 1, 'stroke="#333"'),
    line(first, last, 1.25, 'stroke="#999" stroke-dasharray="4 3"'),
    line(first, last, 0.8, 'stroke="#999" stroke-dasharray="4 3"'),
    '</g>',
    ...thin(points).map(
      ({ published, predicted }) =>
        `<circle cx="${x(published)}" cy="${y(predicted)}" r="2.5" fill="#0b62a8" fill-opacity="0.5"/>`,
    ),
    `<text x="${LEFT + SIZE / 2}" y="${TOP + SIZE + 34}" text-anchor="middle">published, ${unit}</text>`,
    `<text transform="translate(12 ${TOP + SIZE / 2}) rotate(-90)" text-anchor="middle">predicted, ${unit}</text>`,
    '</svg>',
    '',
  ].join('\n');
}

const MOST = 600;

/** Every so many points, so that pages stay small; the statistics are of all. */
function thin(points: readonly Point[]): readonly Point[] {
  const step = Math.ceil(points.length / MOST);
  return points.filter((_, index) => index % step === 0);
}
