/** docs/layer-figures.md: what `systole run --layers FILE` writes, from the table of its columns. */

import { figureColumns } from './layer-figures.js';

export function renderLayerFiguresPage(): string {
  const rows = figureColumns.map(({ name, unit, meaning }) => `| \`${name}\` | ${unit} | ${meaning} |`);
  return `# Every figure of every layer

Written by \`npm run generate\` from \`tools/report/layer-figures.ts\`.

\`\`\`sh
systole run digits --verify none --layers layers.csv    # or layers.json
\`\`\`

One row a layer of the program, in the order in which they run; counts, bytes and joules are of the whole batch. The JSON has the same rows as objects below
\`layers\`, with \`schema\` (\`systole.layers/1\`), \`network\`, \`machine\`, \`array\`, \`columns\` (name, unit and meaning of each), \`clockMegahertz\`, \`batch\` and \`cycles\`
around them. In a notebook:

\`\`\`python
import pandas
layers = pandas.read_csv("layers.csv")
layers.set_index("layer").filter(like="stall_").plot.barh(stacked=True)
\`\`\`

Cycles, bytes and MACs are the timing engine's, exact against the emitted Verilog; joules are estimates (docs/hardware.md). A cycle is given to one cause: the
array if it runs, else the vector unit, else what is being loaded, else a store, else control; so the seven \`array\`, \`vector\` and \`stall_*\` columns add up to \`cycles\`, and
\`cycles\` add up to the run's. Layers overlap: a layer's \`cycles\` are those from the end of the layers before it to its own end, its \`*_busy_cycles\` whenever its
instructions ran. Instruction fetch is in no layer's DRAM bytes; the run's total has it.

| column | unit | meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
}
