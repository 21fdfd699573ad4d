/**
 * The RTL engine: a program on the emitted Verilog itself, every register and every wire, with the memory model around it. Cycles, trace
 * and DRAM are read off the core's pins; only energy events follow from the instructions, as in every engine.
 */

import { InternalError, unwrap } from '../../base/index.js';
import { type Program, type UnitName, unitIndex, unitNames, unitOf } from '../../compiler/isa/index.js';
import type { Machine } from '../../models/machine/index.js';
import {
  addCounts,
  countInstruction,
  type Engine,
  EngineStop,
  emptyCounts,
  type InstructionTiming,
  KeptResults,
  type ReadRow,
  type Run,
  type RunRequest,
  toActivity,
  type UnitCycles,
} from '../engine/index.js';
import { type CoreRun, driveCore } from './core-driver.js';
import { elaborate, type NetlistStore } from './elaborate.js';
import type { NetToggles } from './net-toggles.js';
import type { SourceFile } from './netlist.js';
import { CoreObserver, type RegisterName, registerNames } from './observe-core.js';
import { compileNetlist, type RtlModule } from './simulator.js';

/** What the engine needs of a `VerilogBundle`. */
export interface RtlSources {
  readonly top: string;
  readonly files: readonly SourceFile[];
}

/** A core, compiled, and the names of its registers, found when first asked for. */
interface Core {
  readonly module: RtlModule;
  readonly registers: () => readonly RegisterName[];
}

/** Compiled cores kept by one engine; the oldest goes first. */
const CACHED_CORES = 8;

/**
 * An engine that elaborates and compiles the Verilog of each machine once.
 * @param emit the machine's Verilog, e.g. `emitVerilog`. Equal texts share one compiled core.
 * @param store keeps elaborated netlists beyond the engine's life.
 * @param toggles counts the changes of its words in every run.
 */
export function createRtlEngine(
  emit: (machine: Machine) => RtlSources,
  store?: NetlistStore,
  toggles?: NetToggles,
): Engine {
  const cores = new Map<string, Promise<Core>>();
  const coreOf = (machine: Machine): Promise<Core> => {
    const { top, files } = emit(machine);
    const key = [top, ...files.flatMap(({ path, text }) => [path, text])].join('\0');
    const known = cores.get(key);
    if (known) return known;
    const core = compileCore(files, top, { store, observe: toggles?.names ?? [] });
    cores.set(key, core);
    core.catch(() => cores.delete(key));
    if (cores.size > CACHED_CORES) cores.delete(cores.keys().next().value!);
    return core;
  };
  return {
    name: 'rtl',
    run: async (request) => {
      const dram = request.dram;
      if (dram === undefined) throw new InternalError('the RTL engine needs DRAM contents');
      requireEnd(request.program);
      const core = await coreOf(request.machine);
      const simulator = core.module.instantiate();
      const { inputs, outputs } = core.module;
      const observer =
        request.probe &&
        new CoreObserver(simulator, request.probe, core.registers(), [...inputs, ...outputs]);
      const kept = KeptResults.of(request.machine, request.program);
      const onEnd = kept && ((index: number) => kept.end(index, rowReader(simulator)));
      const watched = toggles?.watch(simulator);
      const driven = driveCore(simulator, request, dram, {
        ...(observer && { observer }),
        ...(onEnd && { onEnd }),
        ...(watched && { afterCycle: watched.afterCycle }),
      });
      watched?.finish();
      kept?.putInto(driven.dram);
      return toRun(request, driven);
    },
  };
}

async function compileCore(
  files: readonly SourceFile[],
  top: string,
  { store, observe }: { readonly store: NetlistStore | undefined; readonly observe: readonly string[] },
): Promise<Core> {
  const netlist = unwrap(await elaborate(files, top, {}, store));
  let registers: readonly RegisterName[] | undefined;
  return {
    module: unwrap(await compileNetlist(netlist, { observe })),
    registers: () => {
      registers ??= registerNames(netlist);
      return registers;
    },
  };
}

/** Rows of act as `store` would write them: lane 0 in the lowest bits of a memory's word. */
function rowReader(simulator: { peekMemory(name: string, index: number): bigint | undefined }): ReadRow {
  return (bank, row, target) => {
    const name = `u_compute.u_act.g_bank[${bank}].u_ram.rows_q`;
    let word = simulator.peekMemory(name, row);
    if (word === undefined) throw new InternalError(`the core has no row ${row} in ${name}`);
    for (let i = 0; i < target.length; i++, word >>= 8n) target[i] = Number(word & 0xffn);
  };
}

