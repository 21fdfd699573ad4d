/**
 * What becomes of one input. In: a file that may be broken anywhere. Out: verified, refused with located diagnostics, or a finding: anything
 * that a user must never see.
 */

import { allocate, DiagnosticError, elementCount, type Tensor, tensor } from '../../base/index.js';
import {
  evaluateGraph,
  type Graph,
  graphMacs,
  inferShapes,
  verifyGraph,
} from '../../compiler/graph/index.js';
import { importFile, type NetworkFiles } from '../../tools/library/formats.js';

export interface Judged {
  readonly verdict: 'evaluated' | 'verified' | 'refused' | 'finding';
  /** Of a finding: what went wrong. Of a refusal: the first code. */
  readonly detail: string;
  readonly graph?: Graph;
}

const MOST_MACS = 5e5;
const MOST_ELEMENTS = 1e6;

export function judge(files: NetworkFiles): Judged {
  try {
    const { graph } = importFile(files, {});
    return judgeGraph(graph);
  } catch (error) {
    return judgeError(error, 'import');
  }
}

function judgeError(error: unknown, stage: string): Judged {
  if (!(error instanceof DiagnosticError)) {
    const trace =
      error instanceof Error
        ? (error.stack ?? error.message).split('\n').slice(0, 4).join(' | ')
        : String(error);
    return { verdict: 'finding', detail: `${stage}: ${trace}` };
  }
  const lost = error.diagnostics.find(({ where }) => where === undefined);
  if (error.diagnostics.length === 0)
    return { verdict: 'finding', detail: `${stage}: refused without a diagnostic` };
  if (lost !== undefined)
    return { verdict: 'finding', detail: `${stage}: no place: ${lost.code}: ${lost.message}` };
  return { verdict: 'refused', detail: error.diagnostics[0]!.code };
}

function judgeGraph(graph: Graph): Judged {
  const faults = verifyGraph(graph);
  if (faults.length > 0)
    return { verdict: 'finding', detail: `verify: ${faults[0]!.code}: ${faults[0]!.message}` };
  const shapes = inferShapes(graph);
  if (!shapes.ok) return { verdict: 'finding', detail: `shapes: ${shapes.diagnostics[0]!.message}` };
  if (graph.outputs.length === 0) return { verdict: 'finding', detail: 'verify: a graph without outputs' };
  if (!isSmall(graph)) return { verdict: 'verified', detail: '', graph };
  try {
    return judgeResults(graph);
  } catch (error) {
    const judged = judgeError(error, 'evaluate');
    // Values may be refused when they are there: an index beyond its axis.
    return judged.verdict === 'refused'
      ? { verdict: 'verified', detail: judged.detail, graph }
      : { ...judged, graph };
  }
}

function isSmall(graph: Graph): boolean {
  let elements = 0;
  for (const { type } of graph.values.values()) elements += elementCount(type.shape);
  return elements <= MOST_ELEMENTS && graphMacs(graph) <= MOST_MACS;
}

function judgeResults(graph: Graph): Judged {
  const feeds = new Map(graph.inputs.map((name) => [name, feedFor(graph, name)]));
  const results = evaluateGraph(graph, feeds);
  for (const name of graph.outputs) {
    const { type } = graph.values.get(name)!;
    const found = results.get(name);
    if (found === undefined || found.element !== type.element || found.shape.join() !== type.shape.join())
      return { verdict: 'finding', detail: `evaluate: "${name}" is not of its stated type`, graph };
    if (found.data.length !== elementCount(type.shape))
      return { verdict: 'finding', detail: `evaluate: "${name}" has ${found.data.length} elements`, graph };
  }
  return { verdict: 'evaluated', detail: '', graph };
}

function feedFor(graph: Graph, name: string): Tensor {
  const { element, shape } = graph.values.get(name)!.type;
  const data = allocate(element, elementCount(shape));
  for (let i = 0; i < data.length; i++) {
    const value = element === 'bool' ? i % 2 : i % 5;
    data[i] = typeof data[i] === 'bigint' ? BigInt(value) : value;
  }
  return tensor(element, shape, data);
}
