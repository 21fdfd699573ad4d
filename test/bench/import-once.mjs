/** Imports the network file named on the command line and prints what that took, as JSON: seconds, peak and earlier resident MiB. */

import { readFileSync } from 'node:fs';
import { verifyGraph } from '../../dist/compiler/graph/index.js';
import { importFile } from '../../dist/tools/library/formats.js';

/** The peak of this program only: resourceUsage() has the parent's on it, which Linux hands down. */
function peak() {
  const line = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
  if (line === null) throw new Error('the system does not say how much memory a process used');
  return Number(line[1]) / 1024;
}

const idleMib = peak();
const begin = performance.now();
const { graph } = importFile({ bytes: readFileSync(process.argv[2]), name: 'large.onnx' }, {});
const faults = verifyGraph(graph);
const seconds = (performance.now() - begin) / 1000;
if (faults.length > 0) throw new Error(faults[0].message);
process.stdout.write(JSON.stringify({ seconds, peakMib: peak(), idleMib }));