function requireEnd(program: Program): void {
  if (program.instructions.some(({ mnemonic }) => mnemonic === 'end')) return;
  throw new EngineStop('illegal', 0, 'fetch', 'the program has no `end`');
}

function toRun(request: RunRequest, core: CoreRun): Run {
  const { machine, program } = request;
  const executed = program.instructions.slice(0, core.dispatched);
  const trace: InstructionTiming[] = executed.flatMap((instruction, index) =>
    unitOf(instruction) === undefined
      ? []
      : [{ index, dispatch: core.dispatch[index]!, accept: core.accept[index]!, end: core.end[index]! }],
  );
  const counts = emptyCounts();
  for (const instruction of executed) addCounts(counts, countInstruction(machine, instruction, 0));
  counts.read.dram += core.bytesLoaded;
  counts.written.dram += core.bytesStored;
  const { cycles, bytesFetched: fetchedBytes } = core;
  const usefulMacs = program.layers.reduce((sum, layer) => sum + layer.macs, 0);
  return {
    engine: 'rtl',
    cycles,
    trace,
    units: checkCounters(unitCycles(program, trace, cycles), core, machine),
    activity: toActivity(counts, { cycles, usefulMacs, instructions: trace.length, fetchedBytes }),
    dram: core.dram,
  };
}

/** @throws InternalError where the core's own counters say otherwise than its events. */
function checkCounters(
  units: Readonly<Record<UnitName, UnitCycles>>,
  { busy, waited }: CoreRun,
  { counters }: Machine,
): Readonly<Record<UnitName, UnitCycles>> {
  if (counters === 'cycles') return units;
  for (const [u, name] of unitNames.entries()) {
    const waiting = unitNames.reduce((sum, producer) => sum + units[name].waiting[producer], 0);
    const check = (register: string, counted: number, derived: number) => {
      if (counted === derived % 2 ** 32) return;
      throw new InternalError(`${register} of ${name} reads ${counted} cycles, its events say ${derived}`);
    };
    check('BUSY', busy[u]!, units[name].busy);
    check('WAIT', waited[u]!, waiting);
  }
  return units;
}

/**
 * What each unit did, from the observed events: busy from accept to end; waiting from the cycle in which the head could have been
 * taken to accept, by semaphore: the n-th take of a pair meets its n-th signal, visible a cycle after the producer's end.
 */
function unitCycles(
  program: Program,
  trace: readonly InstructionTiming[],
  cycles: number,
): Record<UnitName, UnitCycles> {
  const signals = signalTimes(program, trace);
  const of = (unit: UnitName): UnitCycles => {
    const waiting: Record<UnitName, number> = { load: 0, matmul: 0, vector: 0, store: 0 };
    const taken = unitNames.map(() => 0);
    let [busy, free] = [0, 0];
    for (const { index, dispatch, accept, end } of trace) {
      const { wait } = program.instructions[index]!;
      if (unitOf(program.instructions[index]!) !== unit) continue;
      let cycle = Math.max(free, dispatch + 1);
      unitNames.forEach((producer, p) => {
        if (!((wait >> p) & 1)) return;
        const ready = signals[p]![unitIndex[unit]]![taken[p]!++] ?? 0;
        waiting[producer] += Math.max(0, ready - cycle);
        cycle = Math.max(cycle, ready);
      });
      if (cycle !== accept)
        throw new InternalError(`instruction ${index} was accepted in cycle ${accept}, not ${cycle}`);
      busy += end - accept;
      free = end + 1;
    }
    const waited = unitNames.reduce((sum, name) => sum + waiting[name], 0);
    return { busy, waiting, idle: cycles - busy - waited };
  };
  return { load: of('load'), matmul: of('matmul'), vector: of('vector'), store: of('store') };
}

/** Cycles from which the signals of producer to consumer are visible, in order. */
function signalTimes(program: Program, trace: readonly InstructionTiming[]): number[][][] {
  const times: number[][][] = unitNames.map(() => unitNames.map(() => []));
  for (const { index, end } of trace) {
    const instruction = program.instructions[index]!;
    const producer = unitIndex[unitOf(instruction)!];
    for (let consumer = 0; consumer < unitNames.length; consumer++)
      if ((instruction.signal >> consumer) & 1) times[producer]![consumer]!.push(end + 1);
  }
  return times;
}
