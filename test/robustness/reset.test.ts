/**
 * A reset in the middle of a run, whatever is under way: bursts on every port, half a matmul, full queues, counters above zero. The next run
 * of the same core must give the outputs and the times of a core that was never disturbed. Programs are those of the mutation check.
 */

import { beforeAll, describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { emitTestBench, emitVerilog } from '../../compiler/verilog/index.js';
import { EngineStop, type RunRequest } from '../../simulator/engine/index.js';
import {
  type CoreRun,
  compileNetlist,
  driveCore,
  elaborate,
  type RtlModule,
} from '../../simulator/rtl/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { networkCases, type OracleCase } from '../mutation/cases.js';
import { hasTool, runScript, withFiles } from '../verilog/support.js';

/** Cycles of a run in which it is reset: the first and last ones, and a stride between that meets every phase. */
function resetCycles(cycles: number): number[] {
  const stride = Math.max(1, Math.floor(cycles / 40)) | 1;
  const between = Array.from({ length: Math.ceil(cycles / stride) }, (_, i) => i * stride);
  return [...new Set([1, 2, 3, ...between, cycles - 2, cycles - 1])];
}

const times = ({ cycles, dispatched, dispatch, accept, end }: CoreRun) => ({
  cycles,
  dispatched,
  dispatch,
  accept,
  end,
});

/** The bench is compiled for each run, so fewer of them. */
const inIcarus = ['network 0', 'network 1'];

describe.each(networkCases(4))('$name', (c: OracleCase) => {
  const { machine, program, dram, golden } = c;
  const request: RunRequest = { machine, program, dram };
  const predicted = simulateTiming(machine, program);
  let core: RtlModule;
  beforeAll(async () => {
    const { files, top } = emitVerilog(machine);
    core = unwrap(await compileNetlist(unwrap(await elaborate(files, top))));
  });

  it('the RTL engine: a core reset in any cycle runs as a new one', () => {
    const fresh = driveCore(core.instantiate(), request, dram);
    expect(fresh.cycles).toBe(predicted.cycles);
    const used = core.instantiate();
    for (const cycleLimit of resetCycles(predicted.cycles)) {
      expect(() => driveCore(used, { ...request, cycleLimit }, dram)).toThrow(EngineStop);
      const after = driveCore(used, request, dram);
      expect(times(after), `reset in cycle ${cycleLimit}`).toEqual(times(fresh));
      expect(Buffer.compare(after.dram, golden), `DRAM after a reset in cycle ${cycleLimit}`).toBe(0);
    }
  });

  it.skipIf(!hasTool('iverilog') || !inIcarus.includes(c.name))(
    'Icarus Verilog: so does the emitted test bench',
    () => {
      const bench = emitTestBench({ machine, program, dram, golden: [{ address: 0, bytes: golden }] });
      withFiles(bench.files, (folder) => {
        const { cycles } = predicted;
        for (const share of [0.3, 0.6, 0.9]) {
          const at = Math.floor(share * cycles);
          const { output } = runScript(folder, 'run_icarus.sh', `+reset=${at}`);
          expect(output, `reset in cycle ${at}`).toMatch(/^PASS/m);
          expect(output).toContain(`cycles ${cycles}\n`);
        }
      });
    },
  );
});
