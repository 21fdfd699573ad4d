/**
 * `systole_pins`: the core between two shift registers, so that it can be placed and routed on its own on any device. The
 * core has more ports than small packages have pins. In: the core's Verilog. Out: a module of five pins.
 */

import { InternalError } from '../../base/index.js';
import type { Machine } from '../../models/machine/index.js';
import { fileHead, type VerilogBundle } from './emit.js';

/** A port of a module, its range as Verilog text (empty for one bit). */
export interface PortText {
  readonly name: string;
  readonly direction: 'input' | 'output';
  readonly range: string;
}

/** Ports of a module whose header declares one a line, as the templates do. */
export function portsOf(text: string): readonly PortText[] {
  const header = text.slice(0, text.indexOf(');\n'));
  const ports = [
    ...header.matchAll(/^\s+(input|output)\s+(?:wire|reg)\s+(?:signed\s+)?(\[[^\]]+\])?\s*(\w+)/gm),
  ];
  return ports.map(([, direction, range = '', name]) => ({
    name: name!,
    direction: direction as PortText['direction'],
    range,
  }));
}

const clockAndReset = ['clk_i', 'rst_i'];

/** Text of `systole_pins`. Ranges of the core's ports may use BUS_BYTES and no other parameter. */
export function pinHarness(machine: Machine, { files }: VerilogBundle): string {
  const top = files.find(({ path }) => path === 'rtl/systole_core.v');
  if (top === undefined) throw new InternalError('a bundle without systole_core');
  const ports = portsOf(top.text);
  const ins = ports.filter((p) => p.direction === 'input' && !clockAndReset.includes(p.name));
  const outs = ports.filter((p) => p.direction === 'output');
  const list = (some: readonly PortText[]) => some.map((p) => p.name).join(', ');
  return [
    fileHead(machine).trimEnd(),
    '// systole_core between two shift registers: five pins, whatever the bus. For placing, routing and timing the core alone;',
    '// a product connects the core to a bus instead. scan_i fills the inputs; capture_i takes the outputs, which leave by scan_o.',
    '`default_nettype none',
    'module systole_pins (',
    '  input  wire clk_i,',
    '  input  wire rst_i,',
    '  input  wire scan_i,',
    '  input  wire capture_i,',
    '  output wire scan_o',
    ');',
    `  localparam BUS_BYTES = ${machine.bus.bytes};`,
    '',
    ...[...ins, ...outs].map((p) => `  wire ${p.range}${p.range && ' '}${p.name};`),
    '',
    `  localparam IN_BITS  = ${ins.map(bitsOf).join(' + ')};`,
    `  localparam OUT_BITS = ${outs.map(bitsOf).join(' + ')};`,
    '  reg [IN_BITS-1:0]  in_q;',
    '  reg [OUT_BITS-1:0] out_q;',
    `  assign {${list(ins)}} = in_q;`,
    '  assign scan_o = out_q[0];',
    '  always @(posedge clk_i) begin',
    '    in_q  <= {in_q[IN_BITS-2:0], scan_i};',
    `    out_q <= capture_i ? {${list(outs)}} : {1'b0, out_q[OUT_BITS-1:1]};`,
    '  end',
    '',
    '  systole_core u_core (',
    ports.map((p) => `    .${p.name} (${p.name})`).join(',\n'),
    '  );',
    'endmodule',
    '`default_nettype wire',
    '',
  ].join('\n');
}

/** `[A:0]` as a number of bits, in Verilog. */
function bitsOf({ range }: PortText): string {
  const match = /^\[(.+):0\]$/.exec(range);
  return match ? `(${match[1]} + 1)` : '1';
}
