/** The register table against the Verilog, the page and a C compiler. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  cellTemplates,
  driverHeader,
  errorCauses,
  REGISTER_ID,
  registerJson,
  registerMarkdown,
  registerTable,
} from '../../compiler/verilog/index.js';
import { machineHash, machinePresets } from '../../models/machine/index.js';
import { hasTool, withFiles } from './support.js';

const machine = machinePresets.get('edge8')!;
const verilog = cellTemplates.get('control_registers.v')!;
const page = readFileSync(new URL('../../docs/microarchitecture.md', import.meta.url), 'utf8');

/** Names that the Verilog gives some registers, because the plain ones are taken. */
const verilogName = (name: string, count: number) =>
  count > 1 ? `${name}_0` : ({ ID: 'IDENTITY', MACHINE_HASH: 'HASH_WORD' }[name] ?? name);

describe('the register table', () => {
  it('has the word addresses that control_registers.v decodes, all of them', () => {
    const decoded = [...verilog.matchAll(/^ {2}localparam \[9:0\] (\w+)\s*= 10'h([0-9a-f]+);/gm)];
    const ours = registerTable.map(({ name, count, offset }) => [verilogName(name, count), offset / 4]);
    expect(ours).toEqual(decoded.map(([, name, word]) => [name, Number.parseInt(word!, 16)]));
    expect(verilog).toContain(`ID = 32'h${REGISTER_ID.toString(16).replace(/(....)(....)/, '$1_$2')};`);
  });

  it('names every register and every cause of the micro-architecture page', () => {
    const section = page.slice(page.indexOf('## 5. Control registers'), page.indexOf('## 6.'));
    for (const { name, offset } of registerTable) {
      const shown = `0x${offset.toString(16).padStart(2, '0')}`;
      expect(section.toLowerCase()).toMatch(new RegExp(`${shown}( \\+ 4u)?( \\| | )${name.toLowerCase()}`));
    }
    const listed = [
      ...section.matchAll(/(\d) (none|illegal opcode|[a-z ]*response|semaphore overflow)/g),
    ].map((m) => Number(m[1]));
    expect(listed).toEqual(errorCauses.map((_, code) => code));
  });

  it('has no two registers at one offset, and no two fields at one bit', () => {
    const words = registerTable.flatMap(({ offset, count }) =>
      Array.from({ length: count }, (_, i) => offset + 4 * i),
    );
    expect(new Set(words).size).toBe(words.length);
    for (const { fields } of registerTable) {
      const bits = fields.flatMap(({ high, low }) =>
        Array.from({ length: high - low + 1 }, (_, i) => low + i),
      );
      expect(new Set(bits).size).toBe(bits.length);
      expect(Math.max(0, ...bits)).toBeLessThan(32);
    }
  });

  it('renders to JSON and Markdown with the same offsets', () => {
    const map = JSON.parse(registerJson(machine)) as {
      registers: { name: string; offset: number; reset: number }[];
    };
    const markdown = registerMarkdown(machine);
    for (const { name, offset } of map.registers) {
      expect(markdown).toMatch(
        new RegExp(`^\\| 0x${offset.toString(16).padStart(2, '0')}.* \\| ${name}`, 'm'),
      );
    }
    const hash = map.registers.find((r) => r.name === 'MACHINE_HASH')!.reset;
    expect(machineHash(machine).startsWith(hash.toString(16).padStart(8, '0'))).toBe(true);
  });
});

const c = readFileSync(new URL('driver_test.c', import.meta.url), 'utf8');

/** Compiles driver_test.c with the header and runs it. */
function runDriver(header: string) {
  const files = [
    { path: 'systole.h', text: header },
    { path: 'test.c', text: c },
    {
      path: 'plain.c',
      text: '#include "systole.h"\nint probe(const systole_device *d) { return systole_probe(d); }\n',
    },
  ];
  return withFiles(files, (cwd) => {
    const strict = ['-Wall', '-Wextra', '-pedantic', '-std=c99', '-Werror'];
    const built = [
      spawnSync('gcc', [...strict, '-c', 'plain.c'], { cwd, encoding: 'utf8' }),
      spawnSync('gcc', [...strict, '-o', 'test', 'test.c'], { cwd, encoding: 'utf8' }),
    ];
    const complaints = built.map((b) => b.stderr).join('');
    const run = spawnSync(join(cwd, 'test'), { encoding: 'utf8' });
    return { complaints, output: run.stdout };
  });
}

describe.skipIf(!hasTool('gcc'))('the C driver', () => {
  it('compiles as strict C99 and drives a model of the registers', () => {
    for (const preset of machinePresets.values()) {
      expect(runDriver(driverHeader(preset))).toEqual({ complaints: '', output: 'PASS\n' });
    }
  });

  it('the test finds a wrong offset, a wrong field and a missing check', () => {
    const header = driverHeader(machine);
    const faults: [RegExp, string][] = [
      [/(SYSTOLE_ERROR_UNIT_SHIFT) 8/, '$1 4'],
      [/(SYSTOLE_REG_BUSY) 0x00000020u/, '$1 0x00000024u'],
      [/if \(systole_status\(device\) & SYSTOLE_STATUS_BUSY_MASK\) return SYSTOLE_BUSY;/, ''],
      [/if \(again == high\) return/, 'return'],
    ];
    for (const [pattern, wrong] of faults) {
      expect(header).toMatch(pattern);
      expect(runDriver(header.replace(pattern, wrong)).output, String(pattern)).not.toBe('PASS\n');
    }
  });
});
