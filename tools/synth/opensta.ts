/**
 * OpenSTA on a mapped netlist: worst path and power, without wires. In: netlist, library, clock. Out: figures, or a note that
 * OpenSTA is not installed.
 */

import { DiagnosticError } from '../../base/index.js';
import type { SynthesisRecord } from '../report/index.js';
import { cellPowers } from './cell-power.js';
import { reportUnreadable } from './diagnostics.js';
import type { ClockGate, Liberty } from './liberty.js';
import { partOfPath } from './parts.js';
import type { PoweredCell } from './powered-cell.js';
import { findInPath } from './process.js';
import type { SwitchingActivity, SynthesisRequest } from './request.js';
import { linked, staStage } from './sta-stage.js';

export interface StaResult {
  readonly tools: readonly string[];
  readonly timing: SynthesisRecord['timing'];
  readonly power: SynthesisRecord['power'];
  /** Where toggles of the array were given. */
  readonly cells: readonly PoweredCell[] | null;
  readonly notes: readonly string[];
}

/** What OpenSTA itself assumes where nobody says: a tenth of a transition a cycle. */
const DEFAULT_ACTIVITY: SwitchingActivity = {
  mean: 0.1,
  basis: "no toggles given: OpenSTA's usual 0.1 transitions a cycle",
};

export async function runOpenSta(
  request: SynthesisRequest,
  liberty: Liberty,
  netlist: string,
  megahertz: number,
): Promise<StaResult> {
  if (findInPath('sta') === undefined) {
    const note = 'neither clock nor power: OpenSTA (`sta`, Debian package opensta) is not in PATH';
    return { tools: [], timing: null, power: null, cells: null, notes: [note] };
  }
  const activity = request.activity ?? DEFAULT_ACTIVITY;
  const period = 1e-6 / megahertz / liberty.timeUnit;
  const simple = plainNames(netlist);
  const timed = await staStage(request, 'sta', timingScript(period), simple);
  // A second process: the first one's timing graph does not survive another netlist.
  const open = openClockGates(simple, liberty.clockGate);
  const log = timed + (await staStage(request, 'power', powerScript(period, activity.mean), open));
  const found = readStaLog(log, liberty.timeUnit);
  if (found === undefined) throw new DiagnosticError([reportUnreadable('sta', 'a worst path and power')]);
  const cells =
    activity.toggles === undefined
      ? null
      : await cellPowers(request, open, period, {
          flipFlops: liberty.flipFlops,
          powered: (type) => liberty.areas.has(type) && type !== liberty.clockGate?.cell,
        });
  const { slackSeconds, path, watts, leakageWatts } = found;
  return {
    tools: ['OpenSTA'],
    timing: {
      fmaxMegahertz: 1e-6 / (1e-6 / megahertz - slackSeconds),
      basis: 'OpenSTA, cells alone: no wires, no memories, an ideal clock',
      criticalPath: path,
    },
    power: {
      watts,
      leakageWatts,
      dynamicWatts: watts - leakageWatts,
      megahertz,
      activity: activity.mean,
      basis: `OpenSTA, cells alone, an ungated clock, clock tree and memories not included; ${activity.basis}`,
      switched: null,
    },
    cells,
    notes: [],
  };
}

/**
 * The netlist with its clock gates as wires. One gating cell in front of thousands of registers has no tree yet: its slow edges are far outside the
 * library's tables, and the power of every register behind it with them. Power is therefore that of a clock that always runs.
 */
export function openClockGates(netlist: string, gate: ClockGate | null): string {
  if (gate === null) return netlist;
  return netlist.replaceAll(
    new RegExp(`\\b${gate.cell}\\s+\\S+\\s*\\(([^;]*)\\);`, 'g'),
    (_, text: string) => {
      const pins = new Map(
        [...text.matchAll(/\.(\w+)\s*\(([^)]*)\)/g)].map(([, pin, net]) => [pin!, net!.trim()]),
      );
      return `assign ${pins.get(gate.out)} = ${pins.get(gate.clock)};`;
    },
  );
}

/** Register to register is what a clock is limited by: ports are registered on the other side too. */
export function timingScript(period: number): string {
  return [
    ...linked('sta.v', period),
    'puts "SYSTOLE PATH"',
    'report_checks -path_delay max -format full -digits 6',
    '',
  ].join('\n');
}

export function powerScript(period: number, activity: number): string {
  return [
    ...linked('power.v', period),
    'puts "SYSTOLE POWER"',
    `set_power_activity -global -activity ${activity}`,
    'report_power -digits 6',
    'puts "SYSTOLE END"',
    '',
  ].join('\n');
}

/**
 * Escaped names that Yosys gives to modules with parameters, replaced by plain ones: `ram_1r1w__3`. OpenSTA reads the escapes, but
 * its reports are then hard to read and to parse.
 */
export function plainNames(netlist: string): string {
  const names = new Map<string, string>();
  return netlist.replace(/\\(\$paramod\S*) /g, (_, escaped: string) => {
    const known = names.get(escaped);
    if (known !== undefined) return `${known} `;
    const base = /^\$paramod(?:\$[0-9a-f]+)?\\(\w+)/.exec(escaped)?.[1] ?? 'module';
    const plain = `${base}__${names.size}`;
    names.set(escaped, plain);
    return `${plain} `;
  });
}

interface StaFigures {
  readonly slackSeconds: number;
  readonly path: NonNullable<SynthesisRecord['timing']>['criticalPath'];
  readonly watts: number;
  readonly leakageWatts: number;
}

/** Slack, start and end of the worst path, and the Total line of report_power. Undefined when one is missing. */
export function readStaLog(log: string, timeUnit: number): StaFigures | undefined {
  const [, path = '', power = ''] =
    /SYSTOLE PATH\n([\s\S]*?)SYSTOLE POWER\n([\s\S]*?)SYSTOLE END/.exec(log) ?? [];
  const slack = /([-\d.eE+]+)\s+slack/.exec(path)?.[1];
  const arrival = /([-\d.eE+]+)\s+data arrival time/.exec(path)?.[1];
  const from = /Startpoint:\s*(\S+)/.exec(path)?.[1];
  const to = /Endpoint:\s*(\S+)/.exec(path)?.[1];
  const total = /^Total\s+(\S+)\s+(\S+)\s+(\S+)\s+(\S+)/m.exec(power);
  if (slack === undefined || arrival === undefined || !total || from === undefined || to === undefined)
    return undefined;
  return {
    slackSeconds: Number(slack) * timeUnit,
    path: { from, to, nanoseconds: (Number(arrival) * timeUnit) / 1e-9, part: partOfPath(to) },
    watts: Number(total[4]),
    leakageWatts: Number(total[3]),
  };
}
