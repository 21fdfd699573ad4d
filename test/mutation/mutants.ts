/**
 * Mutants of a source text: one small change each. In: text and language. Out: every change that the tables below allow, in order of
 * place. Comments and strings are left alone, and so is what means nothing at run time (types, imports, port and parameter declarations).
 */

export type Language = 'verilog' | 'typescript';

/** One change of a file. */
export interface Mutant {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly kind: 'operator' | 'constant' | 'negation' | 'ternary' | 'condition' | 'next value';
  /** The line before and after, trimmed. */
  readonly before: string;
  readonly after: string;
  /** The whole file with the change. */
  readonly text: string;
}

/** A piece of one line that becomes another. */
interface Change {
  readonly kind: Mutant['kind'];
  readonly from: number;
  readonly to: number;
  readonly with: string;
}

/** All mutants of a file. */
export function findMutants(file: string, text: string, language: Language): Mutant[] {
  const lines = text.split('\n');
  const masked = mask(text).split('\n');
  const changes = language === 'verilog' ? verilogChanges : typescriptChanges;
  return masked.flatMap((code, i) => {
    const line = lines[i]!;
    return changes(code).map(({ kind, from, to, with: piece }) => {
      const changed = line.slice(0, from) + piece + line.slice(to);
      const whole = [...lines.slice(0, i), changed, ...lines.slice(i + 1)].join('\n');
      return { file, line: i + 1, kind, before: line.trim(), after: changed.trim(), text: whole };
    });
  });
}

/** Comments and strings as spaces: every character keeps its place. */
function mask(text: string): string {
  const pattern = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'[^'\n]*'(?![hbd])|"[^"\n]*"|`(?:[^`\\]|\\.)*`/g;
  const verilog = /^module /m.test(text);
  const inVerilog = /\/\/[^\n]*|"[^"\n]*"|^`[^\n]*/gm;
  return text.replace(verilog ? inVerilog : pattern, (found) => found.replace(/[^\n]/g, ' '));
}

const verilogOperators: readonly (readonly [string, string])[] = [
  ['+', '-'],
  ['-', '+'],
  ['*', '+'],
  ['&', '|'],
  ['|', '&'],
  ['^', '|'],
  ['&&', '||'],
  ['||', '&&'],
  ['==', '!='],
  ['!=', '=='],
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
  ['<<', '>>'],
  ['>>', '<<'],
  ['>>>', '>>'],
];

/** Declarations, and the nets that only collect unused bits for lint. */
const verilogDeclaration =
  /^.*\bunused_|^\s*(input|output|parameter|genvar|module|integer)\b|^\s*(wire|reg)\b[^=]*;/;

function verilogChanges(code: string): Change[] {
  if (verilogDeclaration.test(code)) return [];
  const operators = findOperators(code, verilogOperators).filter(({ from }) => !assignsAt(code, from));
  return [
    ...operators,
    ...verilogConstants(code),
    ...matches(code, /(?<![\w)\]])[!~](?=[\w(])/g, () => '', 'negation'),
    ...ternaries(code),
    ...conditions(code),
    ...nextValues(code),
  ];
}

/** `<=` is an assignment outside parentheses unless an `=` stands before it. */
function assignsAt(code: string, at: number): boolean {
  if (!code.startsWith(' <= ', at)) return false;
  let depth = 0;
  for (const c of code.slice(0, at)) depth += c === '(' ? 1 : c === ')' ? -1 : 0;
  return depth === 0 && !/ = /.test(code.slice(0, at));
}

/** Sized constants, one more (the largest: one less); bare integers outside ranges of declarations, one more. */
function verilogConstants(code: string): Change[] {
  const sized = [...code.matchAll(/(\d+)'([bdh])([0-9a-f_]+)/g)].map((m): Change => {
    const radix = m[2] === 'b' ? 2 : m[2] === 'd' ? 10 : 16;
    const value = Number.parseInt(m[3]!.replaceAll('_', ''), radix);
    const next = value + 1 < 2 ** Number(m[1]) ? value + 1 : value - 1;
    const piece = `${m[1]}'${m[2]}${next.toString(radix)}`;
    return { kind: 'constant', from: m.index, to: m.index + m[0].length, with: piece };
  });
  if (/^\s*(wire|reg|localparam)\s*(signed\s*)?\[/.test(code)) return sized;
  const bare = matches(code, /(?<![\w'.])\d+(?![\w'])/g, (digits) => String(Number(digits) + 1), 'constant');
  return [...sized, ...bare];
}

/** `x_q <= value;` becomes a register that keeps what it holds. */
function nextValues(code: string): Change[] {
  const found = /^(.*?)(\w+_q)((?:\[[^\]]*\])*) <= (.*);\s*$/.exec(code);
  if (!found) return [];
  const target = found[2]! + found[3]!;
  const from = found[1]!.length + target.length + 4;
  return [{ kind: 'next value', from, to: from + found[4]!.length, with: target }];
}

