/** Every preset runs a network: digits compiles, its program gives the integer graph's values and its cycles on the engines; or it is refused with a reason. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../../base/index.js';
import { evaluateGraph } from '../../compiler/graph/index.js';
import { initialDram, readSegment } from '../../compiler/isa/index.js';
import { compile } from '../../compiler/pipeline/index.js';
import { bodyInputs } from '../../compiler/quantize/index.js';
import { checkMachine, machinePresets } from '../../models/machine/index.js';
import { interpretProgram } from '../../simulator/engine/index.js';
import { simulateTiming } from '../../simulator/timing/index.js';
import { openNetwork } from '../../tools/library/index.js';

const opened = openNetwork('digits');
const presets = [...machinePresets.values()];

/** Presets on which digits does not fit, with the reason. */
const refused: ReadonlyMap<string, string> = new Map();

describe('presets', () => {
  it('are twelve or more, from an iCE40 UP5K to a 256 x 256 array, each with a reason', () => {
    expect(presets.length).toBeGreaterThanOrEqual(12);
    for (const machine of presets) {
      expect(checkMachine(machine), machine.name).toMatchObject({ ok: true });
      expect(machine.description.length, machine.name).toBeGreaterThan(60);
    }
    expect(presets.some((m) => m.description.includes('UP5K'))).toBe(true);
    expect(presets.some((m) => m.array.rows === 256 && m.array.columns === 256)).toBe(true);
    const families = presets.map(({ target }) => (target.kind === 'fpga' ? target.family : 'asic'));
    const all = ['ice40', 'ecp5', 'xilinx7', 'ultrascale+', 'gowin', 'intel', 'asic'];
    expect(new Set(families)).toEqual(new Set(all));
  });

  it.each(presets)('$name runs digits, or says why not', (machine) => {
    const compiled = compile(opened.graph, machine, { calibration: opened.calibration });
    const reason = refused.get(machine.name);
    if (!compiled.ok) {
      expect(reason, compiled.diagnostics.map((d) => renderDiagnostic(d)).join('\n')).toBeDefined();
      expect(compiled.diagnostics.map(({ message }) => message).join('\n')).toContain(reason);
      return;
    }
    expect(reason).toBeUndefined();
    const { program, quantized, body } = compiled.value;
    const inputs = bodyInputs(quantized, opened.tests[0]!);
    const outputs = evaluateGraph(body, inputs);
    const dram = interpretProgram(machine, program, initialDram(program, inputs));
    for (const name of body.outputs)
      expect(Array.from(readSegment(program, dram, name).data, Number)).toEqual(
        Array.from(outputs.get(name)!.data, Number),
      );
    expect(simulateTiming(machine, program).cycles).toBeGreaterThan(0);
  });
});
