/**
 * Published networks that need the host between convolutions: ShuffleNet shuffles channels, Inception v1 normalises over neighbours. Skipped
 * where the shared test data are absent.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, packageRoot, verify } from '../../tools/library/index.js';
import { isVerified } from '../../tools/report/index.js';

const folder = join(packageRoot(), '../shared/data/networks/onnx/light');

describe.skipIf(!existsSync(folder))('published networks (skipped without ../shared)', () => {
  it.each([
    ['shufflenet', 'edge16', 'full'],
    ['inception_v1', 'mobile32', 'sample'],
  ] as const)(
    '%s on %s runs in several segments, verified on the array engine (%s)',
    async (name, machine, scope) => {
      const subject = compile(join(folder, `light_${name}.onnx`), { machine });
      const segments = subject.compiled.segments.length;
      expect(segments).toBeGreaterThan(1);
      const found = await verify(subject, { scope, engine: 'array' });
      console.log(
        `${name}: ${segments} segments, ${found.valuesCompared} values, ${found.cyclesSimulated} cycles`,
      );
      expect(found.firstMismatch).toBeNull();
      expect(isVerified(found)).toBe(true);
    },
    300_000,
  );
});
