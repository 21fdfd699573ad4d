import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unwrap } from '../../base/index.js';
import { verifyDataflow, verifyProgram } from '../../compiler/dataflow/index.js';
import { encodeProgram, type Instruction, unitIndex, unitOf } from '../../compiler/isa/index.js';
import { lower } from '../../compiler/lower/index.js';
import { schedule } from '../../compiler/schedule/index.js';
import { runs } from '../isa/arbitraries.js';
import { machineOf, NetworkBuilder } from '../schedule/networks.js';
import { tiny, tinyMachine } from './tiny.js';
import { naiveFaults } from './twin.js';

const bank = fc.nat(2);
const row = fc.nat(6);
const size = fc.integer({ min: 1, max: 4 });

/** Text of one operation within the small machine's bounds. */
const operation = fc.oneof(
  fc.tuple(bank, row, size).map(([b, r, n]) => `fill act[${b}:${r}] with 1 rows ${n}`),
  fc
    .tuple(bank, row, size)
    .map(([b, r, n]) => `load act[${b}:${r}] <- %x rows ${n} runs 2 by (${n + 1}, 16)`),
  fc.tuple(bank, row, size).map(([b, r, n]) => `load act[${b}:${r}] <- %t + ${4 * r} rows ${n}`),
  row.map((r) => `load wgt[${r}] <- %w rows 4`),
  fc.tuple(row, size).map(([r, n]) => `load par[${r % 4}] <- %p rows ${Math.min(n, 2)}`),
  fc
    .tuple(fc.nat(1), row, bank, row, row, fc.boolean())
    .map(
      ([c, p, b, r, w, add]) =>
        `matmul acc[${c}:${p}] ${add ? '+=' : '='} act[${b}:${r}] * wgt[${w}] pixels 2x2 by (3, 1)`,
    ),
  fc
    .tuple(bank, row, fc.nat(1), row, fc.nat(3), size)
    .map(
      ([b, r, c, p, q, n]) =>
        `requant act[${b}:${r}].${q % 2} <- acc[${c}:${p}] par[${q}] slices ${1 + (n % 2)} pixels 1x${n} to 0 block 7`,
    ),
  fc.tuple(bank, row, row, size).map(([b, r, o, n]) => `store %t + ${4 * o} <- act[${b}:${r}] rows ${n}`),
);

/** Everything that a random operation may read, written first. */
const prologue = [
  'fill act[0:0] with 0 rows 16',
  'fill act[1:0] with 0 rows 16',
  'load wgt[0] <- %w rows 12',
  'load par[0] <- %p rows 2',
  'load par[2] <- %p rows 2',
  'load par[4] <- %p rows 2',
];

interface Broken {
  readonly lines: readonly string[];
  readonly start: number;
  /** What becomes of the semaphore between each operation and the next of another unit. */
  readonly links: readonly ('keep' | 'drop' | 'wait-only' | 'signal-only')[];
  readonly queueDepth: number;
}

const LENGTH = 14;
const brokenPrograms: fc.Arbitrary<Broken> = fc.record({
  lines: fc.array(operation, { minLength: 2, maxLength: LENGTH - prologue.length }),
  start: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(prologue.length)),
  links: fc.array(
    fc.oneof(
      { weight: 30, arbitrary: fc.constant('keep' as const) },
      { weight: 2, arbitrary: fc.constant('drop' as const) },
      { weight: 1, arbitrary: fc.constantFrom('wait-only' as const, 'signal-only' as const) },
    ),
    { minLength: LENGTH, maxLength: LENGTH },
  ),
  queueDepth: fc.constantFrom(2, 4),
});

/** The operations in sequence, each ordered after the one before it, save where `links` says otherwise. */
function programOf({ lines, start, links, queueDepth }: Broken) {
  const machine = tinyMachine({ queueDepth });
  const text = [...prologue.slice(start), ...lines].map((line) => `  ${line}`).join('\n');
  const image = new Map([
    ['w', new Uint8Array(64)],
    ['p', new Uint8Array(40)],
  ]);
  const program = unwrap(lower(tiny(text), machine, image));
  const instructions: Instruction[] = program.instructions.map((i) => ({ ...i }));
  for (let k = 0; k + 2 < instructions.length; k++) {
    const [a, b] = [instructions[k]!, instructions[k + 1]!];
    const [from, to] = [unitOf(a)!, unitOf(b)!];
    const link = links[k % links.length];
    if (from === to || link === 'drop') continue;
    if (link !== 'wait-only') instructions[k] = { ...a, signal: a.signal | (1 << unitIndex[to]) };
    if (link !== 'signal-only') instructions[k + 1] = { ...b, wait: b.wait | (1 << unitIndex[from]) };
  }
  return { machine, program: { ...program, instructions, words: encodeProgram(instructions) } };
}

describe('the verifier and its naive twin', () => {
  it('law: they accept the same programs', () => {
    const verdicts = { legal: 0, illegal: 0 };
    fc.assert(
      fc.property(brokenPrograms, (broken) => {
        const { machine, program } = programOf(broken);
        const naive = naiveFaults(program.instructions.slice(0, -1), machine.queueDepth);
        const found = verifyProgram(program, machine).filter((d) => d.severity === 'error');
        expect(found.length > 0, `${naive} against ${found.map((d) => `${d.code} ${d.message}`)}`).toBe(
          naive.length > 0,
        );
        verdicts[naive.length > 0 ? 'illegal' : 'legal'] += 1;
      }),
      { numRuns: runs(250) },
    );
    expect(verdicts.legal).toBeGreaterThan(0);
    expect(verdicts.illegal).toBeGreaterThan(0);
  });
});

describe('scheduled networks', () => {
  const machine = machineOf({
    rows: 8,
    columns: 4,
    lanes: 2,
    actRows: 64,
    wgtRows: 256,
    accRows: 16,
    parRows: 16,
  });
  const builder = new NetworkBuilder(7);
  const x = builder.input('x', [1, 12, 9, 9]);
  const y = builder.conv(x, { channels: 12, kernel: [3, 3], pads: [1, 1, 1, 1] });
  const z = builder.pool(builder.add(x, y), 'IntegerMaxPool', [2, 2], [2, 2]);
  const graph = builder.build(builder.dense(builder.flatten(z), 10));
  const { dataflow, image } = unwrap(schedule(graph, machine));

  it('are legal, as dataflow and as program', () => {
    expect(verifyDataflow(dataflow, machine)).toEqual([]);
    expect(verifyProgram(unwrap(lower(dataflow, machine, image)), machine)).toEqual([]);
  });

  it('lose their legality with any of their waits', () => {
    const program = unwrap(lower(dataflow, machine, image));
    const waiting = program.instructions.flatMap((instruction, index) => (instruction.wait ? [index] : []));
    const refused = waiting.filter((index) => {
      const instructions = program.instructions.map((i, k) => (k === index ? { ...i, wait: 0 } : i));
      return verifyProgram({ ...program, instructions }, machine).some((d) => d.severity === 'error');
    });
    expect(refused).toEqual(waiting);
  });
});
