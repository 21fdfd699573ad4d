/**
 * Closed-form cycles of transfers and fetch on a Machine, for choosing between schedules. In: counts. Out: cycles. Whole runs of beats are
 * counted, not each burst: estimates that decide between tilings and are never reported (the timing engine has the exact ones).
 */

import { ceilDivide } from '../../base/index.js';
import {
  type BufferName,
  bufferRowFormat,
  burstBeats,
  FETCH_BUFFER_INSTRUCTIONS,
  FETCH_BURST_INSTRUCTIONS,
  INSTRUCTION_BYTES,
  type Machine,
  type RowFormat,
} from '../machine/index.js';

/** Cycles from accept to the first burst address. */
const TRANSFER_LATENCY = 4;

/** A transfer: `runs` runs (all planes together) of `rows` contiguous rows. */
export interface Transfer {
  readonly rows: number;
  readonly runs: number;
}

interface Bursts {
  readonly beats: number;
  readonly bursts: number;
}

/** What transfers ask of a machine again and again. */
interface BusFacts {
  readonly formats: Readonly<Record<BufferName, RowFormat>>;
  readonly burstBeats: number;
}
const facts = new WeakMap<Machine, BusFacts>();

function busFacts(machine: Machine): BusFacts {
  let found = facts.get(machine);
  if (found === undefined) {
    const format = (buffer: BufferName) => bufferRowFormat(machine, buffer);
    const formats = { act: format('act'), wgt: format('wgt'), par: format('par'), lut: format('lut') };
    found = { formats, burstBeats: burstBeats(machine) };
    facts.set(machine, found);
  }
  return found;
}

/** Beats and bursts of one of `runs` runs of `rows` rows. Of several, each starts anywhere in a burst: 1 + (beats - 1) / burst of them on average. */
function runBursts(machine: Machine, buffer: BufferName, { rows, runs }: Transfer): Bursts {
  const known = busFacts(machine);
  const format = known.formats[buffer];
  const beats = Math.ceil(rows / format.rowsPerBeat) * format.beatsPerRow;
  const bursts = runs > 1 ? 1 + (beats - 1) / known.burstBeats : Math.ceil(beats / known.burstBeats);
  return { beats, bursts };
}

/** Cycles from the first row to the last of a load: the bus, the buffer's port and the latency that outstanding bursts hide. */
export function loadStreamCycles(machine: Machine, buffer: BufferName, transfer: Transfer): number {
  const { rows, runs } = transfer;
  const { readLatency, cyclesPerBeat, outstanding } = machine.memory;
  const { beats, bursts } = runBursts(machine, buffer, transfer);
  const latencyBound = (bursts * readLatency + beats * cyclesPerBeat) / outstanding;
  return runs * Math.max(beats * cyclesPerBeat, rows, 2 * bursts, latencyBound);
}

/** Cycles of the data of a store; every burst costs its address cycle besides. */
export function storeStreamCycles(machine: Machine, transfer: Transfer): number {
  const { rows, runs } = transfer;
  const { writeLatency, cyclesPerBeat, outstanding } = machine.memory;
  const { beats, bursts } = runBursts(machine, 'act', transfer);
  const data = Math.max(beats * cyclesPerBeat, rows) + 2 * bursts;
  return runs * Math.max(data, (bursts * writeLatency + data) / outstanding);
}

const fetchCosts = new WeakMap<Machine, number>();

/** Cycles that fetch needs for an instruction when nothing else holds it up: two bursts are under way at most. */
export function fetchCycles(machine: Machine): number {
  let cycles = fetchCosts.get(machine);
  if (cycles === undefined) {
    cycles = fetchCyclesOf(machine);
    fetchCosts.set(machine, cycles);
  }
  return cycles;
}

function fetchCyclesOf(machine: Machine): number {
  const { readLatency, cyclesPerBeat } = machine.memory;
  const burst = ceilDivide(FETCH_BURST_INSTRUCTIONS * INSTRUCTION_BYTES, machine.bus.bytes) * cyclesPerBeat;
  const bursts = FETCH_BUFFER_INSTRUCTIONS / FETCH_BURST_INSTRUCTIONS;
  return Math.max(
    1,
    burst / FETCH_BURST_INSTRUCTIONS,
    (readLatency + burst + 4) / FETCH_BURST_INSTRUCTIONS / bursts,
  );
}

/** A load of a transfer into `buffer`, alone on an idle bus. */
export function loadCycles(machine: Machine, buffer: BufferName, transfer: Transfer): number {
  return TRANSFER_LATENCY + machine.memory.readLatency + loadStreamCycles(machine, buffer, transfer);
}

/** A store of a transfer from act, alone on an idle bus. */
export function storeCycles(machine: Machine, transfer: Transfer): number {
  return TRANSFER_LATENCY + machine.memory.writeLatency + storeStreamCycles(machine, transfer);
}
