/**
 * Chunks: the unit of work and of loss. In: ids of points. Out: a file `chunks/HASH.json`, named by what was asked (space, networks,
 * version, ids) before it is known, so that whoever needs it finds it, and doing it twice does no harm.
 */

import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Diagnostic, DiagnosticError } from '../../base/index.js';
import { corruptChunk, unwritable } from './diagnostics.js';
import type { Outcome } from './evaluate.js';
import { readSealed, sealed, sha256, writeWhole } from './store.js';

export interface Chunk {
  /** 32 hexadecimal digits. */
  readonly hash: string;
  readonly ids: readonly number[];
}

/** @param identity of the exploration: everything that an outcome depends on besides the id. */
export function chunkOf(identity: string, ids: readonly number[]): Chunk {
  return { hash: sha256(`${identity} ${ids.join(' ')}`).slice(0, 32), ids };
}

const count = z.number().nullable();
const measurement = z.strictObject({
  megahertz: z.number(),
  slots: z.number(),
  squareMillimetres: count,
  memoryBits: z.number(),
  luts: count,
  flipFlops: count,
  dsps: count,
  blockRams: count,
  networks: z.array(
    z.strictObject({ cycles: z.number(), joules: z.number(), dramBytes: z.number(), macs: z.number() }),
  ),
});
const outcome = z.union([
  z.strictObject({ ok: z.literal(true), measurement }),
  z.strictObject({ ok: z.literal(false), reason: z.string() }),
]);
const contents = z.strictObject({
  schema: z.literal('systole.chunk/1'),
  ids: z.array(z.number()),
  outcomes: z.array(outcome),
});

export class ChunkStore {
  constructor(readonly folder: string) {}

  path({ hash }: Chunk): string {
    return join(this.folder, 'chunks', `${hash}.json`);
  }

  has(chunk: Chunk): boolean {
    return existsSync(this.path(chunk));
  }

  /** @throws DiagnosticError where the file cannot be written. */
  write(chunk: Chunk, outcomes: readonly Outcome[]): void {
    writeWhole(this.path(chunk), sealed({ schema: 'systole.chunk/1', ids: chunk.ids, outcomes }));
  }

  /** Outcomes in the order of the ids; undefined where the file is not there, or damaged: then it is set aside and `warn` hears of it. */
  read(chunk: Chunk, warn: (diagnostic: Diagnostic) => void): readonly Outcome[] | undefined {
    const path = this.path(chunk);
    const found = readSealed(path);
    if (found.kind === 'absent') return undefined;
    if (found.kind === 'whole') {
      const parsed = contents.safeParse(found.value);
      if (parsed.success && parsed.data.ids.join() === chunk.ids.join()) return parsed.data.outcomes;
    }
    const why = found.kind === 'corrupt' ? found.why : 'it holds other points than its name says';
    warn(corruptChunk(path, why, setAside(path)));
    return undefined;
  }
}

function setAside(path: string): string {
  const to = `${path}.corrupt`;
  try {
    renameSync(path, to);
  } catch (error) {
    throw new DiagnosticError([unwritable(to, (error as NodeJS.ErrnoException).code ?? String(error))]);
  }
  return to;
}
