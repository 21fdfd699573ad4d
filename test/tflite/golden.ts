/** What record.ts recorded: outputs, and a hash of every operator's result. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How the outputs of other runtimes differ from the reference's; null: refused. */
export type Others = Readonly<
  Record<string, { readonly of: number; readonly different: number; readonly most: number } | null>
>;

export interface GoldenLayer {
  /** Of the tensor in the file. */
  readonly name: string;
  readonly element: string;
  /** First 12 digits of the SHA-256 of its bytes, channels last, one an inference. */
  readonly hashes: readonly string[];
}

export interface GoldenCase {
  /** Raw bytes, base64, one an inference. */
  readonly outputs: readonly string[];
  readonly layers: readonly GoldenLayer[];
  readonly others: Others;
}

export interface Golden {
  readonly reference: string;
  readonly inputs: string;
  readonly networks: Readonly<Record<string, GoldenCase>>;
}

export const golden = JSON.parse(readFileSync(join(import.meta.dirname, 'golden.json'), 'utf8')) as Golden;
