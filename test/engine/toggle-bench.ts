/**
 * Counts toggles in the emitted Verilog: `pe_array` under a bench that shows it given edges and compares all its registers before
 * and after each clock edge. In: shape, edges of instructions one after another. Out: toggles of each, as Icarus counts them.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellTemplates } from '../../compiler/verilog/index.js';
import { perRegisterClass, registerClasses, type Toggles } from '../../models/activity/index.js';
import { type Edges, edgesOf } from './array-twin.js';

export interface Shape {
  readonly rows: number;
  readonly columns: number;
  readonly stages: number;
}

export function togglesInIcarus(shape: Shape, instructions: readonly (readonly Edges[])[]): Toggles[] {
  const folder = mkdtempSync(join(tmpdir(), 'systole-toggles-'));
  try {
    return simulate(folder, shape, [settle(shape), ...instructions]).slice(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Registers are unknown at first: an instruction that fills all with zeros. */
function settle(shape: Shape): Edges[] {
  const zeros = (count: number) => new Array<number>(count).fill(0);
  const { rows, columns, stages } = shape;
  const weights = [Array.from({ length: rows }, () => zeros(columns))];
  return edgesOf(shape, [{ acts: [[zeros(rows)]], weights }], stages).flat();
}

function simulate(folder: string, shape: Shape, instructions: readonly (readonly Edges[])[]): Toggles[] {
  for (const cell of ['pe.v', 'pe_array.v', 'delay_line.v'])
    writeFileSync(join(folder, cell), cellTemplates.get(cell)!);
  const words = instructions.flatMap((cycles) =>
    cycles.map((edges, i) => edgeWord(edges, i === cycles.length - 1)),
  );
  writeFileSync(join(folder, 'edges.hex'), `${words.join('\n')}\n`);
  writeFileSync(join(folder, 'bench.v'), bench(shape, words.length));
  const script =
    'iverilog -g2005 -s bench -o bench.vvp bench.v pe.v pe_array.v delay_line.v && vvp -n bench.vvp';
  const { status, stdout, stderr } = spawnSync('sh', ['-c', script], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('toggles '))
    .map((line) => {
      const counts = line.split(' ').slice(1).map(Number);
      return perRegisterClass((name) => counts[registerClasses.indexOf(name)]!);
    });
}

/** Hexadecimal, from the left: last cycle of an instruction and write (a digit), weights, activations; lane 0 rightmost. */
function edgeWord({ activations, weights, write }: Edges, last: boolean): string {
  const bytes = (values: readonly number[]) =>
    values
      .map((value) => (value & 255).toString(16).padStart(2, '0'))
      .reverse()
      .join('');
  return (Number(last) * 2 + Number(write)).toString(16) + bytes(weights) + bytes(activations);
}

/** Compares a register of `width` bits before and after the edge; `k` is its class. */
function compare(path: string, width: string, name: (typeof registerClasses)[number], label: string): string {
  const k = registerClasses.indexOf(name);
  return `begin : ${label}
        reg [${width}-1:0] before;
        integer i;
        always @(posedge clk) before = dut.${path};
        always @(negedge clk) for (i = 0; i < ${width}; i = i + 1)
          if (before[i] !== dut.${path}[i]) toggles[${k}] = toggles[${k}] + 1;
      end`;
}

function bench({ rows, columns, stages }: Shape, cycles: number): string {
  const pe = (register: string) => `g_row[r].g_col[c].u_pe.${register}`;
  const products = [
    [],
    [compare(pe('g_product.product_q'), '16', 'product', 'g_m')],
    [
      compare(pe('g_halves.product_q'), '16', 'product', 'g_m'),
      compare(pe('g_halves.low_q'), '12', 'product', 'g_low'),
      compare(pe('g_halves.high_q'), '12', 'product', 'g_high'),
    ],
  ][stages]!;
  const counts = registerClasses.map((_, k) => `toggles[${k}]`);
  return `\`default_nettype none
module bench;
  localparam R = ${rows}, C = ${columns}, S = 16 + $clog2(R);
  reg clk;
  reg [8*(R+C)+3:0] edges [0:${cycles - 1}];
  reg [8*(R+C)+3:0] now;
  integer toggles [0:${registerClasses.length - 1}];
  integer cycle, k;
  wire [S*C-1:0] sums;
  pe_array #(.ROWS(R), .COLUMNS(C), .MULTIPLIER_STAGES(${stages})) dut (
    .clk_i(clk), .activations_i(now[8*R-1:0]), .weights_i(now[8*R +: 8*C]),
    .weight_write_i(now[8*(R+C)]), .sums_o(sums));
  genvar r, c;
  generate
    for (r = 0; r < R; r = r + 1) begin : g_row
      for (c = 0; c < C; c = c + 1) begin : g_col
        ${compare(pe('weight_q'), '8', 'weight', 'g_w')}
        ${compare(pe('activation_q'), '8', 'activation', 'g_a')}
        ${products.join('\n        ')}
        ${compare(pe('sum_q'), 'S', 'sum', 'g_p')}
        ${compare(pe('write_q'), '1', 'writeEnable', 'g_we').replaceAll('[i]', '')}
      end
      if (r > 0) ${compare('g_row[r].u_skew.g_line.line_q', '(8*r)', 'activationSkew', 'g_skew')}
      if (r > 0) ${compare('g_row[r].g_next_write.write_q', '1', 'writeSkew', 'g_write').replaceAll('[i]', '')}
    end
    for (c = 0; c < C; c = c + 1) begin : g_column
      if (c > 0) ${compare('g_bus[c].u_skew.g_line.line_q', '(8*c)', 'weightSkew', 'g_bus')}
      if (c < C-1) ${compare('g_align[c].u_align.g_line.line_q', '(S*(C-1-c))', 'sumAlignment', 'g_align')}
    end
  endgenerate
  initial begin
    $readmemh("edges.hex", edges);
    for (k = 0; k < ${registerClasses.length}; k = k + 1) toggles[k] = 0;
    clk = 0;
    for (cycle = 0; cycle < ${cycles}; cycle = cycle + 1) begin
      now = edges[cycle];
      #1 clk = 1;
      #1 clk = 0;
      #1 if (now[8*(R+C)+1]) begin
        $display("toggles${' %0d'.repeat(registerClasses.length)}", ${counts.join(', ')});
        for (k = 0; k < ${registerClasses.length}; k = k + 1) toggles[k] = 0;
      end
    end
    $finish;
  end
endmodule
`;
}
