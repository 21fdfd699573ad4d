/** docs/operators.md, from the operator table, the integer conversions and the importer's mappings. */

import { type OperatorSpec, operatorTable } from '../graph/index.js';
import { caffeMappings } from '../importers/caffe/index.js';
import { layerMappings } from '../importers/keras/index.js';
import { onnxMappings } from '../importers/onnx/index.js';
import { tensorflowMappings } from '../importers/tensorflow/index.js';
import { tfliteMappings } from '../importers/tflite/index.js';
import { operatorStatus } from '../quantize/index.js';

const head = `# Operators

Written by \`npm run generate\` from the operator table; do not edit.

- **accelerator**: has an integer form, or a pass makes it of operators that have one (passes fuse-functions, expand-operators and unroll-recurrent). A node whose shapes or constants do not fit it is treated like one of the host, with a warning that says why.
- **folded**: gone before the hardware: merged into its neighbour or dropped.
- **host**: evaluated in float on the host: before, behind, or between parts of the accelerator's work, which then is cut into segments. What stands between
  them is warned of, and its operations, bytes and time (at assumed or stated rates) are in the run's record, apart from the cycles.

An operator that is not in this table is refused by the importer with a diagnostic that names the node. A network of host operators alone compiles to no program: the host computes it, and a warning says so.

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
  return `${head}${rows.join('\n')}\n\nONNX operators without a row of their own: ${others.join(', ')}.\n\n${formatsSection()}`;
}

/** What the other formats call what is read of them. */
const formats: readonly (readonly [format: string, names: readonly string[]])[] = [
  ['TensorFlow: GraphDef, SavedModel, TF.js graph models', Object.keys(tensorflowMappings)],
  ['TFLite', Object.values(tfliteMappings).map(({ name }) => name)],
  ['Keras: HDF5, archives, JSON with weights, TF.js layers models', Object.keys(layerMappings)],
  ['Caffe', Object.keys(caffeMappings)],
];

function formatsSection(): string {
  const rows = formats.map(
    ([format, names]) => `| ${format} | ${names.length} | ${[...names].sort().join(', ')} |`,
  );
  return `## The other formats

Operators and layers that the importers read, by the format's own names. Each becomes one or more operators of the table above and runs where they run; which one runs where is
not stated by name, because it depends on attributes and shapes: \`systole run\` says it of a network's every node. Any other name is refused at its node.

| format | number | names |
| --- | ---: | --- |
${rows.join('\n')}
`;
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
