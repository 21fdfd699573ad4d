/** What a pass is: a value with a name, a summary and a rewrite. The pipeline, the help text and the tests read it. */

import type { Graph } from '../graph/index.js';

export interface Pass {
  /** `verb-object`, unique. */
  readonly name: string;
  /** One sentence: what it rewrites and why that is sound. */
  readonly summary: string;
  /** A verified graph in, a verified graph of the same inputs, outputs and meaning out. */
  run(graph: Graph): Graph;
}
