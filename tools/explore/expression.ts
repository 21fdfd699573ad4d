/**
 * Expressions of a space: constraints, derived fields, limits. In: text, and what its names stand for. Out: a checked function of an
 * environment, or diagnostics at the place in the text. Numbers, strings and truths; `+ - * / % ^`, comparisons, `and or not`,
 * parentheses, and the functions of {@link functions}.
 */

import { grammar, type Node as OhmNode } from 'ohm-js';
import { type Diagnostic, InternalError, type Result, succeed } from '../../base/index.js';
import { expressionSyntax, expressionType, unknownName } from './diagnostics.js';
import type { Locate } from './locate.js';

export type Scalar = number | string | boolean;
export type ScalarType = 'number' | 'string' | 'boolean';
export type Environment = (name: string) => Scalar;

export interface Expression {
  readonly text: string;
  readonly type: ScalarType;
  /** Names that it reads, each once. */
  readonly names: readonly string[];
  readonly evaluate: (environment: Environment) => Scalar;
}

const grammarText = String.raw`
  Expression {
    Whole      = Or
    Or         = Or or And           -- two
               | And
    And        = And and Not         -- two
               | Not
    Not        = not Not             -- not
               | Compare
    Compare    = Sum comparison Sum  -- two
               | Sum
    comparison = "<=" | ">=" | "==" | "!=" | "<" | ">"
    Sum        = Sum ("+" | "-") Product     -- two
               | Product
    Product    = Product ("*" | "/" | "%") Power -- two
               | Power
    Power      = Unary "^" Power     -- two
               | Unary
    Unary      = "-" Unary           -- minus
               | Primary
    Primary    = "(" Or ")"          -- parentheses
               | Call
               | number
               | string
               | truth
               | name
    Call       = name "(" ListOf<Or, ","> ")"
    number     = digit+ ("." digit+)? (("e" | "E") ("+" | "-")? digit+)?
    string     = "'" (~"'" any)* "'" | "\"" (~"\"" any)* "\""
    truth      = ("true" | "false") ~part
    name       = ~keyword letter part* ("." letter part*)*
    part       = alnum | "_"
    keyword    = ("and" | "or" | "not" | "true" | "false") ~part
    or         = "or" ~part
    and        = "and" ~part
    not        = "not" ~part
  }
`;

/** Functions of numbers; `arity` is the least and the most arguments. */
const functions: Readonly<
  Record<string, { readonly arity: readonly [number, number]; readonly of: (...values: number[]) => number }>
> = {
  min: { arity: [1, 16], of: Math.min },
  max: { arity: [1, 16], of: Math.max },
  abs: { arity: [1, 1], of: Math.abs },
  floor: { arity: [1, 1], of: Math.floor },
  ceil: { arity: [1, 1], of: Math.ceil },
  round: { arity: [1, 1], of: Math.round },
  log2: { arity: [1, 1], of: Math.log2 },
  gcd: { arity: [2, 2], of: greatestCommonDivisor },
  sqrt: { arity: [1, 1], of: Math.sqrt },
};

interface Term {
  readonly type: ScalarType;
  readonly evaluate: (environment: Environment) => Scalar;
}

/** The names an expression may use and what they hold. */
export type Names = ReadonlyMap<string, ScalarType>;

/** @param locate the place of a span of the text. */
export function parseExpression(text: string, names: Names, locate: Locate): Result<Expression> {
  const { syntax, semantics } = parser();
  const match = syntax.match(text, 'Whole');
  if (match.failed()) {
    const at = match.getInterval().startIdx;
    return {
      ok: false,
      diagnostics: [expressionSyntax(match.shortMessage ?? 'bad syntax', locate(at, at + 1))],
    };
  }
  const checker = new Checker(names, locate);
  const term = checker.term(semantics(match).tree() as Tree);
  if (checker.faults.length > 0) return { ok: false, diagnostics: checker.faults };
  return succeed({ text, ...term, names: [...checker.used] });
}

interface Tree {
  readonly kind: string;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly children: readonly Tree[];
}

/** Built with the first expression: a program that reads none starts without it. */
function makeParser() {
  const syntax = grammar(grammarText);
  const semantics = syntax.createSemantics().addOperation<Tree>('tree', {
    _nonterminal(...children: OhmNode[]) {
      // Rules that only pass on stand for nothing of their own.
      const own = children.map((child) => child.tree() as Tree);
      const leaf = ['number', 'string', 'truth', 'name', 'comparison'].includes(this.ctorName);
      if (!leaf && own.length === 1) return own[0]!;
      return tree(this, leaf ? [] : own);
    },
    _iter(...children: OhmNode[]) {
      return tree(
        this,
        children.map((child) => child.tree() as Tree),
      );
    },
    _terminal() {
      return tree(this, []);
    },
    Call(name, _open, list, _close) {
      return tree(this, [name.tree() as Tree, ...list.asIteration().children.map((c) => c.tree() as Tree)]);
    },
  });
  return { syntax, semantics };
}

let made: ReturnType<typeof makeParser> | undefined;