const typescriptOperators: readonly (readonly [string, string])[] = [
  ['+', '-'],
  ['-', '+'],
  ['*', '+'],
  ['/', '*'],
  ['%', '*'],
  ['&', '|'],
  ['&&', '||'],
  ['||', '&&'],
  ['===', '!=='],
  ['!==', '==='],
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
  ['<<', '>>'],
  ['>>', '<<'],
  ['+=', '-='],
  ['-=', '+='],
];

const typescriptDeclaration =
  /^\s*(import|export \*|export interface|export type|interface|type|readonly \w+\??:|throw)\b/;

function typescriptChanges(code: string): Change[] {
  if (typescriptDeclaration.test(code)) return [];
  return [
    ...findOperators(code, typescriptOperators),
    ...matches(
      code,
      /(?<![\w'.$])\d+(?![\w'.]|\s*\|\s*\d)/g,
      (digits) => String(Number(digits) + 1),
      'constant',
    ),
    ...matches(code, /(?<=[\s(])!(?=[\w(])/g, () => '', 'negation'),
    ...matches(
      code,
      /\bMath\.(max|min|floor|ceil)\b/g,
      (call) => `Math.${opposite[call.slice(5)]}`,
      'operator',
    ),
    ...ternaries(code),
    ...conditions(code),
  ];
}

const opposite: Readonly<Record<string, string>> = { max: 'min', min: 'max', floor: 'ceil', ceil: 'floor' };

function findOperators(code: string, table: readonly (readonly [string, string])[]): Change[] {
  return table.flatMap(([operator, other]) => {
    const places: Change[] = [];
    for (let at = code.indexOf(` ${operator} `); at >= 0; at = code.indexOf(` ${operator} `, at + 1))
      places.push({ kind: 'operator', from: at, to: at + operator.length + 2, with: ` ${other} ` });
    return places;
  });
}

function matches(
  code: string,
  pattern: RegExp,
  piece: (found: string) => string,
  kind: Mutant['kind'],
): Change[] {
  return [...code.matchAll(pattern)].map((m) => ({
    kind,
    from: m.index,
    to: m.index + m[0].length,
    with: piece(m[0]),
  }));
}

/** `a ? b : c` on one line becomes `a ? c : b`. */
function ternaries(code: string): Change[] {
  const found: Change[] = [];
  for (let at = code.indexOf(' ? '); at >= 0; at = code.indexOf(' ? ', at + 1)) {
    const middle = closing(code, at + 3, ' : ');
    if (middle < 0) continue;
    const end = closing(code, middle + 3, '');
    const [first, second] = [code.slice(at + 3, middle), code.slice(middle + 3, end)];
    found.push({ kind: 'ternary', from: at + 3, to: end, with: `${second} : ${first}` });
  }
  return found;
}

/** Where, from `start` on, `mark` (or, without one, the end of the expression) stands outside brackets; -1 if nowhere. */
function closing(code: string, start: number, mark: string): number {
  let depth = 0;
  for (let i = start; i < code.length; i++) {
    if (depth === 0 && mark && code.startsWith(mark, i)) return i;
    if ('([{'.includes(code[i]!)) depth++;
    if (')]}'.includes(code[i]!)) depth--;
    if (depth < 0 || (depth === 0 && ',;'.includes(code[i]!))) return mark ? -1 : i;
  }
  return mark ? -1 : code.trimEnd().length;
}

/** `if (a)` becomes `if (!(a))`. */
function conditions(code: string): Change[] {
  return [...code.matchAll(/\bif \(/g)].flatMap((m): Change[] => {
    const from = m.index + m[0].length;
    const to = closing(code, from, ')');
    return to < 0 ? [] : [{ kind: 'condition', from, to, with: `!(${code.slice(from, to)})` }];
  });
}
