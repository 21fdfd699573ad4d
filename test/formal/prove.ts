/**
 * `npm run prove [-- NAME ...] [--mutants]`: proves the named properties, or all; with --mutants also checks that each broken design
 * fails its proof. Exit status 1 if a proof fails or a mutant passes.
 */

import { proofs } from './proofs.js';
import { prove } from './prover.js';

const names = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const withMutants = process.argv.includes('--mutants');
const unknown = names.filter((name) => !proofs.some((proof) => proof.name === name));
if (unknown.length > 0) {
  console.error(`no proof named ${unknown.join(', ')}; there are ${proofs.map((p) => p.name).join(', ')}`);
  process.exit(2);
}

let failures = 0;
for (const proof of proofs.filter(({ name }) => names.length === 0 || names.includes(name))) {
  console.log(`${proof.name}: ${proof.claim}`);
  for (const parameters of proof.instances) {
    const start = performance.now();
    const { verdict, depth, assertions, log } = await prove(proof, parameters);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const proven = verdict === 'proven';
    const what = proven ? `proven by induction of depth ${depth}` : `NOT PROVEN: ${verdict}`;
    console.log(`  ${JSON.stringify(parameters)}: ${what}, ${assertions} assertions, ${seconds} s`);
    if (!proven) {
      failures++;
      console.log(log.slice(-4000));
    }
  }
  for (const mutant of withMutants ? proof.mutants : []) {
    const { verdict } = await prove(proof, proof.instances[mutant.instance ?? 0]!, mutant);
    const caught = verdict === (mutant.late ? 'open' : 'refuted');
    if (!caught) failures++;
    console.log(`  broken (${mutant.what}): ${caught ? '' : 'NOT CAUGHT: '}${verdict}`);
  }
}
process.exitCode = failures > 0 ? 1 : 0;
