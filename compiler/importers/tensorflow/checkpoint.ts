/** Variables of a checkpoint (a tensor bundle). In: the bytes of its files. Out: tensors by variable name, or diagnostics. */

import { type DiagnosticError, InternalError } from '../../../base/index.js';
import {
  type BundleEntry,
  decodeBundleEntry,
  decodeBundleHeader,
  decodeObjectGraph,
  maskedCrc32c,
  readSortedTable,
  type TensorflowTensor,
  wireNumber,
} from '../wire/index.js';
import { brokenCheckpoint, missingVariable } from './diagnostics.js';
import { sourceName } from './order.js';

/** The bytes of a file of the network by its name in the folder; undefined where there is none. */
export type FileLookup = (name: string) => Uint8Array | undefined;

const OBJECT_GRAPH = '_CHECKPOINTABLE_OBJECT_GRAPH';
const VALUE = 'VARIABLE_VALUE';

export class Checkpoint {
  private readonly entries: ReadonlyMap<string, Uint8Array>;
  private readonly shards: number;
  /** Keys by the full name of the variable, for checkpoints that are named by objects. */
  private readonly byFullName: ReadonlyMap<string, readonly string[]>;

  /**
   * @param prefix name of the files without `.index`.
   * @throws DiagnosticError when the index is missing or broken.
   */
  constructor(
    private readonly files: FileLookup,
    private readonly prefix: string,
  ) {
    const index = files(`${prefix}.index`);
    if (index === undefined) throw this.broken('the file is missing');
    this.entries = this.reading(`${prefix}.index`, () => readSortedTable(index));
    const header = this.reading(`${prefix}.index`, () =>
      decodeBundleHeader(this.entries.get('') ?? new Uint8Array(0)),
    );
    if (header.endianness !== 0) throw this.broken('its numbers are big-endian, which is not supported');
    this.shards = header.shards;
    this.byFullName = this.fullNames();
  }

  /** The value of a variable. @throws DiagnosticError that names the variable or the file at fault. */
  variable(name: string, network: string): TensorflowTensor {
    const key = this.keyOf(name);
    if (key === undefined) throw missingVariable(network, name, `${this.prefix}.index`);
    const entry = this.entry(key);
    return {
      ...{ dtype: entry.dtype, tensorShape: entry.shape, tensorContent: this.bytesOf(key, entry) },
      ...{ floatVal: [], doubleVal: [], intVal: [], int64Val: [], boolVal: [], halfVal: [] },
    };
  }

  /** Checkpoints of graphs are named by variable; those of objects by the path to the object. */
  private keyOf(name: string): string | undefined {
    const keys = this.byFullName.get(name) ?? [];
    if (keys.length === 1) return keys[0];
    return this.entries.has(name) ? name : undefined;
  }

  private fullNames(): ReadonlyMap<string, readonly string[]> {
    const found = new Map<string, string[]>();
    if (!this.entries.has(OBJECT_GRAPH)) return found;
    const stored = this.bytesOf(OBJECT_GRAPH, this.entry(OBJECT_GRAPH), false);
    const graph = this.reading(`${this.prefix}.index`, () => decodeObjectGraph(stringOf(stored)));
    for (const { attributes } of graph.nodes)
      for (const { name, fullName, key } of attributes)
        if (name === VALUE && fullName !== '') found.set(fullName, [...(found.get(fullName) ?? []), key]);
    return found;
  }

  private entry(key: string): BundleEntry {
    const entry = this.reading(`${this.prefix}.index`, () => decodeBundleEntry(this.entries.get(key)!));
    if (entry.slices.length > 0)
      throw this.broken(`"${key}" is stored in ${entry.slices.length} slices, which is not supported`);
    return entry;
  }

  /** @param checked strings have a checksum of another kind. */
  private bytesOf(key: string, entry: BundleEntry, checked = true): Uint8Array {
    const count = (n: number) => String(n).padStart(5, '0');
    const name = `${this.prefix}.data-${count(entry.shard)}-of-${count(this.shards)}`;
    const shard = this.files(name);
    if (shard === undefined) throw brokenCheckpoint(name, 'the file is missing');
    const [offset, size] = [wireNumber(entry.offset), wireNumber(entry.size)];
    if (!(offset >= 0 && size >= 0 && offset + size <= shard.length))
      throw brokenCheckpoint(
        name,
        `"${key}" has ${size} bytes at ${offset}, the file only ${shard.length}: it is cut short`,
      );
    const bytes = shard.subarray(offset, offset + size);
    if (checked && maskedCrc32c(bytes) !== entry.crc >>> 0)
      throw brokenCheckpoint(name, `the checksum of "${key}" does not agree: the file is damaged`, offset);
    return bytes;
  }

  /** What a decoder throws as a diagnostic at the file. */
  private reading<T>(file: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      if (error instanceof InternalError) throw error;
      throw brokenCheckpoint(file, error instanceof Error ? error.message : String(error));
    }
  }

  private broken(reason: string): DiagnosticError {
    return brokenCheckpoint(`${this.prefix}.index`, reason);
  }
}

/** A scalar string as a bundle stores it: its length, a checksum of the length, the bytes. */
function stringOf(stored: Uint8Array): Uint8Array {
  let at = 0;
  while ((stored[at] ?? 0) & 128) at++;
  return stored.subarray(at + 1 + 4);
}

/** The name under which a checkpoint knows the variable of a node. */
export function variableName(node: string, shared: string): string {
  return sourceName(shared === '' ? node : shared);
}
