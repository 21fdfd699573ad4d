/**
 * A function of one variable, composed of operators of the table: what a pass makes of `x * sigmoid(x)` and its like, so that the
 * accelerator sees one look-up table. Its text is a term:
 *
 *     term      = "x" | number | Operator attributes? "(" term ("," term)* ")"
 *     attributes = "{" name "=" number-or-word ("," ...)* "}"          Mul(x, Elu{alpha=0.5}(Add(x, 3)))
 */

import { type Tensor, tensor } from '../../../base/index.js';
import { readAttributes, textAttribute } from '../attributes.js';
import {
  type InferCall,
  inputTensor,
  inputType,
  type OperatorSpec,
  type OperatorTable,
  refuse,
} from '../operator.js';
import type { Node } from '../types.js';
import { activationOperators } from './activations.js';
import { elementwiseOperators } from './elementwise.js';
import { logicOperators } from './logic.js';

/** Operators of which a term may be made. */
const parts: OperatorTable = { ...elementwiseOperators, ...activationOperators, ...logicOperators };

/** Operators of one operand that terms have. */
export const pointwiseOperators: ReadonlySet<string> = new Set([
  ...[
    'Abs',
    'Neg',
    'Sign',
    'Exp',
    'Log',
    'Sqrt',
    'Reciprocal',
    'Floor',
    'Ceil',
    'Elu',
    'Relu',
    'LeakyRelu',
    'Clip',
  ],
  ...[
    'Sigmoid',
    'Tanh',
    'HardSigmoid',
    'HardSwish',
    'Erf',
    'Silu',
    'Mish',
    'Softplus',
    'Softsign',
    'Round',
    'Sin',
    'Cos',
  ],
  ...['Selu', 'Celu', 'ThresholdedRelu', 'Gelu'],
]);

/** Operators of two operands that terms have. */
export const arithmeticOperators: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Max',
  'Min',
]);

type Term =
  | number
  | 'x'
  | { readonly operator: string; readonly attributes: Node['attributes']; readonly of: readonly Term[] };

/** Attribute values that a term can state. */
export function termAttributes(attributes: Node['attributes']): string | undefined {
  const entries = Object.entries(attributes);
  if (entries.some(([, v]) => typeof v !== 'number' && typeof v !== 'string')) return undefined;
  return entries.length === 0 ? '' : `{${entries.map(([name, v]) => `${name}=${v}`).join(',')}}`;
}

class TermReader {
  private readonly words: readonly string[];
  private at = 0;

  constructor(readonly text: string) {
    this.words = text.match(/[^\s(){},=]+|[(){},=]/g) ?? [];
  }

  whole(): Term {
    const term = this.term();
    if (this.at < this.words.length) this.wrong();
    return term;
  }

  private term(): Term {
    const word = this.next();
    if (word === 'x') return 'x';
    if (isNumber(word)) return Number(word);
    const spec = Object.hasOwn(parts, word) ? parts[word] : undefined;
    if (spec === undefined) this.wrong();
    const attributes = this.attributes();
    const of = this.list('(', ')', () => this.term());
    if (of.length < spec.inputs.min || of.length > spec.inputs.max) this.wrong();
    return { operator: word, attributes, of };
  }

  private attributes(): Node['attributes'] {
    if (this.words[this.at] !== '{') return {};
    return Object.fromEntries(
      this.list('{', '}', () => {
        const name = this.next();
        this.expect('=');
        const word = this.next();
        return [name, isNumber(word) ? Number(word) : word] as const;
      }),
    );
  }

  private list<T>(open: string, close: string, item: () => T): readonly T[] {
    this.expect(open);
    const items = [item()];
    while (this.words[this.at] === ',') {
      this.at++;
      items.push(item());
    }
    this.expect(close);
    return items;
  }

  private next(): string {
    return this.words[this.at++] ?? this.wrong();
  }

  private expect(word: string): void {
    if (this.next() !== word) this.wrong();
  }

  private wrong(): never {
    refuse(`"${this.text}" is no term of one variable`);
  }
}

function isNumber(word: string): boolean {
  return /^[-+\d.I]/.test(word) && !Number.isNaN(Number(word));
}

function evaluateTerm(term: Term, x: Tensor): Tensor {
  if (term === 'x') return x;
  if (typeof term === 'number') return tensor(x.element, [], Float32Array.of(term));
  const spec = parts[term.operator]!;
  const inputs = term.of.map((part) => evaluateTerm(part, x));
  const attributes = readAttributes(spec.attributes, term.attributes);
  const types = inputs.map(({ element, shape }) => ({ element, shape }));
  return spec.evaluate({ inputs, attributes, outputs: spec.infer({ inputs: types, attributes }) })[0]!;
}

export const functionOperator: OperatorSpec = {
  name: 'Function',
  summary: 'a function of one variable, composed of operators of this table by a pass',
  attributes: { term: textAttribute('the function of x, as a term of operators', 'x') },
  inputs: { min: 1, max: 1 },
  infer: (call: InferCall) => {
    const x = inputType(call, 0);
    if (x.element !== 'float32') refuse(`the operand is ${x.element}, not float32`);
    new TermReader(call.attributes.text('term')).whole();
    return [x];
  },
  evaluate: (call) => [
    evaluateTerm(new TermReader(call.attributes.text('term')).whole(), inputTensor(call, 0)),
  ],
};
