/**
 * Random grids of like cells, as systolic arrays are: neighbours feed each other from west and north, columns share a bus. In: a source of
 * numbers. Out: Verilog whose registers become SIMD lanes, with enables and resets of every kind.
 */

import type { Draw } from './random-design.js';

const WIDTHS = [1, 2, 3, 5, 7, 8, 9, 12, 15, 16, 17, 20, 24, 31, 32];
const BINARY = ['+', '-', '*', '&', '|', '^', '~^', '==', '!=', '<', '<=', '>', '>=', '&&', '||'];
const UNARY = ['~', '-', '!', '|', '&', ''];

interface Word {
  readonly name: string;
  readonly width: number;
}

export interface Grid {
  readonly text: string;
  readonly rows: number;
  readonly columns: number;
}

export function randomGrid(draw: Draw): Grid {
  const rows = 1 + draw(5);
  const columns = [4, 5, 7, 8, 12, 16, 17, 20, 33][draw(9)]!;
  const width = () => WIDTHS[draw(WIDTHS.length)]!;
  const [west, north, bus, inner] = [width(), width(), width(), width()];
  const words: Word[] = [
    { name: 'west_i', width: west },
    { name: 'north_i', width: north },
    { name: 'bus_i', width: bus },
    { name: 'west_q', width: west },
    { name: 'north_q', width: north },
    { name: 'inner_q', width: inner },
  ];
  const cell = [
    `module cell_of_grid (input wire clk, input wire rst, input wire en, input wire signed [${west - 1}:0] west_i,`,
    `  input wire [${north - 1}:0] north_i, input wire signed [${bus - 1}:0] bus_i,`,
    `  output reg signed [${west - 1}:0] west_q, output reg [${north - 1}:0] north_q, output reg signed [${inner - 1}:0] inner_q);`,
    ...['west_q', 'north_q', 'inner_q'].map((name) => register(draw, words, name)),
    'endmodule',
  ];
  const size = { rows, columns, west, north, bus, inner };
  return { text: [...cell, ...top(draw, size)].join('\n'), rows, columns };
}

interface Size {
  readonly rows: number;
  readonly columns: number;
  readonly west: number;
  readonly north: number;
  readonly bus: number;
  readonly inner: number;
}

/** The bus of column c is a slice of an input, c cycles late, or a register of its own. */
function top(draw: Draw, { rows, columns, west, north, bus, inner }: Size): string[] {
  const delayed = draw(2) === 0;
  const all = west + north + inner;
  return [
    `module top (input clk, input wire rst, input wire en, input wire [${rows * west - 1}:0] wests,`,
    `  input wire [${columns * bus - 1}:0] buses, output wire [${rows * columns * all - 1}:0] all_o);`,
    '  genvar r, c;',
    '  generate',
    `  for (c = 0; c < ${columns}; c = c + 1) begin : g_bus`,
    `    reg [${bus - 1}:0] held_q;`,
    `    always @(posedge clk) if (rst) held_q <= 0; else held_q <= buses[c*${bus} +: ${bus}] ${delayed ? '^ held_q' : ''};`,
    `    wire [${bus - 1}:0] bus = ${delayed ? 'held_q' : `c % 2 ? held_q : buses[c*${bus} +: ${bus}]`};`,
    '  end',
    `  for (r = 0; r < ${rows}; r = r + 1) begin : g_row`,
    `    for (c = 0; c < ${columns}; c = c + 1) begin : g_col`,
    `      wire [${west - 1}:0] w_in, w_out; wire [${north - 1}:0] n_in, n_out; wire [${inner - 1}:0] inner;`,
    `      if (c == 0) assign w_in = wests[r*${west} +: ${west}]; else assign w_in = g_row[r].g_col[c-1].w_out;`,
    `      if (r == 0) assign n_in = ${draw(2) === 0 ? '0' : `buses[${Math.min(north, bus) - 1}:0]`}; else assign n_in = g_row[r-1].g_col[c].n_out;`,
    '      cell_of_grid u_cell (.clk(clk), .rst(rst), .en(en), .west_i(w_in), .north_i(n_in), .bus_i(g_bus[c].bus), .west_q(w_out), .north_q(n_out), .inner_q(inner));',
    `      assign all_o[(r*${columns}+c)*${all} +: ${all}] = {w_out, n_out, inner};`,
    '    end',
    '  end',
    '  endgenerate',
    'endmodule',
  ];
}

/** Reset: none but the first (then the data must forget), global, or by a bit of the lane; before or behind the enable. */
function register(draw: Draw, words: readonly Word[], name: string): string {
  const value = draw(2 ** 16);
  const next = `${name} <= ${expression(draw, words, 3)};`;
  const condition = ['', 'if (en) ', `if (${bit(draw, words)}) `, `if (!${bit(draw, words)}) `][draw(4)]!;
  const own = [`rst`, `rst || ${bit(draw, words)}`, `rst`][draw(3)]!;
  return `  always @(posedge clk) if (${own}) ${name} <= ${value}; else ${condition}${next}`;
}

function bit(draw: Draw, words: readonly Word[]): string {
  const { name, width } = words[draw(words.length)]!;
  return `${name}[${draw(width)}]`;
}

function expression(draw: Draw, words: readonly Word[], depth: number): string {
  const word = words[draw(words.length)]!;
  if (depth === 0 || draw(6) === 0) return leaf(draw, word);
  const sub = () => expression(draw, words, depth - 1);
  switch (draw(6)) {
    case 0:
      return `(${bit(draw, words)} ? ${sub()} : ${sub()})`;
    case 1:
      return `${UNARY[draw(UNARY.length)]!}(${sub()})`;
    case 2:
      return `{${leaf(draw, word)}, ${bit(draw, words)}}`;
    default:
      return `(${sub()} ${BINARY[draw(BINARY.length)]!} ${sub()})`;
  }
}

function leaf(draw: Draw, { name, width }: Word): string {
  switch (draw(5)) {
    case 0:
      return `$signed(${name})`;
    case 1: {
      const low = draw(width);
      return `${name}[${low + draw(width - low)}:${low}]`;
    }
    case 2:
      return `${1 + draw(8)}'d${draw(200)}`;
    default:
      return name;
  }
}
