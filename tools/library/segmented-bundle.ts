/**
 * The bundle of a network with the host in the middle, or with nothing but the host: one core, and for each segment a folder with its program, memory images and test
 * bench. In: a Compiled and one input. Out: files; the benches share the Verilog of the machine.
 */

import { renderDiagnostic } from '../../base/index.js';
import type { Compiled } from '../../compiler/pipeline/index.js';
import { hostWork } from '../../compiler/quantize/index.js';
import { emitTestBench, emitVerilog, projectFiles } from '../../compiler/verilog/index.js';
import type { RunRecord } from '../report/index.js';
import { type BundleFile, benchOf, programFiles, recordFiles, textFiles } from './bundle-parts.js';
import { hostOnlyReadme, segmentedReadme } from './readme.js';
import type { Sample } from './samples.js';
import { segmentInputs } from './segments.js';

/** Files of a test bench that are the segment's own; the others are the machine's. */
const ownFiles = /^(tb\/|(dram|golden|regions)\.hex$|run_(icarus|verilator)\.sh$)/;

export function segmentedBundle(compiled: Compiled, sample: Sample, record?: RunRecord): BundleFile[] {
  const { machine, segments, network } = compiled;
  const verilog = emitVerilog(machine);
  const inputs = segmentInputs(compiled, sample);
  const benches = segments.map((segment, i) => benchOf(segment, inputs[i]!));
  const notes = compiled.diagnostics.map(renderDiagnostic);
  const cycles = benches.map((bench) => bench.cycles);
  const readmeOf = segments.length === 0 ? hostOnlyReadme : segmentedReadme;
  return [
    ...textFiles(verilog.files),
    ...textFiles(projectFiles(machine, verilog)),
    { path: 'machine.json', content: `${JSON.stringify(machine, null, 2)}\n` },
    ...benches.flatMap((bench, i) => segmentFiles(i, bench, programFiles(segments[i]!))),
    ...(segments.length === 0 ? [] : ['run_icarus.sh', 'run_verilator.sh']).map((path) => ({
      path,
      content: runAll(path, segments.length),
    })),
    { path: 'host.json', content: hostSteps(compiled) },
    ...recordFiles(record),
    { path: 'README.md', content: readmeOf({ network: network.name, machine, cycles, notes }) },
  ];
}

function segmentFiles(
  index: number,
  bench: ReturnType<typeof benchOf>,
  program: readonly BundleFile[],
): BundleFile[] {
  const { files, sources } = emitTestBench(bench);
  const own = files.filter(({ path }) => ownFiles.test(path));
  const list = sources.map((path) => (path.startsWith('rtl/') ? `../../${path}` : path));
  return [...textFiles([...own, { path: 'files.f', text: `${list.join('\n')}\n` }]), ...program].map(
    ({ path, content }) => ({ path: `segments/${index}/${path}`, content }),
  );
}

/** A script that runs every segment's; it fails where the first of them does. */
function runAll(script: string, segments: number): string {
  return `#!/bin/sh
# Runs the test bench of every segment; the arguments are passed on.
set -e
cd "$(dirname "$0")"
for segment in ${Array.from({ length: segments }, (_, i) => i).join(' ')}; do
  echo "segment $segment"
  sh "segments/$segment/${script}" "$@"
done
`;
}

/** What the host computes before, between and after the segments: operators in order with their tensors. */
function hostSteps({ quantized }: Compiled): string {
  const steps = hostWork(quantized).map(({ before, nodes, copies }) => ({
    before,
    operators: nodes.map(({ node, operations, bytes }) => ({
      name: node.name,
      operator: node.operator,
      inputs: node.inputs,
      outputs: node.outputs,
      attributes: node.attributes,
      operations,
      bytes,
    })),
    copies,
  }));
  return `${JSON.stringify({ steps }, null, 2)}\n`;
}
