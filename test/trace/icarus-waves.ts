/** What Icarus Verilog dumps of a case's emitted Verilog. In: a case and the paths to keep. Out: waves from cycle 0 on. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emitTestBench } from '../../compiler/verilog/index.js';
import { withFiles } from '../verilog/support.js';
import type { TraceCase } from './case.js';
import { readVcd, type Waves } from './read-vcd.js';

/** The cycles from `event_start_o` on. */
export function icarusWaves({ machine, program, dram }: TraceCase, wanted: ReadonlySet<string>): Waves {
  const dump = `module dump;\n  initial begin\n    $dumpfile("waves.vcd");\n    $dumpvars(0, systole_tb.u_core);\n  end\nendmodule\n`;
  const { files, sources } = emitTestBench({ machine, program, dram, golden: [] });
  const all = [...files, { path: 'dump.v', text: dump }];
  const waves = withFiles(all, (folder) => {
    const sh = `iverilog -g2005 -s systole_tb -s dump -o b.vvp ${sources.join(' ')} dump.v && vvp -n b.vvp`;
    const { stdout, stderr } = spawnSync('sh', ['-c', sh], { cwd: folder, encoding: 'utf8' });
    if (!stdout.includes('PASS')) throw new Error(stdout + stderr);
    return readVcd(readFileSync(join(folder, 'waves.vcd'), 'utf8'), wanted);
  });
  const start = waves.cycles.findIndex((values) => values.get('event_start_o') === '1');
  return { ...waves, cycles: waves.cycles.slice(start) };
}
