/** Division of words wider than 64 bits against BigInt: Icarus 11 gets some of these wrong. */

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { compileNetlist, elaborate } from '../../simulator/rtl/index.js';

const runs = Number(process.env['SYSTOLE_RUNS'] ?? 200);
const WIDTH = 150;
const TEXT = `module top (
  input  wire [${WIDTH - 1}:0] a_i,
  input  wire [${WIDTH - 1}:0] b_i,
  output wire [${WIDTH - 1}:0] quotient_o,
  output wire [${WIDTH - 1}:0] remainder_o,
  output wire [${WIDTH - 1}:0] signed_quotient_o,
  output wire [${WIDTH - 1}:0] signed_remainder_o
);
  assign quotient_o = a_i / b_i;
  assign remainder_o = a_i % b_i;
  assign signed_quotient_o = $signed(a_i) / $signed(b_i);
  assign signed_remainder_o = $signed(a_i) % $signed(b_i);
endmodule
`;

it('quotients and remainders of 150 bits are those of BigInt', async () => {
  const netlist = unwrap(await elaborate([{ path: 'top.v', text: TEXT }], 'top'));
  const simulator = unwrap(await compileNetlist(netlist)).instantiate();
  const signed = (value: bigint) => BigInt.asIntN(WIDTH, value);
  const word = fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** BigInt(WIDTH) - 1n }), fc.nat(WIDTH - 1), fc.boolean())
    .map(([value, shift, negate]) => BigInt.asUintN(WIDTH, (negate ? -1n : 1n) * (value >> BigInt(shift))));
  const law = fc.property(word, word, (a, b) => {
    fc.pre(b !== 0n);
    simulator.poke('a_i', a);
    simulator.poke('b_i', b);
    expect(simulator.peek('quotient_o')).toBe(a / b);
    expect(simulator.peek('remainder_o')).toBe(a % b);
    expect(signed(simulator.peek('signed_quotient_o'))).toBe(signed(signed(a) / signed(b)));
    expect(signed(simulator.peek('signed_remainder_o'))).toBe(signed(signed(a) % signed(b)));
  });
  fc.assert(law, { numRuns: runs });
});
