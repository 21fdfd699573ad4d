/**
 * Clock and timing constraints of a machine, one file a tool family. Pins are the board's business: the core has none of
 * its own, and `synth/systole_pins.v` needs five wherever they are. In: a Machine. Out: text.
 */

import type { Machine } from '../../models/machine/index.js';
import { fileHead } from './emit.js';

/** Clock period in nanoseconds, to the picosecond, rounded down so that the clock asked for is reached. */
export function clockPeriodNanoseconds(machine: Machine): string {
  return (Math.floor(1e6 / machine.clockMegahertz) / 1000).toFixed(3);
}

function lines(machine: Machine, body: readonly string[]): string {
  return `${fileHead(machine, '#')}${body.join('\n')}\n`;
}

/** Lattice iCE40, for nextpnr-ice40. */
export function pcfConstraints(machine: Machine): string {
  return lines(machine, [
    '# nextpnr-ice40: --pcf constraints/ice40.pcf --pcf-allow-unconstrained. On a board add set_io lines of this form:',
    '#   set_io clk_i 35',
    `set_frequency clk_i ${machine.clockMegahertz}`,
  ]);
}

/** Lattice ECP5, for nextpnr-ecp5. */
export function lpfConstraints(machine: Machine): string {
  return lines(machine, [
    '# nextpnr-ecp5: --lpf constraints/ecp5.lpf --lpf-allow-unconstrained. On a board add lines of this form:',
    '#   LOCATE COMP "clk_i" SITE "P3";  IOBUF PORT "clk_i" IO_TYPE=LVCMOS33;',
    `FREQUENCY PORT "clk_i" ${machine.clockMegahertz} MHZ;`,
  ]);
}

/** AMD (Xilinx), for Vivado, out of context: the clock, and half the period for the logic on the other side of a port. */
export function xdcConstraints(machine: Machine): string {
  const period = clockPeriodNanoseconds(machine);
  return lines(machine, [
    `create_clock -name clk -period ${period} [get_ports clk_i]`,
    ...portDelays((Number(period) / 2).toFixed(3)),
    '# rst_i is a synchronous reset and is timed like any input: bring it in through two registers of this clock.',
  ]);
}

/** Synopsys form, for Quartus and OpenSTA: the same, with the units stated where the tool takes them from a library. */
export function sdcConstraints(machine: Machine): string {
  const period = clockPeriodNanoseconds(machine);
  return lines(machine, [
    '# Nanoseconds, whatever unit the cell library counts in (OpenSTA); other tools have no such command.',
    'if {[llength [info commands set_cmd_units]]} { set_cmd_units -time ns }',
    `set clk_period ${period}`,
    'create_clock -name clk -period $clk_period [get_ports clk_i]',
    ...portDelays('[expr {$clk_period / 2}]'),
    '# rst_i is a synchronous reset and is timed like any input: bring it in through two registers of this clock.',
  ]);
}

/** Patterns rather than all_inputs: every tool has its own way to leave the clock out of that. */
function portDelays(delay: string): readonly string[] {
  return [
    '# AXI ports are registered inside: half a period is left for the logic outside.',
    `set_input_delay ${delay} -clock clk [get_ports {rst_i s_axil_*_i* m_axi_*_i*}]`,
    `set_output_delay ${delay} -clock clk [get_ports {irq_o s_axil_*_o* m_axi_*_o* event_*_o*}]`,
  ];
}
