/** Which mutants there are, which are drawn, and what became of them. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cellTemplates } from '../../compiler/verilog/index.js';
import { seededRandom } from '../support/compare.js';
import { whyEquivalent } from './equivalent.js';
import { findMutants, type Mutant } from './mutants.js';
import type { Verdict } from './verilog-oracle.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** Every mutant of the Verilog templates. */
export function verilogMutants(): Mutant[] {
  return [...cellTemplates].flatMap(([name, text]) => findMutants(`hdl-templates/${name}`, text, 'verilog'));
}

/** Every mutant of the timing and array engines, the interpreter and the numbers. */
export function engineMutants(): Mutant[] {
  const folders = ['simulator/timing', 'simulator/array'];
  const files = folders.flatMap((folder) =>
    readdirSync(join(repository, folder))
      .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
      .map((name) => `${folder}/${name}`),
  );
  return ['base/numeric.ts', 'simulator/engine/interpret.ts', ...files.sort()].flatMap((file) =>
    findMutants(file, readFileSync(join(repository, file), 'utf8'), 'typescript'),
  );
}

/** `count` of them without repetition, the same for the same seed. */
export function draw(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const random = seededRandom(seed);
  return mutants
    .map((mutant) => ({ mutant, key: random() }))
    .sort((a, b) => a.key - b.key)
    .slice(0, count)
    .map(({ mutant }) => mutant);
}

export interface Tally {
  readonly drawn: number;
  /** Does not compile, or elaboration never ends: no circuit, so not counted. */
  readonly invalid: number;
  readonly killed: number;
  /** Survived, and shown to be the same circuit or program (equivalent.ts). */
  readonly equivalent: number;
  readonly survivors: readonly Omit<Mutant, 'text'>[];
}

/** Judges mutants one at a time. */
export function judgeAll(
  oracle: { judge(mutant: Mutant): Verdict },
  mutants: readonly Mutant[],
  onVerdict: (n: number, mutant: Mutant, what: string) => void = () => {},
): Tally {
  const counts = { killed: 0, survived: 0, invalid: 0, equivalent: 0 };
  const survivors: Omit<Mutant, 'text'>[] = [];
  for (const [i, mutant] of mutants.entries()) {
    const verdict = oracle.judge(mutant);
    const why = verdict.kind === 'survived' ? whyEquivalent(mutant) : undefined;
    counts[why ? 'equivalent' : verdict.kind]++;
    const { text: _, ...place } = mutant;
    if (verdict.kind === 'survived' && !why) survivors.push(place);
    onVerdict(
      i + 1,
      mutant,
      verdict.kind === 'killed'
        ? `killed by ${verdict.by}`
        : `${why ? 'equivalent' : verdict.kind}: ${mutant.after}`,
    );
  }
  const { invalid, killed, equivalent } = counts;
  return { drawn: mutants.length, invalid, killed, equivalent, survivors };
}
