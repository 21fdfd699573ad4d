/** GraphDefs with recorded outputs: each gives the recorded numbers. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  allocate,
  DiagnosticError,
  elementCount,
  renderDiagnostic,
  type Tensor,
  tensor,
} from '../../base/index.js';
import { evaluateGraph, type Graph, verifyGraph } from '../../compiler/graph/index.js';
import { importGraphDef } from '../../compiler/importers/tensorflow/index.js';
import { runPasses } from '../../compiler/passes/index.js';

const root = join(
  import.meta.dirname,
  '../../../shared/data/networks/dl4j-test-resources/src/main/resources/tf_graphs/examples',
);
const absent = !existsSync(root);
const note = absent ? ' (skipped: ../shared is absent)' : '';
const cases = absent
  ? []
  : (readdirSync(root, { recursive: true }) as string[])
      .filter((name) => name.endsWith('frozen_model.pb'))
      .map((name) => dirname(name))
      .sort();

function numbersOf(file: string): number[] {
  const words = readFileSync(file, 'utf8').split(/[\s,]+/);
  return words
    .filter((word) => word !== '')
    .map((word) => (/^(true|false)$/i.test(word) ? Number(/true/i.test(word)) : Number(word)));
}

/** A recorded tensor by its file's stem; undefined where the case has none. */
function recordedOf(folder: string, stem: string): { shape: number[]; values: number[] } | undefined {
  if (!existsSync(`${stem}.csv`) && !existsSync(join(folder, `${stem}.csv`))) return undefined;
  const at = join(folder, stem);
  const [shape, values] = [numbersOf(`${at}.shape`), numbersOf(`${at}.csv`)];
  // The recorder wrote a scalar's shape as 0.
  return { shape: shape.join() === '0' && values.length === 1 ? [] : shape, values };
}

function inputTensor(graph: Graph, folder: string, name: string): Tensor | undefined {
  const { element, shape } = graph.values.get(name)!.type;
  const recorded = recordedOf(folder, `${name}.placeholder`) ?? recordedOf(folder, `${name}.0.placeholder`);
  if (recorded === undefined || recorded.values.length !== elementCount(shape)) return undefined;
  const data = allocate(element, recorded.values.length);
  recorded.values.forEach((value, i) => {
    (data as { [index: number]: number | bigint })[i] = data instanceof BigInt64Array ? BigInt(value) : value;
  });
  return tensor(element, shape, data);
}

type Verdict = 'pass' | 'wrong' | 'no record' | `refused: ${string}`;

function judge(name: string): Verdict {
  const folder = join(root, name);
  const bytes = new Uint8Array(readFileSync(join(folder, 'frozen_model.pb')));
  const shapes = Object.fromEntries(
    readdirSync(folder)
      .filter((file) => file.endsWith('.placeholder.shape'))
      .map((file) => [
        file.replace('.placeholder.shape', '').replace(/\.0$/, ''),
        numbersOf(join(folder, file)),
      ]),
  );
  const imported = importGraphDef(bytes, { name, shapes });
  if (!imported.ok) {
    for (const { where } of imported.diagnostics) expect(where).toBeDefined();
    return `refused: ${renderDiagnostic(imported.diagnostics[0]!).split('\n')[0]!}`;
  }
  const graph = runPasses(imported.value);
  expect(verifyGraph(graph)).toEqual([]);
  const inputs = graph.inputs.map((input) => [input, inputTensor(graph, folder, input)] as const);
  if (inputs.some(([, value]) => value === undefined)) return 'no record';
  const outputs = evaluateGraph(graph, new Map(inputs as [string, Tensor][]));
  const known = graph.outputs.flatMap((output) => {
    const stem = output.replace(/:(\d+)$/, '.$1');
    const recorded = recordedOf(folder, `${stem}.prediction`) ?? recordedOf(folder, `${stem}.0.prediction`);
    return recorded === undefined ? [] : [agrees(outputs.get(output)!, recorded)];
  });
  return known.length === 0 ? 'no record' : known.every((same) => same) ? 'pass' : 'wrong';
}

function agrees({ shape, data }: Tensor, recorded: { shape: number[]; values: number[] }): boolean {
  if (shape.join() !== recorded.shape.join()) return false;
  return recorded.values.every(
    (value, i) => Math.abs(Number(data[i]) - value) <= 1e-4 * Math.max(1, Math.abs(value)),
  );
}

it.skipIf(absent)(`recorded outputs${note}`, () => {
  const verdicts = cases.map((name) => {
    try {
      return [name, judge(name)] as const;
    } catch (error) {
      if (error instanceof DiagnosticError) return [name, `refused: ${error.message}`] as const;
      throw new Error(`${name}: ${String(error)}`, { cause: error });
    }
  });
  if (process.env.SYSTOLE_TABLE !== undefined) console.log(verdicts.map((row) => row.join(': ')).join('\n'));
  // Every recorded case passes today; one that is refused again is a loss.
  expect(verdicts.filter(([, verdict]) => verdict !== 'pass')).toEqual([]);
  expect(verdicts.length).toBe(273);
});

const runs = Number(process.env.SYSTOLE_RUNS ?? 60);

it.skipIf(absent)(
  `a mutated GraphDef gives a graph that verifies or located errors, never a crash${note}`,
  () => {
    const unit = fc.double({ min: 0, max: 1, noNaN: true });
    const flip = fc.tuple(unit, fc.integer({ min: 0, max: 255 }));
    const mutation = fc.record({
      name: fc.constantFrom(...cases),
      flips: fc.array(flip, { minLength: 1, maxLength: 8 }),
      keep: fc.oneof(fc.constant(1), unit),
    });
    fc.assert(
      fc.property(mutation, ({ name, flips, keep }) => {
        const bytes = new Uint8Array(readFileSync(join(root, name, 'frozen_model.pb')));
        for (const [at, value] of flips) bytes[Math.floor(at * (bytes.length - 1))] = value;
        const result = importGraphDef(bytes.subarray(0, Math.ceil(keep * bytes.length)));
        if (result.ok) expect(verifyGraph(result.value)).toEqual([]);
        else for (const { where } of result.diagnostics) expect(where).toBeDefined();
      }),
      { numRuns: runs },
    );
  },
  600_000,
);
