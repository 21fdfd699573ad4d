/**
 * Law 3, pin by pin: on random machines and networks every output port of the emitted core has, in every cycle, the value that Icarus
 * and Verilator give it for the same inputs. The bus is held back at random meanwhile.
 */

import { describe, expect, it } from 'vitest';
import { checkLaw } from '../support/check-law.js';
import { type OtherSimulator, samePorts } from '../support/port-trace.js';
import { hasTool } from '../verilog/support.js';

const file = 'test/property/ports.test.ts';
/** Outputs that move in any run: the AXI addresses, data and handshakes, the events. */
const FEWEST_MOVING = 12;

describe.each<[OtherSimulator, string, number, number]>([
  ['icarus', 'iverilog', 2, 0.02],
  ['verilator', 'verilator', 1, 0.005],
])('ports in %s', (other, command, runs, share) => {
  it.skipIf(!hasTool(command))(
    `law 3 in ${other}: every output port has the same value in every cycle (skipped without ${command})`,
    async () => {
      const total = { cycles: 0, bits: 0, known: 0 };
      const machines = { extent: 8, elements: 64 };
      await checkLaw({ law: `law 3 in ${other}`, runs, share, machines, file }, async (c) => {
        const { cycles, bits, known, outputsThatMoved } = await samePorts(
          c,
          other,
          1 + (c.program.instructions.length % 7),
        );
        expect(outputsThatMoved).toBeGreaterThanOrEqual(FEWEST_MOVING);
        total.cycles += cycles;
        total.bits += bits;
        total.known += known;
      });
      console.log(
        `ports in ${other}: ${total.cycles} cycles, ${total.known} of ${total.bits} output bits known there`,
      );
      expect(total.known / total.bits).toBeGreaterThan(0.3);
    },
    1_200_000,
  );
});
