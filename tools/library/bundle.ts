/**
 * What `--out` writes: a folder that a hardware engineer can pick up. The machine's Verilog with its project files, memory
 * images, a self-checking test bench with the expected results of one real input, the program in three forms, the run
 * record, and a manifest with hashes.
 */

import { renderDiagnostic } from '../../base/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { emitTestBench, emitVerilog, projectFiles } from '../../compiler/verilog/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { RunRecord } from '../report/index.js';
import { type BundleFile, benchOf, programFiles, recordFiles, textFiles } from './bundle-parts.js';
import { MANIFEST_PATH, manifestOf } from './manifest.js';
import { machineReadme, networkReadme } from './readme.js';
import { segmentedBundle } from './segmented-bundle.js';
import type { CompiledNetwork } from './verbs.js';

export type { BundleFile } from './bundle-parts.js';

/** The files and their manifest. */
function sealed(machine: Machine, files: readonly BundleFile[]): BundleFile[] {
  return [...files, { path: MANIFEST_PATH, content: manifestOf(machine, files) }];
}

/** The Verilog of a machine with constraints, tool scripts, register map, driver, diagram; nothing of any network. */
export function emit(machine: Machine): BundleFile[] {
  const verilog = emitVerilog(machine);
  return sealed(machine, [
    ...textFiles(verilog.files),
    ...textFiles(projectFiles(machine, verilog)),
    { path: 'machine.json', content: `${JSON.stringify(machine, null, 2)}\n` },
    { path: 'README.md', content: machineReadme(machine) },
  ]);
}

/** Everything of one compiled network: the machine's bundle, the program, a test bench that runs one real input. */
export function makeBundle({ opened, compiled }: CompiledNetwork, record?: RunRecord): BundleFile[] {
  if (compiled.segments.length !== 1)
    return sealed(compiled.machine, segmentedBundle(compiled, opened.tests[0]!, record));
  const { machine, program } = compiled;
  const bench = benchOf(compiled, bodyInputs(compiled.quantized, opened.tests[0]!));
  const notes = compiled.diagnostics.map(renderDiagnostic);
  return sealed(machine, [
    ...textFiles(emitTestBench(bench).files),
    { path: 'machine.json', content: `${JSON.stringify(machine, null, 2)}\n` },
    ...programFiles(compiled),
    ...recordFiles(record),
    {
      path: 'README.md',
      content: networkReadme({
        network: compiled.network.name,
        machine,
        program,
        cycles: bench.cycles,
        notes,
      }),
    },
  ]);
}