function parser(): ReturnType<typeof makeParser> {
  made ??= makeParser();
  return made;
}

function tree(node: OhmNode, children: readonly Tree[]): Tree {
  const { startIdx, endIdx, contents } = node.source;
  return { kind: node.ctorName, text: contents, start: startIdx, end: endIdx, children };
}

class Checker {
  readonly faults: Diagnostic[] = [];
  readonly used = new Set<string>();

  constructor(
    private readonly names: Names,
    private readonly locate: Locate,
  ) {}

  term(at: Tree): Term {
    const [a, b, c] = at.children;
    switch (at.kind) {
      case 'number':
        return constant(Number(at.text));
      case 'string':
        return constant(at.text.slice(1, -1));
      case 'truth':
        return constant(at.text === 'true');
      case 'name':
        return this.name(at);
      case 'Primary_parentheses':
        return this.term(b!);
      case 'Call':
        return this.call(at);
      case 'Unary_minus': {
        const value = this.operand(b!, 'number');
        return { type: 'number', evaluate: (e) => -(value.evaluate(e) as number) };
      }
      case 'Not_not': {
        const value = this.operand(b!, 'boolean');
        return { type: 'boolean', evaluate: (e) => !value.evaluate(e) };
      }
      case 'And_two':
      case 'Or_two':
        return this.logic(at.kind === 'And_two', a!, c!);
      case 'Compare_two':
        return this.compare(b!.text, a!, c!);
      case 'Sum_two':
      case 'Product_two':
      case 'Power_two':
        return this.arithmetic(b!.text, a!, c!);
      default:
        throw new InternalError(`no meaning for ${at.kind}`);
    }
  }

  private name(at: Tree): Term {
    const type = this.names.get(at.text);
    if (type === undefined) {
      this.faults.push(unknownName(at.text, [...this.names.keys()], this.locate(at.start, at.end)));
      return constant(0);
    }
    this.used.add(at.text);
    return { type, evaluate: (environment) => environment(at.text) };
  }

  private call(at: Tree): Term {
    const [name, ...given] = at.children as readonly [Tree, ...Tree[]];
    const found = Object.hasOwn(functions, name.text) ? functions[name.text] : undefined;
    if (found === undefined) {
      this.faults.push(unknownName(name.text, Object.keys(functions), this.locate(name.start, name.end)));
      return constant(0);
    }
    const [least, most] = found.arity;
    if (given.length < least || given.length > most)
      this.fault(at, `${name.text} takes ${least === most ? least : `${least} or more`} arguments`);
    const values = given.map((argument) => this.operand(argument, 'number'));
    return { type: 'number', evaluate: (e) => found.of(...values.map((v) => v.evaluate(e) as number)) };
  }

  private logic(both: boolean, a: Tree, b: Tree): Term {
    const [x, y] = [this.operand(a, 'boolean'), this.operand(b, 'boolean')];
    return {
      type: 'boolean',
      evaluate: both
        ? (e) => Boolean(x.evaluate(e)) && Boolean(y.evaluate(e))
        : (e) => Boolean(x.evaluate(e)) || Boolean(y.evaluate(e)),
    };
  }

  private compare(operator: string, a: Tree, b: Tree): Term {
    const [x, y] = [this.term(a), this.term(b)];
    const equality = operator === '==' || operator === '!=';
    if (x.type !== y.type) this.fault(b, `a ${x.type} is compared with a ${y.type}`);
    else if (!equality && x.type !== 'number') this.fault(a, `${operator} compares numbers`);
    return { type: 'boolean', evaluate: (e) => compareScalars(operator, x.evaluate(e), y.evaluate(e)) };
  }

  private arithmetic(operator: string, a: Tree, b: Tree): Term {
    const [x, y] = [this.operand(a, 'number'), this.operand(b, 'number')];
    return {
      type: 'number',
      evaluate: (e) => arithmetic(operator, x.evaluate(e) as number, y.evaluate(e) as number),
    };
  }

  private operand(at: Tree, type: ScalarType): Term {
    const before = this.faults.length;
    const term = this.term(at);
    if (term.type !== type && this.faults.length === before)
      this.fault(at, `a ${type} is needed here, this is a ${term.type}`);
    return term;
  }

  private fault(at: Tree, message: string): void {
    this.faults.push(expressionType(message, this.locate(at.start, at.end)));
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y > 0) [x, y] = [y, x % y];
  return x;
}

function constant(value: Scalar): Term {
  return { type: typeof value as ScalarType, evaluate: () => value };
}

function compareScalars(operator: string, x: Scalar, y: Scalar): boolean {
  switch (operator) {
    case '==':
      return x === y;
    case '!=':
      return x !== y;
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    default:
      return x >= y;
  }
}

function arithmetic(operator: string, x: number, y: number): number {
  switch (operator) {
    case '+':
      return x + y;
    case '-':
      return x - y;
    case '*':
      return x * y;
    case '/':
      return x / y;
    case '%':
      return x % y;
    default:
      return x ** y;
  }
}
