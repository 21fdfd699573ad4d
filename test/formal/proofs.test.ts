/** Every proof holds. `npm run prove` prints the same. */

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { proofs } from './proofs.js';
import { prove } from './prover.js';

describe.each(proofs)('$name: $claim', (proof) => {
  it.each(proof.instances)('is proven by induction, %o', async (parameters) => {
    const { verdict, assertions, log } = await prove(proof, parameters);
    expect(verdict, log.slice(-4000)).toBe('proven');
    expect(assertions).toBeGreaterThan(4);
  });
});

describe('the list of proofs', () => {
  it('is the one in docs/verification.md, and every harness exists', () => {
    const page = readFileSync(new URL('../../docs/verification.md', import.meta.url), 'utf8');
    const section = page.slice(page.indexOf('## Formal proofs'));
    const table = section.slice(0, section.indexOf('\n## ', 1));
    const listed = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1]);
    expect(listed).toEqual(proofs.map((proof) => proof.name));
    for (const { harness } of proofs) {
      expect(existsSync(new URL(`harness/${harness}`, import.meta.url)), harness).toBe(true);
    }
  });
});
