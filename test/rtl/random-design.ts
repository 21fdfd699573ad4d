/** Random Verilog modules: registers of random widths, each with a random expression over inputs, registers and memories. */

import type { SourceFile } from '../../simulator/rtl/index.js';

/** Draws whole numbers in [0, limit). */
export type Draw = (limit: number) => number;

interface Word {
  readonly name: string;
  readonly width: number;
  readonly signed: boolean;
}

const WIDTHS = [
  1, 1, 2, 3, 5, 7, 8, 9, 13, 16, 17, 20, 31, 32, 33, 48, 63, 64, 65, 72, 100, 127, 128, 129, 200,
];

export function randomDesign(draw: Draw): SourceFile {
  const width = () => WIDTHS[draw(WIDTHS.length)]!;
  const word = (name: string): Word => ({ name, width: width(), signed: draw(3) === 0 });
  const inputs = Array.from({ length: 2 + draw(4) }, (_, i) => word(`in${i}`));
  const registers = Array.from({ length: 1 + draw(6) }, (_, i) => word(`reg${i}`));
  const wires = Array.from({ length: draw(5) }, (_, i) => word(`mid${i}`));
  const memories = Array.from({ length: draw(2) }, (_, i) => ({
    name: `mem${i}`,
    width: width(),
    bits: 2 + draw(3),
  }));
  const known: Word[] = [...inputs, ...registers];
  const lines: string[] = [];
  const declare = (kind: string, { name, width: w, signed }: Word) =>
    `${kind} ${signed ? 'signed ' : ''}[${w - 1}:0] ${name}`;
  lines.push(
    `module top (input clk, input wire rst, ${inputs.map((w) => declare('input wire', w)).join(', ')},`,
  );
  const outputs = [...registers, ...wires];
  lines.push(`  ${outputs.map((w, i) => `output wire [${w.width - 1}:0] out${i}`).join(', ')});`);
  for (const register of registers) lines.push(`  ${declare('reg', register)};`);
  for (const { name, width: w, bits } of memories) {
    lines.push(`  reg [${w - 1}:0] ${name} [0:${2 ** bits - 1}];`);
    lines.push(`  integer i_${name};`);
    lines.push(
      `  initial for (i_${name} = 0; i_${name} < ${2 ** bits}; i_${name} = i_${name} + 1) ${name}[i_${name}] = i_${name} * 7 + 3;`,
    );
    const read = { name: `${name}_read`, width: w, signed: false };
    lines.push(`  wire [${w - 1}:0] ${read.name} = ${name}[${index(draw, known, bits)}];`);
    known.push(read);
  }
  for (const wire of wires) {
    lines.push(`  ${declare('wire', wire)} = ${expression(draw, known, 3)};`);
    known.push(wire);
  }
  for (const register of registers) lines.push(process(draw, known, register));
  // Not in reset: a write to an unknown address is lost in Icarus, and goes to word 0 here.
  for (const { name, bits } of memories) {
    lines.push(`  always @(posedge clk) begin`);
    lines.push(
      `    if (!rst && ${expression(draw, known, 1)}) ${name}[${index(draw, known, bits)}] <= ${expression(draw, known, 2)};`,
    );
    lines.push(`  end`);
  }
  for (const [i, w] of outputs.entries()) lines.push(`  assign out${i} = ${w.name};`);
  lines.push('endmodule', '');
  return { path: 'top.v', text: lines.join('\n') };
}

function process(draw: Draw, known: readonly Word[], { name, width }: Word): string {
  const start = draw(2) === 0 ? `${width}'d0` : `{${width}{1'b1}}`;
  const next = `${name} <= ${expression(draw, known, 3)};`;
  const enable = draw(2) === 0 ? `if (${expression(draw, known, 1)}) ${next}` : next;
  const pick = draw(4);
  if (pick === 0)
    return `  always @(posedge clk or posedge rst) if (rst) ${name} <= ${start}; else ${enable}`;
  if (pick === 1) {
    const arms = [0, 1, 2].map((k) => `      2'd${k}: ${name} <= ${expression(draw, known, 2)};`);
    const choice = `{${truth(draw, known)}, ${truth(draw, known)}}`;
    return [
      `  always @(posedge clk) if (rst) ${name} <= ${start}; else case (${choice})`,
      ...arms,
      `      default: ${enable}`,
      '    endcase',
    ].join('\n');
  }
  return `  always @(posedge clk) if (rst) ${name} <= ${start}; else ${enable}`;
}

