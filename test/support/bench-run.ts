/**
 * A law's case in Icarus Verilog: the emitted test bench is compiled and run. In: a LawCase. Out: its cycles, every instruction's
 * times, the bytes on its buses, and whether DRAM ended as expected in every byte.
 */

import { unitIndex, unitOf } from '../../compiler/isa/index.js';
import { emitTestBench } from '../../compiler/verilog/index.js';
import type { InstructionTiming } from '../../simulator/engine/index.js';
import { runScript, traceOf, withFiles } from '../verilog/support.js';
import type { LawCase } from './law-case.js';

export interface BenchRun {
  readonly engine: 'icarus';
  readonly pass: boolean;
  readonly output: string;
  readonly cycles: number;
  readonly trace: readonly InstructionTiming[];
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** @param golden all of DRAM after the run. */
export function runBench({ machine, program, dram }: LawCase, golden: Uint8Array): BenchRun {
  const { files } = emitTestBench({ machine, program, dram, golden: [{ address: 0, bytes: golden }] });
  const { output, cycles, pass } = withFiles(files, (folder) => runScript(folder, 'run_icarus.sh', '+trace'));
  const beats = /^beats read (\d+) fetched (\d+) written (\d+)$/m.exec(output)?.slice(1).map(Number) ?? [];
  const [read = -1, fetched = -1, written = -1] = beats;
  const bytes = machine.bus.bytes;
  return {
    engine: 'icarus',
    pass,
    output,
    cycles,
    trace: timesOf(program.instructions, output),
    bytesRead: (read + fetched) * bytes,
    bytesWritten: written * bytes,
  };
}

/** Events are in program order for dispatch, and in queue order for each unit's accept and end. */
function timesOf(instructions: LawCase['program']['instructions'], output: string): InstructionTiming[] {
  const dispatches: number[] = [];
  const events = {
    accept: [0, 1, 2, 3].map(() => [] as number[]),
    end: [0, 1, 2, 3].map(() => [] as number[]),
  };
  for (const { kind, cycle, unit } of traceOf(output)) {
    if (kind === 'dispatch') dispatches.push(cycle);
    if (kind === 'accept' || kind === 'end') events[kind][unit]!.push(cycle);
  }
  const taken = [0, 0, 0, 0];
  return instructions.flatMap((instruction, index) => {
    const name = unitOf(instruction);
    if (name === undefined) return [];
    const unit = unitIndex[name];
    const nth = taken[unit]!++;
    const time = (kind: 'accept' | 'end') => events[kind][unit]![nth] ?? -1;
    return [{ index, dispatch: dispatches[index] ?? -1, accept: time('accept'), end: time('end') }];
  });
}
