/**
 * How long load and store run: the burst-by-burst closed forms of docs/microarchitecture.md, section 4, with accept = 0. In:
 * the Machine and the fields of a transfer. Out: D and the bus beats moved. One short loop over bursts (store: beats);
 * nothing depends on values or on the time of day, so D is a function of the fields.
 */

import {
  type BufferName,
  bufferRowFormat,
  burstBeats,
  type Machine,
  type RowFormat,
} from '../../models/machine/index.js';

/** The loop nest that load and store share. */
export interface TransferFields {
  readonly dram: number;
  readonly rows: number;
  readonly runs: number;
  readonly runDramStride: number;
  readonly planes: number;
  readonly planeDramStride: number;
}

export interface TransferTime {
  /** Running cycles D. */
  readonly cycles: number;
  /** Bus beats moved; each is `busBytes` long. */
  readonly beats: number;
  /** Cycle of the last beat, counted from accept; of transfers over the bus only. */
  readonly lastBeat?: number;
}

/** One run as the bus sees it. */
interface RunBeats {
  /** Address of the first beat. */
  readonly first: number;
  readonly beats: number;
  /** Rows in the first beat, and in the last. */
  readonly firstRows: number;
  readonly lastRows: number;
}

function runBeats(start: number, rows: number, format: RowFormat, busBytes: number): RunBeats {
  const first = start - (start % busBytes);
  const beats = Math.ceil((start + rows * format.pitch - first) / busBytes);
  if (format.rowsPerBeat === 1) return { first, beats, firstRows: 1, lastRows: 1 };
  const firstRows = Math.min(rows, format.rowsPerBeat - (start - first) / format.pitch);
  const lastRows = beats === 1 ? firstRows : rows - firstRows - (beats - 2) * format.rowsPerBeat;
  return { first, beats, firstRows, lastRows };
}

/** Calls `visit` for every run of a transfer in order. */
function forEachRun(fields: TransferFields, visit: (start: number) => void): void {
  for (let plane = 0; plane < fields.planes; plane++) {
    for (let run = 0; run < fields.runs; run++) {
      visit(fields.dram + plane * fields.planeDramStride + run * fields.runDramStride);
    }
  }
}

/**
 * D of a load into `buffer`: bursts overlap up to `outstanding`, beats wait for the buffer's one row a cycle.
 * @param lastBeat cycle of the read port's latest beat, relative to accept (negative): beats keep their distance from one
 * load to the next, which shows where `cyclesPerBeat` is larger than `readLatency` + 6.
 */
export function loadTime(
  machine: Machine,
  buffer: BufferName,
  fields: TransferFields,
  lastBeat = Number.NEGATIVE_INFINITY,
): TransferTime {
  const format = bufferRowFormat(machine, buffer);
  const reader = new BurstReader(machine, format.rowsPerBeat, lastBeat);
  forEachRun(fields, (start) => reader.run(runBeats(start, fields.rows, format, machine.bus.bytes)));
  return reader.finish();
}

/** The read port over the bursts of one load. */
class BurstReader {
  private readonly burstBytes: number;
  /** Last-beat times of the bursts that still fill the memory's queue, as a ring. */
  private readonly lastBeats: Float64Array;
  private burst = 0;
  private addressAccepted = 0;
  private rowsOfLastBeat = 0;
  private beats = 0;

  constructor(
    private readonly machine: Machine,
    private readonly rowsPerBeat: number,
    private lastBeat: number,
  ) {
    this.burstBytes = burstBeats(machine) * machine.bus.bytes;
    this.lastBeats = new Float64Array(machine.memory.outstanding);
  }

  run({ first, beats, firstRows, lastRows }: RunBeats): void {
    const { bytes } = this.machine.bus;
    this.beats += beats;
    let address = first;
    for (let done = 0; done < beats; ) {
      const length = Math.min(beats - done, (this.burstBytes - (address % this.burstBytes)) / bytes);
      // A run of one beat has firstRows = lastRows, so either reading is right for a burst of one beat.
      const from = done === 0 ? firstRows : this.rowsPerBeat;
      const to =
        done + length === beats ? lastRows : done === 0 && length === 1 ? firstRows : this.rowsPerBeat;
      this.burstOf(length, from, to);
      done += length;
      address += length * bytes;
    }
  }

