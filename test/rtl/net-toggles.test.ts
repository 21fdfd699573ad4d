/** Toggles of nets against arithmetic: a counter's bits, logic behind it, a register that never moves. */

import { expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { elaborate } from '../../simulator/rtl/elaborate.js';
import { NetToggles } from '../../simulator/rtl/net-toggles.js';
import { compileNetlist } from '../../simulator/rtl/simulator.js';

const text = `
module half (input wire [3:0] value_i, output wire odd_o);
  wire both = value_i[0] & value_i[1];
  assign odd_o = both;
endmodule
module top (input wire clk_i, output wire odd_o, output wire [39:0] wide_o);
  reg [3:0] count_q = 4'd0;
  reg [39:0] wide_q = 40'd0;
  always @(posedge clk_i) begin
    count_q <= count_q + 4'd1;
    wide_q <= ~wide_q;
  end
  assign wide_o = wide_q;
  half u_half (.value_i(count_q), .odd_o(odd_o));
endmodule
`;

it('counts each bit of registers and of logic, over runs, in every module', async () => {
  const names = ['count_q', 'u_half.both', 'wide_q', 'u_half.absent', 'odd_o'];
  const toggles = new NetToggles([...names, 'count_q']);
  const netlist = unwrap(await elaborate([{ path: 'top.v', text }], 'top'));
  const module = unwrap(await compileNetlist(netlist, { observe: toggles.names }));
  for (let run = 0; run < 2; run++) {
    const simulator = module.instantiate();
    const { afterCycle, finish } = toggles.watch(simulator);
    // Seen: 0, 1, ..., 15, 0: sixteen changes.
    for (let cycle = 0; cycle <= 16; cycle++) {
      simulator.cycle();
      afterCycle();
    }
    finish();
  }
  const bits = (name: string, count: number) => [...toggles.of(name)!.slice(0, count)];
  expect(toggles.cycles).toBe(34);
  expect(bits('count_q', 4)).toEqual([32, 16, 8, 4]);
  // High at 3, 7, 11 and 15: eight changes a run.
  expect(bits('u_half.both', 1)).toEqual([16]);
  expect(bits('odd_o', 1)).toEqual([16]);
  expect(bits('wide_q', 40)).toEqual(Array(40).fill(32));
  expect(toggles.of('u_half.absent')).toBeUndefined();
});
