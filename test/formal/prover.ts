/**
 * Runs a proof: Yosys reads a harness with the machine's own Verilog, connects the harness's `tap_` wires to registers inside,
 * and proves every assertion by temporal induction (`sat -tempinduct`). In: a {@link Proof}. Out: proven or not, at which depth.
 */

import { readFileSync } from 'node:fs';
import { Exit, runYosys } from '@yowasp/yosys';
import { cellTemplates, decoderModules } from '../../compiler/verilog/index.js';

/** A change of the Verilog that must make the proof fail. */
export interface Mutant {
  /** Module whose text changes. */
  readonly module: string;
  readonly what: string;
  readonly from: string;
  readonly to: string;
  /** The fault needs more cycles than the search looks at: then the induction must fail instead. */
  readonly late?: boolean;
  /** Which of the proof's instances shows the fault (default: the first). */
  readonly instance?: number;
}

export interface Proof {
  readonly name: string;
  /** One sentence: what holds. */
  readonly claim: string;
  /** What the sentence is about: a module, or several together. */
  readonly subject: string;
  /** What the proof takes for granted. */
  readonly assumes: string;
  /** File in harness/, whose module is NAME_proof (dashes as underscores). */
  readonly harness: string;
  /** Modules of the machine that the harness needs. */
  readonly modules: readonly string[];
  /** Parameters of the harness: one run for each row. */
  readonly instances: readonly Readonly<Record<string, number>>[];
  /** Harness wire (or slice) to the register that it shows, by path under the harness. */
  readonly taps: (parameters: Readonly<Record<string, number>>) => readonly (readonly [string, string])[];
  /** Induction depth that is tried at most. */
  readonly maximumDepth: number;
  readonly mutants: readonly Mutant[];
}

/** Cycles from reset in which a broken design must show its fault. */
const SEARCH_CYCLES = 14;

export interface Outcome {
  /** Proven; refuted by a run from reset; or neither within the depth that was tried. */
  readonly verdict: 'proven' | 'refuted' | 'open';
  /** Depth at which the induction step held. */
  readonly depth: number;
  /** Assertions in the harness, after unrolling of generate loops. */
  readonly assertions: number;
  readonly log: string;
}

/** Proves one instance; of a mutant, looks for a run from reset that breaks an assertion (a late one: fails to prove it). */
export async function prove(
  proof: Proof,
  parameters: Readonly<Record<string, number>>,
  mutant?: Mutant,
): Promise<Outcome> {
  const files: Record<string, string> = { 'harness.v': readHarness(proof.harness) };
  for (const name of proof.modules) files[`${name}.v`] = moduleText(name, mutant);
  const log: string[] = [];
  const decoder = new TextDecoder();
  const keep = (bytes: Uint8Array | null) => {
    if (bytes) log.push(decoder.decode(bytes, { stream: true }));
  };
  try {
    await runYosys(['-p', script(proof, parameters, mutant !== undefined && !mutant.late)], files, {
      stdout: keep,
      stderr: keep,
    });
  } catch (error) {
    if (!(error instanceof Exit)) throw error;
  }
  return outcome(log.join(''));
}

function readHarness(name: string): string {
  return readFileSync(new URL(`harness/${name}`, import.meta.url), 'utf8');
}

function moduleText(name: string, mutant: Mutant | undefined): string {
  const text = cellTemplates.get(`${name}.v`) ?? decoderModules().get(name);
  if (text === undefined) throw new Error(`no module ${name}`);
  if (mutant?.module !== name) return text;
  if (!text.includes(mutant.from)) throw new Error(`${name} has no text: ${mutant.from}`);
  return text.replace(mutant.from, mutant.to);
}

function script(proof: Proof, parameters: Readonly<Record<string, number>>, search: boolean): string {
  const values = Object.entries(parameters);
  const set = values.map(([name, value]) => ` -chparam ${name} ${value}`).join('');
  return [
    'read_verilog -formal -sv harness.v',
    `read_verilog ${proof.modules.map((name) => `${name}.v`).join(' ')}`,
    `hierarchy -check -top ${proof.harness.replace('.v', '').replaceAll('-', '_')}_proof${set}`,
    'proc',
    'memory_map',
    'flatten',
    ...proof.taps(parameters).map(([wire, register]) => `connect -set ${wire} ${register}`),
    'opt_clean',
    'check',
    'chformal -lower',
    'opt -full',
    // The solver knows plain flip-flops only.
    'dffunmap',
    // Bit by bit, so that data bits which no assertion looks at go.
    'simplemap t:$dff t:$mux',
    'opt_clean',
    'select -count t:$assert',
    search
      ? `sat -tempinduct-baseonly -prove-asserts -set-assumes -maxsteps ${SEARCH_CYCLES}`
      : `sat -tempinduct -prove-asserts -set-assumes -verify -maxsteps ${proof.maximumDepth}`,
  ].join('; ');
}

function outcome(log: string): Outcome {
  const steps = [...log.matchAll(/\[induction step (\d+)\]/g)];
  return {
    verdict: verdictOf(log),
    depth: Number(steps.at(-1)?.[1] ?? 0),
    assertions: Number(/(\d+) objects\./.exec(log)?.[1] ?? 0),
    log,
  };
}

function verdictOf(log: string): Outcome['verdict'] {
  if (log.includes('Induction step proven: SUCCESS!')) return 'proven';
  if (log.includes('model found for base case: FAIL!')) return 'refuted';
  if (log.includes('Reached maximum number of time steps')) return 'open';
  throw new Error(`no verdict:\n${log.slice(-3000)}`);
}
