/** Collisions on the ports of the act buffer: the Verilog says so in simulation where two units use a bank at once, and only there. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasTool, withFiles } from './support.js';

const modules = ['act_buffer.v', 'ram_1r1w.v'];
const template = (path: string) => ({
  path,
  text: readFileSync(new URL(`../../hdl-templates/${path}`, import.meta.url), 'utf8'),
});

interface Uses {
  /** Bank that each unit uses in the one cycle that is looked at; absent: none. */
  readonly load?: number;
  readonly write?: number;
  readonly matmul?: number;
  readonly read?: number;
  readonly store?: number;
}

function bench({ load, write, matmul, read, store }: Uses): string {
  const use = (name: string, bank: string, at: number | undefined) =>
    `.${name}(enabled && 1'b${at === undefined ? 0 : 1}), .${bank}(4'd${at ?? 0}),`;
  return `module bench;
  reg clk = 1'b0;
  reg enabled = 1'b1;
  act_buffer #(.ROWS(4), .LANES(2), .BANKS(4), .DEPTH(16)) u_act (
    .clk_i(clk),
    ${use('load_we_i', 'load_bank_i', load)} .load_row_i(16'd0), .load_data_i(32'd0),
    ${use('vec_we_i', 'vec_bank_i', write)} .vec_row_i(16'd0), .vec_slot_i(8'd0), .vec_data_i(16'd0),
    ${use('mat_re_i', 'mat_bank_i', matmul)} .mat_row_i(16'd1), .mat_data_o(),
    ${use('vec_re_i', 'vec_rbank_i', read)} .vec_rrow_i(16'd1), .vec_rdata_o(),
    ${use('store_re_i', 'store_bank_i', store)} .store_row_i(16'd1), .store_data_o());
  initial begin
    #1 clk = 1'b1;
    #1 enabled = 1'b0;
    #1 $display("done");
  end
endmodule
`;
}

function complaints(uses: Uses): readonly string[] {
  return withFiles([...modules.map(template), { path: 'bench.v', text: bench(uses) }], (folder) => {
    const built = spawnSync(
      'iverilog',
      [
        '-g2005',
        '-DSIMULATION',
        '-o',
        join(folder, 'a.vvp'),
        ...[...modules, 'bench.v'].map((path) => join(folder, path)),
      ],
      { encoding: 'utf8' },
    );
    expect(built.stderr).toBe('');
    const { stdout } = spawnSync('vvp', [join(folder, 'a.vvp')], { encoding: 'utf8' });
    expect(stdout).toContain('done');
    return [...stdout.matchAll(/^ERROR \S+: (.*)$/gm)].map((match) => match[1]!);
  });
}

describe.skipIf(!hasTool('iverilog'))('act buffer (skipped where iverilog is not installed)', () => {
  it.each([
    [{ load: 1, write: 1 }, 'load and vector write bank 1 at once'],
    [{ matmul: 2, read: 2 }, 'matmul and vector read bank 2 at once'],
    [{ matmul: 3, store: 3 }, 'store and another unit read bank 3 at once'],
    [{ read: 0, store: 0 }, 'store and another unit read bank 0 at once'],
  ] as const)('names a collision: %j', (uses, complaint) => {
    expect(complaints(uses)).toEqual([complaint]);
  });

  it.each([
    { load: 0, write: 1, matmul: 2, read: 3 },
    { load: 2, write: 3, matmul: 1, read: 0, store: 2 },
    { load: 0, read: 0 },
    {},
  ] satisfies Uses[])('says nothing of banks apart: %j', (uses) => {
    expect(complaints(uses)).toEqual([]);
  });
});
