/** A compiled network and its timing runs become every figure of every layer (`tools/report/layer-figures.ts`). */

import type { Segment } from '../../compiler/pipeline/index.js';
import { registerClasses } from '../../models/activity/index.js';
import { priceActivity } from '../../models/energy/index.js';
import type { Run } from '../../simulator/engine/index.js';
import { layerBreakdown } from '../../simulator/timing/index.js';
import type { LayerFigure, LayerFigures } from '../report/index.js';
import type { CompiledNetwork } from './verbs.js';

/** @param runs of the timing engine, one a segment. */
export function layerFigures(
  { compiled, opened }: CompiledNetwork,
  runs: readonly Run[],
  batch = 1,
): LayerFigures {
  const { machine } = compiled;
  const { rows, columns, dataflow } = machine.array;
  return {
    network: opened.graph.name,
    machine: machine.name,
    array: { rows, columns, dataflow },
    clockMegahertz: machine.clockMegahertz,
    batch,
    cycles: runs.reduce((sum, { cycles }) => sum + cycles, 0),
    layers: compiled.segments.flatMap((segment, index) => segmentFigures(segment, runs[index]!, index)),
  };
}

/** The layers of one program. */
export function segmentFigures(subject: Segment, run: Run, segment = 0): readonly LayerFigure[] {
  const { machine, program, body, mappings } = subject;
  const slots = machine.array.rows * machine.array.columns;
  return layerBreakdown(machine, program, run).map((part, i) => {
    const { name, node, operator, macs, output } = program.layers[i]!;
    const { activity, cycles } = part;
    const seconds = cycles / (machine.clockMegahertz * 1e6);
    const { joules, components } = priceActivity(machine, activity, seconds);
    const mapping = mappings[i];
    const { load, matmul, vector, store } = part.busyCycles;
    return {
      segment,
      name,
      node,
      operator,
      shape: body.values.get(output)?.type.shape ?? [],
      macs,
      arrayMacs: activity.arrayMacs,
      vectorMacs: activity.vectorMacs,
      requantizations: activity.requantizations,
      lookups: activity.lookups,
      instructions: activity.instructions,
      toggles: activity.toggles && registerClasses.reduce((sum, name) => sum + activity.toggles![name], 0),
      cycles,
      seconds,
      causes: part.causes,
      busyCycles: { load, matmul, vector, store },
      utilization: cycles === 0 ? 0 : macs / (cycles * slots),
      mappingEfficiency: macs / Math.max(1, activity.arrayMacs + activity.vectorMacs),
      bytesRead: activity.bytesRead,
      bytesWritten: activity.bytesWritten,
      loadedBytes: part.loadedBytes,
      energy: Object.fromEntries(components.map((component) => [component.name, component.joules])),
      energyJoules: joules,
      mapping: mapping && {
        kind: mapping.kind,
        choice: mapping.choice,
        candidates: mapping.candidates,
        bound: mapping.cost.bound,
        believedCycles: mapping.cost.cycles,
      },
    };
  });
}
