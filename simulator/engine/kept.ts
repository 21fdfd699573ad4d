/**
 * Results that a program leaves in act, seen as if they had been stored: of each instruction that writes rows of a kept result, the rows are
 * taken when it ends, and stand in the DRAM of the Run where a store would have put them. No engine's program sees that DRAM; it is for
 * comparing. In: a program whose layers state `kept`, rows as the engine holds them. Out: DRAM with those rows.
 */

import { InternalError } from '../../base/index.js';
import { accessesOf, actBank, keptRows, type Program, unitOf } from '../../compiler/isa/index.js';
import { bufferRowFormat, type Machine } from '../../models/machine/index.js';

/** Writes the bytes of an act row, as `store` would, into `target` (the row's bytes, without the pitch). */
export type ReadRow = (bank: number, row: number, target: Uint8Array) => void;

/** One row that an instruction leaves behind, and its place in DRAM. */
interface Taken {
  readonly bank: number;
  readonly row: number;
  readonly dram: number;
}

export class KeptResults {
  private readonly takenBy = new Map<number, readonly Taken[]>();
  /** Bytes by DRAM address; undefined until the row was taken. */
  private readonly rows = new Map<number, Uint8Array | undefined>();
  private readonly rowBytes: number;

  private constructor(machine: Machine, program: Program) {
    this.rowBytes = bufferRowFormat(machine, 'act').rowBytes;
    const places = program.layers.map((_, layer) => this.placesOf(program, layer));
    program.instructions.forEach((instruction, index) => {
      const place = places[program.layerOf[index]!];
      if (place === undefined || unitOf(instruction) !== 'vector') return;
      const written = accessesOf(instruction, machine).flatMap((access) =>
        access.memory === 'act' && access.kind === 'write' && access.bank === place.bank
          ? rowsOf(access.rows)
          : [],
      );
      const taken = written.flatMap((row) => {
        const dram = place.dram.get(row);
        return dram === undefined ? [] : [{ bank: place.bank, row, dram }];
      });
      if (taken.length > 0) this.takenBy.set(index, taken);
    });
  }

  /** @returns undefined for a program that stores every result. */
  static of(machine: Machine, program: Program): KeptResults | undefined {
    return program.layers.some(({ kept }) => kept) ? new KeptResults(machine, program) : undefined;
  }

  /** To be called in the cycle in which an instruction ends, after its last write. */
  end(index: number, read: ReadRow): void {
    for (const { bank, row, dram } of this.takenBy.get(index) ?? []) {
      const bytes = this.rows.get(dram) ?? new Uint8Array(this.rowBytes);
      read(bank, row, bytes);
      this.rows.set(dram, bytes);
    }
  }

  /** Puts the rows into DRAM. @throws InternalError where the program ended without writing one. */
  putInto(dram: Uint8Array): void {
    for (const [address, bytes] of this.rows) {
      if (bytes === undefined)
        throw new InternalError(`no instruction wrote the kept row of DRAM byte ${address}`);
      dram.set(bytes, address);
    }
  }

  /** The DRAM place of each row of a layer's result; notes that they are to come. */
  private placesOf(program: Program, layer: number) {
    const { kept, output } = program.layers[layer]!;
    if (kept === undefined) return undefined;
    const segment = program.segments.find(({ name, value }) => (value ?? name) === output);
    const layout = segment?.layout;
    if (layout === undefined) throw new InternalError(`the kept result ${output} has no layout`);
    const dram = new Map<number, number>();
    keptRows(layout, kept).forEach((row, i) => {
      const address = segment!.address + i * layout.pitch;
      dram.set(row, address);
      this.rows.set(address, undefined);
    });
    return { bank: actBank(kept.address), dram };
  }
}

function rowsOf({ base, runs }: { readonly base: number; readonly runs: ArrayLike<number> }): number[] {
  const rows: number[] = [];
  for (let i = 0; i < runs.length; i += 2)
    for (let row = base + runs[i]!; row < base + runs[i + 1]!; row++) rows.push(row);
  return rows;
}
