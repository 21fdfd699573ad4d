/** A whole core through `systole synth`'s own flow (mapping alone), and for ASICs the worst path to each part. */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CorePoint } from '../../models/data/index.js';
import type { Machine } from '../../models/machine/index.js';
import type { SynthesisFlow } from '../../tools/report/index.js';
import { synthesize } from '../../tools/synth/index.js';
import { runTool } from '../../tools/synth/process.js';

export async function measureCore(
  machine: Machine,
  held: boolean,
  flow: SynthesisFlow,
  folder: string,
  liberty: { readonly name: string; readonly text: string } | undefined,
): Promise<CorePoint> {
  const { record } = await synthesize({
    machine,
    flow,
    folder,
    ...(flow === 'asic' ? liberty && { liberty, megahertz: 100 } : { mapOnly: true }),
  });
  const { schema: _, description: __, memory: ___, target: ____, ...sizes } = machine;
  const point = { flow, machine: sizes, held };
  if (record.resources !== null) {
    const { luts, flipFlops, dsps, blockRams } = record.resources;
    return { ...point, counts: { luts, flipFlops, dsps, blockRams } };
  }
  const counts = { squareMicrometres: Math.round(record.area!.squareMicrometres) };
  return { ...point, counts, nanoseconds: await partPaths(folder) };
}

const patterns = [
  ['pe', '*u_pe/*'],
  ['requantizer', '*u_requantizer/*'],
  ['lane', '*u_lane/*'],
] as const;

/** Worst path to the registers of each part, in ns; a library in other units is not what this records. */
async function partPaths(folder: string): Promise<NonNullable<CorePoint['nanoseconds']>> {
  const script = [
    'read_liberty cells.lib',
    'read_verilog sta.v',
    'link_design systole_core',
    'create_clock -name clk -period 10 [get_ports clk_i]',
    'set pe {}; set requantizer {}; set lane {}; set control {}',
    'foreach pin [all_registers -data_pins] {',
    '  set name [get_full_name $pin]',
    ...patterns.map(
      ([part, pattern], i) =>
        `  ${i === 0 ? '' : 'else'}if {[string match ${pattern} $name]} { lappend ${part} $pin }${i === 2 ? ' else { lappend control $pin }' : ' \\'}`,
    ),
    '}',
    ...['pe', 'requantizer', 'lane', 'control'].flatMap((part) => [
      `puts "PART ${part}"`,
      `report_checks -path_delay max -to $${part} -format end -digits 6`,
      `report_checks -path_delay max -to $${part} -format full -digits 6`,
    ]),
    '',
  ].join('\n');
  writeFileSync(join(folder, 'parts.tcl'), script);
  const log = join(folder, 'parts.log');
  await runTool({
    tool: 'sta',
    command: 'sta',
    args: ['-no_splash', '-exit', 'parts.tcl'],
    cwd: folder,
    log,
  });
  const texts = readFileSync(log, 'utf8')
    .split(/^PART /m)
    .slice(1);
  const entries = texts.map((text) => {
    const slack = Number(/([-\d.eE+]+)\s+slack/.exec(text)![1]);
    return [text.split('\n')[0]!, Math.round((10 - slack) * 1000) / 1000] as const;
  });
  return Object.fromEntries(entries) as unknown as NonNullable<CorePoint['nanoseconds']>;
}