  /** c_k, t of the first and of the last beat of one burst. */
  private burstOf(length: number, firstRows: number, lastRows: number): void {
    const { readLatency, cyclesPerBeat, outstanding } = this.machine.memory;
    const ring = this.burst % outstanding;
    const asked = this.burst === 0 ? 4 : this.addressAccepted + 2;
    const room = this.burst >= outstanding ? this.lastBeats[ring]! + 1 : 0;
    const accepted = Math.max(asked, room);
    const offered = Math.max(accepted + readLatency, this.lastBeat + cyclesPerBeat);
    const firstBeat = Math.max(offered, this.lastBeat + this.rowsOfLastBeat);
    let last = firstBeat;
    if (length > 1) {
      last += Math.max(cyclesPerBeat, firstRows) + (length - 2) * Math.max(cyclesPerBeat, this.rowsPerBeat);
    }
    this.lastBeats[ring] = last;
    this.addressAccepted = accepted;
    this.lastBeat = last;
    this.rowsOfLastBeat = lastRows;
    this.burst++;
  }

  finish(): TransferTime {
    const { lastBeat, beats } = this;
    return { cycles: lastBeat + this.rowsOfLastBeat, beats, lastBeat };
  }
}

/**
 * D of a store from act: rows are read one a cycle ahead of the write register, the last response ends it.
 * @param lastBeat cycle of the write port's latest beat, relative to accept (negative): beats keep their distance from one
 * store to the next, which shows where `cyclesPerBeat` is larger than `writeLatency` + 7.
 */
export function storeTime(
  machine: Machine,
  fields: TransferFields,
  lastBeat = Number.NEGATIVE_INFINITY,
): TransferTime {
  const format = bufferRowFormat(machine, 'act');
  const writer = new BurstWriter(machine, format.rowsPerBeat, lastBeat);
  forEachRun(fields, (start) => writer.run(runBeats(start, fields.rows, format, machine.bus.bytes)));
  return writer.finish();
}

/** The write port over the bursts of one store. */
class BurstWriter {
  private readonly burstBytes: number;
  /** Response times of the bursts under way, as a ring. */
  private readonly responses: Float64Array;
  private burst = 0;
  private addressAccepted = 0;
  private filled = 0;
  private beats = 0;

  constructor(
    private readonly machine: Machine,
    private readonly rowsPerBeat: number,
    private lastBeat: number,
  ) {
    this.burstBytes = burstBeats(machine) * machine.bus.bytes;
    this.responses = new Float64Array(machine.memory.outstanding);
  }

  run(run: RunBeats): void {
    const { bytes } = this.machine.bus;
    let address = run.first;
    for (let done = 0; done < run.beats; ) {
      const length = Math.min(run.beats - done, (this.burstBytes - (address % this.burstBytes)) / bytes);
      this.burstOf(run, done, length);
      done += length;
      address += length * bytes;
    }
  }

  private burstOf(run: RunBeats, done: number, length: number): void {
    const { writeLatency, cyclesPerBeat, outstanding } = this.machine.memory;
    const ring = this.burst % outstanding;
    const asked = this.burst === 0 ? 4 : Math.max(this.lastBeat + 1, this.addressAccepted + 2);
    const room = this.burst >= outstanding ? this.responses[ring]! + 1 : 0;
    const accepted = Math.max(asked, this.lastBeat + 1, room);
    for (let beat = done; beat < done + length; beat++) {
      const rows = this.rowsIn(run, beat);
      this.filled = this.beats === 0 ? 1 + rows : Math.max(this.filled + rows, this.lastBeat);
      const offered = Math.max(this.filled + 1, asked);
      this.lastBeat = Math.max(offered, accepted + 1, this.lastBeat + cyclesPerBeat);
      this.beats++;
    }
    this.responses[ring] = this.lastBeat + writeLatency;
    this.addressAccepted = accepted;
    this.burst++;
  }

  private rowsIn(run: RunBeats, beat: number): number {
    if (beat === 0) return run.firstRows;
    return beat === run.beats - 1 ? run.lastRows : this.rowsPerBeat;
  }

  finish(): TransferTime {
    const { lastBeat, beats } = this;
    return { cycles: lastBeat + this.machine.memory.writeLatency + 1, beats, lastBeat };
  }
}
