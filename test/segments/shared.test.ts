/**
 * Published networks with operators that convolutions do not have: ShuffleNet shuffles channels, on the accelerator; Inception v1 normalises over
 * neighbours, on the host. Skipped where the shared test data are absent.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, packageRoot, verify } from '../../tools/library/index.js';
import { isVerified } from '../../tools/report/index.js';

const folder = join(packageRoot(), '../shared/data/networks/onnx/light');

describe.skipIf(!existsSync(folder))('published networks (skipped without ../shared)', () => {
  it.each([
    ['shufflenet', 'edge16', 'full', 1],
    ['inception_v1', 'mobile32', 'sample', 3],
  ] as const)(
    '%s on %s, verified on the array engine (%s), in %i segments',
    async (name, machine, scope, count) => {
      const subject = compile(join(folder, `light_${name}.onnx`), { machine });
      const segments = subject.compiled.segments.length;
      expect(segments).toBe(count);
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
