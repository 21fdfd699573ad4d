/**
 * SRAM prices: energy, leakage and area of a memory of given capacity and width at a node, from the fit of the CACTI sweep
 * (models/data/sram-fit). Words wider than 256 bits are macros side by side.
 */

import { energyScale, type SramFit, secondPortFactor, sramFit, sramFitRange } from '../data/index.js';

export interface SramShape {
  readonly bytes: number;
  readonly widthBits: number;
  readonly nodeNanometres: number;
  /** True: one read and one write port (what every buffer bank has). */
  readonly twoPorts: boolean;
}

export interface SramPrice {
  readonly readPicojoules: number;
  readonly writePicojoules: number;
  readonly leakageMilliwatts: number;
  readonly areaSquareMillimetres: number;
  /** False: outside the sizes or nodes that the fit has seen (scaled by technology beyond 22 to 90 nm). */
  readonly withinFit: boolean;
}

/** Price of one access of a full word, leakage and area of the whole memory. */
export function sramPrice(shape: SramShape): SramPrice {
  const macros = Math.ceil(shape.widthBits / sramFitRange.widthBits[1]);
  const node = Math.min(
    Math.max(shape.nodeNanometres, sramFitRange.nodeNanometres[0]),
    sramFitRange.nodeNanometres[1],
  );
  const beyond = energyScale(node, shape.nodeNanometres);
  const macro = {
    bytes: Math.max(shape.bytes / macros, 64),
    widthBits: Math.max(shape.widthBits / macros, 8),
    node,
  };
  const value = (fit: SramFit) => evaluateFit(fit, macro) * macros;
  const ports = shape.twoPorts ? secondPortFactor : { energy: 1, leakage: 1, area: 1 };
  return {
    readPicojoules: value(sramFit.readPicojoules) * ports.energy * beyond,
    writePicojoules: value(sramFit.writePicojoules) * ports.energy * beyond,
    leakageMilliwatts: value(sramFit.leakageMilliwatts) * ports.leakage * beyond,
    areaSquareMillimetres: value(sramFit.areaSquareMillimetres) * ports.area * beyond,
    withinFit: isWithinFit(macro.bytes, macro.widthBits, shape.nodeNanometres),
  };
}

function evaluateFit(fit: SramFit, macro: { bytes: number; widthBits: number; node: number }): number {
  const [c0, c1, c2, c3, c4] = fit.coefficients;
  const s = Math.log(macro.bytes / 1024);
  return Math.exp(
    c0 + c1 * s + c2 * s * s + c3 * Math.log(macro.widthBits / 64) + c4 * Math.log(macro.node / 45),
  );
}

function isWithinFit(bytes: number, widthBits: number, nodeNanometres: number): boolean {
  const between = (value: number, [low, high]: readonly [number, number]) => value >= low && value <= high;
  return (
    between(bytes, sramFitRange.bytes) &&
    between(widthBits, sramFitRange.widthBits) &&
    between(nodeNanometres, sramFitRange.nodeNanometres)
  );
}
