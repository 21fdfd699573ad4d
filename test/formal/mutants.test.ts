/** Every broken design breaks its proof. `npm run prove -- --mutants` prints the same. */

import { describe, expect, it } from 'vitest';
import { proofs } from './proofs.js';
import { prove } from './prover.js';

describe.each(proofs)('$name', (proof) => {
  it.each(proof.mutants)('is refused when $what', async (mutant) => {
    const { verdict } = await prove(proof, proof.instances[mutant.instance ?? 0]!, mutant);
    expect(verdict).toBe(mutant.late ? 'open' : 'refuted');
  });
});
