/** The bit-exactness table of docs/conformance.md. In: the evaluator now, engines.json, golden.json. Out: lines of Markdown. */

import { exactCases } from './cases.js';
import { type EngineOutcome, engineOutcomes } from './engines.js';
import { type Compared, evaluatedOnce } from './exact.js';
import { golden, type Others } from './golden.js';

const verdict = ({ numbers, equal, layers, different }: Compared, inferences: number): string =>
  different.length === 0 && equal === numbers
    ? `equal: ${numbers} outputs, ${layers} layers, ${inferences} ${inferences === 1 ? 'input' : 'inputs'}`
    : `**${numbers - equal} of ${numbers} outputs, ${different.length} of ${layers} layers differ**`;

function onEngine(outcomes: readonly EngineOutcome[], engine: string): string {
  const found = outcomes.find((outcome) => outcome.engine === engine);
  if (found === undefined) return 'not run';
  const late = found.timeMismatches > 0 ? `, **${found.timeMismatches} instructions late**` : '';
  return `${verdict(found, found.inferences)}, ${found.cycles.toLocaleString('en')} cycles on ${found.machine}${late}`;
}

function apart(other: Others[string]): string {
  if (other === null) return 'refuses it';
  return other.different === 0 ? 'equal' : `${other.different} of ${other.of}, by ${other.most} at most`;
}

/** The table and what it says. */
export function bitExactness(): string[] {
  const name = (file: string): string => `\`${file.split('/').at(-1)}\``;
  const tools = Object.keys(golden.networks[exactCases[0]!.file]!.others);
  const rows = exactCases.map((exact) => {
    const { outputs } = golden.networks[exact.file]!;
    const outcomes = engineOutcomes()[exact.file] ?? [];
    const cells = [
      verdict(evaluatedOnce(exact), outputs.length),
      onEngine(outcomes, 'array'),
      onEngine(outcomes, 'rtl'),
    ];
    return `| ${name(exact.file)} | ${cells.join(' | ')} |`;
  });
  const others = exactCases.map(({ file }) => {
    const cells = tools.map((tool) => apart(golden.networks[file]!.others[tool] ?? null));
    return `| ${name(file)} | ${cells.join(' | ')} |`;
  });
  return [
    `Reference: ${golden.reference}.`,
    '',
    `Inputs: ${golden.inputs}. A layer is the result of one operator in one inference, compared by its hash.`,
    'Machines with the 32-bit requantiser; uint8 weights need 16-bit weights. Array and RTL engine run the last inputs of each case, and',
    'agree with the timing engine instruction by instruction (`test/tflite/run-engines.ts`). Softmax, and the transposition of the input, run on the host.',
    '',
    '| network | evaluator | array engine | RTL engine |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    'How other runtimes differ from the reference, in numbers of the output:',
    '',
    `| network | ${tools.join(' | ')} |`,
    `| --- |${' --- |'.repeat(tools.length)}`,
    ...others,
  ];
}
