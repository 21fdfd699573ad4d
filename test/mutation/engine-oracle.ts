/**
 * Judges mutants of the engines. In: a changed file. Out: the first difference that the engines of a copy of the tree show (engine-child.ts), or
 * that the project's own tests of base find. The copy lies in a temporary folder; the working tree is never written.
 */

import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopCases } from '../robustness/stops.js';
import { predict } from '../verilog/predict.js';
import { programOf } from '../verilog/support.js';
import { computeCases, longCase, memoryCases, networkCases, signalCase } from './cases.js';
import { freeze } from './json.js';
import type { Mutant } from './mutants.js';
import { type Recorded, record } from './recorded.js';
import type { Verdict } from './verilog-oracle.js';

const repository = fileURLToPath(new URL('../../', import.meta.url));
const parts = ['base', 'models', 'compiler', 'simulator', 'test', 'package.json', 'tsconfig.json'];
/** Least time until a mutant counts as one that never ends; more where the unchanged sources take long, as on a busy machine. */
const TIME_LIMIT_MILLISECONDS = 300_000;
const TIMES_UNCHANGED = 10;
/** Without the project's set-up, which builds the command line; so without the test of the built helpers. */
const TEST_CONFIG =
  "export default { test: { testTimeout: 600_000, exclude: ['test/engine/helper-threads.test.ts'] } };\n";

export class EngineOracle {
  private readonly root = mkdtempSync(join(tmpdir(), 'systole-engines-'));
  private limit = TIME_LIMIT_MILLISECONDS;

  /** @param options small: only some cases, for the smoke test, which runs beside the project's tests. */
  constructor(private readonly options: { readonly small?: boolean } = {}) {
    for (const part of parts) cpSync(join(repository, part), join(this.root, part), { recursive: true });
    writeFileSync(join(this.root, 'vitest.config.ts'), TEST_CONFIG);
    symlinkSync(join(repository, 'node_modules'), join(this.root, 'node_modules'));
    writeFileSync(join(this.root, 'recorded.json'), freeze(recordAll(this.options.small === true)));
  }

  /** The unchanged engines must pass. */
  verifyOriginal(): void {
    const tests = this.options.small ? [] : [...BASE_TESTS, ...ENGINE_TESTS];
    for (const run of [() => this.runChild(), ...tests.map((path) => () => this.runTests([path]))]) {
      const start = performance.now();
      const found = run();
      if (found.kind !== 'survived') throw new Error(`unchanged, ${JSON.stringify(found)}`);
      this.limit = Math.max(this.limit, Math.ceil(TIMES_UNCHANGED * (performance.now() - start)));
    }
  }

  judge(mutant: Mutant): Verdict {
    const path = join(this.root, mutant.file);
    const original = readFileSync(path, 'utf8');
    try {
      writeFileSync(path, mutant.text);
      const found = this.runChild();
      return found.kind === 'survived' ? this.runTests(testsOf(mutant.file)) : found;
    } finally {
      writeFileSync(path, original);
    }
  }

  close(): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  private runChild(): Verdict {
    const child = this.node(['--import', 'tsx', 'test/mutation/engine-child.ts', 'recorded.json']);
    if (child.signal) return { kind: 'killed', by: 'engines: no end' };
    if (child.status === 0) return { kind: 'survived' };
    if (/TransformError|SyntaxError/.test(child.stderr)) return { kind: 'invalid', why: 'syntax' };
    return { kind: 'killed', by: `engines: ${child.stdout.trim() || 'broken module'}` };
  }

  private runTests(paths: readonly string[]): Verdict {
    for (const path of paths) {
      const tests = this.node(['node_modules/vitest/vitest.mjs', 'run', path]);
      if (tests.status !== 0) return { kind: 'killed', by: path };
    }
    return { kind: 'survived' };
  }

  private node(args: readonly string[]) {
    return spawnSync(process.execPath, args, {
      cwd: this.root,
      encoding: 'utf8',
      timeout: this.limit,
      maxBuffer: 2 ** 26,
    });
  }
}

/** The project's own tests that look at a file most closely. */
const BASE_TESTS = ['test/base'];
const ENGINE_TESTS = ['test/engine', 'test/trace/vcd.test.ts'];

function testsOf(file: string): readonly string[] {
  return file.startsWith('base/') ? BASE_TESTS : ENGINE_TESTS;
}

function recordAll(small: boolean): Recorded {
  const timed = memoryCases(small ? 2 : undefined).map(
    ({ machine, instructions, expected, programAddress }, i) => {
      const { done, times } = predict(instructions, machine);
      return {
        name: `transfers ${i}`,
        machine,
        program: programOf(machine, instructions, programAddress, expected.length),
        cycles: done,
        times: times.map(({ dispatch, accept, end }) => ({ dispatch, accept, end })),
      };
    },
  );
  const programs = small
    ? [...networkCases(2), ...computeCases(1)]
    : [...networkCases(), ...computeCases(), longCase(), signalCase()];
  return { cases: programs.map(record), timed, stops: stopCases };
}
