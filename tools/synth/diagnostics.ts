/** What keeps a flow from ending: a tool that is absent, a tool that fails, an option that no flow takes. */

import { type Diagnostic, errorDiagnostic } from '../../base/index.js';

/** A tool that the flow cannot do without is not installed. @param how what the user types to get it. */
export function toolMissing(tool: string, how: string): Diagnostic {
  return errorDiagnostic('synth/tool-missing', `${tool} is not installed`, { hint: how });
}

/** A tool gave up. @param message its own words. @param log where the rest of what it said stands. */
export function toolFailed(tool: string, message: string, log: string | undefined): Diagnostic {
  return errorDiagnostic('synth/tool-failed', `${tool}: ${message}`, {
    hint: log === undefined ? 'give --out DIR to keep the logs' : `the whole log is ${log}`,
  });
}

/** Place-and-route's own count of what it has no room for. @param over `NAME 7,024 of 5,280`. */
export function tooLarge(machine: string, device: string, over: readonly string[], log: string): Diagnostic {
  return errorDiagnostic('synth/too-large', `${machine} does not fit ${device}: ${over.join(', ')}`, {
    where: { kind: 'option', option: `--device ${device}` },
    hint: `take a larger device or a smaller machine (fewer lanes, functions, rows); the whole log is ${log}`,
  });
}

/** A device that place-and-route of the family does not know. */
export function unknownDevice(flow: string, device: string, known: readonly string[]): Diagnostic {
  return errorDiagnostic('synth/device', `the ${flow} flow knows no device "${device}"`, {
    where: { kind: 'option', option: `--device ${device}` },
    hint: `TYPE or TYPE-PACKAGE with one of these types: ${known.join(', ')}`,
  });
}

/** The user (or a caller's signal) stopped the flow. */
export function cancelled(tool: string): Diagnostic {
  return errorDiagnostic('synth/cancelled', `cancelled while ${tool} was running; the tool was stopped`);
}

/** The asic flow without a cell library. */
export function libertyMissing(): Diagnostic {
  return errorDiagnostic('synth/no-liberty', 'the asic flow needs the cells to map to', {
    where: { kind: 'option', option: '--liberty' },
    hint: 'give a Liberty file (.lib or .lib.gz) of your process with --liberty FILE',
  });
}

/** A Liberty file without anything to map to. */
export function libertyUnusable(file: string, why: string): Diagnostic {
  return errorDiagnostic('synth/bad-liberty', `${file}: ${why}`, {
    where: { kind: 'option', option: `--liberty ${file}` },
  });
}

/** An option that belongs to another flow. */
export function optionOfOtherFlow(option: string, flow: string, owner: string): Diagnostic {
  return errorDiagnostic('synth/option', `${option} means nothing to the ${flow} flow`, {
    where: { kind: 'option', option },
    hint: `it belongs to ${owner}`,
  });
}

/** A report without the figure that it should state. */
export function reportUnreadable(tool: string, missing: string): Diagnostic {
  return errorDiagnostic('synth/report', `the report of ${tool} does not state ${missing}`);
}
