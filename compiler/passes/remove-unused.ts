/** remove-unused: nodes and constants that no output depends on are dropped. */

import type { Graph, Node } from '../graph/index.js';
import type { Pass } from './pass.js';

export const removeUnused: Pass = {
  name: 'remove-unused',
  summary: 'drops nodes and values that no graph output depends on; graph inputs stay',
  run: (graph: Graph) => {
    const needed = new Set(graph.outputs);
    const nodes: Node[] = [];
    for (const node of [...graph.nodes].reverse()) {
      if (!node.outputs.some((name) => needed.has(name))) continue;
      nodes.push(node);
      for (const name of node.inputs) needed.add(name);
      for (const name of node.outputs) needed.add(name);
    }
    for (const name of graph.inputs) needed.add(name);
    const values = new Map([...graph.values].filter(([name]) => needed.has(name)));
    return { ...graph, nodes: nodes.reverse(), values };
  },
};
