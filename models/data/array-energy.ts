/**
 * Femtojoules of the array's registers and of the logic behind them, by cell library: dynamic energy at the typical corner, no wires, an ideal
 * clock. Fitted by `npm run power` on a 4 x 4 int8 array under twelve distributions of operands, mapped by Yosys, simulated gate by gate, priced by OpenSTA pin
 * by pin; judged on six others and on 8 x 8 (docs/power.md).
 */

/** Of one clocked bit, and of one transition of a bit of a class. */
export interface ArrayPrices {
  /** A flip-flop's clock, each cycle. */
  readonly clock: number;
  /** An activation register and the multiplier behind it. */
  readonly activation: number;
  /** A product register and the adder behind it. */
  readonly product: number;
  readonly sum: number;
  readonly weight: number;
  /** Delay lines of activations, weights and the write enable. */
  readonly skew: number;
  /** Delay lines of sums. */
  readonly alignment: number;
}

export interface ArrayPriceRow {
  readonly library: string;
  readonly nodeNanometres: number;
  readonly femtojoules: ArrayPrices;
  /** Largest relative error on operands and a size that the fit did not see. */
  readonly heldOutError: number;
}

export const arrayPrices: readonly ArrayPriceRow[] = [];
