/** Every proof holds, and every broken design fails its proof. `npm run prove -- --mutants` prints the same, with all instances. */

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

  it.each(proof.mutants)('is refused when $what', async (mutant) => {
    const { verdict } = await prove(proof, proof.instances[0]!, mutant);
    expect(verdict).toBe(mutant.late ? 'open' : 'refuted');
  });
});

describe('the list of proofs', () => {
  it('is the one in docs/verification.md, and every harness exists', () => {
    const page = readFileSync(new URL('../../docs/verification.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `([a-z-]+)` \| `/gm)].map((match) => match[1]);
    expect(listed).toEqual(proofs.map((proof) => proof.name));
    for (const { harness } of proofs) {
      expect(existsSync(new URL(`harness/${harness}`, import.meta.url)), harness).toBe(true);
    }
  });
});
