/** The scripts that people run beside the tests: a wrong option gets a line and exit status 2, never a stack trace or a run. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

function run(name: string, ...args: readonly string[]) {
  const [, ...command] = scripts[name]!.split(' ');
  return spawnSync(process.execPath, [...command, ...args], { cwd: root, encoding: 'utf8' });
}

describe('scripts', () => {
  it.each(['mutation', 'bench', 'fuzz', 'conformance', 'truth', 'studies'])(
    '%s refuses an unknown option',
    (name) => {
      const { status, stderr, stdout } = run(name, '--no-such-option');
      expect(status).toBe(2);
      expect(stderr).toContain("Unknown option '--no-such-option'");
      expect(stderr).not.toContain('    at ');
      expect(stdout).toBe('');
    },
  );

  it.each([
    ['mutation', '--seed', 'x'],
    ['fuzz', '--runs', 'many'],
    ['fuzz', '--seed', '-1'],
  ] as const)('%s refuses %s %s', (name, option, value) => {
    const { status, stderr } = run(name, `${option}=${value}`);
    expect(status).toBe(2);
    expect(stderr).toContain(`${option} takes a whole number`);
  });
});