const truth = (draw: Draw, known: readonly Word[]) => `|(${expression(draw, known, 1)})`;

function index(draw: Draw, known: readonly Word[], bits: number): string {
  const wide = known.filter(({ width }) => width >= bits);
  const word = wide[draw(wide.length)];
  return word ? `${word.name}[${bits - 1}:0]` : `${bits}'d1`;
}

const BINARY = [
  '+',
  '-',
  '*',
  '&',
  '|',
  '^',
  '~^',
  '<',
  '<=',
  '>',
  '>=',
  '==',
  '!=',
  '===',
  '&&',
  '||',
  '+',
  '-',
  '&',
  '^',
];
const SIGNED = ['<', '<=', '>', '>=', '==', '*', '+', '-'];
const UNARY = ['~', '-', '!', '&', '|', '^', '~&', '~|', '~^', '+'];

/** An expression of at most `depth` operators deep. */
function expression(draw: Draw, known: readonly Word[], depth: number): string {
  const word = () => known[draw(known.length)]!;
  const inner = () => expression(draw, known, depth - 1);
  if (depth === 0) return draw(6) === 0 ? literal(draw) : leaf(draw, word());
  const signed = () => `$signed(${leaf(draw, word())})`;
  switch (draw(12)) {
    case 0:
      return `(${UNARY[draw(UNARY.length)]}(${inner()}))`;
    case 1:
      return `(${inner()} ? ${inner()} : ${inner()})`;
    case 2:
      return `{${inner()}, ${inner()}}`;
    case 3:
      return `{${1 + draw(3)}{${inner()}}}`;
    case 4:
      return `(${inner()} ${['<<', '>>', '<<<', '>>>'][draw(4)]} ${leaf(draw, word())})`;
    case 5:
      return `$${draw(2) === 0 ? 'signed' : 'unsigned'}(${inner()})`;
    case 6:
      return `{(${divisible(draw, known)} ${['/', '%'][draw(2)]} (${divisible(draw, known)} | 1'b1))}`;
    // One unsigned word makes a whole expression unsigned: signed operations need their own.
    case 7:
      return `$signed(${signed()} >>> ${leaf(draw, word())})`;
    case 8:
      return `{(${signed()} ${SIGNED[draw(SIGNED.length)]} ${signed()})}`;
    default:
      return `(${inner()} ${BINARY[draw(BINARY.length)]} ${inner()})`;
  }
}

/** At most 64 bits, and braces around: Icarus 11 divides some words of 65 bits and more wrongly (all ones by 1 gives 0). */
function divisible(draw: Draw, known: readonly Word[]): string {
  const narrow = known.filter(({ width }) => width <= 64);
  return narrow.length === 0 ? "5'd19" : leaf(draw, narrow[draw(narrow.length)]!);
}

function literal(draw: Draw): string {
  const width = 1 + draw(40);
  return `${width}'${draw(2) === 0 ? 's' : ''}h${draw(2 ** Math.min(width, 30)).toString(16)}`;
}

/** A word, a part of it, or a part at a variable place that stays inside. */
function leaf(draw: Draw, { name, width }: Word): string {
  const pick = draw(6);
  if (width < 4 || pick < 3) return name;
  const low = draw(width - 1);
  if (pick === 3) return `${name}[${low + draw(width - low)}:${low}]`;
  const part = 1 + draw(Math.min(width >> 1, 70));
  if (pick === 4) return `${name}[${low}]`;
  const bits = Math.max(1, Math.floor(Math.log2(width - part + 1)));
  return `${name}[${name}[${bits - 1}:0] +: ${part}]`;
}
