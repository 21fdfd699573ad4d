/** What DeepBench's matrix products take over the roofline of attained rates: alike where shapes and devices are alike. */

import { gpuMaker } from '../../../models/data/index.js';
import { attainedProductSeconds, type LibraryProduct } from '../../../models/devices/index.js';
import type { Kriging } from '../kriging.js';
import type { LibraryRow } from './library-rows.js';

type Product = LibraryRow<LibraryProduct>;

/**
 * Stated, in round figures and with these rows in sight; a search on the other devices moves them, at a price (kriging.ts). Ranges: the factor of an
 * extent, in logarithms, over which a covariance falls to 1/e. Distances: what it falls by, in logarithms, where two rows differ in that.
 */
const stated = {
  rangeM: 2,
  rangeN: 1,
  rangeK: 3,
  layout: 0.35,
  type: 0.5,
  early: 1.6,
  architecture: 0.7,
  maker: 1.2,
  device: 0.03,
  /** Variances of the logarithm: of near shapes, of wide ranges of shapes, of devices of a kind, of a maker, of all. */
  near: 0.15,
  wide: 0.1,
  kind: 0.05,
  makers: 0.05,
  all: 0.05,
} as const;
const names = Object.keys(stated) as (keyof typeof stated)[];
/** How much wider a wide range is. */
const WIDE = 5;

export const deepbenchKriging: Kriging<Product> = {
  residual: ({ seconds, device, shape }) => Math.log(seconds / attainedProductSeconds(device, shape)),
  group: ({ chip }) => chip,
  stated: Object.values(stated),
  noise: 0.01,
  shade: 0.5,
  covariance: (constants) => {
    const c = Object.fromEntries(names.map((name, at) => [name, constants[at]!])) as Record<
      keyof typeof stated,
      number
    >;
    return (a, b) => {
      const shapes =
        apart(a.shape.m, b.shape.m) / c.rangeM +
        apart(a.shape.n, b.shape.n) / c.rangeN +
        apart(a.shape.k, b.shape.k) / c.rangeK;
      const layouts = a.layout === b.layout ? 1 : Math.exp(-c.layout);
      const makers = gpuMaker(a.device) === gpuMaker(b.device);
      const kinds =
        (isEarly(a) === isEarly(b) ? 0 : c.early) +
        (a.device.architecture === b.device.architecture ? 0 : c.architecture) +
        (makers ? 0 : c.maker) +
        (a.shape.type === b.shape.type ? 0 : c.type) +
        (a.device === b.device ? 0 : c.device);
      const near = c.near * layouts * Math.exp(-shapes);
      const wide = (c.wide * (1 + layouts) * Math.exp(-shapes / WIDE)) / 2;
      return Math.exp(-kinds) * (near + wide + c.kind) + (makers ? c.makers : 0) + c.all;
    };
  },
};

function apart(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}

/** By a library of before 2017: float products of GPUs that were launched before. DeepBench's 8-bit products were added in 2017. */
function isEarly({ shape }: Product): boolean {
  return shape.early === true && shape.type !== 'int8';
}
