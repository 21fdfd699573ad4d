/** The flows by name. In: a request. Out: the tools' figures and the mapped netlist. */

import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import type { FpgaFlow } from '../report/index.js';
import { fpgaFlows } from '../report/index.js';
import { runAsicFlow } from './asic.js';
import { optionOfOtherFlow } from './diagnostics.js';
import { runFpgaFlow } from './fpga.js';
import { deviceFaults, routedFlows } from './place-route.js';
import type { SynthesisRequest, SynthesisResult } from './request.js';

/** Runs a machine through the tools of a flow. @throws DiagnosticError for absent or failing tools, and when cancelled. */
export function synthesize(request: SynthesisRequest): Promise<SynthesisResult> {
  const { flow } = request;
  const misplaced = [...optionsOfOtherFlows(request), ...deviceFaults(request)];
  if (misplaced.length > 0) return Promise.reject(new DiagnosticError(misplaced));
  return isFpga(flow) ? runFpgaFlow({ ...request, flow }) : runAsicFlow(request);
}

/** Options that would change nothing. */
function optionsOfOtherFlows(request: SynthesisRequest): readonly Diagnostic[] {
  const { flow, liberty, megahertz, activity, device, seed, mapOnly } = request;
  const asic: readonly (readonly [string, unknown])[] = [
    ['--liberty', liberty],
    ['--clock', megahertz],
    ['--activity', activity],
  ];
  const placed: readonly (readonly [string, unknown])[] = [
    ['--device', device],
    ['--seed', seed],
  ];
  const given = (options: typeof asic, owner: string) =>
    options
      .filter(([, value]) => value !== undefined)
      .map(([option]) => optionOfOtherFlow(option, flow, owner));
  return [
    ...(isFpga(flow) ? given(asic, 'the asic flow') : []),
    ...(routedFlows.includes(flow) ? [] : given(placed, `the flows that place: ${routedFlows.join(', ')}`)),
    ...(isFpga(flow) ? [] : given([['--map', mapOnly === true ? true : undefined]], 'the FPGA flows')),
  ];
}

function isFpga(flow: SynthesisRequest['flow']): flow is FpgaFlow {
  return (fpgaFlows as readonly string[]).includes(flow);
}
