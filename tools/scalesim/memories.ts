/** SRAM sizes and bandwidth of SCALE-Sim in the terms of the machine family. In: bytes. Out: depths, a bus, and what was lost. */

import type { Machine } from '../../models/machine/index.js';

/** The largest power of two that is at most `n`; 0 below 1. */
export function powerOfTwoBelow(n: number): number {
  return n < 1 ? 0 : 2 ** Math.floor(Math.log2(n));
}

export interface ActivationBanks {
  readonly banks: number;
  readonly rowsPerBank: number;
}

/**
 * Banks of act that come nearest to a size without going over it; of equal ones the usual four. Undefined: not even 3 banks of 16 rows
 * are that small.
 */
export function activationBanks(bytes: number, rowBytes: number): ActivationBanks | undefined {
  const choices = [4, 3, 5, 6, 7, 8].flatMap((banks) => {
    const rowsPerBank = Math.min(65536, powerOfTwoBelow(bytes / (banks * rowBytes)));
    return rowsPerBank < 16 ? [] : [{ banks, rowsPerBank }];
  });
  const size = ({ banks, rowsPerBank }: ActivationBanks) => banks * rowsPerBank;
  return choices.reduce<ActivationBanks | undefined>(
    (best, choice) => (best === undefined || size(choice) > size(best) ? choice : best),
    undefined,
  );
}

/** Sustained bytes a cycle of each direction. */
export function bytesPerCycle(bus: Pick<Machine['bus'], 'bytes'>, cyclesPerBeat: number): number {
  return bus.bytes / cyclesPerBeat;
}

/** The bus nearest to a rate, by ratio; of near equals (1 %) the narrowest. */
export function busFor(rate: number): { readonly bytes: number; readonly cyclesPerBeat: number } {
  const choices = [4, 8, 16, 32, 64].flatMap((bytes) =>
    Array.from({ length: 64 }, (_, i) => ({ bytes, cyclesPerBeat: i + 1 })),
  );
  const off = ({ bytes, cyclesPerBeat }: { bytes: number; cyclesPerBeat: number }) =>
    Math.abs(Math.log(bytes / cyclesPerBeat / rate));
  const least = Math.min(...choices.map(off));
  return choices.find((choice) => off(choice) <= least + 0.01)!;
}
