/** docs/operators.md, from the operator table, the integer conversions and the importer's mappings. */

import { type OperatorSpec, operatorTable } from '../graph/index.js';
import { onnxMappings } from '../importers/onnx/index.js';
import { operatorStatus } from '../quantize/index.js';

const head = `# Operators

Written by \`npm run generate\` from the operator table; do not edit.

- **accelerator**: has an integer form. A node whose shapes or constants do not fit it is treated like one of the host.
- **folded**: gone before the hardware: merged into its neighbour or dropped.
- **host**: evaluated on the host, in front of or behind the accelerator's part; its time is not part of the cycles. Where a convolution or matrix
  product follows it, the network is refused with a diagnostic that names the node and the operator.

Every operator whose inputs are all constant is folded. ONNX operators that only exist in the importer (they become constants or others of
the table) are listed below. What the ONNX column says is that a mapping of the same name exists.

| operator | what it is | inputs | attributes | runs on | ONNX |
| --- | --- | --- | --- | --- | --- |
`;

/** The page as Markdown. */
export function renderOperatorsPage(): string {
  const rows = Object.values(operatorTable).map(row);
  const others = Object.keys(onnxMappings)
    .filter((name) => !Object.hasOwn(operatorTable, name))
    .sort();
  return `${head}${rows.join('\n')}\n\nONNX operators without a row of their own: ${others.join(', ')}.\n`;
}

function row({ name, summary, inputs: { min, max }, attributes }: OperatorSpec): string {
  const count = min === max ? `${min}` : `${min}${Number.isFinite(max) ? ` to ${max}` : ' or more'}`;
  const cells = [
    `\`${name}\``,
    summary.replaceAll('|', '\\|'),
    count,
    Object.keys(attributes).join(', '),
    operatorStatus(name),
    Object.hasOwn(onnxMappings, name) ? 'yes' : '',
  ];
  return `| ${cells.join(' | ')} |`;
}
