/** The flows by name. In: a request. Out: the tools' figures and the mapped netlist. */

import type { FpgaFlow } from '../report/index.js';
import { fpgaFlows } from '../report/index.js';
import { runAsicFlow } from './asic.js';
import { runFpgaFlow } from './fpga.js';
import type { SynthesisRequest, SynthesisResult } from './request.js';

/** Runs a machine through the tools of a flow. @throws DiagnosticError for absent or failing tools, and when cancelled. */
export function synthesize(request: SynthesisRequest): Promise<SynthesisResult> {
  const { flow } = request;
  return isFpga(flow) ? runFpgaFlow({ ...request, flow }) : runAsicFlow(request);
}

function isFpga(flow: SynthesisRequest['flow']): flow is FpgaFlow {
  return (fpgaFlows as readonly string[]).includes(flow);
}
