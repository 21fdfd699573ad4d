/**
 * Femtojoules of the array's registers and of the logic behind them, by mapped cell library: cells alone at the typical corner, no wires, an ideal clock, no
 * glitches. Printed by test/power/joules.ts: non-negative least squares on ten distributions of operands on the array of `edge4`; how far off they are
 * on others is a set of `npm run truth`.
 */

import type { Provenance } from './provenance.js';

export interface ArrayJoulesRow {
  readonly library: string;
  readonly nodeNanometres: number;
  readonly volts: number;
  readonly femtojoules: {
    /**
     * A register bit's cycle (clock pin; leakage at 100 MHz in it), and a toggle of an activation, product, sum, weight and of
     * registers that drive registers only (0: the fit gives them nothing).
     */
    readonly byClass: readonly number[];
    /** A register bit's cycle, and a toggle of any register. */
    readonly mean: readonly number[];
  };
  readonly source: Provenance;
}

const source: Provenance = {
  citation:
    'fitted on gate-level simulations of a 4 x 4 array (docs/accuracy.md, array power against gate level), scaled to the node and 0.9 V by the equations of Stillmaker and Baas (not checked at 1.8 V); cells alone, no wires or clock tree',
  known: 'derived',
};

export const arrayJoules: readonly ArrayJoulesRow[] = [
  {
    library: 'sg13g2',
    nodeNanometres: 130,
    volts: 1.2,
    femtojoules: { byClass: [98.23, 169.8, 245.2, 415.4, 971.1, 0], mean: [96.86, 247.2] },
    source,
  },
  {
    library: 'sky130',
    nodeNanometres: 130,
    volts: 1.8,
    femtojoules: { byClass: [77.64, 124.0, 165.1, 372.4, 1032, 0], mean: [76.73, 201.9] },
    source,
  },
];
